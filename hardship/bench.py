"""How fast the lists and cards answer, and how fast money is decided and paid, with few households
and with many.

Synthetic households are written straight into an empty database, never through a page. Pages: the
median of several requests through the whole of Django, in milliseconds, with the queries each
took. Relief: a round over all of them, from its opening to the posted payment, then a draft of the
rules tried on its cases and everything verified; each act once, through the same actions as from a
page, with its seconds and statements.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from time import perf_counter

from django.db import connection, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audits import verify
from base.crypto import blind_index
from cases import actions as cases
from cases.codes import Category, Cause, ExpenseKind, Level
from cases.models import Case, Dossier, Expense, Member, Round
from cases.tasks import run as simulate
from cases.workflow import Programme
from funds import actions as funds
from funds.models import Account, Vote
from hardship.demo.roster import REGION, SURNAMES, WEIGHTS
from people.models import Appointment, Person, Relation, Sex, Standing, Unit, User
from people.pinyin import pinyin
from people.roles import Role, UnitKind

UNITS = 50
BATCH = 2000
ROUNDS = 7
FIRST_DAY = date(1940, 1, 1)


@dataclass(frozen=True)
class Act:
    """One act of a round: its name, how long it took, and its statements."""

    name: str
    seconds: float
    statements: int


@dataclass(frozen=True)
class Measure:
    """One page: its name, the median of its answers in milliseconds, and its queries."""

    page: str
    milliseconds: float
    queries: int


def _id_number(n):
    """A synthetic ID number for each n below ten million; all of them pass every check."""
    born = FIRST_DAY + timedelta(days=n // 499)
    first = f"{REGION}{born:%Y%m%d}{n % 499 * 2 + 1:03d}"
    total = sum(int(d) * w for d, w in zip(first, WEIGHTS, strict=True))
    return first + "10X98765432"[total % 11], born


class Company:
    """An empty company with a policy, fifty grassroots unions and a company officer."""

    def __init__(self, at):
        self.at = at
        self.company = Unit.objects.create(
            kind=UnitKind.COMPANY, code="bench", name="测速公司", path="/bench/"
        )
        self.units = [
            Unit.objects.create(
                parent=self.company, kind=UnitKind.GRASSROOTS, code=f"{n:02d}",
                name=f"测速第{n}工会", path=f"/bench/{n:02d}/",
            )
            for n in range(UNITS)
        ]  # fmt: skip
        self.officer = self.appoint("officer", Role.COMPANY_OFFICER)
        self.chair = self.appoint("chair", Role.COMPANY_CHAIR)
        cases.seed(company=self.company, drafted_by=self.officer, enacted_by=self.chair, at=at)
        self.households = 0

    def appoint(self, name, role):
        """A new user with a role in the company."""
        user = User.objects.create_user(f"bench-{name}", name=f"测速{name}")
        Appointment.objects.create(
            user=user, role=role, unit=self.company, since=date(2020, 1, 1), appointed_at=self.at
        )
        return user

    def fill(self, households):
        """Make as many households as this, three persons each, all of them on file."""
        while self.households < households:
            count = min(BATCH, households - self.households)
            with transaction.atomic():
                self._add(range(self.households, self.households + count))
            self.households += count

    def _add(self, numbers):
        heads = Person.objects.bulk_create(self._person(n) for n in numbers)
        on = self.at.date()
        dossiers = Dossier.objects.bulk_create(
            Dossier(
                company=self.company, unit_id=head.unit_id, number=f"2025-档-{n:06d}", head=head,
                status=Dossier.Status.ACTIVE, category=Category.DEEP,
                level=Level.values[n % 3], main_cause=Cause.values[n % 4],
                address=f"测速街道{n}号", address_index=blind_index(f"测速街道{n}号", "address"),
                entered_at=self.at, entered_by=self.officer, changed_at=self.at,
                changed_by=self.officer, opened_on=on, review_due_on=on + timedelta(days=n % 365),
            )
            for n, head in zip(numbers, heads, strict=True)
        )  # fmt: skip
        Member.objects.bulk_create(
            member
            for n, dossier in zip(numbers, dossiers, strict=True)
            for member in self._members(n, dossier)
        )
        Expense.objects.bulk_create(
            Expense(
                dossier=dossier, kind=ExpenseKind.ILLNESS, spent_on=on, gross_fen=8000_00,
                reimbursed_fen=3000_00, vouchers=2,
            )
            for dossier in dossiers
        )  # fmt: skip

    def _person(self, n):
        number, born = _id_number(n)
        name = SURNAMES[n % len(SURNAMES)] + SURNAMES[n // 7 % len(SURNAMES)]
        phone, account = f"139{n:08d}", f"6222{n:015d}"
        return Person(
            company=self.company, unit=self.units[n % UNITS], staff_no=f"B{n:07d}", name=name,
            name_pinyin=pinyin(name), sex=Sex.MALE, born_on=born, id_number=number,
            id_index=blind_index(number, "id_number"), standing=Standing.RETIRED,
            monthly_income_fen=1800_00, phone=phone, phone_index=blind_index(phone, "phone"),
            bank="示例银行", branch="测速支行", account_name=name, account=account,
            account_index=blind_index(account, "account"),
        )  # fmt: skip

    def _members(self, n, dossier):
        for place, relation in enumerate((Relation.SELF, Relation.SPOUSE, Relation.SON)):
            number, born = _id_number(n) if not place else _id_number(5_000_000 + 2 * n + place)
            yield Member(
                dossier=dossier, company=self.company, relation=relation, active=True,
                name=dossier.head.name if not place else f"成员{place}", sex=Sex.MALE,
                born_on=born, id_number=number, id_index=blind_index(number, "id_number"),
                occupation="RETIRED" if not place else "UNABLE",
                monthly_income_fen=0 if place else 1800_00,
            )  # fmt: skip

    def pages(self):
        """{name: address} of what is measured; one in the middle of the register among them."""
        middle = Dossier.objects.order_by("pk")[self.households // 2]
        register = reverse("cases:dossier_list")
        return {
            "register": register,
            "register, one union": f"{register}?unit={middle.unit_id}",
            "register, by number": f"{register}?q={middle.number}",
            "register, by pinyin": f"{register}?q=wang",
            "dossier": middle.get_absolute_url(),
            "card": reverse("cases:dossier_card", args=[middle.pk]),
            "visits": reverse("cases:visit_list"),
            "visits planned": reverse("cases:visit_plan"),
            "duties of the unions": reverse("cases:visit_duties"),
            "watch list": reverse("cases:watch_list"),
            "worklist": reverse("home"),
        }

    def measure(self):
        """Each page, asked for by the company officer: [Measure]."""
        return measure(self.officer, self.pages())


def measure(user, pages):
    """Each page, asked for by somebody: [Measure]."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return [_measure(client, name, address) for name, address in pages.items()]


def _measure(client, name, address):
    reset_queries()  # with DEBUG on, the log is full of what filled the tables
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    times = []
    for _n in range(ROUNDS):
        began = perf_counter()
        client.get(address)
        times.append((perf_counter() - began) * 1000)
    return Measure(name, median(times), len(queries))


class Relief:
    """Rounds of the regular subsidy of a company, each taken from its opening to its payment."""

    def __init__(self, company, fen):
        self.company = company
        self.now = company.at
        self.leaders = [company.appoint(f"leader-{n}", Role.LEADER) for n in range(3)]
        self.secretary = company.appoint("secretary", Role.SECRETARY)
        self.cashier = company.appoint("cashier", Role.CASHIER)
        self.accountant = company.appoint("accountant", Role.ACCOUNTANT)
        self.budget = self._budget(fen)

    def _budget(self, fen):
        """A fund with so much money, all of it set aside for the regular subsidy."""
        fund = funds.create_fund(
            company=self.company.company, code="B", name="测速帮扶款",
            programmes=[Programme.REGULAR], standings=list(Standing.values), ceiling_fen=None,
            by=self.accountant, at=self._at(),
        )  # fmt: skip
        funds.receive(fund=fund, amount_fen=fen, by=self.cashier, at=self._at(), key="bench")
        decision = funds.draft_budget(
            fund=fund, year=self.now.year, kind="FIRST", reason="测速", basis="测速",
            basis_on=self.now.date(), by=self.accountant, at=self._at(), key="bench budget",
            lines=[funds.Planned(Programme.REGULAR, fen)],
        )  # fmt: skip
        funds.decide_budget(decision=decision, by=self.company.chair, at=self._at())
        return Account.objects.select_related("fund").get(
            fund=fund, kind=Account.Kind.BUDGET, programme=Programme.REGULAR
        )

    def _at(self, **later):
        self.now += timedelta(**later) if later else timedelta(seconds=1)
        return self.now

    def measure(self, year, festival):
        """One round over every household: [Act]. Leaves the list and the payment behind."""
        self.acts = []
        due = self.now.date() + timedelta(days=365)
        Dossier.objects.filter(company=self.company.company).update(review_due_on=due)
        opened = self._timed("open the round", self._open, year, festival)
        officer, chair = self.company.officer, self.company.chair
        batch = funds.create_batch(
            company=self.company.company, title=opened.title, programme=Programme.REGULAR,
            budget=self.budget, round=opened, by=officer, at=self._at(),
        )  # fmt: skip
        listed = Case.objects.filter(round=opened)
        self._timed(
            "put on the list", funds.add_lines, batch=batch, cases=listed, by=officer, at=self._at()
        )
        self._timed("lock", funds.lock, batch=batch, by=chair, at=self._at())
        meeting = self._meet(batch)
        self._timed("record", funds.record, meeting=meeting, by=self.secretary, at=self._at())
        self._timed("confirm", funds.confirm, meeting=meeting, by=self.leaders[0], at=self._at())
        batch.refresh_from_db()
        self._timed("publish", funds.publish, batch=batch, by=officer, at=self._at())
        self._timed("clear", cases.clear_ended, at=self._at(days=30))
        run = self._timed("prepare", funds.prepare, batch=batch, by=self.cashier, at=self._at())
        self.run = self._timed("post", funds.post, run=run, by=self.accountant, at=self._at())
        self.batch = batch
        return self.acts

    def look_back(self, title):
        """What is asked of the cases and the books afterwards, added to the acts of the round."""
        self._timed("try new rules", self._simulate, title)
        self._timed("verify", self._verify)

    def _simulate(self, title):
        """A draft that pays more, tried on every case of the last year."""
        by = self.company.officer
        draft = cases.start_draft(company=self.company.company, title=title, by=by, at=self._at())
        row = draft.clauses.get(key="regular.SPRING")
        value = {Level.SPECIAL: 2400_00, Level.HEAVY: 1600_00, Level.GENERAL: 1000_00}
        cases.change_clause(
            policy=draft, key=row.key, value=value, clause=row.clause, source=row.source, by=by,
            mark=row.mark, at=self._at(),
        )  # fmt: skip
        simulate(cases.ask_simulation(policy=draft, by=by, at=self._at()))

    def _verify(self):
        if found := list(verify.problems()):
            raise RuntimeError(found[0])

    def pages(self):
        """{name: address} of the money pages, those of the largest list and its payment."""
        books = {
            name: reverse(f"funds:books_{name}")
            for name in ("overview", "journal", "trial", "statement", "purposes", "units",
                         "households")
        }  # fmt: skip
        household = self.batch.lines.order_by("pk").values_list("case__dossier", flat=True)[0]
        return {f"books: {name}": address for name, address in books.items()} | {
            "books: a household": reverse("funds:books_household", args=[household]),
            "ledger": reverse("funds:ledger", args=[self.budget.fund_id]),
            "funds": reverse("funds:fund_list"),
            "budget": reverse("funds:budget"),
            "list": self.batch.get_absolute_url(),
            "payments": reverse("funds:payment_list"),
            "payment": self.run.get_absolute_url(),
        }

    def _open(self, year, festival):
        opened = cases.start_round(
            company=self.company.company, title=f"测速{year}{festival}", year=year,
            festival=festival, by=self.company.officer, at=self._at(),
        )  # fmt: skip
        while cases.take_round(opened=opened, at=self._at()):
            pass
        return Round.objects.get(pk=opened.pk)

    def _meet(self, batch):
        """A meeting in which everybody votes for everything."""
        meeting = funds.open_meeting(
            company=self.company.company, held_on=self.now.date(), chair=self.leaders[0],
            by=self.secretary, at=self._at(),
        )  # fmt: skip
        funds.put_on_agenda(meeting=meeting, batch=batch, by=self.secretary, at=self._at())
        present = {leader.pk for leader in self.leaders}
        funds.attend(meeting=meeting, present=present, by=self.secretary, at=self._at())
        batch.refresh_from_db()
        singles = batch.lines.filter(single=True).values_list("pk", flat=True)
        chosen = dict.fromkeys(singles, Vote.Choice.FOR)
        for leader in self.leaders:
            self._timed(
                "vote", funds.vote, batch=batch, by=leader, at=self._at(), rest=Vote.Choice.FOR,
                lines=chosen, version=batch.version,
            )  # fmt: skip
        return meeting

    def _timed(self, name, act, *args, **kwargs):
        reset_queries()
        with CaptureQueriesContext(connection) as queries:
            began = perf_counter()
            done = act(*args, **kwargs)
            seconds = perf_counter() - began
        self.acts.append(Act(name, seconds, len(queries)))
        return done
