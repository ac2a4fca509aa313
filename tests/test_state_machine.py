"""The whole relief under random hands: whatever anybody tries, in whatever order, the money and
the way to it stay right.

Hypothesis lets officers, leaders, cashier, accountant, objectors, the bank and the calendar act as
they like: the right person with the next step, anybody at all with any act, and everything twice.
What must hold is asked of the database and of what the bank outside did (tests/trust/invariants.py
names what each check holds, IM1 to IM18 and what concerns payment of IP1 to IP15; the bank in
tests/trust/model_bank.py loses, repeats, reorders and cuts its answers): where the money is after
every act, the rest after every step. Every run ends with the verification of the auditor.

The seed is another each time (in CI the same), told with what failed, and so is a blob:
`TRUST_SEED=…` or
`@reproduce_failure(...)` plays it again. TRUST_EXAMPLES asks for more than the usual few.
"""

import os
import sys
from contextlib import ExitStack
from random import Random

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, note, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, get_state_machine_test, rule

from audits import verify
from cases.models import Dossier
from cases.workflow import Status
from funds import actions as funds
from people.models import Standing
from people.roles import Role
from tests.factories import appoint
from tests.funds import bank
from tests.trust import hand
from tests.trust.anybody import Anybody
from tests.trust.invariants import HOLDS, Invariants
from tests.trust.means import BY_CASE, MAY
from tests.trust.model_bank import ModelBank
from tests.trust.on_books import OnBooks
from tests.trust.on_cases import OnCases
from tests.trust.on_payments import OnPayments
from tests.world import DAY, World

pytestmark = pytest.mark.django_db

# PostgreSQL takes longer over each.
EXAMPLES = {"sqlite": 8, "postgresql": 6}
DAYS, ACTS_A_DAY = 24, 5


def furnish():
    """A company with a fund, a second one that serves nobody here, and households some way along:
    one paid, one cleared, one on public notice, one that has applied."""
    world = World()
    world.started_on = world.today.replace(day=1)
    assert world.fund
    far = (Status.PAID, Status.CLEARED, Status.SUBMITTED, Status.PUBLISHED)
    world.households = [world.case_in(status).dossier_id for status in far]
    world.second_accountant = appoint(Role.ACCOUNTANT, world.company)
    world.other_fund = funds.create_fund(
        company=world.company, code="B", name="在职职工款", programmes=[BY_CASE],
        standings=[Standing.IN_SERVICE], ceiling_fen=1000_00, by=world.accountant, at=world.tick(),
    )  # fmt: skip
    funds.receive(
        fund=world.other_fund, amount_fen=50_000_00, by=world.cashier, at=world.tick(), key="B"
    )
    world.appropriate((BY_CASE, 40_000_00), fund=world.other_fund)
    world.account = bank.register(world.company, world.accountant, [world.fund], world.tick())
    world.everybody = [
        world.officer, world.chair, world.informant, world.company_officer, world.company_chair,
        world.secretary, *world.leaders, world.cashier, world.accountant, world.discipline,
        world.auditor, world.admin, world.second_accountant,
        *(Dossier.objects.get(pk=pk).head.user for pk in world.households),
    ]  # fmt: skip
    return world


class Relief(Invariants, OnCases, OnPayments, OnBooks, Anybody, RuleBasedStateMachine):
    """What may happen; what must hold after it is in Invariants."""

    def __init__(self, world):
        super().__init__()
        self.world = world
        self.began = world.now
        self.savepoint = transaction.savepoint()
        self.sealed, self.heard, self.days, self.wrote = {}, 0, 0, True
        self.bank = ModelBank(world.started_on, world.started_on - DAY)
        self.open = ExitStack()
        self.open.enter_context(connection.execute_wrapper(self.watch))
        self.hear()

    def teardown(self):
        try:
            if sys.exc_info()[0] is None:  # else that is what is told
                assert [str(problem.words) for problem in verify.problems()] == []
        finally:
            self.open.close()
            transaction.set_rollback(False)  # what failed may have left it on
            transaction.savepoint_rollback(self.savepoint)
            self.world.now = self.began

    @rule(dice=st.integers(0, 2**32 - 1))
    def a_day(self, dice):
        """Some acts one after the other, each by chance; what they were is told when one fails.

        The chance is in the dice: Hypothesis itself prefers the first of several, and few of them.
        """
        self.days += 1
        random = Random(f"{dice} {self.days}")
        names, weights = list(MAY), [often for often, _given in MAY.values()]
        for name in random.choices(names, weights, k=ACTS_A_DAY):
            given = {key: random.choice(some) for key, some in MAY[name][1].items()}
            told = ", ".join(f"{key}={value!r}" for key, value in given.items())
            note(f"state.{name}({told})")
            self.wrote = False
            getattr(self, name)(**given)
            if self.wrote:  # else nothing can have changed
                self.everything_holds(at_once=True)
        self.everything_holds()


@pytest.mark.timeout(1800)
def test_relief_stays_right_whatever_anybody_tries():
    world = furnish()
    number = hand.seed()

    play = get_state_machine_test(
        lambda: Relief(world),
        settings=settings(
            max_examples=int(os.environ.get("TRUST_EXAMPLES", EXAMPLES[connection.vendor])),
            stateful_step_count=DAYS,
            derandomize=False,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    seed(number)(play)()


def test_every_invariant_of_the_money_has_a_check():
    asked = {number for numbers, _name, _soon in HOLDS for number in numbers}

    money = {f"IM{n}" for n in range(1, 19)}
    assert asked >= money | {f"IP{n}" for n in (1, 2, 3, 4, 5, 8, 9, 10, 11)}
