"""The paper's section 1: the counts, what each is counted of, and what is not shown."""

import io
from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from audits import statistics
from audits.views import _money_chart
from cases.models import Dossier
from cases.workflow import Status
from people.models import Person, Sex, Standing
from people.roles import Role
from tests.factories import NOON, PersonFactory, UnitFactory, UserFactory, appoint
from tests.world import World

pytestmark = pytest.mark.django_db

ON = date(2026, 12, 31)
YOUNG, MIDDLE, OLD = date(1996, 1, 1), date(1980, 1, 1), date(1960, 1, 1)


def company():
    return UnitFactory(company=True)


def people(unit, count, **columns):
    """So many persons at once, without a query each; the ID numbers are not told apart."""
    model = PersonFactory.build(unit=unit, company=unit.parent, **columns)
    rows = []
    for number in range(count):
        row = Person(**{f.attname: getattr(model, f.attname) for f in Person._meta.concrete_fields})
        row.pk, row.staff_no = None, f"{columns.get('standing', '')}{unit.pk}-{number}"
        row.id_index = f"{row.staff_no}"
        rows.append(row)
    return Person.objects.bulk_create(rows)


def household(unit, *, cause="OWN_ILLNESS", opened_on=date(2026, 1, 1), **person):
    head = PersonFactory(unit=unit, **person)
    return file(head, cause, opened_on)


def file(head, cause="OWN_ILLNESS", opened_on=date(2026, 1, 1)):
    by = UserFactory()
    return Dossier.objects.create(
        company=head.company, unit=head.unit, head=head, number=f"D{head.pk}", status="ACTIVE",
        category="DEEP", level="SPECIAL", main_cause=cause, opened_on=opened_on,
        review_due_on=date(2027, 1, 1), entered_at=NOON, entered_by=by, changed_at=NOON,
        changed_by=by,
    )  # fmt: skip


def table(figures, key):
    found = next(t for t in figures.tables if t.key == key)
    with translation.override("en"):
        return [(str(row.label), row.count, row.of) for row in found.rows]


def paper():
    """The paper's company at the end of 2016, as it is counted on the last day of 2026."""
    unit = UnitFactory(parent=company())
    register = {
        Standing.IN_SERVICE: people(unit, 1945, standing=Standing.IN_SERVICE),
        Standing.RETIRED: people(unit, 1063, standing=Standing.RETIRED),
        Standing.PAID_OFF: people(unit, 20, standing=Standing.PAID_OFF),
    }
    heads = (
        register[Standing.IN_SERVICE][:41] + register[Standing.RETIRED][:104]
        + register[Standing.PAID_OFF]
    )  # fmt: skip
    for number, head in enumerate(heads):
        head.born_on = YOUNG if number < 6 else MIDDLE if number < 16 else OLD
        head.sex = Sex.FEMALE if number < 39 else Sex.MALE
    Person.objects.bulk_update(heads, ["born_on", "sex"], batch_size=100)
    causes = (
        ["OWN_ILLNESS"] * 70 + ["FAMILY_ILLNESS"] * 30 + ["SCHOOLING"] * 25 + ["FEW_EARNERS"] * 20
        + ["DISABILITY"] * 12 + ["ACCIDENT"] * 8
    )  # fmt: skip
    by = UserFactory()
    Dossier.objects.bulk_create(
        Dossier(
            company=unit.parent, unit=unit, head=head, number=f"D{head.pk}", status="ACTIVE",
            category="DEEP", level="SPECIAL", main_cause=cause, opened_on=date(2026, 1, 1),
            review_due_on=date(2027, 1, 1), entered_at=NOON, entered_by=by, changed_at=NOON,
            changed_by=by,
        )
        for head, cause in zip(heads, causes, strict=True)
    )  # fmt: skip
    return unit.parent


def test_figures_of_the_paper(django_assert_num_queries):
    whole = paper()

    with django_assert_num_queries(4):  # register, households, decided, paid
        found = statistics.figures(whole, ON)

    assert (found.in_service, found.retired, found.base) == (1945, 1063, 3008)
    assert (found.households, found.paid_off, found.without_paid_off) == (165, 20, 145)
    assert (found.main_causes, found.over_50) == (145, 149)
    assert table(found, "standing") == [
        ("employee in service", 41, 165),
        ("retiree", 104, 165),
        ("person with paid-off contract", 20, 165),
    ]
    assert table(found, "sex") == [("male", 126, 165), ("female", 39, 165)]
    assert table(found, "age") == [
        ("under 35", 6, 165),
        ("35 to 50", 10, 165),
        ("over 50", 149, 165),
    ]
    assert table(found, "cause")[:3] == [
        ("serious illness of the employee or a direct relative", 100, 165),
        ("children in school", 25, 165),
        ("few members in steady work", 20, 165),
    ]


def test_page_shows_the_figures_of_the_paper(client):
    whole = paper()
    client.force_login(appoint(Role.AUDITOR, whole))

    with translation.override("en"):
        response = client.get(reverse("audits:statistics"), {"on": "2026-11-23"})

    text = response.text
    for figure in ("1,945", "1,063", "165", "5.5 %", "4.8 %", "90.3 %", "87.9 %", "3,008"):
        assert figure in text


@pytest.mark.parametrize(
    ("born_on", "band"),
    [(date(1992, 1, 1), 0), (date(1991, 12, 31), 1), (date(1976, 1, 1), 1),
     (date(1975, 12, 31), 2)],
)  # fmt: skip
def test_age_counts_completed_years_on_the_day(born_on, band):
    unit = UnitFactory(parent=company())
    household(unit, born_on=born_on)

    rows = table(statistics.figures(unit.parent, ON), "age")

    assert [count for _label, count, _of in rows] == [int(band == n) for n in range(3)]


def test_age_on_the_last_day_of_february():
    unit = UnitFactory(parent=company())
    household(unit, born_on=date(1993, 2, 28), opened_on=date(2020, 1, 1))

    young = table(statistics.figures(unit.parent, date(2028, 2, 29)), "age")[0]

    assert young == ("under 35", 0, 1)


@pytest.mark.parametrize(("on", "count"), [(date(2025, 12, 31), 0), (date(2026, 1, 1), 1)])
def test_household_counts_from_the_day_it_is_on_file(on, count):
    unit = UnitFactory(parent=company())
    household(unit)

    assert statistics.figures(unit.parent, on).households == count


@pytest.mark.parametrize(("on", "count"), [(date(2026, 5, 31), 1), (date(2026, 6, 1), 0)])
def test_household_counts_until_the_day_it_leaves(on, count):
    unit = UnitFactory(parent=company())
    dossier = household(unit)
    Dossier.objects.filter(pk=dossier.pk).update(
        status="EXITED", exit_reason="RECOVERED", closed_on=date(2026, 6, 1)
    )

    assert statistics.figures(unit.parent, on).households == count


def test_register_leaves_out_who_left_died_or_has_not_come_yet():
    unit = UnitFactory(parent=company())
    PersonFactory(unit=unit)
    PersonFactory(unit=unit, left_on=ON)
    PersonFactory(unit=unit, died_on=ON)
    PersonFactory(unit=unit, joined_on=date(2027, 1, 1))
    PersonFactory(unit=unit, paid_off=True)

    found = statistics.figures(unit.parent, ON)

    assert (found.in_service, found.retired) == (1, 0)


def test_figures_of_one_company_leave_out_another():
    unit = UnitFactory(parent=company())
    household(unit)

    found = statistics.figures(company(), ON)

    assert (found.base, found.households, found.money) == (0, 0, [])


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 9, "b": 7, "c": 0}, {"a": 9, "b": 7, "c": 0}),
        ({"a": 9, "b": 4, "c": 7, "d": 0}, {"a": 9, "b": None, "c": None, "d": 0}),
        ({"a": 9, "b": 4, "c": 1, "d": 8}, {"a": 9, "b": None, "c": None, "d": 8}),
        ({"a": 3}, {"a": None}),
    ],
)
def test_small_counts_of_units_are_left_out_and_cannot_be_worked_out(counts, shown):
    assert statistics.suppressed(counts) == shown


def test_unit_table_leaves_out_fewer_than_five(client):
    whole = company()
    small, large, larger = (UnitFactory(parent=whole, name=name) for name in ("甲", "乙", "丙"))
    for unit, count in ((small, 4), (large, 5), (larger, 6)):
        for _n in range(count):
            household(unit)

    rows = table(statistics.figures(whole, ON), "unit")

    assert sorted(rows) == [("丙", 6, 6), ("乙", None, 5), ("甲", None, 4)]


def test_money_by_programme_and_year():
    world = World()
    case = world.case_in(Status.PAID)
    world.case_in(Status.APPROVED)

    (row,) = statistics.figures(world.company, world.today).money

    assert (row.year, row.programme, row.decided_fen, row.paid_fen) == (
        2026, "EMERGENCY", 2 * case.granted_fen, case.granted_fen,
    )  # fmt: skip
    assert (row.households, row.payments) == (1, 1)


def test_officer_of_a_unit_sees_the_company_and_not_another(client):
    unit = UnitFactory(parent=company())
    UnitFactory(company=True)
    client.force_login(appoint(Role.UNIT_OFFICER, unit))

    response = client.get(reverse("audits:statistics"))

    assert response.context["company"] == unit.parent
    assert "company" not in response.context["filters"].fields


def test_group_chooses_among_its_companies(client):
    group = UnitFactory(group=True)
    one, two = (UnitFactory(company=True, parent=group, code=code) for code in "AB")
    elsewhere = UnitFactory(company=True)
    client.force_login(appoint(Role.GROUP, group))
    url = reverse("audits:statistics")

    assert client.get(url).context["company"] == one
    assert client.get(url, {"company": two.pk}).context["company"] == two
    assert client.get(url, {"company": elsewhere.pk}).context["company"] == one


@pytest.mark.parametrize("role", [Role.CASHIER, Role.ADMIN, Role.SECRETARY, Role.ACCOUNTANT])
def test_statistics_are_refused_to_other_roles(client, role):
    client.force_login(appoint(role, company()))

    assert client.get(reverse("audits:statistics")).status_code == 403


def test_day_in_the_future_is_held_at_today(client, time_machine):
    time_machine.move_to(NOON)
    client.force_login(appoint(Role.AUDITOR, company()))

    response = client.get(reverse("audits:statistics"), {"on": "2030-01-01"})

    assert response.context["on"] == date(2026, 3, 2)


def test_export_holds_the_figures_of_the_page(client, time_machine):
    time_machine.move_to(NOON)
    unit = UnitFactory(parent=company(), name="=1+1")
    for _n in range(6):
        household(unit, opened_on=date(2026, 1, 1))
    client.force_login(appoint(Role.LEADER, unit.parent))

    with translation.override("en"):
        response = client.get(reverse("audits:statistics"), {"export": "xlsx"})

    sheet = load_workbook(io.BytesIO(response.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert ["=1+1", 6, 6, "100.0 %"] in [row[1:5] for row in rows]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_money_chart_groups_what_a_bar_cannot_show():
    """Four parts at most: the three dearest programmes, and the others together."""
    paid = {"REGULAR": 900, "EMERGENCY": 500, "MEDICAL": 400, "TUITION": 300, "VISIT_GIFT": 200}
    money = [statistics.Money(2026, name, paid_fen=yuan * 100) for name, yuan in paid.items()]
    money.append(statistics.Money(2025, "TUITION", paid_fen=50_00))

    found = _money_chart(money)
    few = _money_chart(money[:2])

    assert found["rows"] == [("2025", [0, 0, 0, 50]), ("2026", [900, 500, 400, 500])]
    assert [len(found["series"]), len(few["series"])] == [4, 2]
    assert few["rows"] == [("2026", [900, 500])]
    assert _money_chart([]) == {"series": [], "rows": []}
