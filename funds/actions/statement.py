"""Bank statements: imported by the cashier, matched by rule or by hand; nothing is deleted."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.crypto import blind_index
from base.uploads import clean_name
from base.workdays import day_of
from base.xlsx import CellProblem
from funds import matching, statements
from funds.models import (
    IN_CASH,
    OF_RUN,
    BankAccount,
    Explanation,
    Fund,
    Kind,
    LineSide,
    Match,
    MatchedEntry,
    MatchedLine,
    Payment,
    PaymentRun,
    Period,
    Rule,
    Statement,
    StatementImport,
    StatementLine,
    require_open,
)
from funds.models.period import month_ends
from funds.models.statement import entries
from people.importing import keep_file, keep_problems, set_running, throw_away
from people.roles import NotAllowed, Role

KEEPERS = (Role.CASHIER, Role.ACCOUNTANT)
MOST_NEAR = 500
NEAR = 40  # candidates shown for matching by hand
BATCH = 2000


def why_not_match(bank_account, actor):
    """Why the actor may not match, undo or explain; "" when they may."""
    if bank_account.company_id in actor.companies(*KEEPERS):
        return ""
    return _("Only the cashier and the accountant match bank lines.")


def why_not_import_statement(bank_account, actor):
    """Why the actor may not import a statement; "" when they may."""
    if bank_account.company_id in actor.companies(Role.CASHIER):
        return ""
    return _("Only the cashier imports bank statements.")


# The bank account


@transaction.atomic
def save_bank_account(*, company, name, bank, account, layout, funds, by, at, bank_account=None):
    """Register the special account, or correct its facts; `funds` join it for good."""
    if company.pk not in by.actor(day_of(at)).companies(Role.ACCOUNTANT):
        raise NotAllowed(_("Only the accountant registers a bank account."))
    locked = Fund.objects.lock_all([fund.pk for fund in funds])
    if bank_account is None:
        bank_account = BankAccount(company=company)
    else:
        bank_account = BankAccount.objects.lock(bank_account.pk)
    bank_account.name, bank_account.bank, bank_account.layout = name, bank, layout
    bank_account.account, bank_account.account_index = account, blind_index(account, "account")
    bank_account.save()
    closed = Period.objects.closed().filter(bank_account=bank_account).order_by("-ends_on").first()
    for fund in locked:
        if fund.bank_account_id == bank_account.pk:
            continue
        if fund.company_id != company.pk or fund.bank_account_id:
            raise NotAllowed(_("This fund lies in another bank account."))
        if closed and fund.transfers.filter(value_on__lte=closed.ends_on).exists():
            raise NotAllowed(
                _("This fund has entries in closed months; it needs an account of its own.")
            )
        fund.bank_account = bank_account
        fund.save(update_fields=["bank_account"])
    return bank_account


# Import


@transaction.atomic
def receive_statement(
    *, reading, file, bank_account, since, until, opening_fen, closing_fen, by, at
):
    """Keep an uploaded statement with what the dry run found. Nothing is booked."""
    if reason := why_not_import_statement(bank_account, by.actor(day_of(at))):
        raise NotAllowed(reason)
    upload = StatementImport(
        company_id=bank_account.company_id, bank_account=bank_account,
        file_name=clean_name(file.name), sha256=reading.sha256, rows=reading.count,
        added=len(reading.lines), since=since, until=until, opening_fen=opening_fen,
        closing_fen=closing_fen, uploaded_at=at, uploaded_by=by,
    )  # fmt: skip
    _judged(upload, reading)
    if not reading.problems:
        keep_file(upload, file)
    upload.save()
    return upload


def _judged(upload, reading):
    statuses = StatementImport.Status
    keep_problems(upload, reading.problems)
    upload.status = statuses.REFUSED if reading.problems else statuses.CHECKED


@transaction.atomic
def confirm_statement(*, upload, by, at):
    """Let a checked statement run; one that was interrupted may be sent on its way again."""
    upload = StatementImport.objects.lock(upload.pk)
    require_open([upload.company_id])
    if reason := why_not_import_statement(upload.bank_account, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if upload.status != StatementImport.Status.DONE:
        set_running(upload, by=by, at=at)
    return upload


def take_statement(*, upload, at):
    """Take a running statement over, whole or not at all, and match what is clear.

    A file that was imported before adds nothing. Refused when the days or the balances no longer
    fit the other statements, or the months are closed; it is then refused for good, for one that
    runs keeps every other waiting.
    """
    upload, wrong = _take(upload, at)
    if wrong:
        raise NotAllowed(str(wrong[0].message))
    return upload


@transaction.atomic
def _take(upload, at):
    """(the import as it is now, what is wrong with it)."""
    upload = StatementImport.objects.lock(upload.pk)
    if upload.status != StatementImport.Status.RUNNING:
        return upload, []
    _lock_funds(upload.bank_account_id)
    account = BankAccount.objects.lock(upload.bank_account_id)
    known = Statement.objects.filter(
        bank_account=account, sha256=upload.sha256, since=upload.since, until=upload.until
    ).first()
    if known is None:
        reading, wrong = _read(upload, account)
        if wrong:
            return _refused(upload, wrong), wrong
        known = _write(upload, account, reading, at)
    upload.statement, upload.finished_at = known, at
    upload.status, upload.done = StatementImport.Status.DONE, upload.rows
    throw_away(upload)
    upload.save()
    return upload, []


def _refused(upload, problems):
    upload.status = StatementImport.Status.REFUSED
    keep_problems(upload, problems)
    throw_away(upload)
    upload.save()
    return upload


def _read(upload, account):
    """(the file as it reads now, what is wrong with it beside what was imported since)."""
    facts = _facts(upload)
    sentences = statements.whole(bank_account=account, sha256=upload.sha256, **facts)
    closed = Period.objects.closed().filter(bank_account=account, ends_on__gte=upload.since)
    if not sentences and closed.exists():
        sentences = [gettext_lazy("These months are closed; a closed month takes no statement.")]
    if sentences:
        return None, [CellProblem(1, "", sentence) for sentence in sentences]
    with upload.file.open("rb") as file:
        reading = statements.read(file=file, bank_account=account, **facts)
    return reading, reading.problems


def _facts(upload):
    return {
        "since": upload.since, "until": upload.until, "opening_fen": upload.opening_fen,
        "closing_fen": upload.closing_fen,
    }  # fmt: skip


def _write(upload, account, reading, at):
    """The statement with its lines and months; and everything that is clear matched."""
    upload.added = len(reading.lines)
    by = upload.confirmed_by
    statement = Statement.objects.create(
        company_id=account.company_id, bank_account=account, lines_count=len(reading.lines),
        sha256=upload.sha256, at=at, by=by, **_facts(upload),
    )  # fmt: skip
    rows = StatementLine.objects.bulk_create(
        [
            StatementLine(
                statement=statement, bank_account=account, seq=seq, booked_on=line.booked_on,
                amount_fen=line.amount_fen, balance_fen=line.balance_fen,
                reference=line.reference,
            )
            for seq, line in enumerate(reading.lines, start=1)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    LineSide.objects.bulk_create(
        [
            LineSide(
                line=row, name=line.name, account=line.account, text=line.text,
                account_index=blind_index(line.account, "account"),
            )
            for row, line in zip(rows, reading.lines, strict=True)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    _open_months(account, upload.since, upload.until)
    _match(account, by=by, at=at)
    return statement


def _lock_funds(bank_account):
    """The funds first, always: a month is closed and money moved under the same lock."""
    pks = Fund.objects.filter(bank_account=bank_account).values_list("pk", flat=True)
    return Fund.objects.lock_all(list(pks))


def _open_months(account, since, until):
    """A row for every month a statement touches."""
    year, month, rows = since.year, since.month, []
    while date(year, month, 1) <= until:
        starts_on, ends_on = month_ends(year, month)
        rows.append(
            Period(
                bank_account=account, year=year, month=month, starts_on=starts_on, ends_on=ends_on
            )
        )
        year, month = year + month // 12, month % 12 + 1
    Period.objects.bulk_create(rows, ignore_conflicts=True)


# Matching


def start_of(bank_account):
    """The first day of the first statement; None without one. What the books say of the days
    before is in its opening balance."""
    known = Statement.objects.filter(bank_account=bank_account)
    return known.order_by("since").values_list("since", flat=True).first()


def unmatched_entries(bank_account):
    """Entries of the books that no line of the bank stands for, with `bank_fen`."""
    running = MatchedEntry.objects.filter(transfer=OuterRef("pk"), active=True)
    found = entries(bank_account).filter(~Exists(running))
    start = start_of(bank_account)
    return found.filter(value_on__gte=start) if start else found


def sides(bank_account):
    """(lines, entries) that nobody has matched, as the rules read them; a few queries."""
    rows = (
        StatementLine.objects.filter(bank_account=bank_account).unmatched().select_related("side")
    )
    lines = [line_of(row) for row in rows.order_by("booked_on", "pk")]
    found = unmatched_entries(bank_account).select_related("case__applicant")
    return lines, entries_of(found.order_by("value_on", "pk"), bank_account.company_id)


def line_of(row):
    """A line of a statement, loaded with its side, as the rules read it."""
    side = row.side
    return matching.Line(
        pk=row.pk, on=row.booked_on, fen=row.amount_fen, name=side.name,
        account_index=side.account_index, text=side.text, reference=row.reference,
    )  # fmt: skip


def entries_of(transfers, company_id):
    """Entries as the rules read them. The payee is the one the payment was sent to."""
    transfers = list(transfers)
    runs = {t.note for t in transfers if t.kind in (Kind.PAY, Kind.BOUNCE) and t.note}
    payments = Payment.objects.filter(run__number__in=runs, run__company=company_id)
    sent, cash = {}, set()
    for pk, name, index, way in payments.values_list("pk", "account_name", "account_index", "way"):
        sent[f"pay {pk}"] = sent[f"bounce {pk}"] = (name, index)
        if way in IN_CASH:  # drawn from the bank in one sum, by the cashier
            sent[f"pay {pk}"] = ("", "")
            cash |= {f"pay {pk}", f"set off {pk}"}
    found = []
    for t in transfers:
        payee = t.case.applicant if t.case_id else None
        name, index = sent.get(t.key) or (
            (payee.account_name, payee.account_index) if payee else ("", "")
        )
        if t.kind == Kind.SET_OFF:  # the bank never saw it alone
            name = index = ""
        found.append(
            matching.Entry(
                pk=t.pk,
                on=t.value_on,
                fen=t.bank_fen,
                kind=t.kind,
                name=name,
                account_index=index,
                run=t.note if t.kind in OF_RUN else "",
                cash=t.key in cash,
                reverses=t.reverses_id,
            )  # fmt: skip
        )
    return found


def _match(account, *, by, at):
    """Match what is clear; the caller holds the lock. Returns how many pairs."""
    lines, own = sides(account)
    found = matching.match(lines, own)
    days = {("line", x.pk): (x.on, x.fen) for x in lines}
    days |= {("entry", x.pk): (x.on, x.fen) for x in own}
    _keep(account, found.pairs, days, by=by, at=at)
    return len(found.pairs)


def _keep(account, pairs, days, *, by, at):
    """Write pairs in bulk; `days` holds (day, fen) of every line and entry."""
    rows = []
    for pair in pairs:
        own = [days["entry", pk] for pk in pair.entries]
        bank = [days["line", pk] for pk in pair.lines]
        rows.append(
            Match(
                bank_account=account,
                rule=pair.rule,
                at=at,
                by=by,
                amount_fen=sum(fen for _on, fen in bank or own),
                upto=max(on for on, _fen in own + bank),
            )  # fmt: skip
        )
    rows = Match.objects.bulk_create(rows, batch_size=BATCH)
    zipped = list(zip(rows, pairs, strict=True))
    MatchedLine.objects.bulk_create(
        [MatchedLine(match=row, line_id=pk) for row, pair in zipped for pk in pair.lines],
        batch_size=BATCH,
    )
    MatchedEntry.objects.bulk_create(
        [MatchedEntry(match=row, transfer_id=pk) for row, pair in zipped for pk in pair.entries],
        batch_size=BATCH,
    )
    return rows


def _locked(bank_account, by, at):
    account = BankAccount.objects.lock(bank_account.pk)
    if reason := why_not_match(account, by.actor(day_of(at))):
        raise NotAllowed(reason)
    return account


@transaction.atomic
def match_again(*, bank_account, by, at):
    """Match what has become clear since, such as a return booked today; returns how many."""
    return _match(_locked(bank_account, by, at), by=by, at=at)


@transaction.atomic
def match_by_hand(*, lines, transfers, by, at):
    """One person says that these lines and entries are one. Both sides have the same sum."""
    account = _locked(lines[0].bank_account, by, at)
    pks = [line.pk for line in lines]
    free = StatementLine.objects.filter(bank_account=account, pk__in=pks).unmatched()
    there = {row.pk: row for row in free}
    own = {
        row.pk: row for row in unmatched_entries(account).filter(pk__in=[t.pk for t in transfers])
    }
    if len(there) < len(set(pks)) or len(own) < len({t.pk for t in transfers}):
        raise NotAllowed(_("A line or an entry has been matched since; look at the list again."))
    if len(there) + len(own) < 2:
        raise NotAllowed(_("Choose what this line belongs to."))
    bank_fen = sum(row.amount_fen for row in there.values())
    if bank_fen != sum(row.bank_fen for row in own.values()):
        raise NotAllowed(_("Both sides must have the same sum."))
    days = {("line", pk): (row.booked_on, row.amount_fen) for pk, row in there.items()}
    days |= {("entry", pk): (row.value_on, row.bank_fen) for pk, row in own.items()}
    pair = matching.Pair(Rule.HAND, tuple(there), tuple(own))
    (row,) = _keep(account, [pair], days, by=by, at=at)
    return row


@transaction.atomic
def undo_match(*, match, words, by, at):
    """Part what was matched; the match stays with who undid it and why. Twice undoes once."""
    account = _locked(match.bank_account, by, at)
    match = Match.objects.select_for_update(of=("self",)).get(pk=match.pk, bank_account=account)
    if match.ended_at is None:
        match.lines.update(active=False)
        match.entries.update(active=False)
        match.ended_at, match.ended_by, match.end_words = at, by, words
        match.save(update_fields=["ended_at", "ended_by", "end_words"])
    return match


@transaction.atomic
def explain(*, bank_account, why, words, by, at, line=None, transfers=()):
    """Say why a line, or some entries, have nothing on the other side; the newest counts."""
    _locked(bank_account, by, at)
    own = [Explanation(line=line)] if line else [Explanation(transfer=t) for t in transfers]
    for row in own:
        row.why, row.words, row.at, row.by = why, words, at, by
    return Explanation.objects.bulk_create(own, batch_size=BATCH)


@dataclass(frozen=True)
class Proposal:
    """What a person might do about a line: an act, and what it is about."""

    act: str
    about: object = None


def proposals(bank_account, rows):
    """{pk: Proposal} for lines nobody has matched, loaded with their sides. Four queries.

    RETURN and POST name the payment; INTEREST, DONATION and RECEIVE are to be booked; a CHARGE
    may not be paid by the fund; CHOOSE says how many entries fit, AMOUNT which one differs.
    """
    came = {row.amount_fen for row in rows if row.amount_fen > 0}
    sent = (
        Payment.objects.filter(
            run__batch__budget__fund__bank_account=bank_account, status=Payment.Status.POSTED,
        )
        .annotate(sent_fen=F("amount_fen") - F("advance_fen"))
        .filter(sent_fen__in=came)
        .select_related("run")
        .order_by("pk")
        if came
        else []
    )  # fmt: skip
    paid = defaultdict(list)
    for payment in sent:
        paid[payment.told_fen].append(payment)
    went = {-row.amount_fen for row in rows if row.amount_fen < 0}
    prepared = (
        PaymentRun.objects.filter(
            batch__budget__fund__bank_account=bank_account, status=PaymentRun.Status.PREPARED
        )
        .annotate(told_fen=Sum(F("payments__amount_fen") - F("payments__advance_fen")))
        .filter(told_fen__in=went)
    )
    runs = {run.told_fen: run for run in prepared} if went else {}
    near = _near(bank_account, rows)
    found = {}
    for row in rows:
        line = line_of(row)
        nature = matching.nature(line)
        if hint := _hint(line, near):
            found[row.pk] = hint
            continue
        back = [p for p in paid.get(line.fen, []) if _came_back(line, p)]
        if len(back) == 1 and nature != "INTEREST":
            found[row.pk] = Proposal("RETURN", back[0])
        elif line.fen > 0 and nature == "INTEREST":
            found[row.pk] = Proposal("INTEREST")
        elif line.fen > 0 and nature in ("RETURN", "CORRECTION"):
            found[row.pk] = Proposal("ASK")
        elif line.fen > 0:
            found[row.pk] = Proposal("DONATION" if "捐" in line.text else "RECEIVE")
        elif -line.fen in runs:
            found[row.pk] = Proposal("POST", runs[-line.fen])
        else:
            found[row.pk] = Proposal("CHARGE" if nature == "CHARGE" else "ASK")
    return found


def _near(bank_account, rows):
    """[(day, fen)] of entries nobody has matched about the days of some lines. Two queries."""
    if not rows:
        return []
    days = [row.booked_on for row in rows]
    week = timedelta(days=matching.DAYS)
    found = unmatched_entries(bank_account).filter(
        value_on__gte=min(days) - week, value_on__lte=max(days) + week
    )
    return list(found.order_by("value_on", "pk").values_list("value_on", "bank_fen")[:MOST_NEAR])


def _hint(line, near):
    """Entries that fit and are not clear; or one whose digits are the same in another order."""
    week = timedelta(days=matching.DAYS)
    here = [(day, fen) for day, fen in near if abs(day - line.on) <= week]
    if same := [fen for _day, fen in here if fen == line.fen]:
        return Proposal("CHOOSE", len(same))
    digits = sorted(str(line.fen))
    twisted = [(day, fen) for day, fen in here if sorted(str(fen)) == digits]
    return Proposal("AMOUNT", twisted[0]) if twisted else None


def _came_back(line, payment):
    """Whether a line may be the return of a payment: the payee, and not too late."""
    days = (line.on - day_of(payment.run.posted_at)).days
    same = line.account_index == payment.account_index if line.account_index else (
        bool(line.name) and matching.plain(line.name) == matching.plain(payment.account_name)
    )  # fmt: skip
    return same and 0 <= days <= matching.RETURN_DAYS


def match_candidates(line):
    """(groups of entries, other lines) that a line may be matched with, the likeliest first.

    A payment stands as one group beside its single entries. A few queries.
    """
    account = line.bank_account
    rows = unmatched_entries(account).select_related("case__applicant", "batch", "fund")
    day = line.booked_on
    same = list(rows.filter(bank_fen=line.amount_fen).order_by("-value_on", "-pk")[:NEAR])
    near = list(rows.order_by("-value_on", "-pk").filter(value_on__lte=day)[:NEAR])
    near += list(rows.order_by("value_on", "pk").filter(value_on__gt=day)[:NEAR])
    singles = {row.pk: row for row in [*same, *sorted(near, key=lambda r: abs(r.value_on - day))]}
    others = (
        StatementLine.objects.filter(bank_account=account, amount_fen=-line.amount_fen)
        .unmatched()
        .select_related("side")
        .order_by("-booked_on", "-pk")[:NEAR]
    )
    return list(singles.values())[:NEAR], list(others)


def open_runs(bank_account):
    """[{note, count, fen, value_on}] of the payments with entries nobody has matched. One query."""
    rows = unmatched_entries(bank_account).filter(kind__in=OF_RUN).exclude(note="").order_by()
    return list(
        rows.values("note", "value_on")
        .annotate(count=Count("pk"), fen=Sum("bank_fen"))
        .order_by("-value_on", "note")[:NEAR]
    )
