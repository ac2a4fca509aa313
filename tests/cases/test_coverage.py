"""Which households are due, visited, late and overdue: counted by SQL."""

from datetime import date

import pytest
from django.db import connection
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from cases.life import months_later
from cases.models import Dossier, Visit
from cases.models.coverage import months_before
from tests.world import World

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 30)


@pytest.fixture
def world():
    return World()


def on_file(world, opened_on, *visited):
    """A household on file since a day, visited on some days."""
    dossier = world.household(world.employee(standing="RETIRED")).dossier
    rows = Dossier.objects.filter(pk=dossier.pk)
    rows.update(
        status="ACTIVE", opened_on=opened_on, review_due_on=date(2027, 1, 1), category="DEEP",
        level="HEAVY", last_visited_on=max(visited, default=None),
    )  # fmt: skip
    for day in visited:
        Visit.objects.create(
            dossier=dossier, visited_on=day, visitor_count=2, match="SAME", advice="HELP",
            recorded_at=world.now, recorded_by=world.officer,
        )  # fmt: skip
    return rows.get()


def counts(year=2026, months=12, on=TODAY):
    (row,) = Dossier.objects.active().duties(on=on, year=year, months=months)
    return {name: row[name] for name in ("on_file", "due", "done", "late", "overdue", "covered")}


@pytest.mark.parametrize(
    ("opened_on", "visited", "expected"),
    [
        # entered last spring, never visited: due this spring, and overdue
        (date(2025, 3, 1), [], "due overdue"),
        # entered this year: the next visit is due next year
        (date(2026, 3, 1), [], ""),
        # due on the very day
        (date(2025, 6, 30), [], "due"),
        (date(2025, 6, 29), [], "due overdue"),
        # visited last year, due in autumn
        (date(2023, 1, 1), [date(2025, 10, 1)], "due covered"),
        # visited in time, on the last day, one day late
        (date(2023, 1, 1), [date(2025, 3, 5), date(2026, 3, 1)], "due done covered"),
        (date(2023, 1, 1), [date(2025, 3, 5), date(2026, 3, 5)], "due done covered"),
        (date(2023, 1, 1), [date(2025, 3, 5), date(2026, 3, 6)], "due done late covered"),
        # the first visit of the year answers, not a later one
        (date(2023, 1, 1), [date(2025, 3, 5), date(2026, 3, 1), date(2026, 5, 1)],
         "due done covered"),
        # the end of the year and the end of February
        (date(2024, 12, 31), [], "due overdue"),
        (date(2025, 12, 31), [], "due"),
        (date(2024, 2, 29), [date(2026, 1, 3)], "due done late covered"),
    ],
)  # fmt: skip
def test_one_household_counts_where_it_belongs(opened_on, visited, expected, world):
    on_file(world, opened_on, *visited)

    found = counts()

    assert found.pop("on_file") == 1
    assert " ".join(name for name, count in found.items() if count) == expected


@pytest.mark.parametrize("state", ["due", "done", "late", "overdue", "covered"])
def test_the_list_behind_a_number_holds_as_many(state, world):
    for opened, visited in [
        (date(2025, 3, 1), []), (date(2026, 3, 1), []), (date(2023, 1, 1), [date(2025, 10, 1)]),
        (date(2023, 1, 1), [date(2025, 3, 5), date(2026, 3, 6)]),
    ]:  # fmt: skip
        on_file(world, opened, *visited)

    rows = Dossier.objects.active().duty(state, on=TODAY, year=2026, months=12)

    assert rows.count() == counts()[state] > 0


def test_what_is_overdue_depends_on_the_period(world):
    on_file(world, date(2025, 12, 15))

    assert [counts(months=months)["overdue"] for months in (12, 7, 6, 3)] == [0, 0, 1, 1]


def test_duties_take_one_query(world, django_assert_num_queries):
    on_file(world, date(2025, 3, 1), date(2026, 1, 1))

    with django_assert_num_queries(1):
        list(Dossier.objects.active().duties(on=TODAY, year=2026, months=12))


def test_the_day_the_period_runs_from_follows_the_last_visit(world):
    seen, unseen = (
        on_file(world, date(2025, 1, 1), date(2026, 1, 2)),
        on_file(world, date(2025, 1, 1)),
    )

    assert (seen.visit_from_on, unseen.visit_from_on) == (date(2026, 1, 2), date(2025, 1, 1))


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.dates(date(2000, 1, 1), date(2040, 1, 1)),
       st.integers(1, 36))  # fmt: skip
def test_before_the_edge_is_what_was_due_before_the_day(since, on, months):
    assert (since < months_before(on, months)) == (months_later(since, months) < on)


def test_the_plan_of_a_company_reads_its_index(world):
    """A hundred thousand households are not sorted for a page of fifty."""
    actor = world.company_officer.actor(world.today)
    rows = Dossier.objects.visible_to(actor).filter(company=world.company).active()

    plan = rows.order_by(F("visit_from_on").asc(nulls_last=True), "pk")[:50].explain()

    if connection.vendor == "sqlite":  # PostgreSQL reads a small table whole
        assert "dossier_company_visit" in plan and "TEMP B-TREE" not in plan
