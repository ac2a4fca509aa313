"""Receipts, budgets, statements and months under random hands."""

from datetime import timedelta

from base.xlsx import SheetError
from funds import actions as funds
from funds import tasks
from funds.models import BudgetDecision, Donation, Kind, Period, StatementLine, Transfer
from people.roles import NotAllowed
from tests.funds import bank, bank_files
from tests.trust.means import BY_CASE, SMALL, WHO, Means, may
from tests.world import DAY

MONTH = timedelta(days=31)
AMOUNTS = (1, 1000_00, 5500_00, 150_000_00, 200_000_00, 600_000_01)
BOOKED = (
    "receive", "donate", "draft_budget", "draft_budget", "decide_budget", "decide_budget",
    "drop_budget", "draft_carry", "reverse",
)  # fmt: skip


class OnBooks(Means):
    """What comes in, what is set aside, what the bank tells, what is closed."""

    # Money in and to budgets, by anybody, with keys that come again

    @may(6, who=WHO, fen=AMOUNTS, key=SMALL, verb=BOOKED)
    def book(self, who, fen, key, verb):
        world = self.world
        given = {"by": self.somebody(who, [world.accountant, world.second_accountant])}
        given["key"] = f"{verb} {key}"
        act = getattr(funds, {"donate": "receive"}.get(verb, verb))
        paper = {"reason": "调整预算", "basis": "纪要", "basis_on": world.today}
        if verb in ("receive", "donate"):
            since = max(world.today - timedelta(days=9 * (who % 3)), world.started_on)
            given |= {"fund": world.fund, "amount_fen": fen, "value_on": since}
            if verb == "donate":
                given |= {"kind": Kind.DONATION, "donor": "某公司", "wish": "救急",
                          "programme": BY_CASE if key % 2 else ""}  # fmt: skip
        elif verb == "draft_budget":
            given |= {
                "fund": world.fund, "year": world.today.year + key % 2,
                "kind": "CHANGE" if who % 4 else "FIRST", "lines": [self.planned(who, fen, key)],
            } | paper  # fmt: skip
        elif verb == "draft_carry":
            given |= {"fund": world.fund, "year": world.today.year - key % 2} | paper
        elif verb in ("decide_budget", "drop_budget"):
            decision = self.pick(BudgetDecision.objects.select_related("fund"), key)
            if decision is None:
                return
            if verb == "decide_budget":
                given["by"] = self.somebody(who, [world.company_chair])
            given |= {"decision": decision}
            del given["key"]
        else:
            entry = self.pick(Transfer.objects.select_related("fund"), who + key)
            given |= {"transfer": entry, "note": "误记"}
        self.twice(act, **given)

    def planned(self, who, fen, key):
        """A line of a budget: more or less for a programme, of a donation with a wish or not."""
        sign = -1 if key % 3 == 0 else 1
        donation = self.pick(Donation.objects.select_related("transfer"), key) if who % 3 else None
        if donation is not None and key % 2:
            fen = donation.transfer.amount_fen // (1 + who % 2)
        return funds.Planned(BY_CASE, sign * max(fen, 1), donation=donation)

    # Statements and months

    @may(1, days=range(1, 41), twist=["", "twice", "reversed", "overlap"])
    def statement_comes(self, days, twist):
        """The bank tells some days; the file comes twice, newest first, or with days it told."""
        self.tell(min(self.bank.stated_until + timedelta(days=days), self.world.today - DAY), twist)

    def tell(self, until, twist=""):
        since = self.bank.stated_until + DAY
        if until < since:
            return
        opening, lines = self.bank.statement(since, until)
        cells = bank.cells(lines, opening)
        given = {"days": (since, until), "opening_fen": opening}
        file = bank.csv_file(cells[::-1] if twist == "reversed" else cells)
        done = self.attempt(self.take_statement, lines=lines, file=file, **given)
        if not done:
            return
        self.bank.stated_until = until
        if twist == "twice":
            before = self.money()
            self.attempt(self.take_statement, lines=lines, file=bank_files.again(file), **given)
            assert self.money() == before
        if twist == "overlap":
            opening, lines = self.bank.statement(until, until)
            file = bank.csv_file(bank.cells(lines, opening))
            self.attempt(self.take_statement, lines=lines, file=file, days=(until, until),
                         opening_fen=opening)  # fmt: skip

    def take_statement(self, lines, file, days, opening_fen, at):
        by = self.world.cashier
        try:
            kept = bank.upload(
                self.world.account, lines, by=by, at=at, days=days, opening_fen=opening_fen,
                file=file,
            )  # fmt: skip
        except SheetError as error:  # a file without a line
            raise NotAllowed(str(error)) from error
        if kept.problems:
            raise NotAllowed(str(kept.problems[0]))
        tasks.start_statement(upload=kept, by=by, at=at)

    @may(2)
    def month_ends(self):
        """The statement is told to the end of the month, the rest explained, the month closed."""
        world = self.world
        ends_on = ((self.bank.stated_until + DAY).replace(day=1) + MONTH).replace(day=1) - DAY
        period = Period.objects.filter(status="OPEN").order_by("starts_on").first()
        if period is None or period.ends_on > self.bank.stated_until:
            self.tell(min(ends_on, world.today - DAY))
            period = Period.objects.filter(status="OPEN").order_by("starts_on").first()
        if period is None:
            return
        self.attempt(self.explain)
        self.twice(funds.close, period=period, by=world.accountant)

    def explain(self, at):
        given = {"bank_account": self.world.account, "why": "OTHER", "words": "待查",
                 "by": self.world.accountant, "at": at}  # fmt: skip
        for line in StatementLine.objects.unmatched().filter(explanations=None):
            funds.explain(line=line, **given)
        waiting = funds.unmatched_entries(self.world.account).filter(explanations=None)
        if waiting:
            funds.explain(transfers=list(waiting), **given)
