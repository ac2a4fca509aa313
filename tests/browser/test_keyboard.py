"""In the browser: without a mouse, and without scripts."""

import pytest

from cases.models import Objection
from cases.workflow import Programme, Status

pytestmark = pytest.mark.browser


def focused(seat, attribute):
    return seat.page.evaluate("name => document.activeElement.getAttribute(name) ?? ''", attribute)


def tab_to(seat, attribute, value, most=60):
    """Press Tab until the focus stands on the element whose attribute is the value."""
    for _n in range(most):
        seat.page.keyboard.press("Tab")
        if focused(seat, attribute) == value:
            return
    raise AssertionError(f"Tab never reached {attribute}={value}")


@pytest.mark.django_db
def test_worklist_and_a_form_work_by_keyboard(sit_down, world, catch_up):
    """The officer skips to the content, walks the worklist with j and k, opens a case with
    Enter, and returns it for correction: tabs, arrow keys, words, Ctrl+Enter."""
    for _n in range(2):
        world.submit(world.household())
    catch_up()
    officer = sit_down(world.officer)
    officer.open("home")
    keyboard = officer.page.keyboard
    links = officer.main.locator(".task-link")
    places = [link.get_attribute("href") for link in links.all()]
    assert len(places) == 2

    keyboard.press("Tab")
    assert focused(officer, "href") == "#main"
    keyboard.press("Enter")
    assert focused(officer, "id") == "main"

    keyboard.press("j")
    assert focused(officer, "href") == places[0]
    keyboard.press("j")
    assert focused(officer, "href") == places[1]
    keyboard.press("k")
    assert focused(officer, "href") == places[0]
    keyboard.press("?")
    dialog = officer.page.get_by_role("dialog")
    dialog.wait_for()
    keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    links.first.focus()
    with officer.page.expect_navigation():
        keyboard.press("Enter")
    assert officer.path == places[0]

    tab_to(officer, "href", places[0].replace("review", "give-back"))
    with officer.page.expect_navigation():
        keyboard.press("Enter")
    tab_to(officer, "name", "reason")
    keyboard.press("ArrowDown")
    tab_to(officer, "name", "words")
    keyboard.insert_text("请补充收入证明。")
    with officer.page.expect_navigation():
        keyboard.press("Control+Enter")

    officer.open("home")
    assert links.count() == 1


@pytest.mark.django_db
def test_an_objection_can_be_filed_without_scripts(sit_down, world, catch_up):
    """A stranger whose browser runs no scripts chooses English, reads a notice, forgets to say
    what they know, says it, and holds a receipt; the officer signs in and out."""
    case = world.case_in(Status.PUBLISHED, Programme.EMERGENCY)
    notice = case.notice_lines.get().notice
    catch_up()
    stranger = sit_down(javascript=False)
    stranger.open("home")
    stranger.page.locator("#language").select_option("en")
    stranger.follow(stranger.page.locator("form[data-language] button"))
    assert stranger.page.locator("html").get_attribute("lang") == "en"

    stranger.to("cases:notice_detail", notice.code)
    stranger.to("cases:notice_object", notice.code)
    stranger.send(line=1, signed="no")
    assert len(stranger.complaints()) == 1
    assert stranger.value("line") == "1"
    assert stranger.main.locator('[name="signed"]:checked').input_value() == "no"
    stranger.send(facts="They own two homes.")
    assert Objection.objects.get().code in stranger.main.inner_text().replace("-", "")

    stranger.open("account_login")
    stranger.send(login=world.company_officer.username, password="demo")
    assert stranger.path == "/"
    stranger.follow(stranger.page.locator('form[action="/accounts/logout/"] button'))
    assert stranger.page.locator('form[action="/accounts/logout/"]').count() == 0
