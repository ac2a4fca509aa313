"""The policy by HTTP: every clause in words, enactment by another person, subsistence lines."""

import pytest
from django.urls import reverse

from cases import actions, policy_words
from cases.models import Policy, SubsistenceLine
from cases.seed_policy import CLAUSES
from people.roles import Role
from tests.conftest import StrictClient
from tests.factories import UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(time_machine):
    world = World()
    time_machine.move_to(world.now + DAY, tick=False)
    return world


@pytest.fixture
def draft(world):
    """A second version with another notice period."""
    clauses = [
        (key, clause, 7 if key == "notice.working_days" else value, mark, source)
        for key, clause, value, mark, source in CLAUSES
    ]
    return actions.draft_policy(
        company=world.company, title="第二版", clauses=clauses, by=world.company_officer,
        at=world.tick(),
    )  # fmt: skip


def signed_in(user):
    client = StrictClient()
    client.force_login(user)
    return client


def url(name, *args):
    return reverse(f"cases:{name}", args=args)


PEOPLE = (
    "stranger", "employee", "officer", "company_officer", "company_chair", "leader", "auditor",
    "abroad",
)  # fmt: skip
MATRIX = {
    "policy_list": (302, 200, 200, 200, 200, 200, 200, 200),
    "policy_detail": (302, 200, 200, 200, 200, 200, 200, 404),
    "policy_enact": (302, 403, 403, 403, 200, 403, 403, 404),
    "policy_line": (302, 403, 403, 200, 403, 403, 403, 403),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world, draft):
    client = StrictClient()
    user = {
        "stranger": lambda: None,
        "employee": lambda: world.employee(),
        "leader": lambda: world.leaders[0],
        "abroad": lambda: appoint(Role.COMPANY_CHAIR, UnitFactory(company=True)),
    }.get(who, lambda: getattr(world, who, None))()
    if user:
        client.force_login(user)

    answers = {
        name: client.get(
            url(name, draft.pk) if name in ("policy_detail", "policy_enact") else url(name)
        ).status_code
        for name in MATRIX
    }

    assert answers == {name: row[PEOPLE.index(who)] for name, row in MATRIX.items()}


def test_every_clause_of_the_seed_policy_has_words(world):
    page = signed_in(world.officer).get(url("policy_detail", world.policy.pk))

    rows = [row for _chapter, rows in page.context["chapters"] for row in rows]
    assert len(rows) == len(CLAUSES)
    for key, clause, value, _mark, source in CLAUSES:
        said = policy_words.words(key, value)
        assert said.name != key
        assert (said.value == "") == bool(said.rows)
        assert clause in page.text and source in page.text
    assert "notice-info" in page.text


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("level.income_permille", [["SPECIAL", 1000], ["HEAVY", 1505]], ("100 %", "150.5 %")),
        ("emergency.medical_bands", [[0, 1000_00], [5_000_00, 2000_00]], ("0.00", "2,000.00")),
        ("score.earners", {"none": 20, "one_of_three": 14, "one_of_two": 8}, ("20", "8")),
        ("income.rates", {"above": 80, "below_half": 110}, ("80 %", "110 %")),
        ("regular.SPRING", {"SPECIAL": 2000_00}, ("2,000.00",)),
    ],
)
def test_tables_are_said_in_rows(key, value, said):
    text = str(policy_words.words(key, value).rows)

    assert all(part in text for part in said)


def test_a_clause_this_program_does_not_know_is_shown_as_it_stands():
    assert policy_words.words("future.clause", 7) == policy_words.Words("future.clause", "7")


def test_a_changed_clause_shows_what_it_said_before(world, draft):
    page = signed_in(world.officer).get(url("policy_detail", draft.pk))

    rows = [row for _chapter, rows in page.context["chapters"] for row in rows]
    changed = [row for row in rows if row["changed"]]
    assert [row["clause"].key for row in changed] == ["notice.working_days"]
    assert ("7" in changed[0]["words"].value, "5" in changed[0]["was"].value) == (True, True)


def test_another_person_puts_a_draft_in_force(world, draft):
    day = world.today + 10 * DAY

    answer = signed_in(world.company_chair).post(
        url("policy_enact", draft.pk), {"in_force_on": day.isoformat()}
    )

    draft.refresh_from_db()
    assert answer["Location"] == draft.get_absolute_url()
    assert (draft.status, draft.in_force_on, draft.enacted_by) == (
        "IN_FORCE", day, world.company_chair,
    )  # fmt: skip


def test_who_drafted_it_does_not_put_it_in_force(world):
    both = appoint(Role.COMPANY_OFFICER, world.company)
    appointed = both.appointments.get()
    appointed.pk, appointed.role = None, Role.COMPANY_CHAIR
    appointed.save()
    own = actions.draft_policy(
        company=world.company, title="自拟", clauses=CLAUSES, by=both, at=world.tick()
    )

    answer = signed_in(both).post(url("policy_enact", own.pk), {"in_force_on": "2026-04-01"})

    own.refresh_from_db()
    assert answer.status_code == 403
    assert own.status == "DRAFT"


def test_a_day_that_has_passed_is_refused_at_the_field(world, draft):
    answer = signed_in(world.company_chair).post(
        url("policy_enact", draft.pk), {"in_force_on": "2026-01-01"}
    )

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["in_force_on"]


def test_a_policy_in_force_is_not_enacted_again(world):
    client = signed_in(world.company_chair)

    assert client.get(url("policy_enact", world.policy.pk)).status_code == 403
    assert not client.get(url("policy_detail", world.policy.pk)).context["may_enact"]


def test_the_version_of_today_stands_out(world, draft):
    page = signed_in(world.officer).get(url("policy_list"))

    assert page.context["current"] == {world.policy.pk}
    assert [policy.pk for policy in page.context["page"]] == [draft.pk, world.policy.pk]
    assert [pk for _policy, pk in page.context["shown"]] == [world.policy.pk, None]
    assert url("policy_diff", world.policy.pk, draft.pk) in page.text


def test_a_stranger_to_every_company_sees_an_empty_list(world):
    page = signed_in(appoint(Role.COMPANY_OFFICER, UnitFactory(company=True))).get(
        url("policy_list")
    )

    assert len(page.context["page"]) == 0
    assert "empty-first" in page.text


def test_a_new_subsistence_line_is_entered_beside_the_old_one(world):
    data = {
        "place": "哈尔滨市区", "since": "2026-07-01", "monthly_fen": "800",
        "source": "哈民发〔2026〕1号",
    }  # fmt: skip
    client = signed_in(world.company_officer)

    answer = client.post(url("policy_line"), data)

    assert answer["Location"] == url("policy_list")
    lines = SubsistenceLine.objects.order_by("since")
    assert [line.monthly_fen for line in lines] == [732_00, 800_00]
    again = client.post(url("policy_line"), data)
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["since"])
    assert "800.00" in client.get(url("policy_list")).text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(count, world, django_assert_num_queries):
    for n in range(count - 1):
        actions.draft_policy(
            company=world.company, title=f"草案{n}", clauses=[], by=world.company_officer,
            at=world.tick(),
        )  # fmt: skip
    client = signed_in(world.officer)

    # session, user, hats, kin, in force (2), list, what each replaces, lines
    with django_assert_num_queries(9):
        client.get(url("policy_list"))

    assert Policy.objects.count() == count
