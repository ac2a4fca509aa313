"""Every constraint of the audits room, by name."""

import pytest
from django.db import IntegrityError, transaction

from audits.models import Seal, SealPage, Verification
from people.roles import Role
from tests.factories import NOON, UnitFactory, appoint

pytestmark = pytest.mark.django_db


def seal(**columns):
    given = {"number": 1, "reason": "DAILY", "before": "", "rows": 0, "hash": "a" * 64, "at": NOON}
    return Seal.objects.create(**given | columns)


def page(sealed, **columns):
    given = {
        "seal": sealed, "seq": 1, "table": "x", "columns": "id", "first_id": 1, "last_id": 1,
        "leaves": b"", "hash": "b" * 64,
    }  # fmt: skip
    return SealPage.objects.create(**given | columns)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("seal_reason_known", {"reason": "X"}),
        ("seal_chained", {"before": "c" * 64}),
        ("seal_chained", {"number": 2}),
    ],
)
def test_seal_is_refused(name, columns):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        seal(**columns)


def test_seal_pages_are_numbered_once():
    sealed = seal()
    page(sealed)

    with pytest.raises(IntegrityError), transaction.atomic():  # seal_page_once, or its guard
        page(sealed)


def test_seal_page_in_order():
    with pytest.raises(IntegrityError, match="seal_page_in_order"), transaction.atomic():
        page(seal(), first_id=2)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("verification_status_known", {"status": "X"}),
        ("verification_done_has_duration", {"status": "DONE"}),
        ("verification_done_has_duration", {"status": "RUNNING", "milliseconds": 1}),
    ],
)
def test_verification_is_refused(name, columns):
    auditor = appoint(Role.AUDITOR, UnitFactory(company=True))

    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Verification.objects.create(asked_at=NOON, asked_by=auditor, rows=1, **columns)
