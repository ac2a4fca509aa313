"""The constraints of a household's file, each by its name, and what its querysets answer."""

from datetime import date

import pytest
from django.db import IntegrityError, connection

from base import guards
from base.append_only import AppendOnlyError
from base.crypto import blind_index
from cases import evidence
from cases.models import (
    Asset,
    Document,
    Dossier,
    Expense,
    Member,
    Revision,
    RevisionBody,
    SubsistenceLine,
    Supporter,
)
from people.models import Relation
from people.roles import Role
from tests.cases.refused import attempt, constraints_of, refused_by
from tests.factories import NOON, UnitFactory, appoint, id_number
from tests.world import DAY, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def dossier(world):
    return world.household().dossier


def update(row, **columns):
    return attempt(type(row).objects.filter(pk=row.pk).update, **columns)


DOSSIER = [
    ("dossier_status_known", {"status": "LOST"}),
    ("dossier_category_known", {"category": "RICH"}),
    ("dossier_level_known", {"level": "NONE"}),
    ("dossier_main_cause_known", {"main_cause": "LUCK"}),
    (
        "dossier_exit_reason_known",
        {"status": "EXITED", "closed_on": date(2026, 1, 1), "exit_reason": "BORED"},
    ),
    ("dossier_closed_has_day", {"closed_on": date(2026, 1, 1)}),
    ("dossier_closed_has_day", {"status": "EXITED", "exit_reason": "DIED"}),
    ("dossier_closed_has_reason", {"exit_reason": "DIED"}),
    ("dossier_closed_has_reason", {"status": "CANCELLED", "closed_on": date(2026, 1, 1)}),
    ("dossier_other_income_not_negative", {"other_income_fen": -1}),
    ("dossier_other_income_not_negative", {"verified_other_income_fen": -1}),
    ("dossier_other_income_basis_known", {"other_income_basis": "HEARSAY"}),
    ("dossier_kind_known", {"kind": "FRIEND"}),
    ("dossier_standard_known", {"standard": "WORLD"}),
    ("dossier_housing_known", {"housing": "TENT"}),
    ("dossier_industry_known", {"industry": "Z"}),
    ("dossier_key_group_known", {"key_group": "CROWD"}),
    ("dossier_measure_known", {"measure": "LUCK"}),
    ("dossier_allowance_when_on_it", {"allowance_fen": 100, "on_allowance": False}),
    ("dossier_allowance_when_on_it", {"allowance_fen": 100, "on_allowance": None}),
    ("dossier_allowance_when_on_it", {"allowance_fen": -1, "on_allowance": True}),
]
ACTIVE = {
    "status": "ACTIVE", "opened_on": date(2026, 1, 1), "review_due_on": date(2027, 1, 1),
    "category": "DEEP", "level": "HEAVY", "main_cause": "DISASTER",
}  # fmt: skip
DOSSIER += [
    ("dossier_active_is_complete", ACTIVE | {missing: None})
    for missing in ("opened_on", "review_due_on")
] + [
    ("dossier_active_is_complete", ACTIVE | {missing: ""})
    for missing in ("category", "level", "main_cause")
]
DOSSIER_UNIQUE = {"dossier_number_once", "dossier_one_open_per_head"}

MEMBER = [
    ("member_relation_known", {"relation": "FRIEND"}),
    ("member_sex_known", {"sex": "?"}),
    ("member_occupation_known", {"occupation": "KING"}),
    ("member_school_level_known", {"school_level": "OXFORD"}),
    ("member_health_known", {"health": "GREAT"}),
    ("member_health_basis_known", {"health_basis": "HEARSAY"}),
    ("member_income_basis_known", {"income_basis": "HEARSAY"}),
    ("member_income_not_negative", {"monthly_income_fen": -1}),
    ("member_income_not_negative", {"verified_income_fen": -1}),
    ("member_work_basis_known", {"work_basis": "HEARSAY"}),
    ("member_verified_occupation_known", {"verified_occupation": "KING"}),
    ("member_verified_health_known", {"verified_health": "GREAT"}),
    ("member_work_state_known", {"work_state": "DREAMING"}),
    ("member_employer_kind_known", {"employer_kind": "GUILD"}),
    ("member_employer_state_known", {"employer_state": "RICH"}),
    ("member_contract_term_known", {"contract_term": "FOREVER"}),
    ("member_disability_kind_known", {"disability_kind": "NONE"}),
    ("member_disability_grade_known", {"disability_grade": "9"}),
    ("member_ethnicity_known", {"ethnicity": "XX"}),
    ("member_political_known", {"political": "ROYALIST"}),
    ("member_marital_known", {"marital": "ENGAGED"}),
    ("member_education_known", {"education": "OXFORD"}),
    ("member_hukou_known", {"hukou": "MOON"}),
    ("member_insurance_known", {"insurance": "DENTAL"}),
    ("member_model_worker_known", {"model_worker": "STAR"}),
]
MEMBER_UNIQUE = {"member_one_active_household", "member_once_per_household", "member_one_head"}

EXPENSE = [
    ("expense_kind_known", {"kind": "FUN"}),
    ("expense_basis_known", {"basis": "HEARSAY"}),
    ("expense_reimbursed_within_amount", {"gross_fen": 0, "reimbursed_fen": 0}),
    ("expense_reimbursed_within_amount", {"reimbursed_fen": -1}),
    ("expense_reimbursed_within_amount", {"reimbursed_fen": 20_000_01}),
    ("expense_verified_within_amount", {"verified_net_fen": -1}),
    ("expense_verified_within_amount", {"verified_net_fen": 20_000_01}),
]

ASSET = [
    ("asset_gate_known", {"gate": "YACHT"}),
    ("asset_basis_known", {"basis": "HEARSAY"}),
    ("asset_exception_complete", {"excepted_at": NOON, "exception": "x", "present": True}),
    ("asset_exception_has_reason", {"exception": "nobody minuted it"}),
    ("asset_exception_to_a_yes", {"excepted_at": NOON, "excepted_by": 1, "exception": "x"}),
]
SUPPORTER = [
    ("supporter_relation_known", {"relation": "FRIEND"}),
    ("supporter_amount_not_negative", {"monthly_fen": -1}),
]
ASSET_UNIQUE = {"asset_once_per_household"}


@pytest.mark.parametrize(
    ("model", "tried"),
    [
        (Dossier, {name for name, _c in DOSSIER} | DOSSIER_UNIQUE),
        (Member, {name for name, _c in MEMBER} | MEMBER_UNIQUE),
        (Expense, {name for name, _c in EXPENSE}),
        (Asset, {name for name, _c in ASSET} | ASSET_UNIQUE),
        (Supporter, {name for name, _c in SUPPORTER}),
        (Revision, {"revision_number_once"}),
        (SubsistenceLine, {"line_positive", "line_once_a_day"}),
    ],
)
def test_every_constraint_is_tried_here(model, tried):
    assert constraints_of(model) == tried


@pytest.mark.parametrize(("name", "columns"), DOSSIER)
def test_a_dossier_is_refused(name, columns, dossier):
    with refused_by(name):
        update(dossier, **columns)


def test_a_complete_dossier_is_taken(dossier):
    assert update(dossier, **ACTIVE) == 1


def test_a_number_stands_once_in_a_company(world, dossier):
    other = world.household().dossier

    with refused_by("dossier_number_once", "cases_dossier.company_id, cases_dossier.number"):
        update(other, number=dossier.number)


def test_a_head_has_one_open_file(world, dossier):
    other = world.household().dossier

    with refused_by("dossier_one_open_per_head", "cases_dossier.head_id"):
        update(other, head=dossier.head)


def test_a_head_may_have_exited_files_beside_an_open_one(world, dossier):
    other = world.household().dossier
    update(other, status="EXITED", closed_on=world.today, exit_reason="RECOVERED")

    assert update(other, head=dossier.head) == 1


@pytest.mark.parametrize(("name", "columns"), MEMBER)
def test_a_member_is_refused(name, columns, dossier):
    with refused_by(name):
        update(dossier.members.get(relation=Relation.SPOUSE), **columns)


@pytest.mark.parametrize(("name", "columns"), SUPPORTER)
def test_a_supporter_is_refused(name, columns, dossier):
    supporter = Supporter.objects.create(dossier=dossier, relation="SON", name="王强")

    with refused_by(name):
        update(supporter, **columns)


def test_an_id_number_stands_in_one_active_household(world):
    first, second = world.on_file(), world.on_file()
    twin = first.members.get(relation=Relation.SPOUSE).id_index

    with refused_by(
        "member_one_active_household", "cases_member.company_id, cases_member.id_index"
    ):
        update(second.members.get(relation=Relation.SPOUSE), id_index=twin)


def test_an_id_number_may_stand_in_an_inactive_household_too(world, dossier):
    twin = world.on_file().members.get(relation=Relation.SPOUSE).id_index

    assert update(dossier.members.get(relation=Relation.SPOUSE), id_index=twin) == 1


def test_an_id_number_stands_once_in_a_household(dossier):
    head = dossier.members.get(relation=Relation.SELF)

    with refused_by("member_once_per_household", "cases_member.dossier_id, cases_member.id_index"):
        update(dossier.members.get(relation=Relation.SPOUSE), id_index=head.id_index)


def test_a_household_has_one_head(dossier):
    with refused_by("member_one_head", "cases_member.dossier_id"):
        update(dossier.members.get(relation=Relation.SPOUSE), relation=Relation.SELF)


@pytest.mark.parametrize(("name", "columns"), EXPENSE)
def test_an_expense_is_refused(name, columns, dossier):
    with refused_by(name):
        update(dossier.expenses.get(), **columns)


@pytest.mark.parametrize(("name", "columns"), ASSET)
def test_an_answer_is_refused(name, columns, dossier):
    with refused_by(name):
        update(dossier.assets.first(), **columns)


def test_an_exception_needs_a_reason(world, dossier):
    with refused_by("asset_exception_has_reason"):
        update(
            dossier.assets.first(), excepted_at=NOON, excepted_by=world.company_officer,
            present=True, exception="",
        )  # fmt: skip


def test_a_question_is_answered_once(dossier):
    with refused_by("asset_once_per_household", "cases_asset.dossier_id, cases_asset.gate"):
        attempt(Asset.objects.create, dossier=dossier, gate="LUXURY", present=False)


# A fact called documented names a document of its household

PROVEN = [  # the message, the kind of fact, another verified value
    ("other_income_basis documented needs a document of this household", "d.other_income", 5),
    ("income_basis documented needs a document of this household", "m.income", 5),
    ("work_basis documented needs a document of this household", "m.work", "UNEMPLOYED"),
    ("health_basis documented needs a document of this household", "m.health", "CANCER"),
    ("basis documented needs a document of this household", "e.net", 5),
    ("basis documented needs a document of this household", "a.present", True),
]


def row_of(kind, dossier):
    rows = {Dossier: Dossier, Member: dossier.members, Expense: dossier.expenses}
    if kind.model is Dossier:
        return dossier
    return rows.get(kind.model, dossier.assets).order_by("pk").first()


def proof_of(dossier, by):
    return Document.objects.create(
        dossier=dossier, kind="INCOME", file="p.jpg", media_type="image/jpeg", size=1,
        sha256="0" * 64, uploaded_at=NOON, uploaded_by=by,
    )  # fmt: skip


def unguarded(row, **columns):
    """As rows stand that were marked before the rule came into the database."""
    connection.check_constraints()  # PostgreSQL alters no table while a check is pending
    guards.remove(connection)
    type(row).objects.filter(pk=row.pk).update(**columns)
    connection.check_constraints()
    guards.install(connection)


def test_every_kind_of_fact_is_tried_here():
    assert {kind for _m, kind, _v in PROVEN} == set(evidence.KINDS)
    for message, name, _value in PROVEN:
        kind = evidence.KINDS[name]
        on = [r.on for r in kind.model.refusals if r.message == message]
        assert kind.basis == message.split()[0] and on == [("INSERT",), ("UPDATE",)]


@pytest.mark.parametrize(("message", "name", "value"), PROVEN)
def test_a_documented_fact_needs_a_document_of_its_household(world, dossier, message, name, value):
    kind = evidence.KINDS[name]
    row, table = row_of(kind, dossier), kind.model._meta.db_table
    foreign = proof_of(world.household().dossier, dossier.entered_by)

    with refused_by(f"{table}: {message}"):
        update(row, **{kind.basis: "DOCUMENTED"})
    with refused_by(f"{table}: {message}"):
        update(row, **{kind.basis: "DOCUMENTED", kind.document: foreign})
    own = proof_of(dossier, dossier.entered_by)
    assert update(row, **{kind.basis: "DOCUMENTED", kind.document: own}) == 1
    with refused_by(f"{table}: {message}"):
        update(row, **{kind.document: None})


@pytest.mark.parametrize(("message", "name", "value"), PROVEN)
def test_a_fact_documented_before_the_rule_stays_until_its_mark_changes(
    dossier, message, name, value
):
    kind = evidence.KINDS[name]
    row = row_of(kind, dossier)
    unguarded(row, **{kind.basis: "DOCUMENTED"})

    assert update(row, **{kind.declared[0]: getattr(row, kind.declared[0])}) == 1
    with refused_by(message):
        update(row, **{kind.verified[0]: value})
    assert update(row, **{kind.basis: "VISITED", kind.verified[0]: value}) == 1


@pytest.mark.parametrize(("message", "name", "value"), PROVEN)
def test_a_new_row_is_not_documented_without_a_document(dossier, message, name, value):
    kind = evidence.KINDS[name]
    row = row_of(kind, dossier)
    row.pk, row._state.adding = None, True
    setattr(row, kind.basis, "DOCUMENTED")

    with refused_by(message):
        attempt(row.save)


def revision(dossier, **columns):
    given = {
        "dossier": dossier, "number": 1, "edit": 0, "digest": "0" * 64, "at": NOON,
        "by": dossier.entered_by,
    }  # fmt: skip
    return attempt(Revision.objects.create, **given | columns)


def test_a_revision_number_stands_once(dossier):
    revision(dossier)

    with refused_by("revision_number_once", "cases_revision.dossier_id, cases_revision.number"):
        revision(dossier)


def test_a_revision_is_sealed_and_its_body_erasable(dossier):
    sealed = revision(dossier)
    body = RevisionBody.objects.create(revision=sealed, salt="s", content="{}")

    with pytest.raises(AppendOnlyError):
        sealed.delete()
    with pytest.raises(AppendOnlyError):
        Revision.objects.filter(pk=sealed.pk).update(digest="1" * 64)
    body.delete()

    assert Revision.objects.get().digest == "0" * 64


def test_the_body_of_a_revision_is_encrypted(dossier):
    body = RevisionBody.objects.create(revision=revision(dossier), salt="s", content="明文")

    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM cases_revisionbody")
        (stored,) = cursor.fetchone()
    assert "明文" not in stored
    assert RevisionBody.objects.get(pk=body.pk).content == "明文"


def line(company, **columns):
    given = {"company": company, "place": "哈尔滨", "since": date(2026, 1, 1), "monthly_fen": 1}
    return attempt(SubsistenceLine.objects.create, **given | {"source": "示例"} | columns)


def test_a_subsistence_line_is_positive(world):
    with refused_by("line_positive"):
        line(world.company, monthly_fen=0)


def test_a_subsistence_line_stands_once_a_day(world):
    line(world.company)

    with refused_by(
        "line_once_a_day", "cases_subsistenceline.company_id, cases_subsistenceline.since"
    ):
        line(world.company)
    assert line(UnitFactory(company=True))


def test_a_household_with_a_case_cannot_be_deleted(dossier):
    with pytest.raises(IntegrityError):
        attempt(dossier.delete)


# What counts


def test_the_verified_income_counts_before_the_declared_one():
    assert Member(monthly_income_fen=5).income_fen == 5
    assert Member(monthly_income_fen=5, verified_income_fen=0).income_fen == 0


def test_the_verified_net_amount_counts_before_the_declared_one():
    assert Expense(gross_fen=5, reimbursed_fen=2).net_fen == 3
    assert Expense(gross_fen=5, reimbursed_fen=2, verified_net_fen=0).net_fen == 0


# What querysets answer


def seen(user, on):
    return set(Dossier.objects.visible_to(user.actor(on)))


def test_who_sees_a_household(world, dossier):
    elsewhere = appoint(Role.UNIT_OFFICER, world.other_unit)
    abroad = appoint(Role.COMPANY_OFFICER, UnitFactory(company=True))
    seers = [
        world.officer, world.chair, world.company_officer, world.company_chair, world.auditor,
        dossier.head.user,
    ]  # fmt: skip
    others = [
        world.informant, world.leaders[0], world.cashier, world.accountant, world.discipline,
        world.secretary, world.admin, elsewhere, abroad, world.employee(),
    ]  # fmt: skip

    assert [seen(user, world.today) for user in seers] == [{dossier}] * len(seers)
    assert [seen(user, world.today) for user in others] == [set()] * len(others)


def test_who_entered_a_household_sees_it_until_it_is_on_file(world, dossier):
    update(dossier, entered_by=world.informant)
    pending = seen(world.informant, world.today)
    update(dossier, **ACTIVE)

    assert pending == {dossier}
    assert seen(world.informant, world.today) == set()


def test_valid_on_leaves_out_the_overdue_and_the_closed(world, dossier):
    on_file = world.on_file()
    day = on_file.review_due_on

    assert list(Dossier.objects.valid_on(day)) == [on_file]
    assert list(Dossier.objects.valid_on(day + DAY)) == []
    assert list(Dossier.objects.active()) == [on_file]


def test_the_register_reads_persons_income_and_help_in_one_query(
    world, dossier, django_assert_num_queries
):
    dossier.members.filter(relation=Relation.SPOUSE).update(left_on=world.today)
    paid = world.case_in("PAID")

    with django_assert_num_queries(1):
        rows = {row.pk: row for row in Dossier.objects.for_list()}
        assert all(row.head.name and row.unit.name for row in rows.values())

    new, old = rows[dossier.pk], rows[paid.dossier_id]
    assert (new.persons, new.net_income_fen, new.helped_at, new.helped_fen) == (1, None, None, None)
    assert (old.persons, old.net_income_fen, old.helped_fen) == (2, 416_66, paid.granted_fen)
    assert old.helped_at == paid.status_at


def test_the_blind_index_finds_a_member_and_the_number_stays_unread(dossier):
    number = id_number(499, born=date(1951, 7, 7))
    head = dossier.members.get(relation=Relation.SELF)

    assert Member.objects.get(id_index=blind_index(head.id_number, "id_number")) == head
    assert not Member.objects.filter(id_index=blind_index(number, "id_number")).exists()
