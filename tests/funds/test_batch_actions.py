"""Drawing up a list: candidates, checks, exceptions, lock with digest, recall, publication."""

import threading

import pytest
from django.db import connection
from django.utils import translation

from cases import actions as cases
from cases.codes import Level
from cases.models import Case, Step
from cases.workflow import Programme, Status
from funds import actions
from funds.actions.batch import digest
from funds.models import Batch
from people.actions import register_relative
from people.models import Standing
from people.roles import NotAllowed, Role
from tests.factories import AppointmentFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def ready(world, **given):
    """A recognition case ready for the meeting; `given` is what the company proposes."""
    case = world.household()
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    world.verify(case, **given)
    return world.fresh(case)


def emergency(world, dossier=None, spent_fen=20_000_00, reimbursed_fen=8_000_00, **given):
    """An emergency case ready for the meeting; `given` is what the company proposes."""
    case = world.emergency(dossier, spent_fen, reimbursed_fen)
    world.submit(case)
    world.review(case)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    world.verify(case, **given)
    return world.fresh(case)


def failing(batch, world):
    return [code for code, _words, passed in actions.checks(batch, world.today) if not passed]


def found(batch, world):
    """The codes of the rules of the only line of a list."""
    lines = list(batch.lines.for_sheet())
    return actions.exceptions(batch, lines, world.today)[lines[0].pk]


def refused(act, *args, **given):
    """The sentence with which an act is refused, in English."""
    with translation.override("en"), pytest.raises(NotAllowed) as caught:
        act(*args, **given)
    return str(caught.value)


# Beginning and filling


def test_create_batch_numbers_the_lists_of_a_year(world):
    numbers = [
        actions.create_batch(
            company=world.company, title="名单", programme=Programme.RECOGNITION,
            by=world.company_officer, at=world.tick(),
        ).number
        for _n in range(2)
    ]  # fmt: skip

    assert numbers == ["2026-批-001", "2026-批-002"]


@pytest.mark.parametrize("who", ["company_chair", "officer", "secretary", "admin"])
def test_create_batch_is_for_the_company_officer(world, who):
    sentence = refused(
        actions.create_batch, company=world.company, title="名单", programme="RECOGNITION",
        by=getattr(world, who), at=world.tick(),
    )  # fmt: skip

    assert sentence == "Only the company union officer draws up a list."


def test_create_batch_refuses_the_budget_of_another_programme(world):
    sentence = refused(
        actions.create_batch, company=world.company, title="名单", programme="EMERGENCY",
        budget=world.budget(Programme.REGULAR), by=world.company_officer, at=world.tick(),
    )  # fmt: skip

    assert sentence == "This budget is for another programme."


def test_create_batch_refuses_the_budget_of_another_company(world):
    elsewhere = World(world.tick())

    sentence = refused(
        actions.create_batch, company=world.company, title="名单", programme="EMERGENCY",
        budget=elsewhere.budget(Programme.EMERGENCY), by=world.company_officer, at=world.tick(),
    )  # fmt: skip

    assert sentence == "This budget is for another programme."


def test_candidates_are_verified_and_on_no_list(world):
    listed, free = ready(world), ready(world)
    draft = world.household()
    world.batch([listed])
    batch = world.batch([], Programme.RECOGNITION)

    assert list(actions.candidates(batch)) == [free]
    assert draft.status == Status.DRAFT


def test_candidates_narrow_by_name_number_and_unit(world):
    case = ready(world)
    batch = world.batch([], Programme.RECOGNITION)

    assert list(actions.candidates(batch, q=case.number)) == [case]
    assert list(actions.candidates(batch, q=case.applicant.name)) == [case]
    assert list(actions.candidates(batch, unit=world.unit)) == [case]
    assert not actions.candidates(batch, unit=world.other_unit).exists()
    assert not actions.candidates(batch, q="没有这个人").exists()


def test_candidates_of_another_company_never_join(world):
    case = ready(world)
    elsewhere = World(world.tick())
    batch = elsewhere.batch([], Programme.RECOGNITION)

    added = actions.add_lines(
        batch=batch, cases=[case], by=elsewhere.company_officer, at=elsewhere.tick()
    )

    assert (added, batch.lines.count()) == (0, 0)


def test_add_lines_counts_people_and_money(world):
    case = emergency(world)
    batch = world.batch([case])

    assert (batch.lines_count, batch.total_fen) == (1, case.proposed_fen)
    assert batch.lines.get().amount_fen == case.proposed_fen


def test_add_lines_twice_adds_once(world):
    case = ready(world)
    batch = world.batch([case])

    assert actions.add_lines(
        batch=batch, cases=[case], by=world.company_officer, at=world.tick()
    ) == 0  # fmt: skip


def test_add_lines_is_for_the_company_officer(world):
    batch = world.batch([], Programme.RECOGNITION)

    sentence = refused(
        actions.add_lines, batch=batch, cases=[], by=world.company_chair, at=world.tick()
    )

    assert sentence == "Only the company union officer draws up a list."


def test_remove_line_frees_the_case(world):
    case = emergency(world)
    batch = world.batch([case])

    actions.remove_line(line=batch.lines.get(), by=world.company_officer, at=world.tick())

    batch.refresh_from_db()
    assert (batch.lines_count, batch.total_fen) == (0, 0)
    assert list(actions.candidates(batch)) == [case]


def test_remove_line_of_a_locked_list_is_refused(world):
    batch = world.batch([ready(world)])
    line = batch.lines.get()
    world.lock(batch)

    sentence = refused(actions.remove_line, line=line, by=world.company_officer, at=world.tick())

    assert sentence == "The list is locked; the company chair must take it back first."


def test_remove_line_somebody_voted_on_keeps_the_vote(world):
    case = ready(world, level=Level.GENERAL)
    batch = world.batch([case])
    world.lock(batch)
    world.meeting(batch)
    world.vote(batch)
    line = batch.lines.get()
    actions.recall(batch=batch, by=world.company_chair, at=world.tick())

    actions.remove_line(line=line, by=world.company_officer, at=world.tick())

    batch.refresh_from_db()
    assert (batch.lines_count, batch.lines.count(), line.votes.count()) == (0, 0, 3)
    assert list(actions.candidates(batch)) == [case]
    assert actions.add_lines(
        batch=batch, cases=[case], by=world.company_officer, at=world.tick()
    ) == 1  # fmt: skip


# Checks


def test_checks_of_a_good_list_all_pass(world):
    batch = world.batch([emergency(world)])

    assert failing(batch, world) == []
    assert [code for code, _words, _passed in actions.checks(batch, world.today)] == [
        "lines", "ready", "amounts", "facts", "budget", "purpose", "ceiling", "caps",
        "order",
    ]  # fmt: skip


def test_checks_find_an_empty_list(world):
    assert failing(world.batch([], Programme.RECOGNITION), world) == ["lines"]


def test_checks_find_a_case_withdrawn_since(world):
    case = ready(world)
    batch = world.batch([case])
    cases.withdraw(case=case, by=world.applicant(case), at=world.tick())

    assert failing(batch, world) == ["ready"]


def test_checks_find_an_amount_that_is_not_the_proposal(world):
    case = emergency(world)
    batch = world.batch([case])
    Case.objects.filter(pk=case.pk).update(proposed_fen=case.proposed_fen - 1)

    assert failing(batch, world) == ["amounts"]


def test_checks_find_a_conflict_of_facts(world):
    case = ready(world)
    batch = world.batch([case])
    case.dossier.members.update(income_basis="CONFLICTING")

    assert failing(batch, world) == ["facts"]


def test_checks_hold_the_total_against_the_budget_to_the_fen(world):
    case = emergency(world)
    batch = world.batch([case])
    over = batch.budget.available_fen - case.proposed_fen
    world.take_back(batch.budget, over)
    batch.budget.refresh_from_db()
    exact = failing(batch, world)
    world.take_back(batch.budget, 1)
    batch.budget.refresh_from_db()

    assert (exact, failing(batch, world)) == ([], ["budget"])


def test_checks_find_a_standing_the_fund_is_not_for(world):
    batch = world.batch([emergency(world)])
    batch.budget.fund.standings = [Standing.IN_SERVICE]

    assert failing(batch, world) == ["purpose"]


def test_checks_find_a_programme_the_fund_is_not_for(world):
    batch = world.batch([emergency(world)])
    batch.budget.fund.programmes = [Programme.REGULAR]

    assert failing(batch, world) == ["purpose"]


def test_checks_hold_each_amount_against_the_ceiling_to_the_fen(world):
    case = emergency(world)
    batch = world.batch([case])
    batch.budget.fund.ceiling_fen = case.proposed_fen
    exact = failing(batch, world)
    batch.budget.fund.ceiling_fen = case.proposed_fen - 1

    assert (exact, failing(batch, world)) == ([], ["ceiling"])


def test_checks_hold_one_grant_against_the_cap(world):
    case = emergency(world)
    cap = world.policy.rules["emergency.cap"]
    Case.objects.filter(pk=case.pk).update(proposed_fen=cap)
    batch = world.batch([world.fresh(case)])
    exact = failing(batch, world)
    Case.objects.filter(pk=case.pk).update(proposed_fen=cap + 1)
    batch.lines.update(amount_fen=cap + 1)

    assert (exact, failing(batch, world)) == ([], ["caps"])


def test_checks_hold_a_household_against_the_cap_of_the_year(world):
    dossier = world.on_file()
    first = emergency(
        world, dossier, 100_000_00, 0, proposed_fen=15_000_00, deviation_reason="病情特殊"
    )
    batch = world.batch([first])
    world.decide(batch)
    world.publish(batch)
    world.clear()
    given = {"deviation_reason": "病情特殊"}
    second = emergency(world, dossier, 100_000_00, 0, proposed_fen=5_000_00, **given)
    batch = world.batch([second])
    exact = failing(batch, world)
    Case.objects.filter(pk=second.pk).update(proposed_fen=5_000_01)
    batch.lines.update(amount_fen=5_000_01)

    assert (exact, failing(batch, world)) == ([], ["caps"])


# Exceptions, each by its rule


def test_exceptions_of_a_plain_case_are_none(world):
    assert found(world.batch([ready(world)]), world) == []


def test_exceptions_find_a_level_that_is_not_the_assessed(world):
    assert found(world.batch([ready(world, level=Level.GENERAL)]), world) == ["DEVIATION"]


@pytest.mark.parametrize(
    ("proposed_fen", "codes"), [(4_950_00, []), (4_949_99, ["DEVIATION"]), (5_500_00, [])]
)
def test_exceptions_find_an_amount_away_from_the_reference(world, proposed_fen, codes):
    case = emergency(world, proposed_fen=proposed_fen, deviation_reason="另有收入")

    assert case.reference_fen == 5_500_00
    assert found(world.batch([case]), world) == codes


@pytest.mark.parametrize(("proposed_fen", "codes"), [(10_000_00, []), (10_000_01, ["FIRST_LARGE"])])
def test_exceptions_find_a_large_first_grant(world, proposed_fen, codes):
    case = emergency(world, None, 100_000_00, 0, proposed_fen=proposed_fen, deviation_reason="特殊")
    Case.objects.filter(pk=case.pk).update(reference_fen=proposed_fen)

    assert found(world.batch([world.fresh(case)]), world) == codes


@pytest.mark.parametrize(("first_fen", "codes"), [(10_000_01, []), (10_000_00, ["FIRST_LARGE"])])
def test_exceptions_leave_out_a_second_large_grant(world, first_fen, codes):
    dossier = world.on_file()
    given = {"proposed_fen": first_fen, "deviation_reason": "特殊"}
    batch = world.batch([emergency(world, dossier, 100_000_00, 0, **given)])
    world.decide(batch)
    world.publish(batch)
    world.clear()
    given["proposed_fen"] = 12_000_00
    second = emergency(world, dossier, 100_000_00, 0, **given)
    Case.objects.filter(pk=second.pk).update(reference_fen=12_000_00)

    assert found(world.batch([world.fresh(second)]), world) == codes


@pytest.mark.parametrize("who", ["officer", "leader", "auditor"])
def test_exceptions_find_the_relative_of_somebody_with_a_role(world, who):
    case = ready(world)
    user = world.leaders[0] if who == "leader" else getattr(world, who)
    register_relative(
        relation="SIBLING", name="亲属", id_number=case.applicant.id_number, by=user, at=world.now
    )

    assert found(world.batch([case]), world) == ["RELATIVE"]


def test_exceptions_find_a_household_of_somebody_with_a_role(world):
    case = ready(world)
    AppointmentFactory(user=case.applicant.user, role=Role.INFORMANT, unit=world.unit)

    assert found(world.batch([case]), world) == ["RELATIVE"]


def test_exceptions_leave_out_the_relative_of_somebody_elsewhere(world):
    case = ready(world)
    elsewhere = World(world.tick())
    register_relative(
        relation="SIBLING", name="亲属", id_number=case.applicant.id_number,
        by=elsewhere.officer, at=world.now,
    )  # fmt: skip

    assert found(world.batch([case]), world) == []


def test_exceptions_find_an_exception_to_the_conditions(world):
    case = ready(world)
    asset = case.dossier.assets.first()
    asset.present, asset.exception = True, "残疾人代步车"
    asset.excepted_at, asset.excepted_by = world.now, world.company_officer
    asset.save()

    assert found(world.batch([case]), world) == ["GATE_EXCEPTION"]


def test_exceptions_find_who_asks_again(world):
    dossier = world.on_file()
    case = world.emergency(dossier)
    world.submit(case)
    cases.decline(case=case, by=world.officer, at=world.tick(), clause="第八条", words="不符合")

    assert found(world.batch([emergency(world, dossier)]), world) == ["ASKED_AGAIN"]


# Locking


def test_lock_freezes_the_list_with_its_digest(world):
    plain, odd = ready(world), ready(world, level=Level.GENERAL)
    batch = world.batch([plain, odd])

    locked = world.lock(batch)

    batch.refresh_from_db()
    assert (batch.status, batch.locked_by) == (Batch.Status.LOCKED, world.company_chair)
    assert (len(batch.digest), locked.digest) == (64, batch.digest)
    singles = {line.case_id: (line.single, line.exceptions) for line in batch.lines.all()}
    assert singles == {plain.pk: (False, []), odd.pk: (True, ["DEVIATION"])}
    assert world.fresh(plain).status == Status.TABLED
    assert Step.objects.filter(case=plain, action="table", by=world.company_chair).count() == 1


def test_lock_makes_another_digest_for_other_lines_amounts_and_versions(world):
    batch = world.batch([emergency(world)])
    lines = list(batch.lines.all())
    first = digest(batch, lines)
    lines[0].amount_fen += 1
    other_amount = digest(batch, lines)
    lines[0].amount_fen -= 1
    batch.version = 2

    assert len({first, other_amount, digest(batch, lines), digest(batch, [])}) == 4


def test_lock_is_refused_while_a_check_fails_and_nothing_changes(world):
    case = emergency(world)
    batch = world.batch([case])
    world.take_back(batch.budget, batch.budget.available_fen)

    sentence = refused(actions.lock, batch=batch, by=world.company_chair, at=world.tick())

    batch.refresh_from_db()
    assert "The budget covers it: 5,500.00 of 0.00 yuan available." in sentence
    assert (batch.status, world.fresh(case).status) == (Batch.Status.BUILDING, Status.VERIFIED)


@pytest.mark.parametrize("who", ["company_officer", "secretary", "accountant"])
def test_lock_is_for_the_company_chair(world, who):
    batch = world.batch([ready(world)])

    sentence = refused(actions.lock, batch=batch, by=getattr(world, who), at=world.tick())

    assert sentence == "Only the company union chair locks a list."


def test_lock_is_refused_to_who_drew_it_up(world):
    AppointmentFactory(user=world.company_officer, role=Role.COMPANY_CHAIR, unit=world.company)
    batch = world.batch([ready(world)])

    sentence = refused(actions.lock, batch=batch, by=world.company_officer, at=world.tick())

    assert sentence == "Somebody other than who drew the list up locks it."


def test_lock_twice_is_refused(world):
    batch = world.batch([ready(world)])
    world.lock(batch)

    sentence = refused(actions.lock, batch=batch, by=world.company_chair, at=world.tick())

    assert sentence == "The list has been locked already."


# Taking back


def test_recall_begins_a_version_and_voids_its_votes(world):
    batch = world.batch([ready(world)])
    world.lock(batch)
    first = Batch.objects.get(pk=batch.pk).digest
    world.meeting(batch)
    world.vote(batch)

    actions.recall(batch=batch, by=world.company_chair, at=world.tick())
    world.lock(batch)
    meeting = world.meeting(batch)

    assert (batch.version, batch.votes.filter(version=2).count()) == (2, 0)
    assert batch.digest != first
    assert "3 of those present have not voted" in refused(
        actions.record, meeting=meeting, by=world.secretary, at=world.tick()
    )


def test_recall_gives_the_cases_back(world):
    case = ready(world)
    batch = world.batch([case])
    world.lock(batch)

    actions.recall(batch=batch, by=world.company_chair, at=world.tick())

    batch.refresh_from_db()
    assert world.fresh(case).status == Status.VERIFIED
    assert (batch.digest, batch.locked_at, batch.meeting) == ("", None, None)


def test_recall_after_the_record_takes_the_result_away(world):
    batch = world.batch([ready(world)])
    world.lock(batch)
    meeting = world.meeting(batch)
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())

    actions.recall(batch=batch, by=world.company_chair, at=world.tick())

    assert batch.lines.get().outcome == ""


def test_recall_is_for_the_company_chair(world):
    batch = world.batch([ready(world)])
    world.lock(batch)

    sentence = refused(actions.recall, batch=batch, by=world.company_officer, at=world.tick())

    assert sentence == "Only the company union chair takes a list back."


def test_recall_of_a_decided_list_is_refused(world):
    batch = world.batch([ready(world)])
    world.decide(batch)

    sentence = refused(actions.recall, batch=batch, by=world.company_chair, at=world.tick())

    assert sentence == "Only a list that waits for the meeting can be taken back."


# Publication


def test_publish_takes_exactly_what_was_approved(world):
    good, bad = ready(world), ready(world)
    batch = world.batch([good, bad])
    line = batch.lines.get(case=bad)
    world.decide(batch, lines={line.pk: "AGAINST"})

    notice = world.publish(batch)

    assert [line.case_id for line in notice.lines.all()] == [good.pk]
    assert world.fresh(good).status == Status.PUBLISHED
    assert world.fresh(bad).status == Status.DECLINED


def test_publish_twice_is_refused(world):
    batch = world.batch([ready(world)])
    world.decide(batch)
    world.publish(batch)

    sentence = refused(actions.publish, batch=batch, by=world.company_officer, at=world.tick())

    assert sentence == "Nothing on this list waits to be published."


def test_publish_is_for_the_company_officer(world):
    batch = world.batch([ready(world)])
    world.decide(batch)

    sentence = refused(actions.publish, batch=batch, by=world.company_chair, at=world.tick())

    assert sentence == "Only the company union officer publishes what was decided."


# Two at once


def together(*acts):
    """Run each act in a thread of its own, all at the same moment; returns what they raised."""
    barrier = threading.Barrier(len(acts))
    raised = [None] * len(acts)

    def run(n, act):
        try:
            connection.ensure_connection()
            barrier.wait(20)
            with translation.override("en"):
                act()
        except NotAllowed as refusal:
            raised[n] = str(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_lock_against_adding_a_case_keeps_digest_and_lines_together(world):
    first, second = emergency(world), emergency(world)
    batch = world.batch([first])
    at = world.tick()

    together(
        lambda: actions.lock(batch=batch, by=world.company_chair, at=at),
        lambda: actions.add_lines(batch=batch, cases=[second], by=world.company_officer, at=at),
    )

    batch.refresh_from_db()
    lines = list(batch.lines.order_by("seq"))
    assert batch.status == Batch.Status.LOCKED
    assert batch.digest == digest(batch, lines)
    assert (batch.lines_count, batch.total_fen) == (
        len(lines), sum(line.amount_fen for line in lines))  # fmt: skip
    assert {world.fresh(line.case).status for line in lines} == {Status.TABLED}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_lock_by_two_chairs_at_once_locks_once(world):
    case = ready(world)
    batch = world.batch([case])
    other = AppointmentFactory(role=Role.COMPANY_CHAIR, unit=world.company).user
    at = world.tick()

    raised = together(
        lambda: actions.lock(batch=batch, by=world.company_chair, at=at),
        lambda: actions.lock(batch=batch, by=other, at=at),
    )

    assert sorted(raised, key=bool) == [None, "The list has been locked already."]
    assert Step.objects.filter(case=case, action="table").count() == 1
