import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q

from base.constraints import all_or_none, iff, known


class State(models.TextChoices):
    OPEN = "OPEN"
    SHUT = "SHUT"


@pytest.fixture
def Door(transactional_db):
    """A table of its own, made and dropped around the test."""

    class Door(models.Model):
        state = models.CharField(max_length=10)
        colour = models.CharField(max_length=10, null=True)  # noqa: DJ001 - NULL is the case here
        shut_by = models.IntegerField(null=True)
        shut_at = models.IntegerField(null=True)

        class Meta:
            app_label = "base"
            constraints = [
                known("state", State, name="door_state_known"),
                known("colour", ["red", "blue"], name="door_colour_known"),
                iff(Q(state="SHUT"), "shut_by", "shut_at", name="door_shut_complete"),
                all_or_none("shut_by", "shut_at", name="door_shut_pair"),
            ]

        def __str__(self):
            return self.state

    with connection.schema_editor() as editor:
        editor.create_model(Door)
    yield Door
    with connection.schema_editor() as editor:
        editor.delete_model(Door)
    Door._meta.apps.all_models["base"].pop("door")


def refused(Door, name, **values):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Door.objects.create(**values)
    return True


def test_constraints_accept_what_they_describe(Door):
    Door.objects.create(state="OPEN")
    Door.objects.create(state="SHUT", shut_by=1, shut_at=2, colour="red")

    assert Door.objects.count() == 2


def test_known_refuses_other_values(Door):
    assert refused(Door, "door_state_known", state="AJAR")
    assert refused(Door, "door_colour_known", state="OPEN", colour="green")


def test_iff_refuses_condition_without_columns_and_columns_without_condition(Door):
    assert refused(Door, "door_shut_complete", state="SHUT")
    assert refused(Door, "door_shut_complete", state="OPEN", shut_by=1, shut_at=2)


def test_iff_and_all_or_none_refuse_half(Door):
    assert refused(Door, "door_shut", state="SHUT", shut_by=1)
    assert refused(Door, "door_shut", state="OPEN", shut_at=1)


def test_all_or_none_alone_refuses_half():
    condition = all_or_none("a", "b", name="pair").condition

    assert condition == Q(a__isnull=False, b__isnull=False) | Q(a__isnull=True, b__isnull=True)
