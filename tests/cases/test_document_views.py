"""Proofs: judged by their bytes, opened for a reason, and by nobody else."""

import struct
import zlib

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from base.uploads import check_upload
from cases.models import Document
from people.models import Disclosure
from tests.factories import UserFactory
from tests.world import World


def chunk(kind, data):
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def png(grey=0):
    """A picture of one point."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes([0, grey]))
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def upload(name="收据.png", content=None):
    return SimpleUploadedFile(name, png() if content is None else content)


def stored(content=None):
    """What is kept of a picture: it is written anew."""
    file = upload(content=content)
    check_upload(file)
    return file.read()


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def case(world):
    return world.household()


@pytest.fixture(autouse=True)
def clock(world):
    with time_machine.travel(world.now, tick=False) as traveller:
        yield traveller


def add(dossier, **query):
    return reverse("cases:document_add", args=[dossier.pk], query=query)


def attached(client, dossier, **query):
    client.post(add(dossier, **query), {"kind": "RECEIPT", "file": upload()})
    return Document.objects.get(dossier=dossier)


def test_document_add_opens_to_the_household_and_its_officers_alone(client, world, case):
    url = add(case.dossier)
    seen = {
        case.applicant.user: 200, world.officer: 200, UserFactory(employee=True): 404,
        world.leaders[0]: 404,
    }  # fmt: skip

    assert client.get(url).status_code == 302
    for user, status in seen.items():
        client.force_login(user)
        assert client.get(url).status_code == status


def test_document_add_keeps_the_file_with_its_case(client, case):
    client.force_login(case.applicant.user)

    response = client.post(
        add(case.dossier, next="/my/", case=case.pk), {"kind": "RECEIPT", "file": upload()}
    )

    document = Document.objects.get()
    assert response["Location"] == "/my/"
    assert (document.case, document.kind, document.media_type) == (case, "RECEIPT", "image/png")
    with document.file.open() as kept:
        assert kept.read() == stored()
    assert "收据" not in document.file.name


def test_same_file_twice_is_kept_once(client, case):
    client.force_login(case.applicant.user)

    for _n in range(2):
        client.post(add(case.dossier), {"kind": "RECEIPT", "file": upload()})

    assert Document.objects.count() == 1


@pytest.mark.parametrize(
    "content", [b"", b"<html><script>alert(1)</script>", b"MZ" + bytes(99), png()[:-20],
                png() + b"<svg onload=x>", b"%PDF-1.4 /JavaScript"]
)  # fmt: skip
def test_file_that_is_no_document_is_refused_and_not_kept(client, case, settings, content):
    client.force_login(case.applicant.user)

    response = client.post(
        add(case.dossier), {"kind": "RECEIPT", "file": upload("证明.png", content)}
    )

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"file"}
    assert response.context["form"]["kind"].value() == "RECEIPT"
    assert not Document.objects.exists()
    assert not settings.MEDIA_ROOT.exists()


def test_post_without_a_file_is_refused(client, case):
    client.force_login(case.applicant.user)

    response = client.post(add(case.dossier), {})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"kind", "file"}


def test_signed_form_is_offered_only_to_whoever_applies_for_another(client, world, case):
    client.force_login(case.applicant.user)
    own = client.post(add(case.dossier), {"kind": "SIGNED_FORM", "file": upload()})
    client.force_login(world.officer)
    other = client.post(add(case.dossier), {"kind": "SIGNED_FORM", "file": upload()})

    assert own.status_code == 422
    assert other.status_code == 302


def test_case_of_another_household_is_not_found(client, world, case):
    other = world.household(world.employee())
    client.force_login(case.applicant.user)

    assert client.get(add(case.dossier, case=other.pk)).status_code == 404


def test_informant_attaches_for_a_household_on_file_they_apply_for(client, world, clock):
    dossier = world.on_file()
    clock.move_to(world.now)
    client.force_login(world.informant)
    client.post(reverse("cases:apply_new"), {"person": dossier.head_id, "programme": "EMERGENCY"})
    case = dossier.cases.latest("pk")

    bare = client.get(add(dossier))
    response = client.post(add(dossier, case=case.pk), {"kind": "SIGNED_FORM", "file": upload()})

    assert bare.status_code == 404
    assert response.status_code == 302
    assert case.documents.get().kind == "SIGNED_FORM"


def test_document_is_given_only_after_the_reason_is_written_down(client, world, case):
    client.force_login(case.applicant.user)
    document = attached(client, case.dossier)
    client.force_login(world.officer)
    url = document.get_absolute_url()

    asked = client.get(url)
    unsaid = client.post(url, {"purpose": ""})
    given = client.post(url, {"purpose": "REVIEW"})

    assert (asked.status_code, unsaid.status_code) == (200, 422)
    assert given.getvalue() == stored()
    assert given["Content-Disposition"].startswith("attachment")
    assert given["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in given["Cache-Control"]
    seen = Disclosure.objects.get()
    assert (seen.by, seen.subject, seen.subject_pk, seen.purpose) == (
        world.officer, "DOCUMENT", document.pk, "REVIEW")  # fmt: skip


def test_document_of_another_household_is_not_found(client, world, case):
    client.force_login(case.applicant.user)
    document = attached(client, case.dossier)

    for user in (UserFactory(employee=True), world.leaders[0], world.cashier):
        client.force_login(user)
        assert client.get(document.get_absolute_url()).status_code == 404
        response = client.post(document.get_absolute_url(), {"purpose": "REVIEW"})
        assert response.status_code == 404
    assert not Disclosure.objects.exists()
