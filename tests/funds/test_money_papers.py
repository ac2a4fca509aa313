"""Papers of a payment: kept once, never changed, shown after a purpose that is recorded."""

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from funds import actions
from funds.models import MoneyPaper
from people.models import Disclosure
from tests.factories import NOON
from tests.funds import papers
from tests.funds.pages import page
from tests.funds.rows import again, change, delete, new, refused
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


@pytest.fixture
def kept(world):
    """A payment to a proxy with all its papers: the copy, the signed receipt, the signed sheet."""
    payment = papers.paid(world, "PROXY_CASH")
    papers.sign(world, payment)
    actions.keep_sheet(run=payment.run, by=world.cashier, at=world.tick(), **papers.paper(5))
    return {paper.kind: paper for paper in MoneyPaper.objects.order_by("pk")}


def test_money_paper_belongs_to_one(world, kept):
    copy, receipt, sheet = kept["ID_COPY"], kept["RECEIPT"], kept["SHEET"]
    fresh = {"sha256": "1" * 64}

    for row, columns, name in (
        (copy, {"kind": "LETTER"}, "money_paper_kind_known|money_paper_belongs_to_one"),
        (copy, {"kind": "SHEET"}, "money_paper_belongs_to_one"),
        (copy, {"hand_over": None}, "money_paper_belongs_to_one"),
        (copy, {"run": sheet.run}, "money_paper_belongs_to_one"),
        (sheet, {"payment": receipt.payment}, "money_paper_belongs_to_one"),
        (receipt, {"hand_over": copy.hand_over}, "money_paper_belongs_to_one"),
    ):
        with refused(name):
            again(row, **fresh | columns)
    assert again(copy, **fresh).pk


def test_money_paper_once(kept):
    with refused("money_paper_once"):
        again(kept["SHEET"])


def test_money_paper_stays(kept):
    words = "a paper of a payment stays"

    with refused(words):
        change(kept["SHEET"], uploaded_at=NOON)
    with refused(words):
        delete(kept["SHEET"])


def test_papers_lie_outside_every_folder_of_the_web_server(kept):
    for paper in kept.values():
        assert paper.file.path.startswith(str(settings.MEDIA_ROOT))
        assert not paper.file.name.endswith("paper.png")


def test_a_paper_is_opened_after_its_purpose_was_recorded(world, client, kept):
    copy, sheet = kept["ID_COPY"], kept["SHEET"]
    asked = page(world, client, world.accountant, "money_paper", copy.pk)
    wrong = page(world, client, world.accountant, "money_paper", copy.pk, data={})
    assert (asked.status_code, wrong.status_code) == (200, 422)
    assert not Disclosure.objects.exists()

    purpose = {"purpose": "PAYMENT"}
    opened = page(world, client, world.accountant, "money_paper", copy.pk, data=purpose)
    other = page(world, client, world.auditor, "money_paper", sheet.pk, data=purpose)

    for response, paper in ((opened, copy), (other, sheet)):
        with paper.file.open() as file:
            assert b"".join(response.streaming_content) == file.read()
    assert opened["Content-Type"] == "image/png"
    assert "attachment" in opened["Content-Disposition"]
    assert "no-store" in opened["Cache-Control"]
    looks = Disclosure.objects.order_by("pk").values_list("by", "fields", "subject", "subject_pk")
    assert list(looks) == [
        (world.accountant.pk, "id_copy", "CASE", copy.hand_over.case_id),
        (world.auditor.pk, "sheet", "PAYMENTS", sheet.run_id),
    ]


def test_papers_are_not_there_for_others(world, client, kept):
    stranger = World()

    for user in (world.secretary, world.officer, stranger.cashier):
        for paper in kept.values():
            found = page(world, client, user, "money_paper", paper.pk, data={"purpose": "PAYMENT"})
            assert found.status_code == 404
    assert not Disclosure.objects.exists()


def test_a_paper_that_is_no_picture_is_refused(world, client):
    payment = papers.paid(world)
    bad = SimpleUploadedFile("x.png", b"MZ\x90\x00", "image/png")
    for name, pk in (("sheet_signed", payment.run_id), ("receipt_sign", payment.pk)):
        data = {"file": bad, "received_on": world.today.isoformat()}
        bad.seek(0)
        assert page(world, client, world.cashier, name, pk, data=data).status_code == 422
    assert not MoneyPaper.objects.exists()


def test_new_paper_of_nobody(world):
    with refused("money_paper_belongs_to_one"):
        new(
            MoneyPaper, company=world.company, kind="RECEIPT", sha256="1" * 64, file="payments/x",
            media_type="image/png", size=1, uploaded_at=NOON, uploaded_by=world.cashier,
        )  # fmt: skip
