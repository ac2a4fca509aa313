"""Who comes first when the money does not reach everybody: the order, the proposal, the silence
that is refused."""

import re

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation

from cases import actions as cases
from cases import watch
from cases.actions.case import asks
from cases.life import WatchKind
from cases.models import Assessment, Case, Member
from cases.workflow import Programme, Status
from funds import actions, order
from funds.models import Account, Batch, BatchLine, Unreached
from people.models import Person, Relation
from people.roles import NotAllowed
from tests.factories import UnitFactory
from tests.funds.test_batch_actions import emergency, failing, found, refused
from tests.world import World

pytestmark = pytest.mark.django_db

AMOUNT = 5500_00  # what the policy grants the household of the tests


@pytest.fixture
def world():
    return World()


@pytest.fixture
def go(client, world):
    """Open or send an address as somebody, at the world's next moment."""

    def go(user, name, *args, data=None):
        with time_machine.travel(world.tick(), tick=False):
            if user is not None:
                client.force_login(user)
            url = reverse(f"funds:{name}", args=args)
            english = {"headers": {"Accept-Language": "en"}}
            return client.get(url, **english) if data is None else client.post(url, data, **english)

    return go


def kin(case, relation):
    """Let somebody else of the household be the patient, past the checks of the actions."""
    if relation == Relation.SELF:
        return case
    spouse = case.dossier.members.get(name="配偶")
    Member.objects.filter(pk=spouse.pk).update(relation=relation)
    Case.objects.filter(pk=case.pk).update(patient=spouse)
    return Case.objects.get(pk=case.pk)


def judged(case, **columns):
    """Another judgement of the case: a sealed row like the first with other figures."""
    row = Assessment.objects.get(pk=case.assessment_id)
    row.pk = None
    for name, value in columns.items():
        setattr(row, name, value)
    row._state.adding = True
    row.save()
    Case.objects.filter(pk=case.pk).update(assessment=row)
    return case


def short(world, *, reaches):
    """Leave in the budget what reaches so many of the households of the tests, and a little."""
    budget = world.budget(Programme.EMERGENCY)
    world.take_back(budget, budget.available_fen - reaches * AMOUNT - 100_00)


def grants():
    return Case.objects.filter(programme=Programme.EMERGENCY)


def rules(world):
    return cases.policy_in_force(world.company.pk, world.today).rules


def fresh(batch):
    return Batch.objects.select_related("budget__fund").get(pk=batch.pk)


# The order


def test_ordered_puts_the_employee_before_spouse_and_child_before_parents(world):
    parent, child, own = (
        kin(emergency(world), relation)
        for relation in (Relation.PARENT, Relation.DAUGHTER, Relation.SELF)
    )

    assert list(order.ordered(grants(), rules(world))) == [own, child, parent]


@pytest.mark.parametrize(
    "columns", [{"score": 99}, {"net_income_fen": -1_000_000_00}], ids=["score", "income"]
)
def test_ordered_puts_the_greater_need_first(world, columns):
    early, late = emergency(world), emergency(world)
    judged(late, **columns)

    assert list(order.ordered(grants(), rules(world))) == [late, early]


def test_ordered_puts_who_waits_longest_first_where_all_else_is_alike(world):
    early, late = emergency(world), emergency(world)

    assert list(order.ordered(grants(), rules(world))) == [early, late]


def test_ordered_follows_the_clause_of_the_policy(world):
    child = judged(kin(emergency(world), Relation.SON), score=99)
    own = emergency(world)
    places = {"SCORE": 1, "SELF": 2, "INCOME": 3, "WAITING": 4}

    found = order.ordered(grants(), rules(world) | {order.CLAUSE: places})

    assert [case.pk for case in found] == [child.pk, own.pk]


def test_placed_counts_what_all_up_to_a_case_need(world):
    for _n in range(3):
        emergency(world)

    placed = order.placed(grants(), rules(world))

    assert list(placed.values_list("place", "reach_fen")) == [
        (1, AMOUNT), (2, 2 * AMOUNT), (3, 3 * AMOUNT),
    ]  # fmt: skip


def test_why_names_what_decided_in_the_order_of_the_policy(world):
    case = emergency(world)
    shown = order.to_show(Case.objects.filter(pk=case.pk)).get()
    income = shown.assessment.net_income_fen // 100

    with translation.override("en"):
        words = order.why(shown, shown.relation, rules(world))

    assert re.sub(r"[\d,.]+ yuan", f"{income} yuan", words) == (
        f"the employee is ill; need score {shown.assessment.score}; {income} yuan a head and"
        f" month; applied {world.today}"
    )


# The proposal


def test_propose_says_what_everybody_costs_and_how_far_the_money_reaches(world):
    for _n in range(3):
        emergency(world)
    short(world, reaches=2)
    batch = world.batch([], Programme.EMERGENCY)

    found = actions.propose(fresh(batch), rules(world))

    assert (found.count, found.fen, found.free_fen) == (3, 3 * AMOUNT, 2 * AMOUNT + 100_00)
    assert (found.reached, found.reached_fen) == (2, 2 * AMOUNT)
    assert (found.short, found.left, found.left_fen) == (True, 1, AMOUNT)
    assert found.short_fen == AMOUNT - 100_00


def test_propose_is_not_short_when_the_money_reaches_all(world):
    emergency(world)
    batch = world.batch([], Programme.EMERGENCY)

    found = actions.propose(fresh(batch), rules(world))

    assert (found.short, found.reached, found.left, found.short_fen) == (False, 1, 0, 0)


def test_add_proposed_puts_the_first_on_the_list_and_stops_at_who_is_not_reached(world):
    """A smaller amount further down is not taken before the one the money does not reach."""
    first, second = emergency(world), emergency(world)
    small = emergency(world, spent_fen=9_000_00, reimbursed_fen=8_000_00)
    assert small.proposed_fen < AMOUNT
    judged(small, score=1)
    short(world, reaches=1)
    Account.objects.filter(kind="BUDGET", programme="EMERGENCY").update(
        balance_fen=F("balance_fen") + small.proposed_fen
    )
    batch = world.batch([], Programme.EMERGENCY)

    count = actions.add_proposed(batch=batch, by=world.company_officer, at=world.tick())

    assert (count, list(batch.lines.values_list("case", flat=True))) == (1, [first.pk])
    assert second.pk in actions.candidates(batch).values_list("pk", flat=True)


def test_add_proposed_is_for_the_company_officer(world):
    batch = world.batch([], Programme.EMERGENCY)

    sentence = refused(actions.add_proposed, batch=batch, by=world.company_chair, at=world.tick())

    assert sentence == "Only the company union officer draws up a list."


def test_add_proposed_has_nothing_to_do_for_recognition(world):
    batch = world.batch([], Programme.RECOGNITION)

    assert actions.add_proposed(batch=batch, by=world.company_officer, at=world.tick()) == 0


def test_in_order_keeps_the_places_among_all_when_it_is_narrowed(world):
    emergency(world)
    second = emergency(world)
    batch = world.batch([], Programme.EMERGENCY)

    (row,) = actions.in_order(batch, rules(world), q=second.number)

    assert (row.pk, row.place, row.reach_fen) == (second.pk, 2, 2 * AMOUNT)


# Nobody is passed over in silence


def passing_over(world):
    """A list with the second of two on it, where the money reaches one."""
    first, second = emergency(world), emergency(world)
    short(world, reaches=1)
    return fresh(world.batch([second])), first, second


def test_lock_is_refused_while_somebody_is_passed_over_without_a_reason(world):
    batch, first, _second = passing_over(world)

    assert list(actions.passed_over(batch, rules(world))) == [first]
    assert refused(world.lock, batch) == (
        "This check failed: 1 who come before others on the list are not on it: put them on it, or"
        " write down why not."
    )


def test_lock_passes_with_the_reason_written_down(world):
    batch, first, _second = passing_over(world)
    actions.explain_order(
        batch=batch, reason="先安排住院中的一户。", by=world.company_officer, at=world.tick()
    )

    world.lock(batch)

    assert Batch.objects.get(pk=batch.pk).order_reason == "先安排住院中的一户。"
    assert list(Unreached.objects.values_list("case", "place", "amount_fen")) == [
        (first.pk, 1, AMOUNT)
    ]


def test_nobody_is_passed_over_where_the_money_reaches_all(world):
    emergency(world)
    batch = world.batch([emergency(world)])

    assert failing(batch, world) == []


@pytest.mark.parametrize("who", ["company_chair", "officer", "secretary", "auditor"])
def test_explain_order_is_for_the_company_officer(world, who):
    batch, *_cases = passing_over(world)

    sentence = refused(
        actions.explain_order, batch=batch, reason="原因。", by=getattr(world, who), at=world.tick()
    )

    assert sentence == "Only the company union officer draws up a list."


def test_explain_order_is_not_asked_of_recognition(world):
    batch = world.batch([], Programme.RECOGNITION)
    actor = world.company_officer.actor(world.today)

    with translation.override("en"):
        assert actions.why_not_explain_order(batch, actor) == (
            "Recognition takes no money: nobody comes first."
        )


# Locking


def test_lock_numbers_the_lines_in_the_order_of_the_policy(world):
    late, early = kin(emergency(world), Relation.PARENT), emergency(world)
    batch = world.batch([late])
    actions.add_lines(batch=batch, cases=[early], by=world.company_officer, at=world.tick())
    assert list(batch.lines.order_by("seq").values_list("case", flat=True)) == [late.pk, early.pk]

    world.lock(batch)

    assert list(batch.lines.order_by("seq").values_list("case", "seq")) == [
        (early.pk, 1), (late.pk, 2),
    ]  # fmt: skip


def test_lock_notes_nobody_where_the_money_reaches_all(world):
    emergency(world)
    world.lock(world.batch([emergency(world)]))

    assert not Unreached.objects.exists()


def test_lock_again_notes_anew_and_the_page_shows_the_last(world):
    for _n in range(2):
        emergency(world)
    short(world, reaches=1)
    batch = world.batch([], Programme.EMERGENCY)
    actions.add_proposed(batch=batch, by=world.company_officer, at=world.tick())
    world.lock(fresh(batch))
    actions.recall(batch=fresh(batch), by=world.company_chair, at=world.tick())
    emergency(world)

    world.lock(fresh(batch))

    assert Unreached.objects.count() == 3
    assert Unreached.objects.sums_of(fresh(batch)) == {"count": 2, "fen": 2 * AMOUNT}


def test_strike_keeps_the_numbers_of_the_others_and_leaves_the_struck_line_out(world):
    first, second, third = (emergency(world) for _n in range(3))
    short(world, reaches=2)
    batch = world.batch([first, second])
    world.lock(batch)
    world.meeting(batch)

    actions.strike(
        line=batch.lines.get(case=first), by=world.company_chair, at=world.tick(), reason="待核。"
    )

    batch = fresh(batch)
    assert list(batch.lines.values_list("case", "seq")) == [(second.pk, 2)]
    assert not Unreached.objects.of_list(batch).filter(case=first).exists()
    assert Unreached.objects.of_list(batch).count() == 0  # what was struck reaches the third
    assert third.pk in actions.candidates(batch).values_list("pk", flat=True)


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"place": 0}, "unreached_has_place"),
        ({"amount_fen": 0}, "unreached_has_place"),
    ],
)
def test_unreached_is_refused(world, columns, named):
    batch, first, _second = passing_over(world)
    given = {"place": 1, "amount_fen": 1, "locked_at": world.now} | columns

    with pytest.raises(IntegrityError, match=named), transaction.atomic():
        Unreached.objects.create(batch=batch, case=first, **given)


def test_unreached_stands_once_for_a_lock(world):
    batch, first, _second = passing_over(world)
    given = {"batch": batch, "case": first, "place": 1, "amount_fen": 1, "locked_at": world.now}
    Unreached.objects.create(**given)

    with (
        pytest.raises(
            DatabaseError,
            match="unreached_once_a_lock|append-only: funds_unreached|UNIQUE constraint failed",
        ),
        transaction.atomic(),
    ):
        Unreached.objects.create(**given)


def test_unreached_is_written_as_the_list_is_locked_and_of_nobody_on_a_list(world):
    batch, first, second = passing_over(world)
    given = {"place": 1, "amount_fen": 1, "locked_at": world.now}
    with (
        pytest.raises(IntegrityError, match="whoever is on a list is not left without"),
        transaction.atomic(),
    ):
        Unreached.objects.create(batch=batch, case=second, **given)
    Batch.objects.filter(pk=batch.pk).update(status=Batch.Status.VOID)

    with (
        pytest.raises(
            IntegrityError,
            match="whom the money did not reach is written down as the list is locked",
        ),
        transaction.atomic(),
    ):
        Unreached.objects.create(batch=batch, case=first, **given)


# Two patients in one household


def both_ill(world):
    """The employee's emergency grant and the spouse's medical aid, both of one household."""
    own = emergency(world, spent_fen=200_000_00, reimbursed_fen=80_000_00)
    other = world.medical(
        own.dossier, patient=own.dossier.members.get(name="配偶"), total_fen=200_000_00,
        insurance_fen=0, social_aid_fen=0,
    )  # fmt: skip
    return own, other


def test_the_application_of_a_relative_leaves_what_the_own_one_asks_for(world):
    own, other = both_ill(world)

    (ask,) = asks([other], at=world.tick())

    assert own.status == Status.VERIFIED
    assert ask["own_first_fen"] == own.proposed_fen > 0
    (own_ask,) = asks([own], at=world.tick())
    assert own_ask["own_first_fen"] == 0


def test_proposed_for_own_leaves_out_what_it_is_told_to(world):
    own, other = both_ill(world)

    assert cases.proposed_for_own([other]) == {other.pk: own.proposed_fen}
    assert cases.proposed_for_own([other], but=[own.pk]) == {}


def test_a_list_leaves_the_year_of_a_household_to_the_own_application(world):
    own, other = both_ill(world)
    year = rules(world)["emergency.year_cap"]
    left = year - own.proposed_fen
    Case.objects.filter(pk=other.pk).update(
        status=Status.VERIFIED, proposed_fen=left + 1, reference_fen=left + 1,
        assessment=own.assessment, revision=own.revision, visit=own.visit,
    )  # fmt: skip
    batch = world.batch([world.fresh(other)])

    assert "caps" in failing(batch, world)

    BatchLine.objects.filter(batch=batch).update(amount_fen=left)
    Case.objects.filter(pk=other.pk).update(proposed_fen=left, reference_fen=left)
    assert "caps" not in failing(fresh(batch), world)


# Open leads


def shares_account(world):
    case = emergency(world)
    other = world.on_file()
    Person.objects.filter(pk=other.head_id).update(account_index=case.applicant.account_index)
    return case, other


def test_a_shared_account_makes_an_individual_item_until_it_is_answered(world):
    case, other = shares_account(world)
    batch = world.batch([case])
    assert found(batch, world) == ["OPEN_LEAD"]

    cases.answer_watch(
        dossiers=[case.dossier, other], kind=WatchKind.ACCOUNT, words="夫妻共用。",
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip

    assert found(batch, world) == []


def test_a_person_in_two_households_is_an_open_lead(world):
    case, other = emergency(world), world.on_file()
    twin = case.dossier.members.get(name="配偶")
    Member.objects.filter(dossier=other, name="配偶").update(id_index=twin.id_index, active=False)

    assert watch.unanswered(world.company.pk, [case.dossier_id]) == {case.dossier_id}
    assert watch.unanswered(world.company.pk, [world.on_file().pk]) == set()
    assert watch.unanswered(UnitFactory(company=True).pk, [case.dossier_id]) == set()


@pytest.mark.parametrize("count", [1, 3])
def test_open_leads_are_asked_in_a_fixed_number_of_queries(world, django_assert_num_queries, count):
    pairs = [shares_account(world) for _n in range(count)]
    dossiers = [case.dossier_id for case, _other in pairs]

    with django_assert_num_queries(4):  # ID numbers; accounts, their households, the answers
        assert watch.unanswered(world.company.pk, dossiers) == set(dossiers)


# Pages


def test_the_builder_says_what_it_costs_and_puts_the_first_on_the_list(world, go):
    first, second = emergency(world), emergency(world)
    short(world, reaches=1)
    batch = world.batch([], Programme.EMERGENCY)

    page = go(world.company_officer, "add_lines", batch.pk)
    sent = go(world.company_officer, "add_lines", batch.pk, data={"proposed": "1"})

    assert "2 households wait for 11,000.00 yuan together" in page.text
    assert "money does not reach" in page.text
    assert sent.status_code == 302
    assert list(batch.lines.values_list("case", flat=True)) == [first.pk]
    assert list(actions.candidates(batch)) == [second]


def test_explain_order_shows_who_is_passed_over_and_keeps_what_was_typed(world, go):
    batch, first, second = passing_over(world)

    page = go(world.company_officer, "explain_order", batch.pk)
    empty = go(world.company_officer, "explain_order", batch.pk, data={"reason": " "})
    sent = go(world.company_officer, "explain_order", batch.pk, data={"reason": "病情危急。"})

    assert first.number in page.text and second.number not in page.text
    assert (empty.status_code, sent.status_code) == (422, 302)
    assert fresh(batch).order_reason == "病情危急。"
    assert go(world.company_chair, "explain_order", batch.pk).status_code == 403


def locked_short(world, count=1):
    listed = emergency(world)
    left = [emergency(world) for _n in range(count)]
    short(world, reaches=1)
    batch = world.batch([listed])
    world.lock(batch)
    return fresh(batch), listed, left


def test_unreached_lists_them_in_order_with_the_reason(world, go):
    batch, listed, (left,) = locked_short(world)

    page = go(world.company_officer, "unreached", batch.pk)
    masked = go(world.auditor, "unreached", batch.pk)

    assert left.number in page.text and listed.number not in page.text
    assert left.applicant.name in page.text and left.applicant.name not in masked.text
    assert f"need score {left.assessment.score}" in page.text


@pytest.mark.parametrize("count", [1, 3])
def test_unreached_query_count_does_not_grow(world, go, django_assert_num_queries, count):
    batch, _listed, left = locked_short(world, count)
    go(world.company_officer, "unreached", batch.pk)

    with django_assert_num_queries(9):  # session, user, roles, kin; list, 2 rules, sums, rows
        page = go(None, "unreached", batch.pk)

    assert all(case.number in page.text for case in left)


def test_the_list_the_leaders_and_the_minutes_say_whom_the_money_does_not_reach(world, go):
    batch, _listed, (left,) = locked_short(world)
    meeting = world.meeting(batch)

    detail = go(world.secretary, "batch_detail", batch.pk)
    decide = go(world.leaders[1], "decide", batch.pk)
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    minutes = go(world.secretary, "minutes", meeting.pk)

    assert "1 other household was ready and needs 5,500.00 yuan." in detail.text
    assert "The money does not reach 1 others, who need 5,500.00 yuan." in decide.text
    assert "另有 1 户已复核待上会，需 5,500.00 元" in minutes.text
    assert left.status == Status.VERIFIED
    with pytest.raises(NotAllowed):
        actions.explain_order(
            batch=batch, reason="迟了。", by=world.company_officer, at=world.tick()
        )
