"""Sets of rows by one statement each: INSERT … SELECT, and numbers as one parameter."""

import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext

from base.sets import These, choose, insert_select
from cases.models import Counter, DossierEvent, DossierRemark
from people.models import Unit
from tests.factories import UnitFactory
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world_event():
    """An event in the life of a household, without words."""
    return World().household().dossier.events.get()


@pytest.fixture
def world_lines():
    """Two lines of a list that is being drawn up."""
    world = World()
    batch = world.batch([world.to_verified(world.household()) for _n in range(2)])
    return list(batch.lines.order_by("pk"))


@pytest.fixture
def units():
    company = UnitFactory(company=True)
    return [UnitFactory(parent=company) for _n in range(4)]


def counters():
    return list(Counter.objects.order_by("pk").values_list("company", "key", "last"))


def test_each_row_of_the_query_makes_one_row_in_its_order(units):
    rows = Unit.objects.filter(pk__in=These([unit.pk for unit in units])).order_by("-pk")

    made = insert_select(Counter, rows, company=F("pk"), key="case 2026", last=F("parent") * 0 + 7)

    assert made == 4
    assert counters() == [(unit.pk, "case 2026", 7) for unit in reversed(units)]


def test_a_column_left_out_gets_its_default(units):
    insert_select(Counter, Unit.objects.filter(pk=units[0].pk), company=F("pk"), key="x")

    assert counters() == [(units[0].pk, "x", 0)]


def test_a_row_may_stand_for_its_key(units):
    insert_select(Counter, Unit.objects.filter(pk=units[0].pk), company=units[1], key="x")

    assert counters() == [(units[1].pk, "x", 0)]


def test_an_expression_may_reach_through_a_relation(units):
    rows = Unit.objects.filter(pk=units[0].pk)

    insert_select(Counter, rows, company=F("parent"), key=Concat(Value("unit "), F("parent__code")))

    assert counters() == [(units[0].parent_id, f"unit {units[0].parent.code}", 0)]


def test_nothing_to_write_asks_the_database_nothing(units):
    with CaptureQueriesContext(connection) as queries:
        made = insert_select(Counter, Unit.objects.none(), company=F("pk"), key="x")

    assert (made, len(queries)) == (0, 0)


def test_a_name_that_is_no_column_is_refused(units):
    with pytest.raises(TypeError, match="not columns of Counter: keys"):
        insert_select(Counter, Unit.objects.all(), company=F("pk"), keys="x")


def test_the_database_asks_its_constraints_of_every_row_and_keeps_none(units):
    Counter.objects.create(company=units[2], key="x")

    with pytest.raises(IntegrityError), transaction.atomic():
        insert_select(Counter, Unit.objects.order_by("pk"), company=F("pk"), key="x")

    assert counters() == [(units[2].pk, "x", 0)]


def test_one_statement_for_any_number_of_rows(units):
    rows = Unit.objects.filter(pk__in=These(unit.pk for unit in units))

    with CaptureQueriesContext(connection) as queries:
        insert_select(Counter, rows, company=F("pk"), key="x")

    assert len(queries) == 1


def test_a_constant_is_encrypted_as_its_column_keeps_it(world_event):
    rows = DossierEvent.objects.filter(pk=world_event.pk)

    insert_select(DossierRemark, rows, event=F("pk"), words="家里的事")

    assert DossierRemark.objects.get(event=world_event).words == "家里的事"
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM cases_dossierremark")
        assert "家里的事" not in cursor.fetchone()[0]


@pytest.mark.parametrize("count", [0, 1, 40_000])
def test_numbers_are_one_parameter_however_many(units, count):
    numbers = [units[0].pk, *range(10**6, 10**6 + count)]
    rows = Unit.objects.filter(pk__in=These(numbers))

    _sql, params = rows.query.get_compiler(connection=connection).as_sql()

    assert len(params) == 1
    assert list(rows) == [units[0]]


def test_no_number_finds_no_row(units):
    assert not Unit.objects.filter(pk__in=These([])).exists()


def test_numbers_are_numbers():
    with pytest.raises(ValueError, match="invalid literal"):
        These(["1) OR (1=1"])


def test_numbers_name_rows_of_a_relation(units):
    company = units[0].parent_id

    assert Unit.objects.filter(parent__in=These([company])).count() == 4


def test_choose_gives_each_row_its_value_in_one_statement(units):
    for unit in units:
        Counter.objects.create(company=unit, key="x")
    first, second, *_rest = rows = Counter.objects.order_by("pk")
    field = Counter._meta.get_field("last")

    with CaptureQueriesContext(connection) as queries:
        Counter.objects.update(
            last=choose([(5, [first.pk]), (6, [second.pk])], default=9, output_field=field)
        )

    assert len(queries) == 1
    assert list(rows.values_list("last", flat=True)) == [5, 6, 9, 9]


def test_choose_writes_json(world_lines):
    (line, *_others) = world_lines
    lines = type(line).objects.filter(batch=line.batch)
    field = line._meta.get_field("exceptions")

    lines.update(exceptions=choose([(["A", "B"], [line.pk])], default=[], output_field=field))

    said = json.dumps(list(lines.order_by("pk").values_list("exceptions", flat=True)))
    assert said == json.dumps([["A", "B"], []])
