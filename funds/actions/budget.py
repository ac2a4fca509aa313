"""The budget of a year: one person drafts a decision, the chair confirms it, and it is booked.

Locks in one order: fund, decision. Nothing else gives money to a budget or takes it away.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from base.money import format_fen
from base.workdays import day_of
from cases.models import Counter
from cases.workflow import Programme
from funds.actions import ledger
from funds.models import (
    Account,
    BudgetDecision,
    BudgetLine,
    BudgetPeriod,
    Donation,
    Fund,
    Kind,
    Period,
    Transfer,
)
from people.roles import NotAllowed, Role

DRAFTERS = (Role.ACCOUNTANT, Role.COMPANY_OFFICER)
TAKES = (Kind.RELEASE, Kind.CARRY)


@dataclass(frozen=True)
class Planned:
    """One line of a decision before it is written down; taken from a budget when negative."""

    programme: str
    amount_fen: int
    period: str = BudgetPeriod.YEAR
    donation: Donation | None = None

    @property
    def columns(self):
        return (
            str(self.programme), str(self.period), self.donation and self.donation.pk,
            self.amount_fen,
        )  # fmt: skip


@dataclass
class Leftover:
    """What is left of a budget at the end of its year: `free_fen` returns, `held_fen` stays."""

    account: Account
    free_fen: int
    held_fen: int
    why_not: str = ""
    parts: list = field(default_factory=list)


# Who may


def why_not_draft_budget(fund, actor):
    """Why the actor may not draft a decision about the budget of a fund; "" when they may."""
    return ledger.why_not_book(fund, actor, *DRAFTERS)


def why_not_decide_budget(decision, actor):
    """Why the actor may not confirm a decision; "" when they may."""
    if reason := ledger.why_not_book(decision.fund, actor, Role.COMPANY_CHAIR):
        return reason
    if decision.drafted_by_id == actor.user_id:
        return _("Somebody other than who drafted the decision confirms it.")
    return _why_not_open(decision)


def why_not_drop_budget(decision, actor):
    """Why the actor may not drop a draft; "" when they may."""
    if reason := ledger.why_not_book(decision.fund, actor, Role.COMPANY_CHAIR, *DRAFTERS):
        return reason
    return _why_not_open(decision)


def _why_not_open(decision):
    if decision.status == BudgetDecision.Status.DRAFT:
        return ""
    return _("This decision is no draft any more: it is %(status)s.") % {
        "status": decision.get_status_display()
    }


# What the rules and the money allow


def why_not_plan(fund, year, kind, lines, on):
    """Why such a decision may not be made on this day, whatever money there is; "" when it may.

    Two queries.
    """
    if why := _why_not_lines(fund, year, lines, on):
        return why
    begun = Account.objects.budgets().filter(fund=fund, year=year).exists()
    if kind == BudgetDecision.Kind.FIRST:
        if any(line.amount_fen < 0 for line in lines):
            return _("The first appropriation takes nothing back.")
        if begun or _first(fund, year):
            return _("The budget of %(year)s is there already: change it.") % {"year": year}
    elif not begun:
        return _("The budget of %(year)s begins with its first appropriation.") % {"year": year}
    return ""


def _why_not_lines(fund, year, lines, on):
    """Why these lines may not be booked on this day, whatever money there is. No query."""
    if not lines:
        return _("A decision about the budget names at least one amount.")
    if any(line.amount_fen > 0 for line in lines) and year < on.year:
        return _("The year %(year)s is over: its budgets take nothing more.") % {"year": year}
    for line in lines:
        if line.amount_fen > 0 and line.programme not in fund.programmes:
            return _("This fund may not be used for this programme.")
        if line.donation and (
            line.donation.programme != line.programme or line.donation.transfer.fund_id != fund.pk
        ):
            return _("Donation %(number)s is wished for another programme.") % {
                "number": line.donation.number
            }
    return ""


def _first(fund, year):
    first = BudgetDecision.objects.filter(fund=fund, year=year, kind=BudgetDecision.Kind.FIRST)
    return first.exclude(status=BudgetDecision.Status.DROPPED).exists()


def why_not_fit(fund, year, lines):
    """Why the money does not allow these lines as it stands, with the figures; "" when it does.

    Three queries, six where money is taken from a budget.
    """
    accounts = list(fund.accounts.filter(Q(kind=Account.Kind.POOL) | Q(year=year)))
    free = {account.programme: account.available_fen for account in accounts}
    if why := _why_not_take(fund, year, accounts, lines):
        return why
    wished = {donation.pk: donation for donation in Donation.objects.wished(fund)}
    used = _sums([line for line in lines if line.donation], lambda line: line.donation.pk)
    for pk, fen in used.items():
        donation = wished.get(pk)
        if donation is None or not -donation.used_fen <= fen <= donation.left_fen:
            return _(
                "Of donation %(number)s %(left)s yuan are not yet given out and %(used)s yuan are."
            ) % {
                "number": next(
                    line.donation.number
                    for line in lines
                    if line.donation and line.donation.pk == pk
                ),
                "left": format_fen(donation.left_fen if donation else 0),
                "used": format_fen(donation.used_fen if donation else 0),
            }
    waiting = sum(donation.left_fen for donation in wished.values())
    general = [line for line in lines if not line.donation]
    added = sum(line.amount_fen for line in general if line.amount_fen > 0)
    taken = -sum(line.amount_fen for line in general if line.amount_fen < 0)
    most = free[""] - waiting + taken
    if added <= most:
        return ""
    figures = {"asked": format_fen(added), "free": format_fen(most), "wished": format_fen(waiting)}
    if waiting:
        return (
            _(
                "Only %(free)s yuan are free, and %(asked)s yuan were to be added: %(wished)s yuan"
                " of the pool wait for what their donors wished."
            )
            % figures
        )
    return _("Only %(free)s yuan are free, and %(asked)s yuan were to be added.") % figures


def _why_not_take(fund, year, accounts, lines):
    """Why this cannot be taken from the budgets: it is reserved, or donors gave it."""
    asked = _sums(lines, lambda line: line.programme, taken=True)
    if not asked:
        return ""
    general = _sums(
        [line for line in lines if not line.donation], lambda line: line.programme, taken=True
    )
    given = {name: sum(fen for _donation, fen in rows) for name, rows in _given(fund, year).items()}
    budgets = {account.programme: account for account in accounts}
    allotted = _allotted(accounts)
    for programme, fen in asked.items():
        account = budgets.get(programme)
        free = account.available_fen if account else 0
        figures = {"budget": f"{year} {Programme(programme).label}", "asked": format_fen(fen)}
        if fen > free:
            return _(
                "Only %(available)s yuan of the budget %(budget)s are not reserved;"
                " %(asked)s yuan were to be taken back."
            ) % {"available": format_fen(free), **figures}
        donated = given.get(programme, 0)
        most = max(allotted[account.pk] - donated, free - donated)
        if general[programme] > most:
            return _(
                "Only %(most)s yuan of the budget %(budget)s may be taken for other uses: donors"
                " gave the rest for this programme."
            ) % {"most": format_fen(max(most, 0)), **figures}
    return ""


def _sums(lines, key, *, taken=False):
    """{key: fen} of lines; with `taken`, of those that take from a budget, positive."""
    found = defaultdict(int)
    for line in lines:
        if not taken:
            found[key(line)] += line.amount_fen
        elif line.amount_fen < 0:
            found[key(line)] -= line.amount_fen
    return found


# Draft, confirm, drop


@transaction.atomic
def draft_budget(*, fund, year, kind, lines, reason, basis, basis_on, by, at, key):
    """A decision of these lines, written down for the chair to confirm; books nothing yet."""
    fund, done = _to_draft(fund, key, by, at)
    lines = list(lines)
    if done:
        return _same(done, fund, year, kind, lines)
    if kind == BudgetDecision.Kind.CARRY:
        raise NotAllowed(_("What is left of a year is reckoned, not typed: use the carry-over."))
    on = day_of(at)
    if why := why_not_plan(fund, year, kind, lines, on) or why_not_fit(fund, year, lines):
        raise NotAllowed(why)
    return _write(fund, year, kind, lines, reason, basis, basis_on, by, at, key)


@transaction.atomic
def draft_carry(*, fund, year, reason, basis, basis_on, by, at, key):
    """What is left of the budgets of a year, to return to the pool of the same fund."""
    fund, done = _to_draft(fund, key, by, at)
    if done:
        return done
    if why := why_not_carry_yet(year, day_of(at)):
        raise NotAllowed(why)
    lines = to_carry(leftovers(fund, year))
    if not lines:
        raise NotAllowed(_("Nothing of %(year)s can be carried over now.") % {"year": year})
    carry = BudgetDecision.Kind.CARRY
    return _write(fund, year, carry, lines, reason, basis, basis_on, by, at, key)


def _to_draft(fund, key, by, at):
    """The fund locked, and the decision an earlier request with this key wrote down."""
    fund = Fund.objects.lock(fund.pk)
    if why := why_not_draft_budget(fund, by.actor(day_of(at))):
        raise NotAllowed(why)
    return fund, BudgetDecision.objects.filter(fund=fund, key=key).first()


def _same(done, fund, year, kind, lines):
    """The decision written down before, if it is the same; else NotAllowed."""
    written = [planned(line).columns for line in _lines(done)]
    if (done.year, done.kind, written) == (year, kind, [line.columns for line in lines]):
        return done
    raise NotAllowed(_("This form was sent before with another amount; open it again."))


def _write(fund, year, kind, lines, reason, basis, basis_on, by, at, key):
    taken = Counter.objects.take(fund.company_id, f"budget {fund.code} {year}", 1)
    decision = BudgetDecision.objects.create(
        fund=fund, year=year, kind=kind, number=f"{year}-{fund.code}-预-{taken:02d}",
        reason=reason, basis=basis, basis_on=basis_on, key=key, drafted_at=at, drafted_by=by,
    )  # fmt: skip
    BudgetLine.objects.bulk_create(
        BudgetLine(
            decision=decision, seq=seq, programme=line.programme, period=line.period,
            donation=line.donation, amount_fen=line.amount_fen,
        )
        for seq, line in enumerate(lines, start=1)
    )  # fmt: skip
    return decision


def _lines(decision):
    return decision.lines.select_related("donation__transfer").order_by("seq")


def planned(line):
    """A line written down, as it was planned."""
    return Planned(line.programme, line.amount_fen, line.period, line.donation)


@transaction.atomic
def decide_budget(*, decision, by, at):
    """The chair confirms: all lines are booked, or none. Twice is once."""
    fund = Fund.objects.lock(decision.fund_id)
    decision = BudgetDecision.objects.lock(decision.pk)
    decision.fund = fund
    if decision.status == BudgetDecision.Status.DECIDED and decision.decided_by_id == by.pk:
        return decision
    if why := why_not_decide_budget(decision, by.actor(day_of(at))):
        raise NotAllowed(why)
    lines = list(_lines(decision))
    if why := why_not_book_lines(decision, [planned(line) for line in lines], day_of(at)):
        raise NotAllowed(why)
    decision.status = BudgetDecision.Status.DECIDED
    decision.decided_at, decision.decided_by = at, by
    decision.save(update_fields=["status", "decided_at", "decided_by"])
    _book(decision, lines, by, at)
    return decision


def why_not_book_lines(decision, lines, on):
    """Why the lines cannot be booked as the money stands now; "" when they can."""
    fund, year = decision.fund, decision.year
    if decision.kind != BudgetDecision.Kind.CARRY:
        # Of first appropriations the database knows that this is the only one.
        return _why_not_lines(fund, year, lines, on) or why_not_fit(fund, year, lines)
    now = [line.columns for line in to_carry(leftovers(fund, year))]
    if [line.columns for line in lines] == now:
        return ""
    return _("The budgets of %(year)s have moved since this was drafted: draft it again.") % {
        "year": year
    }


def _book(decision, lines, by, at):
    """One entry for each line, what is taken first: the pool then covers what is added; and of
    that what donors gave first: the rest is then counted without it."""
    fund = decision.fund
    pool = fund.accounts.get(kind=Account.Kind.POOL)
    note = f"{decision.number} {decision.reason}"[:120]
    out = Kind.CARRY if decision.kind == BudgetDecision.Kind.CARRY else Kind.RELEASE
    for line in sorted(
        lines, key=lambda line: (line.amount_fen > 0, line.donation_id is None, line.seq)
    ):
        budget, _made = Account.objects.get_or_create(
            fund=fund, kind=Account.Kind.BUDGET, year=decision.year, programme=line.programme
        )
        kind, debit, credit = (
            (Kind.ALLOCATE, budget, pool) if line.amount_fen > 0 else (out, pool, budget)
        )
        ledger.post(
            fund, kind, debit, credit, abs(line.amount_fen), by=by, at=at, note=note,
            key=f"budget line {line.pk}", budget_line=line,
        )  # fmt: skip


@transaction.atomic
def drop_budget(*, decision, by, at):
    """A draft comes to nothing; it stays on file. Twice is once."""
    fund = Fund.objects.lock(decision.fund_id)
    decision = BudgetDecision.objects.lock(decision.pk)
    decision.fund = fund
    if decision.status == BudgetDecision.Status.DROPPED and decision.dropped_by_id == by.pk:
        return decision
    if why := why_not_drop_budget(decision, by.actor(day_of(at))):
        raise NotAllowed(why)
    decision.status = BudgetDecision.Status.DROPPED
    decision.dropped_at, decision.dropped_by = at, by
    decision.save(update_fields=["status", "dropped_at", "dropped_by"])
    return decision


# Carry-over


def why_not_carry_yet(year, on):
    """Why nothing of a year is carried over on this day; "" when it may be."""
    if year < on.year:
        return ""
    return _("The year %(year)s is not over: its budgets are carried over afterwards.") % {
        "year": year
    }


def leftovers(fund, year):
    """[Leftover] of the budgets of a fund and year, in a fixed number of queries (7).

    Donated money counts as spent first, the oldest donation before the next: what is left of it
    returns to the pool with its wish.
    """
    budgets = list(fund.accounts.budgets().filter(year=year).order_by("programme", "pk"))
    carried = set(
        Transfer.objects.filter(kind=Kind.CARRY, credit__in=budgets).values_list(
            "credit", flat=True
        )
    )
    closed = Period.objects.closed().filter(
        bank_account=fund.bank_account_id, year=year, month=12
    ).exists()  # fmt: skip
    given, allotted = _given(fund, year), _allotted(budgets)
    found = []
    for account in budgets:
        row = Leftover(account, account.available_fen, account.held_fen)
        if account.pk in carried:
            row.why_not = _("carried over already")
        elif account.held_fen and not closed:
            row.why_not = _("reservations are running and December is not closed")
        elif not row.free_fen:
            row.why_not = _("nothing is left")
        else:
            row.parts = _parts(row.free_fen, allotted[account.pk], given[account.programme])
        found.append(row)
    return found


def _given(fund, year):
    """{programme: [(donation, fen given to its budget of the year)]}, the oldest first."""
    found = defaultdict(list)
    rows = (
        BudgetLine.objects.filter(
            decision__fund=fund, decision__year=year, donation__isnull=False,
            decision__status=BudgetDecision.Status.DECIDED,
        )
        .order_by("donation__transfer__value_on", "donation")
        .values_list("programme", "donation")
        .annotate(fen=Sum("amount_fen"))
    )  # fmt: skip
    sums = list(rows)
    donations = Donation.objects.select_related("transfer").in_bulk([row[1] for row in sums])
    for programme, donation, fen in sums:
        found[programme].append((donations[donation], fen))
    return found


def _allotted(accounts):
    """{pk: fen that decisions gave to a budget, less what they took back}; two queries."""
    found = defaultdict(int)
    for side, kinds, sign in (("debit", [Kind.ALLOCATE], 1), ("credit", TAKES, -1)):
        rows = Transfer.objects.filter(**{f"{side}__in": accounts}, kind__in=kinds).order_by()
        for pk, fen in rows.values_list(side).annotate(fen=Sum("amount_fen")):
            found[pk] += sign * fen
    return found


def _parts(free_fen, allotted_fen, given):
    """[(donation or None, fen)] of what is free: what is left of each donation, then the rest.

    More may be free than was allotted: what households paid back of grants of earlier years.
    """
    used = max(allotted_fen - free_fen, 0)
    parts = []
    for donation, fen in given:
        left = max(fen - used, 0)
        used = max(used - fen, 0)
        if left:
            parts.append((donation, left))
    rest = free_fen - sum(fen for _donation, fen in parts)
    return parts + ([(None, rest)] if rest else [])


def to_carry(found):
    """The lines that carry over what is left, as it stands now."""
    return [
        Planned(row.account.programme, -fen, BudgetPeriod.YEAR, donation)
        for row in found
        for donation, fen in row.parts
    ]
