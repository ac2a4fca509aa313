"""The demonstration: the paper's company, made through the actions, the same every time."""

from collections import Counter
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse

from audits import actions as audits
from audits import verify
from audits.models import Seal
from audits.statistics import figures
from cases.models import Case, CaseDuty, Dossier, Member
from funds import actions as funds
from funds import books
from funds.models import (
    Account,
    BankAccount,
    Batch,
    HandOverReceipt,
    Payment,
    PaymentRun,
    Period,
    Recovery,
    StatementLine,
    Transfer,
)
from hardship import worklist
from hardship.demo.story import Story
from people.demo_accounts import ACCOUNTS
from people.models import Person, Standing, Unit, User
from tests.conftest import StrictClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]
ON = date(2026, 11, 23)


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The story told once for all tests of this module, then rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        story = Story(ON)
        story.tell()
        yield story
        transaction.set_rollback(True)


def test_demo_has_the_company_of_the_paper():
    register = Person.objects.on_register()

    assert Counter(register.values_list("standing", flat=True)) == {
        Standing.IN_SERVICE: 1945, Standing.RETIRED: 1063,
    }  # fmt: skip
    assert Unit.objects.grassroots().count() == 12


def test_demo_has_the_households_of_the_paper():
    heads = Dossier.objects.active().select_related("head")
    ages = [(ON - dossier.head.born_on).days / 365.25 for dossier in heads]

    assert Counter(d.head.standing for d in heads) == {
        "RETIRED": 104, "PAID_OFF": 20, "IN_SERVICE": 41}  # fmt: skip
    assert Counter(d.head.sex for d in heads) == {"MALE": 126, "FEMALE": 39}
    assert [sum(a < 35 for a in ages), sum(35 <= a < 51 for a in ages), sum(a >= 51 for a in ages)
            ] == [6, 10, 149]  # fmt: skip
    assert figures(heads[0].company, ON) is not None


def test_demo_is_the_same_every_time():
    lists = Batch.objects.order_by("pk").values_list("number", "lines_count", "total_fen")

    assert list(lists) == [
        ("2024-批-001", 150, 0),
        ("2025-批-001", 150, 214_000_00),
        ("2025-批-002", 5, 31_300_00),
        ("2025-批-003", 15, 0),
        ("2025-批-004", 6, 13_800_00),
        ("2025-批-005", 165, 120_500_00),
        ("2025-批-006", 4, 8000_00),
        ("2025-批-007", 2, 11_000_00),
        ("2025-批-008", 2, 1300_00),
        ("2026-批-001", 164, 233_500_00),
        ("2026-批-002", 5, 31_300_00),
        ("2026-批-003", 8, 24_000_00),
        ("2026-批-004", 6, 13_800_00),
        ("2026-批-005", 164, 119_700_00),
        ("2026-批-006", 2, 10_500_00),
        ("2026-批-007", 2, 13_700_00),
        ("2026-批-008", 4, 18_500_00),
        ("2026-批-009", 8, 49_100_00),
        ("2026-批-010", 5, 72_200_00),
    ]


def test_demo_leaves_something_for_everybody():
    idle = {"auditor", "admin"}
    after = ON + timedelta(days=1)
    for username, _role in ACCOUNTS:
        actor = User.objects.get(username=username).actor(after)
        waiting = worklist.groups(actor, after) or Batch.objects.waiting_for(actor)
        assert bool(waiting) == (username not in idle), username


def test_demo_has_what_is_wrong_on_purpose():
    over = Batch.objects.select_related("budget").get(title="临时救助（编制中）")
    twice = Member.objects.filter(dossier__status="PENDING").values("id_index")

    assert over.total_fen > over.budget.available_fen
    assert over.lines.filter(case__applicant__died_on__isnull=False).count() == 1
    assert Dossier.objects.active().filter(review_due_on__lt=ON - timedelta(days=365)).count() == 1
    assert Member.objects.filter(active=True, id_index__in=twice).count() == 1
    assert Case.objects.filter(open_objections__gt=0).count() == 2
    assert Case.objects.exclude(no_visit_reason="").count() == 1


def test_demo_has_every_programme_on_its_way_and_paid():
    rows = Case.objects.filter(programme__in=["TUITION", "MEDICAL", "VISIT_GIFT"])

    assert Counter(rows.values_list("programme", "status")) == {
        ("TUITION", "PAID"): 4, ("MEDICAL", "PAID"): 2, ("VISIT_GIFT", "PAID"): 2,
        ("TUITION", "SUBMITTED"): 1, ("MEDICAL", "REVIEWED"): 1, ("VISIT_GIFT", "VERIFIED"): 1,
        ("MEDICAL", "DRAFT"): 1,
    }  # fmt: skip


def test_demo_closes_all_months_but_two():
    months = Period.objects.order_by("ends_on")

    assert [str(m) for m in months if not m.is_closed] == ["2026-09", "2026-10"]
    assert len(months) == 25
    assert StatementLine.objects.filter(booked_on__lt=date(2026, 9, 1)).unmatched().count() == 0


def test_demo_leaves_four_things_to_find_at_the_bank():
    lines = StatementLine.objects.unmatched().select_related("side").order_by("booked_on")
    account = BankAccount.objects.get()

    found = [proposal.act for proposal in funds.proposals(account, list(lines)).values()]

    assert found == ["AMOUNT", "CHOOSE", "RETURN", "DONATION"]
    assert funds.unmatched_entries(account).count() == 3


def test_demo_shows_what_went_wrong_and_was_put_right():
    returned, cash = Payment.objects.get(status="RETURNED"), HandOverReceipt.objects.get()
    again = Payment.objects.get(line=returned.line, attempt=2)
    recovery = Recovery.objects.get()

    assert (again.status, cash.payment.way) == ("POSTED", "CASH")
    assert again.account_index != returned.account_index
    assert (recovery.status, recovery.amount_fen, funds.back_fen(recovery)) == (
        "DECIDED", 800_00, 300_00,
    )  # fmt: skip


def test_demo_breaks_no_rule():
    audits.seal(reason=Seal.Reason.DAILY, at=Seal.objects.newest().at if Seal.objects.exists()
                else Batch.objects.latest("built_at").built_at)  # fmt: skip

    assert [str(problem) for problem in verify.problems()] == []


def test_nobody_has_two_duties_on_a_case():
    pairs = CaseDuty.objects.values_list("case", "user")

    assert len(pairs) == len(set(pairs))


def test_balances_of_each_fund_sum_to_nothing():
    for fund in set(Account.objects.values_list("fund", flat=True)):
        assert sum(Account.objects.filter(fund=fund).values_list("balance_fen", flat=True)) == 0


class Desk:
    """Cashier and accountant at their pages."""

    def __init__(self, story):
        self.clock, self.fund = story.clock, story.company.fund

    def send(self, who, name, *args, **data):
        client = StrictClient()
        with time_machine.travel(self.clock.tick(), tick=False):
            client.force_login(User.objects.get(username=who))
            response = client.post(reverse(f"funds:{name}", args=args), data)
        assert response.status_code == 302 and "login" not in response.url, (name, args)

    def turn_round(self, entry, note):
        self.send("accountant", "reverse", entry.pk, note=note, key=uuid4())

    def book_gift(self, line, note):
        self.send(
            "cashier", "receive", self.fund.pk, kind="DONATION", amount=str(line.amount_fen / 100),
            value_on=line.booked_on.isoformat(), note=note, key=uuid4(),
        )  # fmt: skip

    def choose(self, line):
        """Choose by hand among the entries of the same sum."""
        entry = funds.unmatched_entries(line.bank_account).filter(bank_fen=line.amount_fen)[0]
        self.send("accountant", "line_match", line.pk, entries=[entry.pk])


def entries_of(account, fen):
    return list(funds.unmatched_entries(account).filter(bank_fen=fen).order_by("pk"))


def test_the_year_is_settled_through_the_pages_and_all_books_agree(demo):
    """What bank and books say differently is mended at the pages, month by month: a wrong amount,
    a double entry, a return, a gift nobody booked. Then all books say the same to the fen."""
    desk, account = Desk(demo), BankAccount.objects.get()
    lines = StatementLine.objects.unmatched().select_related("side").order_by("booked_on", "seq")
    wrong, twice, back, missed = lines
    proposals = funds.proposals(account, [wrong, back])

    desk.turn_round(entries_of(account, proposals[wrong.pk].about[1])[0], "金额两位数记反")
    desk.book_gift(wrong, "退休职工捐款")
    desk.turn_round(entries_of(account, twice.amount_fen)[1], "同一笔捐款记了两次")
    desk.send("accountant", "bounce", proposals[back.pk].about.pk, reason="账户状态异常")
    desk.book_gift(missed, "爱心捐款")
    for statement in {line.statement_id for line in lines}:
        desk.send("accountant", "match_again", statement)
    for line in StatementLine.objects.unmatched():
        desk.choose(line)
    for run in PaymentRun.objects.filter(status=PaymentRun.Status.PREPARED):
        desk.send("accountant", "post", run.pk)
    for month in Period.objects.filter(status=Period.Status.OPEN).order_by("ends_on"):
        alone = funds.unmatched_entries(account).filter(value_on__lte=month.ends_on)
        for entry in alone:
            desk.send(
                "accountant", "entry_explain", entry.pk, why="IN_TRANSIT", words="银行次日入账"
            )
        desk.send("accountant", "period_close", month.pk)

    assert not Period.objects.filter(status=Period.Status.OPEN).exists()
    assert not StatementLine.objects.unmatched().exists()
    owned, since, until = list(account.funds.all()), date(2026, 1, 1), date(2026, 10, 31)
    trial = books.trial_balance(owned, since, until)
    statement = books.statement(owned, since, until)
    in_bank = [row.closing_fen for row in trial.rows if row.account.kind in ("POOL", "BUDGET")]
    ledgers = Transfer.objects.filter(fund__in=owned, value_on__lte=until)
    assert trial.balances and statement.agrees
    assert statement.closing_fen == statement.month_closing_fen == sum(in_bank)
    assert ledgers.count() == books.journal(owned).rows.filter(value_on__lte=until).count()
    assert [str(problem) for problem in verify.problems()] == []


def test_demo_refuses_a_database_with_data():
    with pytest.raises(CommandError, match="has data"):
        call_command("demo")


def test_demo_if_empty_leaves_data_alone():
    before = Case.objects.count()

    call_command("demo", "--if-empty")

    assert Case.objects.count() == before
