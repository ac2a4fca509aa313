"""“Why this amount”: the words carry the numbers, the clause and how each fact is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.money import format_fen
from cases import explain, scoring
from cases.codes import Festival, Gate, Health, Level
from cases.models import Basis
from cases.seed_policy import CLAUSES
from cases.workflow import Programme
from people.models import Relation
from tests.cases.test_scoring import (
    ASKS,
    HOUSEHOLDS,
    RULES,
    emergency,
    expense,
    gate,
    household,
    member,
    recognise,
)

NUMBERS = {key: clause for key, clause, *_rest in CLAUSES}


def row(result, name):
    return next(r for r in explain.factors(result, NUMBERS) if r.name == name)


def test_the_income_sentence_holds_every_number_of_the_formula():
    facts = household(
        member(income_fen=1500_00), member("SPOUSE"), expenses=[expense(8_000_00)]
    )  # fmt: skip

    said = explain.income(recognise(facts))

    for number in ("18,000.00", "8,000.00", "2", "12", "416.66", "732.00"):
        assert number in said


def test_each_factor_has_name_value_basis_clause_and_points():
    facts = household(
        member(
            income_fen=1500_00,
            occupation="WORKING",
            income_basis="DOCUMENTED",
            work_basis="DOCUMENTED",
        ),
        member("SPOUSE", health="CANCER", health_basis="VISITED", ill_this_year=True),
    )

    rows = explain.factors(recognise(facts), NUMBERS)

    four = [(r.points, r.most, r.clause, str(r.basis)) for r in rows[:4]]
    assert four == [
        (24, 40, "第九条（一）", str(Basis.DOCUMENTED.label)),
        (24, 30, "第九条（二）", str(Basis.VISITED.label)),
        (8, 20, "第九条（三）", str(Basis.DOCUMENTED.label)),
        (10, 10, "第九条（四）", str(Basis.VISITED.label)),
    ]
    assert "102.4" in rows[0].value
    assert str(Relation.SPOUSE.label) in rows[1].value and str(Health.CANCER.label) in rows[1].value
    assert "1" in rows[2].value and "2" in rows[2].value
    assert "1" in rows[3].value
    assert [r.clause for r in rows[4:]] == ["第八条"] * len(Gate)


def test_nobody_ill_and_no_clause_known_are_said():
    rows = explain.factors(recognise(household()), {})

    assert rows[1].value != ""
    assert {r.clause for r in rows} == {""}


@pytest.mark.parametrize(
    ("answers", "stops"),
    [([gate("LUXURY")], True), ([gate("LUXURY", excepted=True)], False),
     ([gate("LUXURY", present=False)], False), ([], False)],
)  # fmt: skip
def test_a_gate_says_whether_it_stops(answers, stops):
    found = row(recognise(household(gates=answers)), str(Gate.LUXURY.label))

    assert found.stops is stops


def test_the_three_answers_to_a_gate_differ_in_words():
    said = {
        row(recognise(household(gates=[answer])), str(Gate.LUXURY.label)).value
        for answer in (gate("LUXURY"), gate("LUXURY", excepted=True), gate("LUXURY", present=False))
    }

    assert len(said) == 3


def test_what_keeps_a_household_off_the_file_is_named():
    result = recognise(household(gates=[gate("LUXURY"), gate("HOMES")]))

    said = explain.standing(result)

    assert str(Gate.LUXURY.label) in said and str(Gate.HOMES.label) in said


def test_below_the_lowest_level_the_gap_is_said():
    result = recognise(household(member(income_fen=1464_00, occupation="WORKING")))

    said = explain.standing(result)

    assert "14" in said and "16" in said


def test_level_class_and_gap_are_said():
    result = recognise(household(member(income_fen=732_74)))

    said = explain.standing(result)

    assert (result["score"], result["to_next_level"]) == (44, 6)
    assert "44" in said and "6" in said and str(Level.GENERAL.label) in said


def test_on_the_highest_level_nothing_lacks():
    said = explain.standing(recognise(household(member(health="CANCER", ill_this_year=True))))

    assert "100" in said and str(Level.SPECIAL.label) in said


def test_a_household_with_points_and_no_class_is_said_to_have_none():
    facts = household(member(income_fen=9000_00, health="CANCER", ill_this_year=True))

    result = recognise(facts)

    assert result["category"] == ""
    assert explain.standing(result)


def test_the_steps_of_an_amount_hold_percent_amount_and_clause():
    facts = household(member(income_fen=6000_00))

    steps = explain.steps(emergency(1_990_00, facts=facts, patient="SON"), NUMBERS)

    assert [(fen, clause) for _words, fen, clause in steps] == [
        (1_990_00, "第十三条（四）"), (1000_00, "第十三条（一）"), (500_00, "第十三条（二）"),
        (400_00, "第十四条"),
    ]  # fmt: skip
    assert "50" in steps[2][0] and "80" in steps[3][0]


@pytest.mark.parametrize("festival", Festival.values)
@pytest.mark.parametrize("level", [*Level.values, ""])
def test_the_regular_subsidy_names_festival_and_level(festival, level):
    step = {"step": "regular", "festival": festival, "level": level, "fen": 1, "rule": "x"}

    ((said, fen, clause),) = explain.steps({"amount": [step]}, {})

    assert str(Festival(festival).label) in said
    assert not level or str(Level(level).label) in said
    assert (fen, clause) == (1, "")


@given(HOUSEHOLDS, ASKS, st.sampled_from(Programme.values))
def test_every_result_can_be_said(facts, ask, programme):
    ask = ask | {"programme": programme, "festival": "SPRING", "level": "HEAVY"}
    result = scoring.assess(RULES, facts, ask)

    rows = explain.factors(result, NUMBERS)
    steps = explain.steps(result, NUMBERS)

    assert all(r.name and r.value and r.basis and r.clause for r in rows)
    assert sum(r.points for r in rows) == result["score"]
    assert all(words and clause for words, _fen, clause in steps)
    assert [fen for _words, fen, _clause in steps][-1:] == [result["reference_fen"]][: len(steps)]
    assert format_fen(result["net_income_fen"]) in explain.income(result)
    assert explain.standing(result)
