"""Pictures of the main pages of every role, and of the papers, into var/screenshots/.

`./run screenshots` draws them of the demonstration, in Chinese and English, on a desk and on a
phone, once in large type; papers as PDF, and as PNG where pdftoppm is installed.
"""

import shutil
import subprocess
from datetime import date

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from cases.models import Case, Dossier, Notice, Objection, Visit
from cases.workflow import Status
from funds.models import Batch, Fund, Meeting, PaymentRun
from hardship.demo.story import Story
from people.models import User

pytestmark = [pytest.mark.screenshots, pytest.mark.timeout(1800)]

ON = date(2026, 11, 23)
TARGET = settings.BASE_DIR / "var" / "screenshots"
SIGHTS = (("zh", 1280), ("zh", 390), ("en", 1280), ("en", 390))


def before_meeting():
    """A list that waits for the vote of the leaders."""
    return Batch.objects.filter(status=Batch.Status.LOCKED).exclude(meeting=None).first()


def pages():
    """{user name: [(picture, address, arguments)]}; "" is a stranger."""
    case = Case.objects.filter(status=Status.REVIEWED).order_by("pk").first()
    submitted = Case.objects.filter(status=Status.SUBMITTED).order_by("pk").first()
    paid = Case.objects.filter(status=Status.PAID).order_by("-pk").first()
    notice = Notice.objects.shown_on(ON).order_by("-pk").first()
    building = Batch.objects.filter(status=Batch.Status.BUILDING).order_by("pk").first()
    locked = before_meeting()
    meeting = Meeting.objects.filter(status=Meeting.Status.CONFIRMED).latest("pk")
    run = PaymentRun.objects.latest("pk")
    objection = Objection.objects.open().order_by("pk").first()
    return {
        "": [
            ("notices", "cases:notice_list", []),
            ("notice", "cases:notice_detail", [notice.code]),
            ("object", "cases:notice_object", [notice.code]),
            ("progress", "cases:progress", []),
            ("sign-in", "account_login", []),
        ],
        "employee": [
            ("home", "home", []),
            ("apply", "cases:apply", []),
            ("my", "cases:my", []),
            ("looks", "people:my_disclosures", []),
        ],
        "informant": [("home", "home", []), ("others", "cases:apply_other", [])],
        "unit-officer": [
            ("home", "home", []),
            ("cases", "cases:case_list", []),
            ("review", "cases:review", [submitted.pk]),
        ],
        "unit-chair": [("home", "home", []), ("dossiers", "cases:dossier_list", [])],
        "company-officer": [
            ("home", "home", []),
            ("cases", "cases:case_list", []),
            ("case", "cases:case_detail", [paid.pk]),
            ("why", "cases:case_why", [paid.pk]),
            ("dossiers", "cases:dossier_list", []),
            ("dossier", "cases:dossier_detail", [paid.dossier_id]),
            ("mark", "cases:dossier_mark", [case.dossier_id]),
            ("visit", "cases:visit_new", [case.dossier_id]),
            ("verify", "cases:verify", [case.pk]),
            ("list", "funds:batch_detail", [building.pk]),
            ("add", "funds:add_lines", [building.pk]),
            ("people", "people:person_list", []),
            ("statistics", "audits:statistics", []),
        ],
        "company-chair": [
            ("home", "home", []),
            ("lock", "funds:lock", [building.pk]),
            ("policies", "cases:policy_list", []),
        ],
        "secretary": [
            ("home", "home", []),
            ("meetings", "funds:meeting_list", []),
            ("meeting", "funds:meeting_detail", [meeting.pk]),
        ],
        "leader-1": [("home", "home", []), ("decide", "funds:decide", [locked.pk])],
        "discipline": [
            ("home", "home", []),
            ("objections", "cases:objection_list", []),
            ("objection", "cases:objection_detail", [objection.pk]),
        ],
        "cashier": [("home", "home", []), ("payments", "funds:payment_list", [])],
        "accountant": [
            ("home", "home", []),
            ("payment", "funds:payment_detail", [run.pk]),
            ("funds", "funds:fund_list", []),
            ("ledger", "funds:ledger", [Fund.objects.order_by("pk").first().pk]),
        ],
        "auditor": [
            ("home", "home", []),
            ("proof", "audits:proof", []),
            ("looks", "people:disclosure_list", []),
        ],
        "admin": [
            ("home", "home", []),
            ("accounts", "people:user_list", []),
            ("units", "people:unit_list", []),
            ("import", "people:roster_import", []),
            ("components", "ui", []),
        ],
    }


def papers():
    """[(picture, user name, address, arguments)] of everything that is printed."""
    paid = Case.objects.filter(status=Status.PAID).order_by("-pk").first()
    dossier = Dossier.objects.get(pk=paid.dossier_id)
    notice = Notice.objects.shown_on(ON).order_by("-pk").first()
    batch = Batch.objects.filter(lines__case=paid).latest("pk")
    officer = "company-officer"
    return [
        ("card", officer, "cases:dossier_card", [dossier.pk]),
        ("application", officer, "cases:case_form", [paid.pk]),
        ("approval", officer, "cases:case_approval", [paid.pk]),
        ("visit", officer, "cases:visit_sheet", [Visit.objects.latest("pk").pk]),
        ("list", officer, "funds:batch_form", [before_meeting().pk]),
        ("minutes", "secretary", "funds:minutes", [batch.meeting_id]),
        ("notice", officer, "cases:notice_print", [notice.code]),
        ("payments", "accountant", "funds:payment_sheet", [PaymentRun.objects.latest("pk").pk]),
    ]


@pytest.fixture
def demo_on(settings):
    settings.DEMO = True


@pytest.mark.django_db
def test_draw_every_picture(browser, live_server, transactional_db, demo_on):
    Story(ON).tell()
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    with time_machine.travel(f"{ON}T03:00:00Z", tick=True):
        for lang, width in SIGHTS:
            draw(browser, live_server.url, lang, width)
        draw(browser, live_server.url, "zh", 1280, size="large", only={"home", "my", "decide"})
        print_papers(browser, live_server.url)

    assert len(list(TARGET.glob("*.png"))) > 100


def seated(browser, server, username, lang, width, size="normal"):
    """A page of somebody signed in; so many sign-ins through the form would be refused."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    choices = {settings.LANGUAGE_COOKIE_NAME: {"zh": "zh-hans"}.get(lang, lang), "size": size}
    if username:
        client = Client()
        client.force_login(User.objects.get(username=username))
        name = settings.SESSION_COOKIE_NAME
        choices[name] = client.cookies[name].value
    context.add_cookies([{"name": n, "value": v, "url": server} for n, v in choices.items()])
    return context.new_page()


def shown_at(page, server, address, args):
    """Open the address, and nothing it might lead on to."""
    place = server + reverse(address, args=args)
    answer = page.goto(place)
    assert (answer.status, page.url) == (200, place), (address, answer.status, page.url)


def draw(browser, server, lang, width, size="normal", only=None):
    kind = f"{lang}-{width}" + ("" if size == "normal" else f"-{size}")
    for username, shown in pages().items():
        wanted = [row for row in shown if only is None or row[0] in only]
        if not wanted:
            continue
        page = seated(browser, server, username, lang, width, size)
        for name, address, args in wanted:
            shown_at(page, server, address, args)
            file = TARGET / f"{kind}-{username or 'stranger'}-{name}.png"
            page.screenshot(path=file, full_page=True)
        page.context.close()


def print_papers(browser, server):
    to_png = shutil.which("pdftoppm")
    for name, username, address, args in papers():
        page = seated(browser, server, username, "zh", 1280)
        shown_at(page, server, address, args)
        file = TARGET / f"paper-{name}.pdf"
        page.pdf(path=file, prefer_css_page_size=True, print_background=True)
        page.context.close()
        if to_png:
            command = [to_png, "-r", "70", "-png", str(file), str(file.with_suffix(""))]
            subprocess.run(command, check=True)
