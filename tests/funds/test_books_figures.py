"""Every figure of the books opens the entries it is the sum of, on the screen and in workbooks.

One year in which all that moves money has happened, read by following its figures.
"""

import re

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from cases.models import Case, Dossier
from funds.models import Fund
from people.models import Unit
from tests.conftest import StrictClient
from tests.funds.ledgers import AMOUNT, body, book_args, fen, figures, foot, full, sheet
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        world = World()
        full(world)
        with time_machine.travel(world.now, tick=False):
            yield world
        transaction.set_rollback(True)


# Every figure opens the entries it is the sum of


class Reader:
    """One who follows figures, each address once."""

    def __init__(self, world):
        self.world, self.read = world, {}
        self.client = StrictClient()
        self.client.force_login(world.accountant)

    def get(self, url, **params):
        return self.client.get(url, params, headers={"Accept-Language": "en"})

    def open(self, url, **params):
        return body(self.get(url, **params))

    def sums(self, url):
        """What the entries behind an address come to: (into, out) under a list of entries, what
        is held above a list of reservations."""
        if url not in self.read:
            text = self.open(url)
            if "/reservations/" in url:
                (_here, held), *_rest = figures(text)
                self.read[url] = (held, 0)
            else:
                self.read[url] = tuple(foot(text)[:2]) or (0, 0)
        return self.read[url]


@pytest.fixture(scope="module")
def reader(world):
    return Reader(world)


def place(world, name):
    """The address of a book, of the household whose advance was taken off its grant."""
    urgent = Case.objects.get(number="2026-临-0003")
    return reverse(f"funds:{name}", args=book_args(world, name, urgent))


PAST = {"year": 2026}
REPORTS = (PAST, {"year": 2026, "month": 3}, {"year": 2026, "month": 5}, {"year": 2027}, {})
FOLLOWED = {
    # name: what it is asked with besides the fund
    "books_overview": REPORTS, "books_trial": REPORTS, "books_statement": REPORTS,
    "books_purposes": REPORTS, "books_units": REPORTS, "books_households": REPORTS,
    "books_household": ({},), "ledger": ({},), "fund_list": ({},),
}  # fmt: skip


@pytest.mark.parametrize("name", FOLLOWED)
def test_every_figure_opens_the_entries_it_is_the_sum_of(reader, name):
    url = place(reader.world, name)
    seen = 0

    for params in FOLLOWED[name]:
        for fund in ("", reader.world.fund.pk):
            for link, shown in figures(reader.open(url, fund=fund, **params)):
                if not link or link.endswith("#accounts"):
                    continue
                into, out = reader.sums(url + link if link.startswith("?") else link)
                assert abs(into - out) == abs(shown), (params, link)
                seen += 1

    assert seen


# What stands there without a link: sums of the column above, and entries.
ALONE = {
    "books_overview": 0, "books_statement": 0, "books_purposes": 0, "books_units": 0,
    "books_households": 0, "books_trial": 6,
}  # fmt: skip


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("params", REPORTS, ids=str)
def test_no_figure_of_a_report_is_without_its_entries(reader, name, params):
    text = reader.open(place(reader.world, name), **params)

    assert len([shown for link, shown in figures(text) if not link]) == ALONE[name]


def test_the_sums_of_the_trial_balance_are_those_of_the_rows_above(reader):
    rows, foot = reader.open(place(reader.world, "books_trial"), **PAST).split("<tfoot>")

    columns = re.findall(r'data-label="[^"]*(?:debit|credit) \(yuan\)">(.*?)</td>', rows, re.S)
    amounts = [AMOUNT.search(cell) for cell in columns]
    counted = [
        sum(fen(found[0]) for found in amounts[n::6] if found) for n in range(6)
    ]  # fmt: skip
    assert counted == [shown for _url, shown in figures(foot)]
    assert counted[0] == counted[1] == 0
    assert counted[2] == counted[3] != 0
    assert counted[4] == counted[5] != 0


def test_what_a_household_was_granted_is_the_sum_above_it(reader):
    text = reader.open(place(reader.world, "books_household"))
    grants = text.partition("<tbody>")[2].partition("</table>")[0]

    alone = [shown for link, shown in figures(grants) if not link]

    *granted, total = alone
    assert total == sum(granted) != 0


# Workbooks

BOOKS = (
    "books_journal", "books_account", "books_purpose", "books_unit", "books_household",
    "books_purposes", "books_units", "books_households", "books_trial", "books_statement",
)  # fmt: skip
LONG = BOOKS[:-2]


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_is_text_and_figures_and_runs_no_formula(reader, name):
    for model, column in ((Unit, "name"), (Fund, "name"), (Dossier, "number")):
        for row in model.objects.all():
            model.objects.filter(pk=row.pk).update(**{column: f"=1+{row.pk}"})

    book = sheet(reader.get(place(reader.world, name), **PAST, export="xlsx"))

    cells = [cell for row in book.rows for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert book.max_row > 1
    if name != "books_statement" and name != "books_purposes":
        assert [cell for cell in cells if str(cell.value).startswith("=1+")]


@pytest.mark.parametrize("name", [name for name in LONG if name != "books_households"])
def test_a_workbook_comes_to_what_its_page_shows(reader, name):
    given = {"since": "2026-03-01", "until": "2026-12-31"} | PAST
    url = place(reader.world, name)
    under = foot(reader.open(url, **given))

    header, *rows = sheet(reader.get(url, **given, export="xlsx")).values

    money = [n for n, words in enumerate(header) if "(yuan)" in words]
    sums = [round(100 * sum(row[n] or 0 for row in rows)) for n in money]
    assert list(filter(None, sums))[:2] == list(filter(None, under))[:2] != []


@pytest.mark.parametrize("name", LONG)
def test_a_workbook_of_too_much_asks_to_narrow(reader, monkeypatch, name):
    monkeypatch.setattr("people.views.lists.MOST_ROWS", 0)

    answer = reader.get(place(reader.world, name), **PAST, export="xlsx")

    assert answer.status_code == 302
    assert "export" not in answer["Location"]
