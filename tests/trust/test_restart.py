"""The database server is knocked down under load, three times: what was said to be done is there,
once, and the books add up without an operator doing anything.
"""

import os
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.db.models import Sum

from audits import verify
from cases.models import Case
from cases.workflow import Status
from funds import actions
from funds.models import Account, Payment, PaymentRun, Transfer
from tests.factories import NOON
from tests.trust.cluster import Cluster, why_not
from tests.trust.conftest import run_apart
from tests.trust.test_kill import prepared
from tests.trust.worker import fork

CLIENTS, LINES, FEN = 4, 48, 100_00
BETWEEN = 0.7  # seconds of load before each blow


@pytest.fixture
def cluster():
    reason = why_not()
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    found = Cluster.make()
    yield found
    found.remove()


def under_load(home):
    """Clients post one payment, record its returns and book receipts, each until it is told that
    it is done, while the server is knocked down."""
    cluster, stop = Cluster(home), Path(home, "stop")
    given = prepared(LINES)
    payments = list(
        given["run"].payments.select_related("run__batch__budget__fund", "case", "line")
    )
    fund = given["run"].batch.budget.fund
    clients = [fork(_client(n, given, payments[n::CLIENTS], fund, stop)) for n in range(CLIENTS)]
    down = []
    for blow in (cluster.stop_at_once, cluster.kill, cluster.kill_backend):
        time.sleep(BETWEEN)
        began = time.monotonic()
        blow()
        if blow != cluster.kill_backend:
            cluster.start()
        _answers()
        down.append(round(time.monotonic() - began, 1))
    time.sleep(BETWEEN)
    stop.touch()
    said = [words for client in clients for words in client.wait()[0]]
    connection.close()
    return _books(said) | {"down": down}


def _client(n, given, payments, fund, stop):
    def receive(number):
        actions.receive(
            fund=fund, amount_fen=FEN, by=given["by"], at=NOON, key=f"load {n} {number}"
        )

    def act(say):
        _until_done(say, "posted", actions.post, **given)
        number = 0
        while payments or not stop.exists():
            number += 1
            _until_done(say, f"load {n} {number}", receive, number=number)
            if payments:
                payment = payments.pop()
                _until_done(say, f"bounce {payment.pk}", actions.bounce, payment=payment,
                            by=given["by"], at=given["at"], reason="户名不符")  # fmt: skip

    return act


def _until_done(say, key, act, **given):
    """As a person at the page would: again and again until it answers."""
    while True:
        try:
            act(**given)
            return say(key)
        except (OperationalError, InterfaceError):
            say("broken")
            connection.close()
            time.sleep(0.05)


def _answers():
    """Wait until the server takes orders again; nobody does anything."""
    connection.close()
    _until_done(lambda words: None, "", Account.objects.count)


def _books(said):
    """What clients were told against what is there."""
    told = Counter(said)
    broken, posted = told.pop("broken", 0), told.pop("posted")
    keys = Transfer.objects.filter(kind__in=["RECEIVE", "BOUNCE"]).exclude(key="bench")
    there = Counter(keys.values_list("key", flat=True))
    spent = Account.objects.get(kind="SPENT").balance_fen
    received = sum(1 for key in there if key.startswith("load"))
    run = PaymentRun.objects.get()
    pool = Account.objects.get(kind="POOL").balance_fen
    return {
        "broken": broken, "posted": posted, "acts": len(there), "lost": len(told - there),
        "unasked": len(there - told), "spent": spent, "pool": pool - received * FEN,
        "held": Account.objects.get(kind="BUDGET").held_fen - run.total_fen,
        "returned": Payment.objects.filter(status="RETURNED").count(),
        "cleared": Case.objects.filter(status=Status.CLEARED).count(),
        "paid": Transfer.objects.filter(kind="PAY").aggregate(fen=Sum("amount_fen"))["fen"]
        - run.total_fen,
        "differences": [str(problem.words) for problem in verify.problems()],
    }  # fmt: skip


@pytest.mark.postgres
def test_a_server_knocked_down_under_load_loses_nothing_it_said_was_done(cluster, tmp_path):
    place = {"DATABASE_URL": cluster.url, "MEDIA_ROOT": str(tmp_path)}

    found = run_apart(place, under_load, home=str(cluster.home))

    print(found)
    nothing = ("lost", "unasked", "spent", "pool", "held", "paid")
    assert {name: found[name] for name in nothing} == dict.fromkeys(nothing, 0), found
    assert (found["returned"], found["cleared"], found["posted"]) == (LINES, LINES, CLIENTS)
    assert (found["differences"], found["broken"] >= 3) == ([], True)
