"""What changed between two revisions, in words."""

from copy import deepcopy
from datetime import date

import pytest

from cases import differences, facts
from cases.codes import Cause, ExpenseKind, Gate, Health
from cases.models import Basis, Dossier
from people.models import Relation
from tests.world import World

HOUSEHOLD = {
    "line_fen": 732_00, "standing": "RETIRED", "main_cause": "OWN_ILLNESS",
    "side_causes": ["SCHOOLING"], "other_income_fen": 0,
    "members": [
        {"pk": 1, "relation": "SELF", "occupation": "RETIRED", "school_level": "",
         "health": "CANCER", "health_basis": "DECLARED", "ill_this_year": True,
         "declared_income_fen": 1500_00, "verified_income_fen": None, "income_fen": 1500_00,
         "income_basis": "DECLARED"},
        {"pk": 2, "relation": "SPOUSE", "occupation": "UNABLE", "school_level": "",
         "health": "GOOD", "health_basis": "DECLARED", "ill_this_year": False,
         "declared_income_fen": 0, "verified_income_fen": None, "income_fen": 0,
         "income_basis": "DECLARED"},
    ],
    "expenses": [
        {"pk": 7, "kind": "ILLNESS", "member": 1, "spent_on": "2026-01-05", "gross_fen": 20_000_00,
         "reimbursed_fen": 12_000_00, "verified_net_fen": None, "net_fen": 8_000_00, "vouchers": 3,
         "basis": "DECLARED"},
    ],
    "gates": [{"gate": "LUXURY", "present": False, "excepted": False, "basis": "DECLARED"}],
}  # fmt: skip
NAMES = {1: "王建国", 2: "李秀英"}


def changed(**top):
    after = deepcopy(HOUSEHOLD)
    after.update(top)
    return after


def only(after, names=NAMES):
    (difference,) = differences.compare(HOUSEHOLD, after, names)
    return difference


def test_nothing_differs_from_itself():
    assert differences.compare(HOUSEHOLD, deepcopy(HOUSEHOLD)) == []


@pytest.mark.parametrize(
    ("name", "value", "before", "after"),
    [
        ("line_fen", 800_00, "732.00", "800.00"),
        ("other_income_fen", 1, "0.00", "0.01"),
        ("main_cause", "DISASTER", str(Cause.OWN_ILLNESS.label), str(Cause.DISASTER.label)),
        ("main_cause", "", str(Cause.OWN_ILLNESS.label), "-"),
        ("side_causes", [], str(Cause.SCHOOLING.label), "-"),
    ],
)
def test_a_fact_of_the_household(name, value, before, after):
    found = only(changed(**{name: value}))

    assert (found.before, found.after) == (before, after)


def test_a_fact_of_a_member_names_the_member():
    after = changed()
    after["members"][1] |= {"health": "MINOR"}

    found = only(after)

    assert found.what == f"李秀英 ({Relation.SPOUSE.label})" or "李秀英" in found.what
    assert (found.before, found.after) == (str(Health.GOOD.label), str(Health.MINOR.label))


def test_without_names_the_relation_stands_for_the_member():
    after = changed()
    after["members"][1] |= {"ill_this_year": True}

    assert only(after, names=None).what == str(Relation.SPOUSE.label)


def test_a_verified_income_is_said_once_beside_the_declared_one():
    after = changed()
    after["members"][0] |= {"verified_income_fen": 1600_00, "income_fen": 1600_00}

    found = only(after)

    assert (found.before, found.after) == ("-", "1,600.00")


def test_how_a_fact_is_known_is_a_difference():
    after = changed()
    after["gates"][0]["basis"] = "VISITED"

    found = only(after)

    assert found.what == str(Gate.LUXURY.label)
    assert (found.before, found.after) == (str(Basis.DECLARED.label), str(Basis.VISITED.label))


def test_an_expense_names_kind_and_day():
    after = changed()
    after["expenses"][0] |= {"reimbursed_fen": 0, "net_fen": 20_000_00}

    found = only(after)

    assert str(ExpenseKind.ILLNESS.label) in found.what and "2026-01-05" in found.what
    assert (found.before, found.after) == ("12,000.00", "0.00")


def test_whom_an_expense_was_for_is_said_by_name():
    after = changed()
    after["expenses"][0] |= {"member": 2}

    found = only(after)

    assert "王建国" in found.before and "李秀英" in found.after


def test_somebody_new_is_one_difference_with_all_facts():
    after = changed()
    after["members"].append(HOUSEHOLD["members"][1] | {"pk": 3, "relation": "SON"})

    found = only(after, {**NAMES, 3: "王小明"})

    assert "王小明" in found.what
    assert found.before == ""
    assert str(Health.GOOD.label) in found.after and "0.00" in found.after


def test_somebody_gone_is_one_difference_with_all_facts():
    after = changed()
    del after["members"][1]

    found = only(after)

    assert "李秀英" in found.what
    assert str(Health.GOOD.label) in found.before
    assert found.after == ""


def test_a_replaced_expense_is_one_gone_and_one_new():
    after = changed()
    after["expenses"][0] = after["expenses"][0] | {"pk": 8}

    found = differences.compare(HOUSEHOLD, after, NAMES)

    assert [(bool(d.before), bool(d.after)) for d in found] == [(True, False), (False, True)]


def test_the_order_of_the_card_is_kept():
    after = changed(other_income_fen=5)
    after["members"][0] |= {"ill_this_year": False}
    after["expenses"][0] |= {"vouchers": 4}
    after["gates"][0] |= {"present": True}

    found = differences.compare(HOUSEHOLD, after, NAMES)

    assert [d.after for d in found][:1] == ["0.05"]
    assert len(found) == 4 and found[-1].what == str(Gate.LUXURY.label)


@pytest.mark.django_db
def test_no_fact_of_a_household_escapes_the_comparison():
    dossier = Dossier.objects.get(pk=World().household().dossier_id)
    whole = facts.household(dossier, 732_00)
    derived = {"pk", "gate", "income_fen", "net_fen"}
    said = {
        "members": differences._member_facts(),
        "expenses": differences._expense_facts({}, whole, whole),
        "gates": differences._gate_facts(),
    }

    assert set(differences._household_facts()) == set(whole) - set(said)
    for part, known in said.items():
        assert set(known) == set(whole[part][0]) - derived
    assert date.fromisoformat(whole["expenses"][0]["spent_on"])
