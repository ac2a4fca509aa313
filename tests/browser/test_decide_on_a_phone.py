"""In the browser, on a phone: a list decided with few taps, changed meanwhile, and on a screen."""

import pytest

from cases.codes import Level
from funds import actions as funds
from funds.models import Vote

pytestmark = pytest.mark.browser

SINGLES = 2


def listed(world):
    """Two households whose level differs from the assessment, and two that do not."""
    found = []
    for number in range(SINGLES + 2):
        case = world.household()
        world.submit(case)
        world.review(case)
        world.visit(case)
        world.mark(case)
        world.assess(case)
        world.verify(case, level=Level.GENERAL if number < SINGLES else Level.SPECIAL)
        found.append(world.fresh(case))
    return found


def choose(seat):
    """Every individual item by the button that leads to the next, then the rest; count the taps."""
    taps = 0
    for number in range(SINGLES):
        seat.page.locator("[data-next]").click()
        seat.page.locator("#singles article").nth(number).locator("[value=FOR]").check()
        taps += 2
    seat.page.locator("[data-next]").click()
    seat.page.locator("#rest [value=FOR]").check()
    return taps + 2


@pytest.mark.django_db
def test_a_list_is_decided_on_a_phone_while_it_is_changed(sit_down, world, catch_up):
    """A leader goes from item to item with one button and votes; the same list is open on a
    computer; the chair strikes a line, so both votes are void; they are cast again, on the phone
    twice at once; the projector shows what is left."""
    batch = world.batch(listed(world))
    world.lock(batch)
    meeting = world.meeting(batch)
    struck = batch.lines.filter(single=False).order_by("seq").first()
    catch_up()
    leader = world.leaders[0]
    phone, desk = sit_down(leader, width=390), sit_down(leader)

    # Both pages are open; on the phone everything is chosen with few taps
    phone.open("home")
    phone.to("funds:decide", batch.pk)
    desk.open("funds:decide", batch.pk)
    assert choose(phone) == 2 * SINGLES + 2
    assert phone.page.locator("[data-next]").is_hidden()
    phone.follow(phone.page.locator(".decide-bar button"))
    phone.send(password="demo")
    assert phone.main.locator("[name=sure]").is_visible()

    # The chair strikes a line before the vote is cast: it is refused, the choices stay
    funds.strike(line=struck, by=world.company_chair, at=world.tick(), reason="材料待核。")
    phone.follow(phone.main.locator("[name=sure]"))
    assert len(phone.complaints()) == 1
    assert phone.page.locator("#singles [value=FOR]:checked").count() == SINGLES
    phone.follow(phone.page.locator(".decide-bar button"))
    phone.follow(phone.main.locator("[name=sure]"))
    assert phone.path == batch.get_absolute_url()

    # The computer still has the first version: it learns that the vote is cast
    desk.page.locator("#rest [value=AGAINST]").check()
    desk.follow(desk.page.locator(".decide-bar button"))
    desk.send(password="demo")
    assert desk.path == batch.get_absolute_url()
    votes = Vote.objects.filter(batch=batch, user=leader)
    assert set(votes.values_list("version", "choice")) == {(2, "FOR")}

    # On the projector: keys turn the pages, and the foot counts the votes by itself
    wall = sit_down(world.secretary, width=1920)
    wall.open("funds:show", meeting.pk, query="?look=dark")
    wall.page.keyboard.press("PageDown")
    wall.page.wait_for_url("**item=agenda*")
    wall.page.keyboard.press("ArrowRight")
    wall.page.wait_for_url(f"**item=list-{batch.pk}*")
    foot = wall.page.locator("#foot")
    foot.get_by_text("已表决 1 / 3 人").wait_for()
    batch.refresh_from_db()
    world.vote(batch, by=world.leaders[1:2])
    foot.get_by_text("已表决 2 / 3 人").wait_for()
