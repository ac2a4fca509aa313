"""A verification that finds a difference in the books stops the money, and one without lifts it."""

from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from audits import actions, tasks
from audits.models import Verification
from base import guards
from cases.workflow import Status
from funds import actions as funds
from funds.models import Account, Freeze
from people.roles import NotAllowed, Role
from tests.factories import UnitFactory, appoint
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_production(settings):
    settings.MONEY_FREEZE = True
    with translation.override("en"):
        yield


@pytest.fixture
def client(client):
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def world():
    world = World()
    world.budget("EMERGENCY")
    return world


def spoil(fen=1):
    """Somebody changes a balance past the program; returns the account."""
    account = Account.objects.get(kind="POOL")
    Account.objects.filter(pk=account.pk).update(balance_fen=account.balance_fen + fen)
    return account


def verify(capsys):
    with pytest.raises(CommandError):
        call_command("verify")
    return capsys.readouterr().out


# It begins


def test_command_that_finds_a_difference_stops_the_money(world, capsys):
    account = spoil()

    told = verify(capsys)

    freeze = Freeze.objects.get()
    assert "The books are in read-only protection since" in told
    assert (freeze.company, freeze.begun_by, freeze.problems_count) == (world.company, None, 2)
    place, words = freeze.found[0]
    assert place == f"funds_account {account.pk}"
    assert words["en"].startswith(f"The balance of account {account.pk} is written as ")
    assert set(words) == {"en", "zh-hans"}


def test_command_run_twice_begins_one(world, capsys):
    spoil()

    verify(capsys)
    verify(capsys)

    assert Freeze.objects.count() == 1


def test_verification_asked_for_on_the_page_stops_the_money(client, world):
    spoil()
    client.force_login(world.auditor)

    response = client.post(reverse("audits:proof_verify"), follow=True)

    freeze = Freeze.objects.get()
    assert (freeze.company, freeze.begun_by) == (world.company, world.auditor)
    assert "nothing can be booked, decided or paid" in response.text
    with pytest.raises(NotAllowed):
        funds.receive(fund=world.fund, amount_fen=1, by=world.cashier, at=world.tick(), key="k")


def test_nothing_begins_where_it_is_switched_off(world, settings, capsys):
    settings.MONEY_FREEZE = False
    spoil()

    verify(capsys)

    assert not Freeze.objects.exists()


def test_difference_that_does_not_touch_the_money_stops_nothing(world, capsys):
    world.on_file().members.filter(relation="SPOUSE").update(active=False)

    assert "counts as active" in verify(capsys)
    assert not Freeze.objects.exists()


def test_fingerprint_copied_wrongly_stops_nothing(world, capsys):
    with pytest.raises(CommandError):
        call_command("verify", "--anchor", "0" * 16)

    assert not Freeze.objects.exists()


def test_difference_of_nobody_in_particular_stops_the_money_of_all(world, capsys):
    connection.check_constraints()  # PostgreSQL alters no table while a check is pending
    guards.remove(connection)
    try:
        verify(capsys)
        connection.check_constraints()
    finally:
        guards.install(connection)

    assert Freeze.objects.get().company is None


# It ends


def lift(world, freeze, by=None, reason="已查明。"):
    return tasks.start(by=by or world.auditor, at=world.tick(), lifts=freeze, reason=reason)


@pytest.fixture
def freeze(world):
    spoil()
    actions.run_verification(
        verification=actions.ask_verification(by=world.auditor, at=world.tick())
    )
    return Freeze.objects.get()


def test_it_goes_on_as_long_as_the_books_differ(world, freeze):
    verification = lift(world, freeze)

    freeze.refresh_from_db()
    assert (freeze.lifted_at, verification.problems_count) == (None, 2)


def test_it_is_lifted_when_the_books_are_in_order_again(world, freeze):
    spoil(-1)

    lift(world, freeze)

    freeze.refresh_from_db()
    assert (freeze.lifted_by, freeze.lifted_why) == (world.auditor, "已查明。")
    world.case_in(Status.PAID)


def test_verification_without_that_wish_lifts_nothing(world, freeze):
    spoil(-1)
    actions.run_verification(
        verification=actions.ask_verification(by=world.auditor, at=world.tick())
    )

    freeze.refresh_from_db()
    assert freeze.lifted_at is None


def test_difference_of_another_company_does_not_hold_it(world, freeze):
    spoil(-1)
    other = World(now=world.tick())
    funds.create_fund(
        company=other.company, code="B", name="捐款", programmes=[], standings=[],
        ceiling_fen=None, by=other.accountant, at=other.tick(),
    )  # fmt: skip
    Account.objects.filter(kind="POOL", fund__company=other.company).update(balance_fen=7)

    lift(world, freeze)

    freeze.refresh_from_db()
    assert freeze.lifted_at
    assert Freeze.objects.running().get().company == other.company


def test_only_the_auditor_asks_for_it(world, freeze):
    with pytest.raises(NotAllowed, match="Only the auditor lifts"):
        lift(world, freeze, by=world.accountant)

    assert Verification.objects.filter(lifts=freeze).count() == 0


# Pages


def test_auditor_lifts_it_on_the_page(client, world, freeze):
    spoil(-1)
    client.force_login(world.auditor)
    url = reverse("audits:freeze_lift", args=[freeze.pk])

    empty = client.post(url, {"reason": " "})
    response = client.post(url, {"reason": "已查明，已更正。"}, follow=True)

    assert empty.status_code == 422
    assert "money may move again" in response.text
    shown = client.get(reverse("audits:freeze", args=[freeze.pk]))
    assert "已查明，已更正。" in shown.text
    assert "What to do" not in shown.text
    assert client.get(url).status_code == 403


def test_page_says_that_it_goes_on(client, world, freeze):
    client.force_login(world.auditor)

    response = client.post(
        reverse("audits:freeze_lift", args=[freeze.pk]), {"reason": "查明"}, follow=True
    )

    assert "goes on, because they still differ" in response.text


def test_page_names_each_difference_with_the_page_concerned(client, world, freeze):
    client.force_login(world.cashier)

    response = client.get(reverse("audits:freeze", args=[freeze.pk]))

    account = Account.objects.get(kind="POOL")
    assert f"The balance of account {account.pk} is written as" in response.text
    assert f'href="/funds/{world.fund.pk}/ledger/"' in response.text
    assert "Verify again and lift" not in response.text


def test_other_company_sees_nothing_of_it(client, world, freeze):
    elsewhere = appoint(Role.AUDITOR, UnitFactory(company=True))
    client.force_login(elsewhere)

    assert client.get(reverse("audits:freeze", args=[freeze.pk])).status_code == 404
    assert client.get(reverse("audits:freeze_lift", args=[freeze.pk])).status_code == 404
    assert freeze.found[0][1]["en"] not in client.get(reverse("audits:proof")).text
    assert BANNER not in client.get(reverse("funds:fund_list")).text


DAY = "2026-03-05"
BANNER = "Money pages are in read-only protection"


@pytest.mark.parametrize(
    ("who", "shown"),
    [("cashier", True), ("accountant", True), ("leader", True), ("auditor", True),
     ("officer", False), ("informant", False), ("admin", False)],
)  # fmt: skip
def test_banner_stands_on_the_worklist_of_money_roles(client, world, freeze, who, shown):
    client.force_login(world.leaders[0] if who == "leader" else getattr(world, who))

    assert (BANNER in client.get(reverse("home")).text) is shown


def test_banner_stands_on_money_pages_and_not_on_others(client, world, freeze):
    client.force_login(world.accountant)

    on = [client.get(reverse(f"funds:{name}")).text for name in ("fund_list", "payment_list")]
    off = client.get(reverse("people:kinship_list")).text

    assert all(BANNER in text for text in on)
    assert BANNER not in off


def test_banner_costs_one_query(client, world, freeze, settings):
    client.force_login(world.accountant)
    with CaptureQueriesContext(connection) as with_banner:
        client.get(reverse("funds:fund_list"))
    settings.MONEY_FREEZE = False
    with CaptureQueriesContext(connection) as without:
        client.get(reverse("funds:fund_list"))

    assert len(with_banner) == len(without) + 1


def test_refused_act_says_since_when_and_what_to_do(client, world, freeze):
    client.force_login(world.cashier)

    response = client.post(
        reverse("funds:receive", args=[world.fund.pk]),
        {"amount": "1", "kind": "RECEIVE", "note": "拨款", "key": str(uuid4()), "value_on": DAY},
    )

    assert response.status_code == 403
    assert "The auditor lifts it under" in response.text


def test_healthz_says_since_when_no_money_moves(client, world, freeze):
    assert client.get(reverse("healthz")).json()["money_read_only_since"] == (
        freeze.since.isoformat()
    )
