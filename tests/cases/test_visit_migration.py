"""The data migration of the visits: who was met is encrypted, the last visit is on the dossier."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from cases.models import Dossier, Visit
from tests.world import DAY, World

pytestmark = pytest.mark.django_db
migration = import_module("cases.migrations.0006_fill_visits")
EDITOR = SimpleNamespace(connection=connection)  # all that these functions ask of it


@pytest.fixture
def world():
    return World()


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT met FROM cases_visit ORDER BY id")
        return [met for (met,) in cursor.fetchall()]


def test_plain_words_become_ciphertext_and_back(world):
    visit = world.visit(world.household())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_visit SET met = '本人及配偶'")

    migration.encrypt_met(apps, EDITOR)

    assert "本人" not in stored()[0]
    assert Visit.objects.get(pk=visit.pk).met == "本人及配偶"
    migration.decrypt_met(apps, EDITOR)
    assert stored() == ["本人及配偶"]


def test_the_last_visit_of_each_household_is_filled_in(world):
    case = world.household()
    world.visit(case)
    world.visit(case, visited_on=world.today - 9 * DAY)
    never = world.household(world.employee(standing="RETIRED")).dossier
    Dossier.objects.update(last_visited_on=None)

    migration.fill_last_visited(apps, EDITOR)

    found = dict(Dossier.objects.values_list("pk", "last_visited_on"))
    assert found == {case.dossier_id: world.today, never.pk: None}
