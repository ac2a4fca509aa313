"""The assessment: literal examples of the seed policy, and what holds for every household."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base import canonical
from cases import scoring
from cases.codes import EMERGENCIES, Event, Gate, Health, Level, Occupation
from cases.models import Basis
from cases.seed_policy import CHRONIC, CLAUSES, LATER, MINOR, SEVERE
from cases.workflow import BY_COST, Programme
from people.models import Relation

RULES = {key: value for key, _clause, value, _mark, _source in CLAUSES}
LINE = 732_00
ON = "2026-03-02"


def member(relation="SELF", **facts):
    income = facts.pop("income_fen", 0)
    return {
        "pk": 1, "relation": relation, "occupation": "UNABLE", "school_level": "",
        "health": "GOOD", "health_basis": "MATCHED", "ill_this_year": False,
        "declared_income_fen": income, "verified_income_fen": None, "income_fen": income,
        "income_basis": "MATCHED", "work_basis": "MATCHED",
    } | facts  # fmt: skip


def expense(net_fen, kind="ILLNESS", basis="MATCHED", spent_on="2026-01-15", vouchers=1):
    return {
        "pk": 1, "kind": kind, "net_fen": net_fen, "basis": basis, "spent_on": spent_on,
        "vouchers": vouchers, "verified_net_fen": None,
    }  # fmt: skip


def gate(name, present=True, excepted=False):
    return {"gate": name, "present": present, "excepted": excepted, "basis": "MATCHED"}


def household(*members, expenses=(), gates=(), other_income_fen=0):
    return {
        "line_fen": LINE, "standing": "IN_SERVICE", "main_cause": "OWN_ILLNESS", "side_causes": [],
        "other_income_fen": other_income_fen, "other_income_basis": "MATCHED",
        "members": list(members) or [member()], "expenses": list(expenses), "gates": list(gates),
    }  # fmt: skip


def recognise(facts, rules=RULES):
    return scoring.assess(rules, facts, {"programme": Programme.RECOGNITION, "on": ON})


def factor(result, name):
    return next(f for f in result["factors"] if f["factor"] == name)


def points(facts, name):
    return factor(recognise(facts), name)["points"]


def emergency(net_fen, *, facts=None, event="ILLNESS", patient="SELF", granted=0, rules=RULES):
    """The result for a household whose own income takes neither of the two rates."""
    facts = facts or household(member(income_fen=4000_00))
    ask = {
        "programme": Programme.EMERGENCY, "on": ON, "event": event, "net_fen": net_fen,
        "patient": patient, "granted_this_year_fen": granted,
    }  # fmt: skip
    return scoring.assess(rules, facts, ask)


def reference(net_fen, **given):
    return emergency(net_fen, **given)["reference_fen"]


# Income


def test_the_net_income_is_income_less_expenses_by_persons_and_months():
    facts = household(
        member(income_fen=1500_00), member("SPOUSE"), expenses=[expense(8_000_00)],
        other_income_fen=600_00,
    )  # fmt: skip

    result = recognise(facts)

    assert (result["income_fen"], result["expenses_fen"], result["persons"]) == (
        18_600_00, 8_000_00, 2,
    )  # fmt: skip
    assert result["net_income_fen"] == 441_66
    assert result["permille"] == 603


def test_the_net_income_may_be_negative_and_is_rounded_down():
    facts = household(expenses=[expense(1)])

    assert scoring.net_income_fen(RULES, facts, ON) == -1
    assert recognise(facts)["permille"] == -1


def test_the_income_that_counts_is_the_one_in_the_facts():
    declared = household(member(declared_income_fen=100, income_fen=999_00))

    assert recognise(declared)["income_fen"] == 999_00 * 12


@pytest.mark.parametrize(
    ("fen", "expected"),
    [
        (0, 40), (366_00, 40), (366_74, 34), (732_00, 34), (732_74, 24), (1098_00, 24),
        (1098_74, 14), (1464_00, 14), (1464_74, 5), (2196_00, 5), (2196_74, 0), (9999_00, 0),
    ],
)  # fmt: skip
def test_points_for_the_income_by_band(fen, expected):
    assert points(household(member(income_fen=fen)), "income") == expected


@pytest.mark.parametrize(
    ("fen", "level"),
    [(732_00, "SPECIAL"), (732_74, "HEAVY"), (1098_00, "HEAVY"), (1098_74, "GENERAL"),
     (1464_00, "GENERAL"), (1464_74, "")],
)  # fmt: skip
def test_the_level_by_income_alone(fen, level):
    assert recognise(household(member(income_fen=fen)))["income_level"] == level


# Illness


@pytest.mark.parametrize(("health", "own", "family"), [
    *((h, 30, 24) for h in SEVERE), *((h, 20, 16) for h in CHRONIC), *((h, 8, 6) for h in MINOR),
    (Health.GOOD, 0, 0),
])  # fmt: skip
def test_points_for_an_illness_of_the_employee_and_of_a_relative(health, own, family):
    assert points(household(member(health=health)), "illness") == own
    assert points(household(member(), member("SPOUSE", health=health)), "illness") == family


def test_every_illness_of_the_form_belongs_to_one_group():
    groups = [h for group in RULES["score.illness"] for h in group["health"]]

    assert sorted(groups) == sorted(set(Health.values) - {Health.GOOD})


def test_the_worst_illness_counts_with_its_person_and_how_it_is_known():
    facts = household(
        member(health="MINOR", health_basis="MATCHED"),
        member("SPOUSE", health="CANCER", health_basis="DOCUMENTED"),
    )

    found = factor(recognise(facts), "illness")

    assert (found["value"], found["who"], found["points"], found["basis"]) == (
        "CANCER", "SPOUSE", 24, "DOCUMENTED",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("occupations", "expected"),
    [
        (["RETIRED"], 20), (["CASUAL", "STUDENT"], 20), (["WORKING"], 0),
        (["WORKING", "UNABLE"], 8), (["WORKING", "WORKING"], 0),
        (["WORKING", "UNABLE", "STUDENT"], 14), (["WORKING", "WORKING", "STUDENT"], 0),
        (["WORKING", "UNABLE", "STUDENT", "RETIRED"], 14),
    ],
)  # fmt: skip
def test_points_for_the_employed_members(occupations, expected):
    first, *rest = occupations
    facts = household(member(occupation=first), *(member("SON", occupation=o) for o in rest))

    assert points(facts, "earners") == expected


def test_points_for_somebody_ill_this_year():
    assert points(household(member()), "ill_this_year") == 0
    assert points(household(member(), member("SON", ill_this_year=True)), "ill_this_year") == 10


def test_the_most_of_the_factors_is_a_hundred_together():
    worst = household(member(health="CANCER", ill_this_year=True))

    result = recognise(worst)

    assert result["score"] == 100 == sum(f["max"] for f in result["factors"])
    assert (result["level"], result["to_next_level"]) == ("SPECIAL", 0)


# Level and class


@pytest.mark.parametrize(
    ("score", "level", "gap"),
    [(0, "", 30), (29, "", 1), (30, "GENERAL", 20), (49, "GENERAL", 1), (50, "HEAVY", 20),
     (69, "HEAVY", 1), (70, "SPECIAL", 0), (100, "SPECIAL", 0)],
)  # fmt: skip
def test_the_level_and_what_lacks_to_the_next(score, level, gap):
    rules = RULES | {"score.income": [[1_000_000, score]]}
    facts = household(member(occupation="WORKING"))

    result = recognise(facts, rules)

    assert (result["score"], result["level"], result["to_next_level"]) == (score, level, gap)


@pytest.mark.parametrize(
    ("fen", "category"),
    [(731_99, "DEEP"), (732_00, "RELATIVE"), (1463_99, "RELATIVE"), (1464_00, ""), (3000_00, "")],
)
def test_the_class_by_the_net_income(fen, category):
    assert recognise(household(member(income_fen=fen)))["category"] == category


def test_a_sudden_loss_makes_a_class_up_to_three_lines():
    loss = household(member(income_fen=10_000_00), expenses=[expense(100_000_00)])

    assert recognise(loss)["category"] == "SUDDEN"


def test_a_loss_of_just_eighty_percent_is_not_enough():
    def left(spent):
        return recognise(household(member(income_fen=8000_00), expenses=[expense(spent)]))

    assert (left(76_800_00)["category"], left(76_800_01)["category"]) == ("", "SUDDEN")


def test_the_cost_of_schooling_is_no_sudden_loss():
    facts = household(member(income_fen=8000_00), expenses=[expense(77_000_00, "SCHOOLING")])

    assert recognise(facts)["category"] == ""


# Gates


@pytest.mark.parametrize("name", Gate.values)
def test_each_gate_keeps_the_household_off_the_file(name):
    result = recognise(household(gates=[gate(name)]))

    assert result["gates_failed"] == [name]
    assert (result["category"], result["level"], result["income_level"]) == ("", "", "")


def test_a_minuted_exception_lets_the_household_through():
    result = recognise(household(gates=[gate("VEHICLE", excepted=True)]))

    assert result["gates_failed"] == []
    assert (result["category"], result["level"]) == ("DEEP", "HEAVY")


def test_an_answer_no_or_none_at_all_fails_no_gate():
    assert recognise(household(gates=[gate("LUXURY", present=False)]))["gates_failed"] == []
    assert recognise(household())["gates_failed"] == []


def test_a_gate_the_policy_does_not_ask_about_stops_nobody():
    rules = RULES | {"gate.questions": ["LUXURY"]}

    assert recognise(household(gates=[gate("VEHICLE")]), rules)["gates_failed"] == []


# How it is known


@pytest.mark.parametrize(
    ("bases", "worst"),
    [
        (["MATCHED", "VISITED"], "VISITED"), (["VISITED", "DOCUMENTED"], "DOCUMENTED"),
        (["DOCUMENTED", "DECLARED"], "DECLARED"), (["DECLARED", "CONFLICTING"], "CONFLICTING"),
        ([], "DECLARED"),
    ],
)  # fmt: skip
def test_a_factor_is_known_as_its_weakest_fact(bases, worst):
    assert scoring.weakest(bases) == worst


def test_one_declared_expense_makes_the_income_declared():
    facts = household(member(), expenses=[expense(1, basis="DECLARED")])

    assert factor(recognise(facts), "income")["basis"] == "DECLARED"


# Regular subsidy


@pytest.mark.parametrize(
    ("festival", "level", "fen"),
    [
        ("SPRING", "SPECIAL", 2000_00), ("SPRING", "HEAVY", 1500_00),
        ("SPRING", "GENERAL", 1000_00), ("AUTUMN", "SPECIAL", 1000_00),
        ("AUTUMN", "HEAVY", 800_00), ("AUTUMN", "GENERAL", 500_00), ("SPRING", "", 0),
    ],
)  # fmt: skip
def test_the_regular_subsidy_by_festival_and_level(festival, level, fen):
    ask = {"programme": Programme.REGULAR, "on": ON, "festival": festival, "level": level}

    result = scoring.assess(RULES, household(), ask)

    assert result["reference_fen"] == fen
    assert [step["step"] for step in result["amount"]] == ["regular"]


# Emergency grants


@pytest.mark.parametrize(
    ("net_fen", "fen"),
    [
        (0, 0), (99_99, 0), (100_00, 100_00), (950_00, 900_00), (1000_00, 1000_00),
        (4_999_99, 1000_00), (5_000_00, 2000_00), (9_999_99, 2000_00), (10_000_00, 5000_00),
        (29_999_99, 5000_00), (30_000_00, 10_000_00), (59_999_99, 10_000_00),
        (60_000_00, 15_000_00), (900_000_00, 15_000_00),
    ],
)  # fmt: skip
def test_the_grant_for_illness_by_band(net_fen, fen):
    assert reference(net_fen) == fen


def test_a_relative_is_granted_half():
    result = emergency(12_000_00, patient="SPOUSE")

    assert result["reference_fen"] == 2500_00
    assert [(s["step"], s["fen"]) for s in result["amount"]] == [
        ("net_cost", 12_000_00), ("medical_band", 5000_00), ("family_rate", 2500_00),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("income_fen", "fen"),
    [(5_500_01, 4000_00), (5_500_00, 5000_00), (2_750_00, 5000_00), (2_749_99, 5500_00)],
)
def test_the_rate_by_the_employees_own_income(income_fen, fen):
    facts = household(member(income_fen=income_fen), member("SPOUSE", income_fen=99_999_00))

    assert reference(12_000_00, facts=facts) == fen


def test_rates_of_relative_and_income_multiply_and_round_down_to_hundreds():
    facts = household(member(income_fen=6000_00))

    # 5,000 x 50 % x 80 % = 2,000; of 1,000: 400; of 15,000: 6,000
    assert reference(12_000_00, facts=facts, patient="SON") == 2000_00
    assert reference(1_300_00, facts=facts, patient="SON") == 400_00
    assert reference(990_00, facts=facts, patient="SON") == 300_00
    assert reference(70_000_00, facts=facts, patient="SON") == 6000_00


def test_a_poor_employee_is_never_granted_more_than_they_paid():
    facts = household(member(income_fen=0))

    assert reference(900_00, facts=facts) == 900_00  # 110 % of 900 would be 990


@pytest.mark.parametrize("event", ["ACCIDENT", "DISASTER"])
@pytest.mark.parametrize(
    ("net_fen", "fen"),
    [(1000_00, 100_00), (10_000_00, 1500_00), (66_000_00, 9900_00), (70_000_00, 10_000_00),
     (500_000_00, 10_000_00)],
)  # fmt: skip
def test_the_grant_for_accident_and_disaster(event, net_fen, fen):
    assert reference(net_fen, event=event) == fen


def test_no_rate_lifts_the_grant_for_an_accident_above_its_cap():
    facts = household(member(income_fen=0))

    assert reference(500_000_00, facts=facts, event="ACCIDENT") == 10_000_00
    assert reference(20_000_00, facts=facts, event="ACCIDENT") == 3_300_00  # 15 % x 110 %


def test_the_cap_of_one_grant_holds_above_every_rate():
    rules = RULES | {"emergency.medical_bands": [[0, 19_000_00]]}
    facts = household(member(income_fen=0))

    assert reference(90_000_00, facts=facts, rules=rules) == 20_000_00  # 110 % would be 20,900


@pytest.mark.parametrize(
    ("granted", "fen"),
    [(0, 15_000_00), (5_000_00, 15_000_00), (5_000_01, 14_900_00), (12_000_00, 8_000_00),
     (19_950_00, 0), (20_000_00, 0), (30_000_00, 0)],
)  # fmt: skip
def test_the_grant_stays_within_what_is_left_of_the_year(granted, fen):
    assert reference(70_000_00, granted=granted) == fen


@pytest.mark.parametrize(
    ("programme", "fen"),
    [
        (Programme.EMERGENCY, 20_000_00), (Programme.MEDICAL, 20_000_00),
        (Programme.TUITION, 5000_00), (Programme.VISIT_GIFT, 800_00), (Programme.REGULAR, None),
        (Programme.RECOGNITION, None),
    ],
)  # fmt: skip
def test_the_cap_of_a_programme(programme, fen):
    assert scoring.cap_fen(RULES, programme) == fen


def test_a_policy_older_than_a_programme_gives_nothing_for_it():
    rules = RULES | LATER

    assert scoring.cap_fen(rules, Programme.TUITION) == 0
    assert scoring.cap_fen(rules, Programme.VISIT_GIFT) == 0
    assert other(Programme.MEDICAL, net_fen=20_000_00, rules=rules) == 0


# The other programmes


def other(programme, rules=RULES, **ask):
    """The reference amount of a household whose own income takes neither of the two rates."""
    ask = {"programme": programme, "on": ON, "event": "", "patient": "SELF", "net_fen": 0} | ask
    facts = household(member(income_fen=4000_00))
    return scoring.assess(rules, facts, ask)["reference_fen"]


@pytest.mark.parametrize(
    ("level", "paid_fen", "fen"),
    [
        ("HIGH_SCHOOL", 9_000_00, 2000_00), ("COLLEGE", 9_000_00, 3000_00),
        ("BACHELOR", 9_000_00, 5000_00), ("MASTER", 9_000_00, 5000_00),
        ("BACHELOR", 4_800_00, 4_800_00), ("COMPULSORY", 9_000_00, 0), ("", 9_000_00, 0),
    ],
)  # fmt: skip
def test_the_tuition_aid_by_school_never_above_what_is_paid(level, paid_fen, fen):
    assert other(Programme.TUITION, school_level=level, net_fen=paid_fen) == fen


@pytest.mark.parametrize(
    ("event", "fen"),
    [("ILLNESS", 500_00), ("BEREAVEMENT", 800_00), ("ACCIDENT", 500_00), ("", 0)],
)
def test_the_visit_gift_by_occasion(event, fen):
    assert other(Programme.VISIT_GIFT, event=event) == fen


@pytest.mark.parametrize(
    ("patient", "granted", "fen"),
    [("SELF", 0, 5000_00), ("SPOUSE", 0, 2500_00), ("SELF", 17_000_00, 3000_00)],
)
def test_the_medical_aid_by_band_with_the_employee_first_and_one_yearly_maximum(
    patient, granted, fen
):
    ask = {"net_fen": 12_000_00, "patient": patient, "granted_this_year_fen": granted}

    assert other(Programme.MEDICAL, **ask) == fen


def test_the_regular_subsidy_stays_within_a_year_of_the_line():
    ask = {"festival": "SPRING", "level": "SPECIAL", "subsidised_this_year_fen": 8_000_00}

    assert other(Programme.REGULAR, **ask) == 12 * LINE - 8_000_00


# The window of the expenses


@pytest.mark.parametrize(
    ("on", "spent_on", "counts"),
    [
        ("2026-03-02", "2025-03-02", True), ("2026-03-02", "2025-03-01", False),
        ("2026-03-02", "2026-03-03", False), ("2028-02-29", "2027-02-28", False),
        ("2028-02-29", "2027-03-01", True), ("2027-02-28", "2026-02-28", True),
        ("2026-12-31", "2025-12-31", True), ("2027-01-01", "2025-12-31", False),
    ],
)  # fmt: skip
def test_the_expenses_of_twelve_months_count(on, spent_on, counts):
    facts = household(expenses=[expense(100, spent_on=spent_on)])

    assert bool(scoring.counted(RULES, facts, on)) is counts


def test_an_expense_without_a_voucher_counts_only_when_verified():
    bare = expense(100, vouchers=0)
    facts = household(expenses=[bare, bare | {"verified_net_fen": 80, "net_fen": 80}])

    found = scoring.totals(RULES, facts, ON)

    assert (found["expenses_fen"], found["left_out_fen"]) == (80, 100)


def test_an_older_policy_counts_every_expense():
    facts = household(expenses=[expense(100, spent_on="2019-01-01", vouchers=0)])

    assert scoring.counted(RULES | LATER, facts, ON)


# What holds for every household

FEN = st.integers(0, 2_000_000_00)
MEMBERS = st.lists(
    st.builds(
        member,
        st.sampled_from([r for r in Relation.values if r != "SELF"]),
        income_fen=FEN,
        occupation=st.sampled_from(Occupation.values),
        health=st.sampled_from(Health.values),
        ill_this_year=st.booleans(),
        income_basis=st.sampled_from(Basis.values),
        health_basis=st.sampled_from(Basis.values),
    ),
    max_size=6,
)
HOUSEHOLDS = st.builds(
    lambda first, rest, expenses, gates, other: household(
        {**first, "relation": "SELF"}, *rest, expenses=expenses, gates=gates, other_income_fen=other
    ),
    st.builds(
        member,
        income_fen=FEN,
        occupation=st.sampled_from(Occupation.values),
        health=st.sampled_from(Health.values),
        ill_this_year=st.booleans(),
    ),
    MEMBERS,
    st.lists(st.builds(expense, FEN, st.sampled_from(["ILLNESS", "SCHOOLING"])), max_size=4),
    st.lists(
        st.builds(gate, st.sampled_from(Gate.values), st.booleans(), st.booleans()),
        max_size=6,
        unique_by=lambda g: g["gate"],
    ),
    FEN,
)
ASKS = st.fixed_dictionaries(
    {
        "programme": st.sampled_from(BY_COST),
        "on": st.just(ON),
        "event": st.sampled_from(EMERGENCIES),
        "net_fen": FEN,
        "patient": st.sampled_from(Relation.values),
        "granted_this_year_fen": st.integers(0, 30_000_00),
    }
)


@given(HOUSEHOLDS, ASKS)
def test_the_same_facts_give_the_same_bytes_and_are_left_alone(facts, ask):
    before = deepcopy((RULES, facts, ask))

    first = canonical.dumps(scoring.assess(RULES, facts, ask))
    again = canonical.dumps(scoring.assess(*deepcopy((RULES, facts, ask))))

    assert first == again  # canonical form refuses anything but whole numbers and text
    assert (RULES, facts, ask) == before


@given(HOUSEHOLDS, st.randoms(use_true_random=False))
def test_the_order_of_members_and_expenses_does_not_matter(facts, random):
    shuffled = deepcopy(facts)
    for part in ("members", "expenses", "gates"):
        random.shuffle(shuffled[part])
    one, other = recognise(facts), recognise(shuffled)

    for name in ("score", "permille", "category", "level", "net_income_fen"):
        assert one[name] == other[name]


@given(HOUSEHOLDS, ASKS)
def test_no_score_above_a_hundred_and_no_factor_above_its_most(facts, ask):
    result = scoring.assess(RULES, facts, ask)

    assert 0 <= result["score"] <= 100
    assert all(0 <= f["points"] <= f["max"] for f in result["factors"])


@given(HOUSEHOLDS, ASKS)
def test_no_grant_above_a_cap_the_cost_or_what_is_left_of_the_year(facts, ask):
    result = scoring.assess(RULES, facts, ask)
    fen = result["reference_fen"]

    assert 0 <= fen <= min(RULES["emergency.cap"], ask["net_fen"])
    assert fen <= max(RULES["emergency.year_cap"] - ask["granted_this_year_fen"], 0)
    assert fen % RULES["amount.round_to"] == 0
    assert result["amount"][-1]["fen"] == fen
    if ask["programme"] == Programme.EMERGENCY and ask["event"] != Event.ILLNESS:
        assert fen <= RULES["emergency.loss_cap"]


@given(HOUSEHOLDS, st.integers(1, 100_000_00))
def test_a_poorer_household_never_scores_less(facts, less):
    poorer = deepcopy(facts)
    poorer["other_income_fen"] -= less

    assert points(poorer, "income") >= points(facts, "income")
    assert recognise(poorer)["score"] >= recognise(facts)["score"]


@given(HOUSEHOLDS, FEN)
def test_a_further_expense_never_lowers_the_score(facts, net_fen):
    dearer = deepcopy(facts)
    dearer["expenses"].append(expense(net_fen))

    assert recognise(dearer)["score"] >= recognise(facts)["score"]


@given(HOUSEHOLDS, st.sampled_from(SEVERE))
def test_a_graver_illness_of_the_employee_never_lowers_the_score(facts, health):
    graver = deepcopy(facts)
    graver["members"][0]["health"] = health

    assert points(graver, "illness") == 30 >= points(facts, "illness")


@given(HOUSEHOLDS)
def test_losing_steady_work_never_lowers_the_score(facts):
    jobless = deepcopy(facts)
    for m in jobless["members"]:
        m["occupation"] = "UNEMPLOYED"

    assert points(jobless, "earners") == 20 >= points(facts, "earners")


@given(HOUSEHOLDS, st.data())
def test_an_illness_of_this_year_never_lowers_the_score(facts, data):
    iller = deepcopy(facts)
    data.draw(st.sampled_from(iller["members"]))["ill_this_year"] = True

    assert points(iller, "ill_this_year") == 10 >= points(facts, "ill_this_year")


@given(HOUSEHOLDS, ASKS, st.integers(1, 50_000_00))
def test_a_greater_cost_never_lowers_the_grant(facts, ask, more):
    dearer = ask | {"net_fen": ask["net_fen"] + more}

    low, high = (scoring.assess(RULES, facts, a)["reference_fen"] for a in (ask, dearer))

    assert high >= low


@given(HOUSEHOLDS, ASKS)
def test_the_employee_never_gets_less_than_a_relative(facts, ask):
    own, relative = (
        scoring.assess(RULES, facts, ask | {"patient": who})["reference_fen"]
        for who in ("SELF", "SPOUSE")
    )

    assert own >= relative


@given(HOUSEHOLDS, ASKS, st.integers(1, 20_000_00))
def test_more_help_this_year_never_raises_the_grant(facts, ask, more):
    helped = ask | {"granted_this_year_fen": ask["granted_this_year_fen"] + more}

    before, after = (scoring.assess(RULES, facts, a)["reference_fen"] for a in (ask, helped))

    assert after <= before


@given(HOUSEHOLDS, st.integers(1, 20_000_00))
def test_a_lower_own_income_never_lowers_the_grant(facts, less):
    poorer = deepcopy(facts)
    poorer["members"][0]["income_fen"] = max(facts["members"][0]["income_fen"] - less, 0)

    assert reference(12_000_00, facts=poorer) >= reference(12_000_00, facts=facts)


@given(st.integers(0, 100))
def test_the_level_rises_with_the_score(score):
    ranks = ["", *(level for level, _limit in reversed(RULES["level.score"]))]

    def rank(points):
        rules = RULES | {"score.income": [[1_000_000, points]]}
        return ranks.index(recognise(household(member(occupation="WORKING")), rules)["level"])

    assert rank(score) <= rank(min(score + 1, 100))
    assert set(ranks) - {""} == set(Level.values)
