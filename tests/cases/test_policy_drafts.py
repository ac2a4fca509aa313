"""Drafts of the policy: begun, edited clause by clause through forms, compared, given up."""

import pytest

from cases import actions, policy_words
from cases.forms.policy import ClauseForm
from cases.models import Policy, PolicyEdit
from cases.seed_policy import CLAUSES, LATER
from people.roles import Role
from tests.cases.refused import not_allowed
from tests.cases.test_policy_views import signed_in, url
from tests.factories import UnitFactory, appoint
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
CANARY = "<svg onload=x>"
SEED = {row[0]: row for row in CLAUSES}


@pytest.fixture
def world(time_machine):
    world = World()
    time_machine.move_to(world.now + DAY, tick=False)
    return world


@pytest.fixture
def draft(world):
    return actions.start_draft(
        company=world.company, title="第二版", by=world.company_officer, at=world.tick()
    )


def change(world, policy, key, value, by=None, **columns):
    clause = policy.clauses.filter(key=key).first()
    given = {"clause": "第九条", "source": "示例", "mark": "ASSUMPTION"}
    if clause:
        given = {"clause": clause.clause, "source": clause.source, "mark": clause.mark}
    return actions.change_clause(
        policy=policy, key=key, value=value, by=by or world.company_officer, at=world.tick(),
        **given | columns,
    )  # fmt: skip


def rules(policy):
    return Policy.objects.get(pk=policy.pk).rules


# Beginning a draft


def test_a_draft_begins_as_a_copy_of_the_version_in_force(world, draft):
    assert (draft.number, draft.status, draft.drafted_by) == (2, "DRAFT", world.company_officer)
    columns = ("key", "clause", "value", "mark", "source")
    assert list(draft.clauses.order_by("pk").values_list(*columns)) == list(
        world.policy.clauses.order_by("pk").values_list(*columns)
    )


def test_a_draft_takes_the_clauses_the_version_in_force_lacks(world):
    company = UnitFactory(company=True)
    officer, chair = appoint(Role.COMPANY_OFFICER, company), appoint(Role.COMPANY_CHAIR, company)
    old = actions.draft_policy(
        company=company, title="旧", by=officer, at=world.tick(),
        clauses=[row for row in CLAUSES if row[0] not in LATER],
    )  # fmt: skip
    actions.enact(policy=old, in_force_on=world.today, by=chair, at=world.tick())

    draft = actions.start_draft(company=company, title="新", by=officer, at=world.tick())

    assert set(draft.clauses.values_list("key", flat=True)) == set(SEED)


def test_a_first_draft_begins_with_the_seed(world):
    company = UnitFactory(company=True)
    officer = appoint(Role.COMPANY_OFFICER, company)

    draft = actions.start_draft(company=company, title="首版", by=officer, at=world.tick())

    assert draft.clauses.count() == len(CLAUSES)


def test_the_page_makes_a_draft_once(world):
    client = signed_in(world.company_officer)
    data = {"company": world.company.pk, "title": CANARY}

    first = client.post(url("policy_new"), data)
    again = client.post(url("policy_new"), data)

    draft = Policy.objects.get(title=CANARY)
    assert first["Location"] == draft.get_absolute_url()
    assert (again.status_code, list(again.context["form"].errors)) == (422, ["title"])
    assert CANARY not in client.get(draft.get_absolute_url()).text


def test_a_second_draft_of_the_same_title_is_refused(world, draft):
    with not_allowed("A draft of this title is being worked on already."):
        actions.start_draft(
            company=world.company, title="第二版", by=world.company_officer, at=world.tick()
        )


def test_only_the_company_officer_drafts(world):
    with not_allowed("Only the company union officer drafts a policy."):
        actions.start_draft(
            company=world.company, title="第二版", by=world.company_chair, at=world.tick()
        )


# Changing a clause


def test_a_changed_clause_is_kept_with_who_changed_it(world, draft):
    change(world, draft, "notice.working_days", 7, source="某文")

    clause = draft.clauses.get(key="notice.working_days")
    assert (clause.value, clause.source) == (7, "某文")
    edit = PolicyEdit.objects.get(policy=draft)
    assert (edit.key, edit.by) == ("notice.working_days", world.company_officer)


def test_a_clause_that_stays_the_same_is_no_edit(world, draft):
    change(world, draft, "notice.working_days", 5)

    assert not PolicyEdit.objects.filter(policy=draft).exists()


def test_a_clause_the_draft_lacks_is_added(world):
    draft = actions.draft_policy(
        company=world.company, title="空", clauses=[], by=world.company_officer, at=world.tick()
    )

    change(world, draft, "quorum.percent", 70)

    assert draft.clauses.get().value == 70


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("notice.working_days", 0, "Enter something from"),
        ("never.heard.of", 5, "This program knows no such clause."),
        ("gate.questions", [], "Choose at least one."),
    ],
)
def test_a_clause_that_makes_no_sense_is_refused(key, value, reason, world, draft):
    with not_allowed(reason):
        change(world, draft, key, value)

    assert not PolicyEdit.objects.filter(policy=draft).exists()


def test_a_clause_of_an_unknown_shape_is_shown_but_not_changed(world):
    clauses = [*CLAUSES, ("future.table", "第九十条", {"a": [1]}, "ASSUMPTION", "未来")]
    draft = actions.draft_policy(
        company=world.company, title="未来", clauses=clauses, by=world.company_officer,
        at=world.tick(),
    )  # fmt: skip
    client = signed_in(world.company_officer)

    with not_allowed("This clause cannot be changed here."):
        change(world, draft, "future.table", {"a": [2]})

    assert client.get(url("clause_edit", draft.pk, "future.table")).status_code == 403
    assert "future.table" in client.get(draft.get_absolute_url()).text


def test_an_unknown_whole_number_is_changed_as_a_number(world):
    clauses = [*CLAUSES, ("future.number", "第九十条", 3, "ASSUMPTION", "未来")]
    draft = actions.draft_policy(
        company=world.company, title="未来", clauses=clauses, by=world.company_officer,
        at=world.tick(),
    )  # fmt: skip
    data = {"value": "4", "clause": "第九十条", "source": "未来", "mark": "SOURCE"}

    answer = signed_in(world.company_officer).post(
        url("clause_edit", draft.pk, "future.number"), data
    )

    assert answer.status_code == 302
    assert rules(draft)["future.number"] == 4


def test_a_version_in_force_and_one_given_up_are_not_changed(world, draft):
    actions.give_up_draft(policy=draft, by=world.company_officer, at=world.tick())
    reason = "Only a draft is changed; make a new version instead."

    for policy in (world.policy, draft):
        with not_allowed(reason):
            change(world, policy, "notice.working_days", 7)
        with not_allowed(reason):
            actions.give_up_draft(policy=policy, by=world.company_officer, at=world.tick())


def test_who_edited_a_draft_does_not_put_it_in_force(world, draft):
    both = appoint(Role.COMPANY_OFFICER, world.company)
    appointed = both.appointments.get()
    appointed.pk, appointed.role = None, Role.COMPANY_CHAIR
    appointed.save()
    change(world, draft, "notice.working_days", 7, by=both)

    with not_allowed("Somebody who has not edited the draft"):
        actions.enact(policy=draft, in_force_on=world.today, by=both, at=world.tick())
    actions.enact(policy=draft, in_force_on=world.today, by=world.company_chair, at=world.tick())

    draft.refresh_from_db()
    assert draft.enacted_by == world.company_chair


def test_a_draft_with_problems_is_not_put_in_force(world, draft):
    change(world, draft, "emergency.cap", 1000_00)

    with not_allowed("The draft is not ready"):
        actions.enact(
            policy=draft, in_force_on=world.today, by=world.company_chair, at=world.tick()
        )
    page = signed_in(world.company_officer).get(draft.get_absolute_url())
    assert [name for name, _sentence in page.context["problems"]] != []
    assert 'id="problems"' in page.text
    assert not page.context["may_enact"]


def test_a_draft_given_up_is_kept_with_who_and_when(world, draft):
    client = signed_in(world.company_officer)

    asked = client.get(url("policy_give_up", draft.pk))
    answer = client.post(url("policy_give_up", draft.pk))

    draft.refresh_from_db()
    assert asked.status_code == 200
    assert answer["Location"] == url("policy_list")
    assert (draft.status, draft.given_up_by) == ("GIVEN_UP", world.company_officer)
    assert world.company_officer.name in client.get(draft.get_absolute_url()).text
    with not_allowed("This draft was given up."):
        actions.enact(
            policy=draft, in_force_on=world.today, by=world.company_chair, at=world.tick()
        )


# The forms


def form(key, data=None, value=None):
    _key, clause, seed, mark, source = SEED[key]
    value = seed if value is None else value
    return ClauseForm(
        data, shape=policy_words.kind(key, value).shape, value=value, clause=clause,
        source=source, mark=mark,
    )  # fmt: skip


def typed(key, **changes):
    """What a browser sends when only these fields of the form are changed."""
    unbound = form(key)
    data = {}
    for name in unbound.fields:
        bound = unbound[name]
        shown = bound.field.prepare_value(bound.initial)
        if shown not in (None, []):
            data[name] = shown
    return data | changes


@pytest.mark.parametrize("key", SEED)
def test_a_form_sent_back_unchanged_says_the_same(key):
    found = form(key, typed(key))

    assert found.is_valid(), found.errors
    assert found.columns == dict(
        zip(("clause", "value", "mark", "source"), SEED[key][1:], strict=True)
    )


@pytest.mark.parametrize(
    ("key", "changes", "value"),
    [
        ("notice.working_days", {"value": "7"}, 7),
        ("class.deep_permille", {"value": "102.5"}, 1025),
        ("emergency.cap", {"value": "2.5万"}, 25_000_00),
        ("income.with_vouchers", {"value": "no"}, False),
        ("gate.questions", {"value": ["LUXURY"]}, ["LUXURY"]),
        (
            "level.score",
            {"value_SPECIAL": "75"},
            [["SPECIAL", 75], ["HEAVY", 50], ["GENERAL", 30]],
        ),
        (
            "regular.SPRING",
            {"value_SPECIAL": "2,500"},
            {"SPECIAL": 2500_00, "HEAVY": 1500_00, "GENERAL": 1000_00},
        ),
        ("income.rates", {"value_above": "70"}, {"above": 70, "below_half": 110}),
        (
            "score.income",
            {"limit_5": "75", "number_5": "37"},
            [[500, 40], [750, 37], [1000, 34], [1500, 24], [2000, 14], [3000, 5]],
        ),
        (
            "score.income",
            {"limit_0": "", "number_0": ""},
            [[1000, 34], [1500, 24], [2000, 14], [3000, 5]],
        ),
    ],
)
def test_a_form_reads_what_was_typed(key, changes, value):
    found = form(key, typed(key, **changes))

    assert found.is_valid(), found.errors
    assert found.columns["value"] == value


def test_an_illness_moves_from_one_group_to_another():
    severe, chronic, minor = SEED["score.illness"][2]
    data = typed(
        "score.illness",
        health_SEVERE=[*severe["health"], "HEART"],
        health_CHRONIC=[code for code in chronic["health"] if code != "HEART"],
    )

    found = form("score.illness", data)

    assert found.is_valid(), found.errors
    assert "HEART" in found.columns["value"][0]["health"]
    assert found.columns["value"][2] == minor


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("notice.working_days", {"value": "0"}),
        ("notice.working_days", {"value": ""}),
        ("class.deep_permille", {"value": "102.55"}),
        ("class.deep_permille", {"value": "2000"}),
        ("emergency.cap", {"value": "-1"}),
        ("gate.questions", {"value": ["YACHT"]}),
        ("income.with_vouchers", {"value": "perhaps"}),
        ("level.score", {"value_HEAVY": "70"}),
        ("score.income", {"limit_5": "75", "number_5": ""}),
        ("score.income", {"limit_5": "75", "number_5": "33"}),
        ("score.income", {"limit_5": "50", "number_5": "39"}),
        ("score.income", {"limit_5": "75", "number_5": "101"}),
        ("score.illness", {"health_MINOR": ["CANCER"]}),
        ("notice.working_days", {"clause": ""}),
        ("notice.working_days", {"source": ""}),
        ("notice.working_days", {"mark": "RUMOUR"}),
    ],
)
def test_a_form_refuses_what_makes_no_sense(key, changes):
    assert not form(key, typed(key, **changes)).is_valid()


def test_the_page_changes_a_clause_and_names_it(world, draft):
    client = signed_in(world.company_officer)
    address = url("clause_edit", draft.pk, "score.income")
    data = typed("score.income", limit_5="75", number_5="37", source=CANARY)

    shown = client.get(address)
    answer = client.post(address, data)

    assert shown.context["form"].banded
    assert answer["Location"] == draft.get_absolute_url()
    assert rules(draft)["score.income"][1] == [750, 37]
    assert CANARY not in client.get(draft.get_absolute_url()).text


def test_the_page_keeps_what_was_typed_when_it_is_refused(world, draft):
    client = signed_in(world.company_officer)

    answer = client.post(
        url("clause_edit", draft.pk, "score.income"),
        typed("score.income", limit_5="75", number_5="33", source="某文"),
    )

    assert answer.status_code == 422
    assert 'value="33"' in answer.text and "某文" in answer.text
    assert len(rules(draft)["score.income"]) == 5


def test_a_clause_nobody_knows_is_not_found(world, draft):
    client = signed_in(world.company_officer)

    assert client.get(url("clause_edit", draft.pk, "never.heard.of")).status_code == 404


# Who may


PEOPLE = ("stranger", "employee", "officer", "company_officer", "company_chair", "auditor")
MATRIX = {
    "policy_new": (302, 403, 403, 200, 403, 403),
    "clause_edit": (302, 403, 403, 200, 403, 403),
    "policy_give_up": (302, 403, 403, 200, 403, 403),
    "policy_diff": (302, 200, 200, 200, 200, 200),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_for_every_person(who, world, draft, client):
    user = world.employee() if who == "employee" else getattr(world, who, None)
    if user:
        client.force_login(user)
    args = {
        "policy_new": (),
        "clause_edit": (draft.pk, "notice.working_days"),
        "policy_give_up": (draft.pk,),
        "policy_diff": (world.policy.pk, draft.pk),
    }

    answers = {name: client.get(url(name, *args[name])).status_code for name in MATRIX}

    assert answers == {name: row[PEOPLE.index(who)] for name, row in MATRIX.items()}


def test_an_officer_of_another_company_finds_nothing(world, draft):
    client = signed_in(appoint(Role.COMPANY_OFFICER, UnitFactory(company=True)))

    assert client.get(url("clause_edit", draft.pk, "notice.working_days")).status_code == 404
    assert client.post(url("policy_give_up", draft.pk)).status_code == 404
    assert client.get(url("policy_diff", world.policy.pk, draft.pk)).status_code == 404


# The difference in words


def lines(world, draft):
    page = signed_in(world.officer).get(url("policy_diff", world.policy.pk, draft.pk))
    return {one.key: one for one in page.context["differences"]}


def test_two_versions_alike_differ_in_nothing(world, draft):
    assert lines(world, draft) == {}


def test_a_number_is_compared_as_one_line(world, draft):
    change(world, draft, "notice.working_days", 7)

    (line,) = lines(world, draft)["notice.working_days"].lines
    assert (line[0], "5" in line[1], "7" in line[2]) == ("", True, True)


def test_a_table_is_compared_row_by_row(world, draft):
    spring = {"SPECIAL": 2500_00, "HEAVY": 1500_00, "GENERAL": 1000_00}
    change(world, draft, "regular.SPRING", spring)

    (line,) = lines(world, draft)["regular.SPRING"].lines
    assert line[1:] == ("2,000.00", "2,500.00")


def test_bands_that_come_and_go_are_compared_by_their_limit(world, draft):
    bands = [[0, 1000_00], [5_000_00, 2000_00], [20_000_00, 6000_00], [60_000_00, 15_000_00]]
    change(world, draft, "emergency.medical_bands", bands)

    found = lines(world, draft)["emergency.medical_bands"].lines
    assert found == (
        ("20,000.00", "", "6,000.00"),
        ("10,000.00", "5,000.00", ""),
        ("30,000.00", "10,000.00", ""),
    )


def test_another_source_is_a_difference_too(world, draft):
    change(world, draft, "notice.working_days", 5, clause="第十九条之一", source="某文")

    one = lines(world, draft)["notice.working_days"]
    assert (one.lines, one.resourced, one.after.source) == ((), True, "某文")


def test_a_clause_only_one_version_has_is_a_difference(world):
    draft = actions.draft_policy(
        company=world.company, title="短", clauses=CLAUSES[:-1], by=world.company_officer,
        at=world.tick(),
    )  # fmt: skip

    one = lines(world, draft)[CLAUSES[-1][0]]
    assert (one.after, one.resourced) == (None, False)
    assert one.lines[0][2] == ""


def test_the_enacter_sees_what_changes_and_that_nobody_tried_it(world, draft):
    change(world, draft, "notice.working_days", 7)

    page = signed_in(world.company_chair).get(url("policy_enact", draft.pk))

    assert [one.key for one in page.context["differences"]] == ["notice.working_days"]
    assert page.context["simulation"] is None
    assert "notice-attention" in page.text


def test_a_page_of_a_draft_takes_a_fixed_number_of_queries(world, draft, django_assert_num_queries):
    client = signed_in(world.company_officer)
    change(world, draft, "notice.working_days", 7)

    # session, user, hats, kin, policy, base and its clauses, clauses, problems, editors, lines
    with django_assert_num_queries(11):
        client.get(draft.get_absolute_url())
