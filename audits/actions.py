"""What changes in this room: seals are made, verifications are run."""

import time
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils import translation

from audits import pages, places, rows, verify
from audits.models import Seal, SealPage, Verification
from base import guards
from base.workdays import day_of
from funds import actions as funds
from people.roles import NotAllowed, Role, check_any

VERIFIERS = (
    Role.AUDITOR, Role.COMPANY_CHAIR, Role.COMPANY_OFFICER, Role.DISCIPLINE, Role.ACCOUNTANT,
    Role.LEADER,
)  # fmt: skip
READERS = (*VERIFIERS, Role.CASHIER, Role.SECRETARY)  # who may see why the money stands still
MOST_KEPT = 200  # problems written down of one run; they are counted in full


def seal(*, reason, at):
    """Hash every sealed row written since the last seal, chained to it; returns the last seal.

    Nothing new, no new seal. Two at once: one waits, then finds what is left.
    """
    upto = {model: _settled(model) for model in guards.sealed_models() if _is_stream(model)}
    with transaction.atomic():
        _one_at_a_time()
        last = Seal.objects.newest()
        sealed = dict(
            SealPage.objects.values_list("table").annotate(last=Max("last_id")).order_by()
        )
        made = [
            page
            for model, highest in upto.items()
            for page in _pages(model, sealed.get(model._meta.db_table, 0), highest)
        ]
        if not made:
            return last
        number = last.number + 1 if last else 1
        before = last.hash if last else ""
        count = sum(len(pages.read_leaves(page.leaves)) for page in made)
        new = Seal.objects.create(
            number=number,
            reason=reason,
            before=before,
            rows=count,
            at=at,
            hash=pages.seal_hash(
                before=before,
                number=number,
                reason=reason,
                at=at,
                rows=count,
                pages=[page.hash for page in made],
            ),
        )
        for seq, page in enumerate(made, start=1):
            page.seal, page.seq = new, seq
        SealPage.objects.bulk_create(made, batch_size=100)
    return new


def _is_stream(model):
    """Seals and their pages protect themselves by their chain."""
    return model not in (Seal, SealPage)


def _settled(model):
    """The highest id below which no row can appear any more.

    On PostgreSQL a row with a lower id may be committed after one with a higher id: the lock
    waits for whoever is writing this table, one table at a time so that no two wait for each
    other. On SQLite there is one writer.
    """
    if connection.vendor != "postgresql":
        return rows.highest(connection, model)
    with transaction.atomic(), connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        return rows.highest(connection, model)


def _one_at_a_time():
    """On SQLite the transaction itself is the lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE audits_seal IN SHARE ROW EXCLUSIVE MODE")


def _pages(model, after, upto):
    if upto <= after:
        return
    names = rows.columns(model)
    table, columns = model._meta.db_table, ",".join(names)
    for page in pages.in_pages(rows.stream(connection, model, after=after, upto=upto)):
        leaves = pages.write_leaves(page)
        yield SealPage(
            table=table,
            columns=columns,
            first_id=page[0][0],
            last_id=page[-1][0],
            leaves=leaves,
            hash=pages.page_hash(table, columns, leaves),
        )


def ask_verification(*, by, at, lifts=None, reason=""):
    """Write down that somebody wants the whole proof recomputed; it is then run.

    The auditor may ask for one that `lifts` a freeze if nothing differs any more.
    """
    actor = by.actor(day_of(at))
    check_any(actor, *VERIFIERS)
    if lifts and (why := funds.why_not_lift_freeze(lifts, actor)):
        raise NotAllowed(why)
    return Verification.objects.create(
        asked_at=at,
        asked_by=by,
        rows=verify.sealed_rows(),
        seal=Seal.objects.newest(),
        lifts=lifts,
        reason=reason,
    )


def run_verification(*, verification):
    """Recompute everything and keep what was found, in each language; safe to run twice.

    A difference in the books begins a freeze; a verification that was to lift one and finds the
    books in order lifts it.
    """
    began = time.perf_counter()
    found = list(verify.problems(progress=partial(_note_progress, verification)))
    freeze_on(found, at=verification.asked_at, by=verification.asked_by)
    _lift(verification, found)
    verification.found = _kept(found)
    verification.problems_count = len(found)
    verification.done = verification.rows
    verification.status = Verification.Status.DONE
    verification.milliseconds = int((time.perf_counter() - began) * 1000)
    verification.save()
    return verification


def freeze_on(found, *, at, by=None):
    """Begin the read-only protection of every company in whose books something differs.

    Nothing of the kind where MONEY_FREEZE is off. Returns the freezes that run for it.
    """
    if not settings.MONEY_FREEZE:
        return []
    return [
        funds.begin_freeze(company_id=company, found=_kept(some), count=len(some), at=at, by=by)
        for company, some in _by_company(found).items()
    ]


def _by_company(found):
    """{company id: differences in its books}; None where it cannot be said whose they are."""
    books = [problem for problem in found if problem.money]
    company = places.companies(problem.place for problem in books)
    grouped: dict = {}
    for problem in books:
        grouped.setdefault(company.get(problem.place), []).append(problem)
    return grouped


def _lift(verification, found):
    freeze = verification.lifts
    if freeze is None or freeze.lifted_at:
        return
    if not {None, freeze.company_id} & set(_by_company(found)):
        verification.lifts = funds.lift_freeze(
            freeze=freeze, reason=verification.reason, by=verification.asked_by,
            at=verification.asked_at,
        )  # fmt: skip


def _kept(found):
    """The first differences as they are kept: [place, {language: sentence}]."""
    return [
        [
            problem.place,
            {code: _in_language(code, problem.words) for code, _n in settings.LANGUAGES},
        ]
        for problem in found[:MOST_KEPT]
    ]


def _note_progress(verification, done):
    """So that the page can say how far it is."""
    Verification.objects.filter(pk=verification.pk).update(done=done)


def _in_language(code, words):
    with translation.override(code):
        return str(words)
