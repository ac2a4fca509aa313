from django.db import migrations
from django.db.models import Max

from base.crypto import encrypt

BATCH = 500


def encrypt_met(apps, schema_editor):
    """Who was met stood in plain words until now."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, met FROM cases_visit WHERE met <> '' ORDER BY id")
        rows = cursor.fetchall()
        for start in range(0, len(rows), BATCH):
            cursor.executemany(
                "UPDATE cases_visit SET met = %s WHERE id = %s",
                [(encrypt(met, "cases_visit.met"), pk) for pk, met in rows[start : start + BATCH]],
            )


def decrypt_met(apps, schema_editor):
    Visit = apps.get_model("cases", "Visit")
    with schema_editor.connection.cursor() as cursor:
        for visit in Visit.objects.exclude(pk=None).only("pk", "met").iterator(BATCH):
            cursor.execute(
                "UPDATE cases_visit SET met = %s WHERE id = %s", [visit.met, visit.pk]
            )


def fill_last_visited(apps, schema_editor):
    Dossier = apps.get_model("cases", "Dossier")
    Visit = apps.get_model("cases", "Visit")
    newest = Visit.objects.values("dossier").annotate(day=Max("visited_on")).order_by("dossier")
    batch = []
    for row in newest.iterator(BATCH):
        batch.append(Dossier(pk=row["dossier"], last_visited_on=row["day"]))
        if len(batch) == BATCH:
            Dossier.objects.bulk_update(batch, ["last_visited_on"])
            batch = []
    Dossier.objects.bulk_update(batch, ["last_visited_on"])


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_visits_in_full")]

    operations = [
        migrations.RunPython(encrypt_met, decrypt_met),
        migrations.RunPython(fill_last_visited, migrations.RunPython.noop),
    ]
