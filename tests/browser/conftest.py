"""A browser beside the running program: people sit down, and nothing they see may be wrong."""

import os
import re

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import NOON
from tests.world import World

CHROMIUM = os.environ.get("CHROMIUM", "")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LANGUAGES = {"zh": ("zh-CN", "zh-hans"), "en": ("en-US", "en")}
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
# The console says it too when a page refuses something; that is as it should be.
REFUSED_PAGE = re.compile("Failed to load resource: the server responded with a status of 4(03|22)")


def pytest_collection_modifyitems(items):
    if CHROMIUM:
        return
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("screenshots"):
            item.add_marker(pytest.mark.skip(reason="set CHROMIUM to the path of a browser"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": list(ARGUMENTS)}


@pytest.fixture(scope="session")
def looked_at():
    """Pages axe has judged: one address is judged once for each language, width and answer."""
    return set()


@pytest.fixture
def clock():
    """The time of this process, and so of the server in it; it runs on from NOON."""
    with time_machine.travel(NOON, tick=True) as clock:
        yield clock


class Seat:
    """Somebody before a screen. Every page that opens is judged; `problems` stays empty."""

    def __init__(self, page, server, looked_at, lang, scripts=True):
        self.page, self.server, self.looked_at, self.lang = page, server, looked_at, lang
        self.scripts = scripts
        self.problems = []
        self.status = None
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("requestfailed", self._failed)

    def again(self):
        """The same person with a second tab open."""
        tab = Seat(self.page.context.new_page(), self.server, self.looked_at, self.lang)
        tab.problems = self.problems
        return tab

    def _heard(self, message):
        said = f"{message.type}: {message.text} {message.location.get('url', '')}"
        if message.type in ("error", "warning") and not REFUSED_PAGE.match(message.text):
            self.problems.append(said)

    def _failed(self, request):
        if request.failure != "net::ERR_ABORTED":  # the page was left before all of it had come
            self.problems.append(f"{request.url}: {request.failure}")

    @property
    def path(self):
        return self.page.url.removeprefix(self.server)

    @property
    def main(self):
        return self.page.locator("main")

    def open(self, name, *args, query=""):
        """Go to an address by its name; the answer's status is kept."""
        path = reverse(name, args=args) if ":" in name or not name.startswith("/") else name
        self.status = self.page.goto(f"{self.server}{path}{query}").status
        self._judge()

    def follow(self, locator):
        """Press something that leads to another page."""
        with self.page.expect_navigation() as found:
            locator.click()
        self.status = found.value.status
        self._judge()

    def link(self, name, *args):
        """The link in the page that leads to an address, whatever it is called."""
        return self.main.locator(f'a[href^="{reverse(name, args=args)}"]').first

    def to(self, name, *args):
        self.follow(self.link(name, *args))

    def fill(self, fields, **more):
        """Fill in fields by their names: text, a date, a choice, a tick (True)."""
        for name, value in (fields | more).items():
            field = self.main.locator(f'[name="{name}"]')
            kind = field.first.get_attribute("type")
            if kind == "radio" or kind == "checkbox" and value is not True:
                self.main.locator(f'[name="{name}"][value="{value}"]').check()
            elif kind == "checkbox":
                field.check()
            elif field.evaluate("it => it.tagName") == "SELECT":
                field.select_option(str(value))
            else:
                field.fill(str(value))

    def send(self, **fields):
        """Fill in, and press the one main button of the form."""
        self.fill(fields)
        forms = self.main.locator('form[method="post"]')
        self.follow(forms.locator(".button-main, .confirm-serious .button-serious").first)

    def value(self, name):
        return self.main.locator(f'[name="{name}"]').input_value()

    def refusal(self):
        """The reason on the page that refuses."""
        assert self.status == 403
        return self.main.locator(".error-page strong").inner_text()

    def complaints(self):
        """What the summary of a form that came back says, a sentence for each error."""
        assert self.status == 422
        return self.page.get_by_role("alert").locator("li").all_inner_texts()

    def _judge(self):
        self.page.wait_for_load_state("load")
        if not self.scripts:  # axe is a script too
            return
        width = self.page.viewport_size["width"]
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{self.path} is {wide} px wide in a window of {width} px"
        key = (re.sub(r"\d+", "n", self.path.partition("?")[0]), self.lang, width, self.status)
        if key in self.looked_at:
            return
        found = Axe().run(self.page, options=AXE)
        assert found.violations_count == 0, f"{self.path}\n{found.generate_report()}"
        self.looked_at.add(key)


@pytest.fixture
def sit_down(browser, live_server, looked_at):
    """sit_down(user, lang="zh", width=1280): a Seat, signed in; nobody for a stranger."""
    seats, contexts = [], []

    def sit(user=None, lang="zh", width=1280, javascript=True):
        locale, code = LANGUAGES[lang]
        context = browser.new_context(
            locale=locale,
            viewport={"width": width, "height": 844 if width < 600 else 900},
            java_script_enabled=javascript,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        cookies = {settings.LANGUAGE_COOKIE_NAME: code}
        if user:
            client = Client()
            client.force_login(user)
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[
                settings.SESSION_COOKIE_NAME
            ].value
        context.add_cookies(
            [{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()]
        )
        seats.append(Seat(context.new_page(), live_server.url, looked_at, lang, javascript))
        return seats[-1]

    yield sit
    problems = [problem for seat in seats for problem in seat.problems]
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def world(transactional_db, clock):
    return World()


@pytest.fixture
def catch_up(world, clock):
    """Put the clock where the story has got to by the actions of the world."""
    return lambda **by: clock.move_to(world.tick(**by))
