"""A draft tried on last year's cases: what it says is what happens when it comes into force."""

import copy
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base import canonical
from cases import actions, policy_checks, tasks
from cases.actions import simulation as simulations
from cases.actions.case import judge
from cases.models import Assessment, Case, Move, Policy, RevisionBody, Simulation, SimulationLine
from cases.seed_policy import CLAUSES
from cases.workflow import Programme, Status
from people.roles import Role
from tests.cases.refused import attempt, constraints_of, not_allowed, refused_by
from tests.cases.test_policy_views import signed_in, url
from tests.factories import UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
SEED = {row[0]: row[2] for row in CLAUSES}
HARDER = {
    "score.income": [[500, 30], [1000, 20], [1500, 10]],
    "level.score": [["SPECIAL", 65], ["HEAVY", 45], ["GENERAL", 20]],
    "class.deep_permille": 100,
    "emergency.medical_bands": [[0, 500_00], [10_000_00, 4000_00]],
    "emergency.year_cap": 20_000_00,
    "regular.SPRING": {"SPECIAL": 2600_00, "HEAVY": 1600_00, "GENERAL": 900_00},
}


@pytest.fixture
def world():
    return World()


def draft_with(world, changes=HARDER, title="第二版"):
    clauses = [
        (key, clause, changes.get(key, value), mark, source)
        for key, clause, value, mark, source in CLAUSES
    ]
    return actions.draft_policy(
        company=world.company, title=title, clauses=clauses, by=world.company_officer,
        at=world.tick(),
    )  # fmt: skip


def simulate(world, draft):
    """A run to its end, by hand, at the world's own time."""
    simulation = actions.ask_simulation(policy=draft, by=world.company_officer, at=world.tick())
    while actions.take_simulation(simulation=simulation, at=world.tick()):
        pass
    simulation.refresh_from_db()
    return simulation


def enact(world, draft):
    actions.enact(policy=draft, in_force_on=world.today, by=world.company_chair, at=world.tick())


def said(row):
    """What a line says of a case after, and what an assessment says of it."""
    if isinstance(row, SimulationLine):
        return row.score_after, row.level_after, row.category_after, row.reference_after_fen
    return row.score, row.level, row.category, row.reference_fen


# The simulation says what really happens


def test_the_simulation_says_what_really_happens_to_each_case(world):
    """A case whose objection is upheld, and a round of another festival, under the new version."""
    paid = world.case_in(Status.PAID)
    published = world.case_in(Status.PUBLISHED)
    actions.open_round(
        company=world.company, title="今年春节", year=2026, festival="SPRING",
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip
    draft = draft_with(world)
    lines = {line.case_id: line for line in simulate(world, draft).lines.all()}
    rounds = {
        line.dossier_id: line for line in lines.values() if line.programme == Programme.REGULAR
    }

    enact(world, draft)
    objection = world.object_to(published.notice_lines.get())
    actions.hold(objection=objection, by=world.discipline, at=world.tick())
    actions.reopen(objection=objection, by=world.discipline, at=world.tick(), words="重新审核")
    really = world.assess(world.fresh(published))
    opened = actions.open_round(
        company=world.company, title="明年春节", year=2027, festival="SPRING",
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip

    assert said(lines[published.pk]) == said(really)
    assert lines[published.pk].reference_before_fen != really.reference_fen
    new_round = {case.dossier_id: case.assessment for case in opened.cases.all()}
    assert len(new_round) == 2
    assert {pk: said(row) for pk, row in rounds.items()} == {
        pk: said(row) for pk, row in new_round.items()
    }
    assert set(rounds) == {paid.dossier_id, published.dossier_id}
    assert {line.move for line in lines.values()} == {Move.STANDING}


def _all_at_once(world, cases, policy):
    """Every one of these cases really judged by a version, programme by programme."""
    found = {}
    for programme in Programme:
        group = [case for case in cases if case.programme == programme]
        festival = "SPRING" if programme == Programme.REGULAR else ""
        if group:
            found |= judge(
                group, policy, by=world.company_officer, at=world.tick(), festival=festival
            )
    return found


@pytest.fixture
def mixed(world):
    """Cases of three programmes, none of which has been granted anything."""
    world.case_in(Status.VERIFIED)
    world.emergency(spent_fen=70_000_00, reimbursed_fen=1_000_00)
    second = world.to_verified(Case.objects.filter(status=Status.DRAFT).get())
    actions.open_round(
        company=world.company, title="今年春节", year=2026, festival="SPRING",
        by=world.company_officer, at=world.tick(),
    )  # fmt: skip
    assert second.programme == Programme.EMERGENCY
    return world


@st.composite
def changed_clauses(draw):
    """A version whose clauses make sense, with limits, points and amounts moved about."""
    changes = {
        "class.deep_permille": draw(st.integers(1, 1500)),
        "class.relative_permille": draw(st.integers(1501, 3000)),
        "score.illness_family_percent": draw(st.integers(0, 100)),
        "emergency.family_percent": draw(st.integers(0, 100)),
        "income.company_average": draw(st.integers(0, 9000_00)),
        "amount.round_to": draw(st.sampled_from([1_00, 100_00, 500_00])),
        "emergency.cap": draw(st.integers(15_000_00, 20_000_00)),
        "score.income": [[draw(st.integers(1, 900)), 30], [draw(st.integers(901, 3000)), 10]],
        "level.score": [
            ["SPECIAL", draw(st.integers(60, 85))], ["HEAVY", draw(st.integers(40, 59))],
            ["GENERAL", draw(st.integers(1, 39))],
        ],
    }  # fmt: skip
    assert policy_checks.problems(copy.deepcopy(SEED) | changes) == []
    return changes


@settings(
    max_examples=10, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(changes=changed_clauses())
def test_any_version_is_simulated_as_it_judges(changes, mixed):
    draft = draft_with(mixed, changes, title="任一")
    simulation = simulate(mixed, draft)
    cases = list(
        Case.objects.filter(pk__in=simulation.lines.values("case")).select_related(
            "dossier__head", "patient", "round"
        )
    )

    really = _all_at_once(mixed, cases, Policy.objects.get(pk=draft.pk))

    assert len(cases) == simulation.done == simulation.rows > 3
    assert {line.case_id: said(line) for line in simulation.lines.all()} == {
        pk: said(row) for pk, row in really.items()
    }


def test_an_assessment_keeps_what_was_asked_of_the_rules(world):
    case = world.case_in(Status.VERIFIED)

    ask = canonical.loads(case.assessment.result)["ask"]

    assert (ask["programme"], ask["event"], ask["net_fen"], ask["granted_this_year_fen"]) == (
        "EMERGENCY", "ILLNESS", 12_000_00, 0,
    )  # fmt: skip


def without_ask(case):
    """The same assessment as it was made before the question was kept with it."""
    row = case.assessment
    result = canonical.loads(row.result)
    del result["ask"]
    row.pk, row.result, row._state.adding = None, canonical.dumps(result), True
    row.save()
    Case.objects.filter(pk=case.pk).update(assessment=row)


def test_an_older_assessment_is_asked_again_as_of_its_own_moment(world):
    """What was granted afterwards, to this very case, had not been granted then."""
    case = world.case_in(Status.PAID)
    draft = draft_with(world)
    kept = said(simulate(world, draft).lines.get(case=case))
    without_ask(case)

    rebuilt = said(simulate(world, draft).lines.get(case=case))

    assert case.granted_fen > 0
    assert rebuilt == kept
    assert (
        rebuilt[3] == 4400_00
    )  # 4,000.00 by the band, at 110 %; none of the year's maximum was used


# What is counted


def test_only_judged_cases_of_the_last_year_are_counted(world):
    world.case_in(Status.REVIEWED)
    world.case_in(Status.DECLINED)
    old = world.case_in(Status.PAID)
    Case.objects.filter(pk=old.pk).update(entered_at=world.now - timedelta(days=400))
    recent = world.case_in(Status.VERIFIED)

    simulation = simulate(world, draft_with(world))

    found = set(simulation.lines.values_list("case", flat=True))
    assert old.pk not in found
    assert recent.pk in found
    statuses = Case.objects.filter(pk__in=found).values_list("status", flat=True)
    assert set(statuses) <= {"VERIFIED", "CLEARED", "PAID"}


def test_cases_of_another_company_are_not_counted(world):
    world.case_in(Status.VERIFIED)
    elsewhere = World(world.now)
    elsewhere.case_in(Status.VERIFIED)

    simulation = simulate(world, draft_with(world))

    companies = set(simulation.lines.values_list("case__company", flat=True))
    assert companies == {world.company.pk}


def test_a_household_whose_facts_were_erased_is_left_out_and_said_so(world, monkeypatch):
    case = world.case_in(Status.VERIFIED)
    RevisionBody.objects.filter(revision=case.revision).delete()

    simulation = simulate(world, draft_with(world))

    assert (simulation.left_out, simulation.rows) == (1, simulation.done + 1)
    assert not simulation.lines.filter(case=case).exists()


def test_a_case_is_judged_on_its_facts_as_they_were(world):
    case = world.case_in(Status.PAID)
    member = case.dossier.members.get(relation="SELF")
    type(member).objects.filter(pk=member.pk).update(health="GOOD", monthly_income_fen=9000_00)
    same = draft_with(world, {})

    line = simulate(world, same).lines.get(case=case)

    assert line.move == Move.NOTHING
    assert (line.score_before, line.reference_before_fen) == (line.score_after, case.reference_fen)


@pytest.mark.parametrize(
    ("changes", "move"),
    [
        ({}, Move.NOTHING),
        ({"level.score": [["SPECIAL", 99], ["HEAVY", 50], ["GENERAL", 30]]}, Move.STANDING),
        ({"emergency.medical_bands": [[0, 1000_00]]}, Move.AMOUNT),
        ({"score.ill_this_year": 9}, Move.SCORE),
    ],
)
def test_a_line_says_what_changes(changes, move, world):
    case = world.case_in(Status.VERIFIED)

    line = simulate(world, draft_with(world, changes)).lines.get(case=case)

    assert line.move == move


def test_the_summary_adds_up(mixed):
    simulation = simulate(mixed, draft_with(mixed))

    lines = list(simulation.lines.all())
    total = simulation.total
    assert total["cases"] == len(lines)
    assert total["before_fen"] == sum(line.reference_before_fen for line in lines)
    assert total["after_fen"] == sum(line.reference_after_fen for line in lines)
    assert total["more_fen"] == total["after_fen"] - total["before_fen"]
    assert total["moved"] == sum(line.move == Move.STANDING for line in lines)
    for table in ("units", "standings"):
        assert sum(row["cases"] for row in simulation.summary[table]) == len(lines)
    households = {line.dossier_id for line in lines}
    assert sum(row["households"] for row in simulation.summary["levels"]) == len(households)


# The run


def test_a_run_goes_on_where_it_was_broken_off(mixed, monkeypatch):
    monkeypatch.setattr(simulations, "CHUNK", 2)
    draft = draft_with(mixed)
    simulation = actions.ask_simulation(policy=draft, by=mixed.company_officer, at=mixed.tick())

    assert actions.take_simulation(simulation=simulation, at=mixed.tick())
    halfway = Simulation.objects.get(pk=simulation.pk)
    while actions.take_simulation(simulation=simulation, at=mixed.tick()):
        pass
    again = actions.take_simulation(simulation=simulation, at=mixed.tick())

    simulation.refresh_from_db()
    assert (halfway.done, halfway.finished_at) == (2, None)
    assert simulation.done == simulation.lines.count() == simulation.rows
    assert again is False


@pytest.mark.parametrize("count", [1, 3])
def test_a_chunk_takes_the_same_queries_for_any_number(count, world, django_assert_num_queries):
    for _n in range(count):
        world.case_in(Status.VERIFIED)
    draft = draft_with(world)
    simulation = actions.ask_simulation(policy=draft, by=world.company_officer, at=world.tick())

    # savepoint, simulation, cases, lines, four for the summary, save, release
    with django_assert_num_queries(10):
        actions.take_simulation(simulation=simulation, at=world.tick())


def test_a_draft_edited_meanwhile_does_not_mix_two_versions(world):
    case = world.case_in(Status.VERIFIED)
    draft = draft_with(world)
    simulation = actions.ask_simulation(policy=draft, by=world.company_officer, at=world.tick())
    actions.change_clause(
        policy=draft, key="score.ill_this_year", value=0, clause="第九条", source="某文",
        mark="SOURCE", by=world.company_officer, at=world.tick(),
    )  # fmt: skip

    actions.take_simulation(simulation=simulation, at=world.tick())

    simulation = Simulation.objects.get(pk=simulation.pk)
    assert simulation.is_stale()
    assert simulation.lines.get(case=case).score_after == case.assessment.score - 14  # income alone


def test_the_same_draft_is_run_once_at_a_time(world):
    draft = draft_with(world)
    given = {"policy": draft, "by": world.company_officer}

    first = actions.ask_simulation(**given, at=world.tick())
    second = actions.ask_simulation(**given, at=world.tick())

    assert first == second


def test_only_a_draft_is_simulated(world):
    with not_allowed("Only a draft is simulated"):
        actions.ask_simulation(policy=world.policy, by=world.company_officer, at=world.tick())


def test_only_company_officer_and_chair_simulate(world):
    draft = draft_with(world)

    with not_allowed("Only the company union officer and chair simulate a policy."):
        actions.ask_simulation(policy=draft, by=world.officer, at=world.tick())
    assert actions.ask_simulation(policy=draft, by=world.company_chair, at=world.tick()).pk


def test_many_cases_run_in_the_background(world, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks, "BACKGROUND_FROM", 1)
    monkeypatch.setattr(type(tasks.run_simulation), "enqueue", lambda self, pk: sent.append(pk))
    world.case_in(Status.VERIFIED)

    simulation = tasks.simulate(policy=draft_with(world), by=world.company_officer, at=world.tick())

    assert sent == [simulation.pk]
    assert simulation.lines.count() == 0
    tasks.run_simulation.func(simulation.pk)
    simulation.refresh_from_db()
    assert simulation.finished_at is not None


# The pages


@pytest.fixture
def shown(world, time_machine):
    """A simulated draft, and the clock a day later."""
    case = world.case_in(Status.VERIFIED)
    simulation = simulate(world, draft_with(world))
    simulation.case = case
    time_machine.move_to(world.now + DAY, tick=False)
    return simulation


def test_the_officer_begins_a_simulation_and_reads_what_it_found(world, time_machine):
    world.case_in(Status.VERIFIED)
    draft = draft_with(world)
    time_machine.move_to(world.now + DAY, tick=False)
    client = signed_in(world.company_officer)

    asked = client.get(url("policy_simulate", draft.pk))
    answer = client.post(url("policy_simulate", draft.pk))

    simulation = Simulation.objects.get()
    assert asked.status_code == 200
    assert answer["Location"] == simulation.get_absolute_url()
    assert simulation.finished_at == timezone.now()
    page = client.get(simulation.get_absolute_url())
    assert len(page.context["page"]) == simulation.done
    assert page.context["stale"] is False
    assert list(client.get(url("policy_simulate", draft.pk)).context["runs"]) == [simulation]


def test_a_run_under_way_shows_how_far_it_is(world, time_machine):
    world.case_in(Status.VERIFIED)
    draft = draft_with(world)
    simulation = actions.ask_simulation(policy=draft, by=world.company_officer, at=world.tick())
    time_machine.move_to(world.now + DAY, tick=False)
    client = signed_in(world.company_officer)

    page = client.get(simulation.get_absolute_url())
    part = client.get(simulation.get_absolute_url(), headers={"HX-Request": "true"})
    assert "<progress" in page.text and "<html" in page.text
    assert "<progress" in part.text and "<html" not in part.text

    answer = client.post(url("simulation_resume", simulation.pk))
    assert answer["Location"] == simulation.get_absolute_url()
    over = client.get(simulation.get_absolute_url(), headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"


def test_the_matrix_counts_households_by_level_before_and_after(world, shown):
    page = signed_in(world.company_officer).get(shown.get_absolute_url())

    levels = page.context["levels"]
    assert levels["households"] == sum(row["total"] for row in levels["rows"])
    moved = shown.lines.newest_of_household().exclude(level_before=F("level_after")).count()
    assert levels["moved"] == moved


def test_the_list_is_narrowed_and_exported(world, shown):
    client = signed_in(world.company_officer)
    address = shown.get_absolute_url()

    def found(**filters):
        return {line.pk for line in client.get(address, filters).context["page"]}

    everything = set(shown.lines.values_list("pk", flat=True))
    assert found() == everything
    assert found(move=Move.STANDING) == set(
        shown.lines.filter(move=Move.STANDING).values_list("pk", flat=True)
    )
    assert found(unit=world.unit.pk) == everything
    assert found(unit=world.other_unit.pk) == set()
    assert found(standing="RETIRED") == everything
    assert found(programme="EMERGENCY") == set(
        shown.lines.filter(programme="EMERGENCY").values_list("pk", flat=True)
    )
    assert client.get(address, {"export": "xlsx"})["Content-Type"].endswith("sheet")


def test_movers_come_first_and_names_are_masked(world, shown):
    head = shown.case.dossier.head
    type(head).objects.filter(pk=head.pk).update(name="<svg onload=x>")

    page = signed_in(world.company_officer).get(shown.get_absolute_url())

    moves = [line.move for line in page.context["page"]]
    assert moves == sorted(moves)
    assert "<svg onload=x>" not in page.text


def test_a_stale_simulation_says_so(world, shown):
    actions.change_clause(
        policy=shown.policy, key="score.ill_this_year", value=0, clause="第九条", source="某文",
        mark="SOURCE", by=world.company_officer, at=world.tick(),
    )  # fmt: skip
    client = signed_in(world.company_officer)

    assert client.get(shown.get_absolute_url()).context["stale"] is True
    chair = signed_in(world.company_chair)
    page = chair.get(url("policy_enact", shown.policy.pk))
    assert page.context["simulation"] == shown
    assert "notice-attention" in page.text


def test_the_enacter_sees_what_the_simulation_found(world, shown):
    page = signed_in(world.company_chair).get(url("policy_enact", shown.policy.pk))

    assert page.context["simulation"] == shown
    assert shown.get_absolute_url() in page.text
    assert "notice-attention" not in page.text


PEOPLE = ("stranger", "employee", "officer", "company_officer", "company_chair", "auditor")
MATRIX = {
    "policy_simulate": (302, 403, 403, 200, 200, 403),
    "simulation_detail": (302, 404, 404, 200, 200, 200),
    "simulation_resume": (302, 404, 404, 302, 302, 403),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world, shown, client):
    user = world.employee() if who == "employee" else getattr(world, who, None)
    if user:
        client.force_login(user)
    answers = {
        "policy_simulate": client.get(url("policy_simulate", shown.policy.pk)),
        "simulation_detail": client.get(shown.get_absolute_url()),
        "simulation_resume": client.post(url("simulation_resume", shown.pk)),
    }

    found = {name: answer.status_code for name, answer in answers.items()}

    assert found == {name: row[PEOPLE.index(who)] for name, row in MATRIX.items()}


def test_an_officer_of_another_company_finds_nothing(shown):
    client = signed_in(appoint(Role.COMPANY_OFFICER, UnitFactory(company=True)))

    assert client.get(shown.get_absolute_url()).status_code == 404
    assert client.post(url("policy_simulate", shown.policy.pk)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(
    count, world, time_machine, django_assert_num_queries
):
    for _n in range(count):
        world.case_in(Status.VERIFIED)
    simulation = simulate(world, draft_with(world))
    time_machine.move_to(world.now + DAY, tick=False)
    client = signed_in(world.company_officer)

    # session, user, hats, kin, simulation, clauses, units of the filter, lines
    with django_assert_num_queries(8):
        client.get(simulation.get_absolute_url())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the plan of SQLite")
@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "simulation_line_movers"),
        ({"unit": 1}, "simulation_line_unit"),
        ({"standing": "RETIRED"}, "simulation_line_standing"),
    ],
)
def test_a_page_of_lines_is_read_from_an_index_in_its_order(filters, index):
    rows = SimulationLine.objects.filter(simulation=1).narrowed(**filters)

    plan = rows.order_by("move", "pk")[:51].explain()

    assert index in plan
    assert "TEMP B-TREE" not in plan


# What the database refuses


def test_every_constraint_is_tried_here():
    assert constraints_of(Simulation, SimulationLine) == {name for name, *_rest in REFUSED} | {
        "simulation_once_at_a_time", "simulation_line_case_once",
    }  # fmt: skip


REFUSED = [
    ("simulation_finished_is_whole", Simulation, {"done": 99}),
    ("simulation_line_standing_known", SimulationLine, {"standing": "KING"}),
    ("simulation_line_programme_known", SimulationLine, {"programme": "LOTTERY"}),
    ("simulation_line_move_known", SimulationLine, {"move": 9}),
    ("simulation_line_class_was", SimulationLine, {"category_before": "X"}),
    ("simulation_line_class_is", SimulationLine, {"category_after": "X"}),
    ("simulation_line_level_was", SimulationLine, {"level_before": "X"}),
    ("simulation_line_level_is", SimulationLine, {"level_after": "X"}),
]


@pytest.mark.parametrize(("name", "model", "columns"), REFUSED)
def test_a_row_is_refused(name, model, columns, shown):
    with refused_by(name):
        attempt(model.objects.all().update, **columns)


def test_the_same_draft_runs_once_at_a_time_in_the_database(world):
    draft = draft_with(world)
    simulation = actions.ask_simulation(policy=draft, by=world.company_officer, at=world.tick())
    simulation.pk, simulation._state.adding = None, True
    columns = "cases_simulation.policy_id, cases_simulation.digest"

    with refused_by("simulation_once_at_a_time", columns):
        attempt(simulation.save)


def test_a_case_stands_once_in_a_simulation(shown):
    line = shown.lines.first()
    line.pk, line._state.adding = None, True
    columns = "cases_simulationline.simulation_id, cases_simulationline.case_id"

    with refused_by("simulation_line_case_once", columns):
        attempt(line.save)


def test_the_year_begins_a_year_before_the_day_it_is_asked_for(world):
    simulation = actions.ask_simulation(
        policy=draft_with(world), by=world.company_officer, at=world.tick()
    )

    assert simulation.since_on == world.today - timedelta(days=365)
    assert simulation.base == world.policy
    assert date(2025, 1, 1) < simulation.since_on
    assert Assessment.objects.count() == 0
