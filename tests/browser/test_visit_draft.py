"""In the browser: a visit recorded on a phone, through a lost connection and a reload."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from cases.codes import Question
from cases.models import Visit
from cases.workflow import Status
from people.models import Standing

pytestmark = pytest.mark.browser
PHONE = 390


@pytest.fixture
def dossier(world):
    user = world.employee(standing=Standing.RETIRED, account="", account_index="")
    return world.household(user).dossier


def sign(seat, name):
    """Draw a line across one of the two places to sign."""
    box = seat.main.locator(f'[data-signature]:has([name="{name}"])')
    canvas = box.locator("canvas")
    canvas.scroll_into_view_if_needed()
    place = canvas.bounding_box()
    mouse = seat.page.mouse
    mouse.move(place["x"] + 20, place["y"] + 20)
    mouse.down()
    mouse.move(place["x"] + 120, place["y"] + 60, steps=8)
    mouse.move(place["x"] + 200, place["y"] + 30, steps=8)
    mouse.up()


def draft(seat):
    return seat.main.locator("[data-draft-note]")


def fill_in(seat, world):
    day = world.today.isoformat()
    seat.fill({"visited_on": day, "started": "08:30", "ended": "09:10", "met": "本人及配偶"})
    for user in (world.officer, world.company_officer):
        box = seat.main.locator(f'[name="visitors"][value="{user.pk}"]')
        box.check()
    seat.fill({"home": "OF_UNIT", "gate_VEHICLE": "NOT_SEEN", "needs": "MONEY"})
    seat.fill({"match": "PARTLY", "differences": "多一份零工收入", "advice": "ADJUST"})


@pytest.mark.django_db
def test_a_visit_survives_a_lost_connection_and_a_reload(sit_down, world, dossier, catch_up):
    """What is typed comes back after a reload; without a connection nothing is sent and nothing
    lost; then one visit is recorded, signed on the screen, and the draft is gone."""
    catch_up()
    seat = sit_down(world.officer, width=PHONE)
    seat.open("cases:visit_new", dossier.pk)
    assert draft(seat).is_hidden()
    fill_in(seat, world)

    # The page is loaded again: everything typed is there, and said to be
    seat.open("cases:visit_new", dossier.pk)
    assert draft(seat).is_visible()
    assert seat.value("differences") == "多一份零工收入"
    assert seat.main.locator('[name="home"][value="OF_UNIT"]').is_checked()
    assert seat.main.locator('[name="visitors"]:checked').count() == 2

    # No connection: a sentence, and the page stays with signature and photo
    sign(seat, "household_sign")
    picture = {"name": "入户.png", "mimeType": "image/png", "buffer": seat.page.screenshot()}
    seat.main.locator('[name="photos"]').set_input_files(picture)
    seat.page.context.set_offline(True)
    seat.main.locator('form[method="post"] .button-main').click()
    offline = seat.main.locator("[data-draft]").get_attribute("data-offline")
    seat.page.wait_for_function(
        "words => document.querySelector('[data-draft-words]').textContent === words", arg=offline
    )
    assert not Visit.objects.exists()

    # The connection is back
    seat.page.context.set_offline(False)
    seat.send()
    visit = Visit.objects.get()
    assert seat.path == visit.get_absolute_url()
    kinds = sorted(visit.documents.values_list("kind", flat=True))
    assert kinds == ["HOUSEHOLD_SIGN", "VISIT"]
    assert (visit.differences, visit.signed) == ("多一份零工收入", True)

    # What was sent is kept no longer
    seat.open("cases:visit_new", dossier.pk)
    assert draft(seat).is_hidden()
    assert seat.value("met") == ""


@pytest.mark.django_db
def test_a_draft_is_discarded_or_gone_after_signing_out(sit_down, world, dossier, catch_up):
    catch_up()
    seat = sit_down(world.officer, width=PHONE)
    seat.open("cases:visit_new", dossier.pk)
    seat.fill({"met": "本人"})
    seat.open("cases:visit_new", dossier.pk)

    seat.main.locator("[data-draft-discard]").click()
    seat.open("cases:visit_new", dossier.pk)
    assert seat.value("met") == ""

    seat.fill({"met": "配偶"})
    kept = "Object.keys(localStorage).filter(key => key.startsWith('draft:')).length"
    assert seat.page.evaluate(kept) == 1
    seat.follow(seat.page.locator("form[data-signs-out] button"))
    assert seat.page.evaluate(kept) == 0


@pytest.mark.django_db
def test_a_form_that_comes_back_keeps_what_was_sent(sit_down, world, dossier, catch_up):
    """A mistake is said at its field; the words sent, newer than the draft, stay."""
    catch_up()
    seat = sit_down(world.officer, width=PHONE)
    seat.open("cases:visit_new", dossier.pk)
    fill_in(seat, world)
    sign(seat, "household_sign")

    seat.send(ended="08:00")

    assert len(seat.complaints()) == 1
    assert (seat.value("met"), seat.value("ended")) == ("本人及配偶", "08:00")
    assert seat.value("household_sign") != ""
    seat.send(ended="09:10")
    assert seat.path == Visit.objects.get().get_absolute_url()


@pytest.mark.django_db
def test_a_review_interrupted_by_signing_in_again_comes_back(sit_down, world, catch_up):
    """The session is lost in the middle of a long form: the page stays and says so; after signing
    in on a new tab it is sent as it stands, and gone from the device."""
    case = world.case_in(Status.SUBMITTED)
    officer = world.officer
    catch_up()
    seat = sit_down(officer)
    seat.open("cases:review", case.pk)
    seat.fill({f"{question}_answer": "FITS" for question in Question})
    seat.fill({"words": "经核实情况属实。", "unrelated": True})

    Session.objects.all().delete()
    seat.main.locator('form[method="post"] .button-main').last.click()
    again = seat.main.locator("[data-draft-sign-in]")
    again.wait_for()
    assert seat.path == reverse("cases:review", args=[case.pk])
    with seat.page.context.expect_page() as opened:
        again.click()
    tab = opened.value
    tab.fill('[name="login"]', officer.username)
    tab.fill('[name="password"]', "demo")
    with tab.expect_navigation():
        tab.press('[name="password"]', "Control+Enter")
    tab.close()

    assert seat.value("words") == "经核实情况属实。"
    seat.send()
    case.refresh_from_db()
    assert case.status == Status.REVIEWED
    kept = "Object.keys(localStorage).filter(key => key.startsWith('draft:')).length"
    assert seat.page.evaluate(kept) == 0


@pytest.mark.django_db
def test_without_scripts_the_paper_is_photographed(sit_down, world, dossier, catch_up):
    catch_up()
    seat = sit_down(world.officer, width=PHONE, javascript=False)
    seat.open("cases:visit_new", dossier.pk)
    assert seat.main.locator("[data-signature]").first.is_hidden()
    fill_in(seat, world)

    paper = {"name": "记录.png", "mimeType": "image/png", "buffer": seat.page.screenshot()}
    seat.main.locator('[name="paper"]').set_input_files(paper)
    seat.send()

    visit = Visit.objects.get()
    assert [document.kind for document in visit.documents.all()] == ["VISIT_PAPER"]
    assert visit.signed
