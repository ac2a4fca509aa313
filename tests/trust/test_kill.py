"""Killed in the middle of paying: nothing is half done, a retry completes, nothing is paid twice.

A process posts a payment of 200 lines and gets SIGKILL at a random moment, again and again. What
the database holds afterwards is the state before or the state after, to the last row. So it is
when the disk is full.
"""

import os
import time
from collections import Counter
from random import Random

import pytest
from django.db import OperationalError, connection
from django.db.models import Count, Sum

from audits import verify
from cases.models import Case, CaseDuty, Step
from cases.models import Counter as Numbers
from funds import actions
from funds.models import Account, HoldEnd, Payment, PaymentRun, Transfer
from hardship.bench import Company, Relief
from tests.factories import NOON
from tests.trust import hand
from tests.trust.conftest import run_apart
from tests.trust.copies import Copy
from tests.trust.worker import DONE, attempt, fork, until_alone

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

# PostgreSQL takes longer over each; TRUST_KILLS asks for another number, such as 500 at night.
KILLS = {"sqlite": 200, "postgresql": 100}
LINES = 200
SOUND_EVERY = 10


class Prepared(Relief):
    """A round of the regular subsidy up to the prepared payment, which nobody has posted."""

    def _timed(self, name, act, *args, **kwargs):
        if name == "post":
            self.given = kwargs
            return None
        return super()._timed(name, act, *args, **kwargs)


def prepared(lines):
    company = Company(NOON)
    relief = Prepared(company, fen=10_000_000_00)
    company.fill(lines)
    relief.measure(2026, "SPRING")
    return relief.given


def books():
    """Everything that posting a payment writes, counted."""
    return [
        list(PaymentRun.objects.values_list("status", "posted_by")),
        counts(Payment, "status"), counts(Case, "status"), counts(Step, "action"),
        counts(CaseDuty, "duty"), counts(HoldEnd, "reason"),
        [*counts(Transfer, "kind"), Transfer.objects.aggregate(fen=Sum("amount_fen"))["fen"]],
        list(Account.objects.order_by("pk").values_list("pk", "balance_fen", "held_fen")),
        list(Numbers.objects.order_by("pk").values_list()),
    ]  # fmt: skip


def counts(model, column):
    return sorted(model.objects.values_list(column).annotate(count=Count("pk")).order_by())


def sound():
    """Whether the file of the database is whole; a server looks after its own."""
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        return cursor.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def killed_while_posting(kills, lines, seed):
    """What `kills` processes left behind, each killed at a random moment of posting."""
    given, random, seen = prepared(lines), Random(seed), Counter()
    kept, before = Copy(), books()
    seconds = _unharmed(given)
    after = books()
    kept.put_back()
    began = time.monotonic()
    while seen["killed"] < kills:
        acknowledged, killed = _killed(given, seconds * random.uniform(0, 1))
        state = books()
        seen["killed"] += killed
        seen["unsound"] += (state == after or not seen["killed"] % SOUND_EVERY) and not sound()
        seen["half done"] += state not in (before, after)
        seen["said done and was not"] += acknowledged and state != after
        seen["done and nobody told"] += state == after and not acknowledged
        if state == after:
            seen["done"] += 1
            seen["paid twice"] += attempt(actions.post, **given) != DONE or books() != after
            kept.put_back()
    seconds = time.monotonic() - began
    _unharmed(given)
    seen["not completed"] += books() != after
    seen["differences"] += len(list(verify.problems()))
    kept.throw_away()
    return seen | {"seconds": round(seconds, 1), "lines": given["run"].payments_count}


def _unharmed(given):
    """Post in a process that nobody kills; how long it took."""
    said, _killed = fork(lambda say: _post(say, given)).wait()
    return said[-1]


def _killed(given, seconds):
    """Whether a process killed so long after it began had said that it was done, and whether it
    was still there to be killed."""
    child = fork(lambda say: _post(say, given))
    child.hear()
    time.sleep(seconds)
    child.kill()
    said, killed = child.wait()
    until_alone()
    return bool(said), killed


def _post(say, given):
    say("begun")
    began = time.monotonic()
    actions.post(**given)
    say(time.monotonic() - began)


@pytest.mark.timeout(3600)
def test_a_payment_killed_at_any_moment_is_posted_whole_or_not_at_all(apart):
    seed = hand.seed()
    kills = int(os.environ.get("TRUST_KILLS", KILLS[connection.vendor]))

    found = apart(killed_while_posting, kills=kills, lines=LINES, seed=seed)

    print(f"seed {seed}: {found}")
    wrong = (
        "half done", "paid twice", "said done and was not", "not completed", "unsound",
        "differences",
    )  # fmt: skip
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0), f"seed {seed}: {found}"
    assert (found["killed"], found["lines"]) == (kills, LINES)
    assert found["done"] < kills


def full_while_posting(lines):
    """Post with ever more room on the disk, from none at all to enough."""
    given, before, full = prepared(lines), books(), 0
    for pages in range(1000):
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                used = cursor.execute("PRAGMA page_count").fetchone()[0]
                cursor.execute(f"PRAGMA max_page_count = {used + pages}")
            actions.post(**given)
            break
        except OperationalError as error:
            full += str(error) == "database or disk is full" and books() == before and sound()
    return {
        "tries": pages, "full": full, "posted": books() != before, "sound": sound(),
        "differences": len(list(verify.problems())),
    }  # fmt: skip


def test_a_payment_on_a_full_disk_is_posted_once_there_is_room(tmp_path):
    """A file of SQLite that may not grow says what it says on a full disk; so always on SQLite."""
    place = {"DATABASE_URL": "", "SQLITE": str(tmp_path / "full.sqlite3")}

    found = run_apart(place, full_while_posting, lines=LINES)

    assert found["tries"] == found["full"] >= 3
    assert (found["posted"], found["sound"], found["differences"]) == (True, True, 0)
