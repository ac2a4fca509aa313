"""The data migration of addresses: dossiers kept before are compared too."""

from importlib import import_module

import pytest
from django.apps import apps

from base.crypto import blind_index
from cases.models import Dossier
from tests.world import World

migration = import_module("cases.migrations.0012_fill_addresses")


@pytest.mark.django_db
def test_dossiers_kept_before_get_the_index_of_their_address():
    world = World()
    with_address, without = world.household().dossier, world.household().dossier
    Dossier.objects.update(address_index="")
    Dossier.objects.filter(pk=without.pk).update(address="")

    migration.fill(apps, None)

    found = dict(Dossier.objects.values_list("pk", "address_index"))
    assert found == {
        with_address.pk: blind_index(with_address.address, "address"), without.pk: ""
    }  # fmt: skip
