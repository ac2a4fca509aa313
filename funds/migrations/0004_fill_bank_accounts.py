"""Every company that has funds gets its special account; its number is entered later."""

from django.db import migrations


def fill(apps, schema_editor):
    Fund = apps.get_model("funds", "Fund")
    BankAccount = apps.get_model("funds", "BankAccount")
    companies = Fund.objects.filter(bank_account=None).order_by("company")
    for company, name in companies.values_list("company", "company__name").distinct():
        account = BankAccount.objects.create(company_id=company, name=name[:60])
        Fund.objects.filter(company=company, bank_account=None).update(bank_account=account)


class Migration(migrations.Migration):
    dependencies = [
        ("funds", "0003_bank_statements"),
        ("people", "0001_initial"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
