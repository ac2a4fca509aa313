"""Values that must come out as they went in, or not at all, in every text field of every table.

Everybody who is shown an address fetches it, with its export, and one of those who are refused: no
full number appears, no markup acts, no template or formula is reckoned, no rare character is lost.
"""

import io
import re

import openpyxl
import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from base import canonical, guards
from cases import checklist
from cases.models import Member, Objection, Visit
from cases.models.dossier import RevisionBody
from funds import actions
from funds.models import BankFile, BankFormat, Payment
from people.models import Disclosure, Person
from tests.funds import bank_files
from tests.test_matrix import MATRIX, WHO, Place
from tests.world import World

ROOMS = ("people", "cases", "funds")
LONG = '=1+1{{7*7}}𠮷"><svg/onload=alert(1)>'
SHORT = "=1+1{{7*7}}𠮷<svg>"
TINY = "=1+1𠮷"
OBJECTOR = "13911112222"
EXAMPLES = {"ui"}  # shows invented numbers of its own, and nothing out of the database
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Text the program makes itself and reads again: addresses, keys, fingerprints, secrets.
MADE = {
    "id_number", "phone", "account", "password", "path", "key", "code", "digest", "sha256",
    "salt", "content", "result", "days", "media_type", "fields", "seen_text", "layout",
}  # fmt: skip


def free_text(model):
    """The names of the fields of a model that hold what somebody typed."""
    return [
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.FileField)
        and not field.flatchoices
        and field.name not in MADE
        and not field.name.endswith("_index")
    ]


def canary(field, pk):
    room = field.max_length or 1000
    texts = (LONG, SHORT, TINY, "")  # the last for a postcode and a high key
    value = next(text for text in texts if len(text) + len(str(pk)) <= room)
    return f"{value}{pk}"


def plant():
    """Canaries in every text field of every row, sealed or not; the names of the fields."""
    connection.check_constraints()  # PostgreSQL alters no table with checks outstanding
    guards.remove(connection)
    planted = set()
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS:
            continue
        for name in free_text(model):
            field = model._meta.get_field(name)
            for pk in model.objects.values_list("pk", flat=True):
                # A text that must stay empty, by the state of its row, stays empty.
                try:
                    with transaction.atomic():
                        QuerySet(model).filter(pk=pk).update(**{name: canary(field, pk)})
                except IntegrityError:
                    continue
                planted.add(f"{model._meta.label}.{name}")
    for body in RevisionBody.objects.all():
        content = canonical.dumps(poisoned(canonical.loads(body.content)))
        QuerySet(RevisionBody).filter(pk=body.pk).update(content=content)
    for bank_format in BankFormat.objects.all():
        layout = strange(bank_format.layout)
        QuerySet(BankFormat).filter(pk=bank_format.pk).update(layout=layout)
    for file in BankFile.objects.all():
        layout = canonical.dumps(strange(canonical.loads(file.layout)))
        QuerySet(BankFile).filter(pk=file.pk).update(layout=layout)
    for visit in Visit.objects.all():
        seen = {**checklist.EMPTY, **visit.seen, **dict.fromkeys(checklist.WORDS, LONG)}
        QuerySet(Visit).filter(pk=visit.pk).update(seen_text=canonical.dumps(seen))
    QuerySet(Objection).update(name=f"示例{OBJECTOR}", contact=OBJECTOR)
    connection.check_constraints()
    guards.install(connection)
    return planted


def poisoned(value, key=""):
    """The facts of a revision with canaries for the texts in them."""
    if isinstance(value, dict):
        return {name: poisoned(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [poisoned(part, key) for part in value]
    texts = {"name", "address", "story", "workplace", "note", "evidence", "exception"}
    return LONG if key in texts and isinstance(value, str) else value


def strange(layout):
    """A layout of a file for the bank with canaries above the table and in its headings."""
    columns = [
        column | {"heading": f"{SHORT}{place}"} for place, column in enumerate(layout["columns"])
    ]
    return layout | {"before": [[LONG]], "columns": columns}


class Cage:
    """The place of the matrix with the canaries in it."""

    def __init__(self):
        self.place = Place()
        self.planted = plant()
        numbers = set()
        for model, names in (
            (Person, ("id_number", "phone", "account")),
            (Member, ("id_number",)),
            (Payment, ("account",)),
        ):
            for row in model.objects.values_list(*names):
                numbers.update(filter(None, row))
        self.numbers = re.compile("|".join(sorted(numbers)))


@pytest.fixture(scope="module")
def cage(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        cage = Cage()
        with time_machine.travel(cage.place.world.now):
            cage.clients = cage.place.clients(Client)
            yield cage
        transaction.set_rollback(True)


def check_text(cage, text, who):
    assert not (found := cage.numbers.search(text)), found
    for sign in ("49𠮷", "\ufffd", "\\ud842"):
        assert sign not in text, sign
    assert not re.search(r"\{\{7\*7\}\}(?!𠮷)", text)
    if who != "discipline":
        assert OBJECTOR not in text


def check_workbook(cage, content, who):
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    check_text(cage, "\n".join(str(c.value) for c in cells if c.value is not None), who)


def check_response(cage, response, who):
    kind = response.get("Content-Type", "")
    content = b"".join(response) if response.streaming else response.content
    if kind == XLSX:
        check_workbook(cage, content, who)
        return
    text = content.decode()
    check_text(cage, text, who)
    assert not re.search("<svg[/>]", text)


def readers(name):
    """Who is shown a page, and the first of those who are told why they are not."""
    signs = MATRIX[name].split()
    refused = [signs.index("3")] if "3" in signs else []
    return [WHO[n] for n, sign in enumerate(signs) if sign == "2" or n in refused]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in MATRIX if name not in EXAMPLES])
def test_no_canary_escapes(cage, name):
    address = cage.place.address(name)
    for who in readers(name):
        client = cage.clients[who]
        response = client.get(address)
        check_response(cage, response, who)
        if response.status_code == 200 and b"=xlsx" in response.content:
            book = client.get(address, {"export": "xlsx"})
            assert book["Content-Type"] == XLSX
            check_response(cage, book, who)


@pytest.mark.django_db
def test_canaries_are_everywhere(cage):
    """Planted in every room, and seen again whole by those who may read them."""
    assert {
        "people.Person.name", "people.Unit.name", "cases.Dossier.address", "cases.Dossier.story",
        "cases.Opinion.words", "cases.NoticeLine.name", "cases.Visit.notes", "cases.Case.reason",
        "funds.Batch.title", "funds.Transfer.note", "funds.Payment.account_name",
    } <= cage.planted  # fmt: skip
    dossier = cage.clients["company_officer"].get(cage.place.address("cases:dossier_detail"))
    assert "{{7*7}}𠮷&quot;&gt;&lt;svg/onload=alert(1)&gt;" in dossier.text


@pytest.mark.django_db
def test_the_bank_file_alone_holds_accounts_and_no_formula():
    world = World()
    world.tick(seconds=7)  # beside the planted world, whose keys are of whole minutes
    run = bank_files.posted(world)
    run.payments.update(account_name=LONG, bank=LONG, branch=LONG)
    own = actions.save_bank_format(
        company=world.company, name="示例", layout=strange(bank_files.layout()),
        by=world.accountant, at=world.tick(),
    )  # fmt: skip
    client = Client()

    with time_machine.travel(world.now):
        client.force_login(world.cashier)
        client.post(reverse("funds:bank_file_make", args=[run.pk]), {"format": own.pk})
        response = client.post(reverse("funds:bank_file", args=[run.pk]), {"purpose": "PAYMENT"})

    book = openpyxl.load_workbook(io.BytesIO(response.content))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {run.payments.get().account, LONG, f"{SHORT}0"} <= {cell.value for cell in cells}
    assert Disclosure.objects.latest("pk").by == world.cashier
