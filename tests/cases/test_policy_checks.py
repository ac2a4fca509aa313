"""What stands in the way of putting a version in force: each clause alone, and all together."""

import copy

import pytest

from cases import policy_checks, policy_words
from cases.seed_policy import CLAUSES

SEED = {key: value for key, _clause, value, _mark, _source in CLAUSES}


def problems(**changes):
    """{key: sentence} when the seed policy is changed in these clauses (dots as __)."""
    clauses = copy.deepcopy(SEED) | {k.replace("__", "."): v for k, v in changes.items()}
    return {problem.key: problem.sentence for problem in policy_checks.problems(clauses)}


def test_the_seed_policy_has_no_problems():
    assert problems() == {}


def test_every_clause_of_the_seed_has_a_name_a_chapter_and_a_shape():
    for key, value in SEED.items():
        what = policy_words.kind(key, value)
        assert key in policy_words.KINDS
        assert what.shape.why_not(value) == ""
        assert what.words(value).value or what.words(value).rows


def test_a_missing_clause_is_named():
    clauses = {key: value for key, value in SEED.items() if key != "quorum.percent"}

    assert [p.key for p in policy_checks.problems(clauses)] == ["quorum.percent"]


def test_a_clause_younger_than_the_version_is_not_missed():
    clauses = {key: value for key, value in SEED.items() if key not in policy_checks.LATER}

    assert policy_checks.problems(clauses) == []


ALONE = [
    ("notice.working_days", 0),
    ("notice.working_days", True),
    ("notice.working_days", "5"),
    ("quorum.percent", 101),
    ("emergency.cap", -1),
    ("class.deep_permille", 0),
    ("level.score", [["SPECIAL", 50], ["HEAVY", 50], ["GENERAL", 30]]),
    ("level.score", [["SPECIAL", 70], ["HEAVY", 50]]),
    ("level.income_permille", [["SPECIAL", 1500], ["HEAVY", 1000], ["GENERAL", 2000]]),
    ("score.income", []),
    ("score.income", [[500, 40], [500, 30]]),
    ("score.income", [[1000, 40], [500, 50]]),
    ("score.income", [[500, 30], [1000, 40]]),
    ("emergency.medical_bands", [[100, 1000_00]]),
    ("emergency.medical_bands", [[0, 1000_00], [5_000_00, 500_00]]),
    ("regular.SPRING", {"SPECIAL": 500_00, "HEAVY": 1500_00, "GENERAL": 1000_00}),
    ("regular.SPRING", {"SPECIAL": 500_00}),
    ("income.rates", {"above": 120, "below_half": 110}),
    ("score.earners", {"none": 8, "one_of_three": 14, "one_of_two": 20}),
    ("gate.questions", []),
    ("gate.questions", ["YACHT"]),
    ("income.with_vouchers", 1),
]


@pytest.mark.parametrize(("key", "value"), ALONE)
def test_a_clause_that_makes_no_sense_alone_is_refused(key, value):
    assert list(problems(**{key.replace(".", "__"): value})) == [key]


def illness(**points):
    groups = copy.deepcopy(SEED["score.illness"])
    for group in groups:
        group["points"] = points.get(group["group"], group["points"])
    return groups


def test_an_illness_stands_in_one_group():
    groups = illness()
    groups[2]["health"].append("CANCER")

    found = problems(score__illness=groups)

    assert list(found) == ["score.illness"]
    assert "恶性肿瘤" in found["score.illness"] or "malignant tumour" in found["score.illness"]


def test_worse_illness_gives_more_points():
    assert list(problems(score__illness=illness(CHRONIC=35))) == ["score.illness"]


def test_an_unknown_illness_is_refused():
    groups = illness()
    groups[0]["health"].append("HAYFEVER")

    assert list(problems(score__illness=groups)) == ["score.illness"]


TOGETHER = [
    ({"class__deep_permille": 2000}, "class.deep_permille"),
    ({"class__relative_permille": 3001}, "class.relative_permille"),
    ({"score__ill_this_year": 11}, "score.income"),
    ({"level__score": [["SPECIAL", 95], ["HEAVY", 50], ["GENERAL", 30]],
      "score__ill_this_year": 0}, "level.score"),
    ({"emergency__cap": 14_999_99}, "emergency.cap"),
    ({"medical__cap": 14_999_99}, "medical.cap"),
    ({"emergency__loss_cap": 20_000_01}, "emergency.loss_cap"),
    ({"emergency__year_cap": 19_999_99}, "emergency.year_cap"),
    ({"majority__percent": 100}, "majority.percent"),
    ({"quorum__percent": 0}, "quorum.percent"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "key"), TOGETHER)
def test_clauses_that_contradict_one_another_are_refused(changes, key):
    assert list(problems(**changes)) == [key]


def test_limits_that_touch_are_allowed():
    assert problems(class__relative_permille=3000, emergency__year_cap=20_000_00) == {}
