from django.db import migrations

from base.crypto import blind_index

BATCH = 500


def fill(apps, schema_editor):
    """The duplicate watch compares the addresses of the dossiers kept so far as well."""
    Dossier = apps.get_model("cases", "Dossier")
    batch = []
    bare = Dossier.objects.filter(address_index="").only("pk", "address").order_by("pk")
    for dossier in bare.iterator(BATCH):
        dossier.address_index = blind_index(dossier.address, "address")
        batch.append(dossier)
        if len(batch) == BATCH:
            Dossier.objects.bulk_update(batch, ["address_index"])
            batch = []
    Dossier.objects.bulk_update(batch, ["address_index"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_checks_of_nothing")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
