"""Every donation booked before donors were written down gets its row: no name and no wish."""

from collections import defaultdict

from django.db import migrations


def fill(apps, schema_editor):
    Transfer = apps.get_model("funds", "Transfer")
    Donation = apps.get_model("funds", "Donation")
    Counter = apps.get_model("cases", "Counter")
    counted = defaultdict(int)
    rows = []
    found = Transfer.objects.filter(kind="DONATION", donation=None).select_related("fund")
    for transfer in found.order_by("pk").iterator():
        series = (transfer.fund.company_id, transfer.fund.code, transfer.value_on.year)
        counted[series] += 1
        number = f"{series[2]}-{series[1]}-捐-{counted[series]:04d}"
        rows.append(Donation(transfer=transfer, number=number))
    Donation.objects.bulk_create(rows, batch_size=500)
    for (company, code, year), last in counted.items():
        Counter.objects.create(company_id=company, key=f"donation {code} {year}", last=last)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_squashed_0012_fill_addresses"),
        ("funds", "0009_budget_decisions"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
