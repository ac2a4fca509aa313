"""发放表: the payment list on paper with page sums, capitals and an empty column to sign in."""

import re

import pytest

from cases.workflow import Status
from tests.funds.pages import body, page
from tests.world import World

pytestmark = pytest.mark.django_db
SUM = re.compile(r"本页小计 (\d+) 人</th>\s*<td[^>]*>([\d,.]+)</td>\s*<td[^>]*>大写：(\S+?)</td>")


@pytest.fixture
def world():
    return World()


@pytest.fixture
def run(world):
    """A prepared payment of three grants of 5,500 yuan."""
    cases = [world.case_in(Status.VERIFIED) for _n in range(3)]
    batch = world.batch(cases)
    world.decide(batch)
    world.publish(batch)
    world.clear()
    return world.prepare(batch)


def test_each_page_of_the_sheet_has_its_sum_and_the_last_one_the_total(
    world, client, run, monkeypatch
):
    monkeypatch.setattr("funds.views.payment.ON_PAGE", 2)

    text = body(page(world, client, world.cashier, "payment_sheet", run.pk))

    assert SUM.findall(text) == [
        ("2", "11,000.00", "人民币壹万壹仟元整"), ("1", "5,500.00", "人民币伍仟伍佰元整"),
    ]  # fmt: skip
    first, last = text.split("page-break")
    assert "第 1 页，共 2 页" in first
    assert "第 2 页，共 2 页" in last
    assert "合计 3 人" not in first
    assert re.search(
        r"合计 3 人</th>\s*<td[^>]*>16,500.00</td>\s*<td[^>]*>大写：人民币壹万陆仟伍佰元整", last
    )


def test_a_long_sheet_is_printed_in_parts(world, client, run, monkeypatch):
    monkeypatch.setattr("funds.views.payment.ON_PAGE", 1)
    monkeypatch.setattr("funds.views.payment.PART", 2)

    first = page(world, client, world.cashier, "payment_sheet", run.pk)
    last = page(world, client, world.cashier, "payment_sheet", run.pk, part="2")
    strange = page(world, client, world.cashier, "payment_sheet", run.pk, part="9")

    assert first.context["parts"] == [(1, 1, 2), (2, 3, 3)]
    assert [p["number"] for p in first.context["pages"]] == [1, 2]
    assert [p["number"] for p in last.context["pages"]] == [3]
    assert "合计 3 人" in body(last)
    assert "合计 3 人" not in body(first)
    assert [p["number"] for p in strange.context["pages"]] == [1, 2]


def test_a_sheet_of_one_page_has_the_total_alone(world, client, run):
    text = body(page(world, client, world.cashier, "payment_sheet", run.pk))

    assert SUM.findall(text) == []
    assert "page-break" not in text
    assert "共 1 页" not in text
    assert "合计 3 人" in text


def test_the_column_to_sign_in_is_empty(world, client, run):
    text = body(page(world, client, world.cashier, "payment_sheet", run.pk))
    rows = text.partition("<tbody>")[2].partition("合计 3 人")[0]

    assert re.findall(r'<td class="sign-cell">(.*?)</td>', rows, re.S) == ["", "", ""]
