"""The files for the bank against their payments: what differs is named, and the money stops."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audits import places, verify
from audits.books import differences
from funds.models import BankFile, Payment, PaymentAnswer
from tests.audits.test_verify import force, found
from tests.funds import bank_files, papers
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def run(world):
    """Two payments in a file that was sent."""
    return bank_files.sent(world, 2)


def other_bytes(file):
    return f"Bank file {file.pk} made again is not the file whose fingerprint was kept."


def test_nothing_differs_from_the_making_to_the_answer_and_the_payment_after_a_return(world, run):
    bank_files.make(world, papers.paid(world, "PROXY_ACCOUNT").run)
    bank_files.take(world, run, ["1", "成功", ""], ["2", "退票", "销户"])
    bank_files.check(world, run.payments.get(seq=2))
    second = world.post(world.prepare(run.batch))
    bank_files.make(world, second)
    bank_files.make(world, second, "TITLED")

    assert found() == []


@pytest.mark.parametrize("change", ["lines_count = 3", "total_fen = total_fen + 1"])
def test_file_that_adds_up_to_something_else_is_named(run, change):
    file = BankFile.objects.get()
    force(BankFile, f"UPDATE {{table}} SET {change}")

    assert found() == [f"Bank file {file.pk} does not tell what its payments add up to."]


def test_file_without_its_payments_is_named(world, run):
    other = papers.paid(world).hand_over_id
    force(Payment, "UPDATE {table} SET way = 'CASH', hand_over_id = %s", other)
    file = BankFile.objects.get()

    assert f"Bank file {file.pk} does not tell what its payments add up to." in found()


@pytest.mark.parametrize(
    "change",
    [
        "account_name = '别人'",
        "bank = '别行'",
        "account = (SELECT p.account FROM funds_payment p ORDER BY p.id DESC LIMIT 1)",
        "account = '1:none'",
    ],
)
def test_payee_changed_after_the_file_was_made_is_named(run, change):
    """The index of the account says nothing of the account itself, nor of the name."""
    file = BankFile.objects.get()
    force(Payment, f"UPDATE {{table}} SET {change} WHERE id = %s", run.payments.earliest("pk").pk)

    assert found() == [other_bytes(file)]


@pytest.mark.parametrize("layout", ["{}", "[", "[1]", '{"before": 1}'])
def test_file_whose_layout_was_changed_is_named(run, layout):
    file = BankFile.objects.get()
    force(BankFile, "UPDATE {table} SET layout = %s", layout)

    assert found() == [other_bytes(file)]


def test_fingerprint_that_was_changed_is_named_for_that_file_alone(world, run):
    other = bank_files.make(world, bank_files.posted(world))
    force(BankFile, "UPDATE {table} SET sha256 = %s WHERE id = %s", "0" * 64, other.pk)

    assert found() == [other_bytes(other)]


@pytest.mark.parametrize(("answer", "status"), [("RETURNED", "POSTED"), ("PAID", "VOID")])
def test_payment_in_another_state_than_the_bank_says_is_named(world, run, answer, status):
    bank_files.take(world, run, ["1", "成功", ""])
    payment = run.payments.get(seq=1)
    force(PaymentAnswer, "UPDATE {table} SET answer = %s", answer)
    force(Payment, "UPDATE {table} SET status = %s WHERE id = %s", status, payment.pk)

    words = f"Payment {payment.pk} is not in the state the answer of the bank gives it."
    assert words in found()


def test_difference_is_shown_where_the_file_lies_and_stops_the_money_of_its_company(world, run):
    file = BankFile.objects.get()
    force(BankFile, "UPDATE {table} SET total_fen = total_fen + 1")

    (problem,) = verify.problems()

    assert problem.money
    place = f"funds_bankfile {file.pk}"
    assert problem.place == place
    assert places.links([place]) == {place: f"/payments/{run.pk}/file/"}
    assert places.companies([place]) == {place: world.company.pk}


def test_files_take_as_many_queries_for_three_as_for_one(world, run):
    with CaptureQueriesContext(connection) as one:
        assert list(differences()) == []
    for _n in range(2):
        bank_files.make(world, bank_files.posted(world))

    with CaptureQueriesContext(connection) as three:
        assert list(differences()) == []

    assert len(one) == len(three)
