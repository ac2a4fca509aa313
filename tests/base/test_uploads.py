import hashlib
import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from base.uploads import UploadRefused, check_upload, clean_name


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width=1, height=1, extra=b"", end=True):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + extra + body + (chunk(b"IEND", b"") if end else b"")


def encoded(picture, name, **options):
    target = io.BytesIO()
    picture.save(target, name, **options)
    return target.getvalue()


def jpg(width=8, height=8, extra=b"", frame=True, marker=b"\xff\xc0"):
    """A grey square; its header may claim another size, or another way of unpacking."""
    content = encoded(Image.new("L", (8, 8), 128), "JPEG")
    at = content.index(b"\xff\xc0")
    length = struct.unpack(">H", content[at + 2 : at + 4])[0]
    size = marker + content[at + 2 : at + 5] + struct.pack(">HH", height, width)
    size += content[at + 9 : at + 2 + length]
    return (
        content[:2] + extra + content[2:at] + (size if frame else b"") + content[at + 2 + length :]
    )


def pdf(body=b"1 0 obj\n<< /Type /Catalog >>\nendobj\n", end=b"%%EOF\n"):
    return b"%PDF-1.7\n" + body + end


def packed(content, keys=b"/Filter /FlateDecode", data=None):
    body = zlib.compress(content) if data is None else data
    return b"5 0 obj\n<< /Type /ObjStm " + keys + b" >>\nstream\n" + body + b"\nendstream\nendobj\n"


def segment(data):
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def refusal(content, **options):
    with translation.override("en"), pytest.raises(UploadRefused) as caught:
        check_upload(io.BytesIO(content), **options)
    with translation.override("en"):
        return str(caught.value)


@pytest.mark.parametrize(
    "content, kind, content_type",
    [(png(), "png", "image/png"), (jpg(), "jpg", "image/jpeg"), (pdf(), "pdf", "application/pdf")],
)
def test_the_bytes_decide_not_the_name(content, kind, content_type):
    file = SimpleUploadedFile("proof.exe", content)

    upload = check_upload(file)

    assert (upload.kind, upload.content_type) == (kind, content_type)
    kept = file.read()
    assert upload.sha256 == hashlib.sha256(kept).hexdigest()
    assert upload.size_bytes == file.size == len(kept)
    assert upload.shown_name == "proof.exe"
    assert (kept == content) == (kind == "pdf")


def test_stored_names_are_random_and_plain():
    first, second = (check_upload(SimpleUploadedFile("../../x.php", png())) for _ in range(2))

    assert first.stored_name != second.stored_name
    assert first.stored_name.removesuffix(".png").isalnum()


ONLY = "Only JPG, PNG and PDF files can be taken. Photograph or scan the paper and try again."
DAMAGED = "This file is damaged or cut short; save or scan it again."
HIDES = "This file holds something besides the document. Photograph or scan the paper again."
ACTIVE = (
    "This PDF holds a script, a program or an attached file. Print it to a new PDF, "
    "or photograph the paper."
)
UNJUDGED = "This PDF cannot be checked. Print it to a new PDF, or photograph the paper."


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\0" + b"\0" * 100,
        b"\x7fELF" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>",
        b"<!doctype html><script>",
        b"<?xml version='1.0'?><svg/>",
        b"PK\x03\x04docx",
        b"\xd0\xcf\x11\xe0",
        b"GIF89a;",
        b"RIFF1234WEBP",
        b"plain words",
        b" " + pdf(),
        b"\xff\xd8",
    ],
)
def test_other_kinds_are_refused(content):
    assert refusal(content) == ONLY


def test_a_heic_photo_is_told_how_to_become_a_jpg():
    assert refusal(b"\0\0\0\x18ftypheic" + b"\0" * 50) == (
        "This is a HEIC photo. Save it as JPG, or set the camera to the compatible format."
    )


def test_empty_and_large_files_are_refused():
    assert refusal(b"") == "This file is empty; choose another one."
    assert refusal(png(), max_bytes=10).startswith("This file is larger than 10\xa0bytes")


def test_no_more_than_the_limit_is_read():
    class Endless(io.RawIOBase):
        asked = 0

        def seek(self, *args):
            return 0

        def read(self, count=-1):
            self.asked = max(self.asked, count)
            return b"\xff" * count

    file = Endless()
    with pytest.raises(UploadRefused):
        check_upload(file, max_bytes=100)

    assert file.asked == 101


@pytest.mark.parametrize(
    "content",
    [
        png(end=False),
        png()[:-3],
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"") + chunk(b"IEND", b""),
        png(0, 5),
        jpg()[:-2],
        jpg(frame=False),
        jpg(0, 5),
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0",
        b"\xff\xd8\xff\xe0\x00\x04abXX",
        png(40, 40),
        pdf(end=b""),
        pdf(packed(b"", data=b"not deflate")),
    ],
)
def test_cut_or_malformed_files_are_refused(content):
    assert refusal(content) == DAMAGED


@pytest.mark.parametrize("picture", [png, jpg])
def test_pictures_that_unpack_into_too_much_are_refused(picture):
    assert (
        refusal(picture(50_000, 50_000))
        == "This picture has 50000 × 50000 points; save it smaller."
    )
    assert refusal(picture(20_000, 20_000)).startswith("This picture has")


def test_what_must_be_unpacked_whole_may_be_less_large():
    slowly = jpg(9_000, 9_000, marker=b"\xff\xc2")

    assert refusal(png(9_000, 9_000)).startswith("This picture has")
    assert refusal(slowly).startswith("This picture has")
    assert check_upload(io.BytesIO(jpg(9_000, 9_000))).kind == "jpg"


ARCHIVE = b"PK\x05\x06" + b"\0" * 18


@pytest.mark.parametrize(
    "content",
    [
        png() + b"MZ",
        png() + ARCHIVE,
        png(extra=chunk(b"tEXt", b"c\0<script>alert(1)</script>")),
        png(extra=chunk(b"tEXt", b"c\0<SVG onload=x>")),
        png(extra=chunk(b"teSt", b"<?php x ?>")),
        jpg() + b"MZ\x90",
        jpg() + b"\0\0MZ\x90",
        jpg() + b"#!/bin/sh",
        jpg() + ARCHIVE,
        jpg() + b"PK\x03\x04...",
        jpg() + pdf(),
        jpg(extra=segment(b"<!DOCTYPE html>")),
        jpg(extra=segment(b"<html >")),
        pdf() + ARCHIVE,
        pdf(b"% <script>alert(1)</script>\n"),
        pdf(b"1 0 obj << /URI (javascript:alert(1)) >> endobj\n"),
    ],
)
def test_files_that_are_also_something_else_are_refused(content):
    assert refusal(content) == HIDES


def test_what_telephones_put_behind_a_picture_is_allowed():
    file = io.BytesIO(jpg() + jpg() + b"\0\0\0\x18ftypmp42")

    assert check_upload(file).kind == "jpg"
    assert b"ftypmp42" not in file.read()


def test_the_place_where_a_photo_was_taken_is_not_kept():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    exif[0x8825] = {1: "N", 2: (45.0, 44.0, 0.0)}
    photo = encoded(Image.new("RGB", (40, 20), "red"), "JPEG", exif=exif, comment=b"at home")
    file = SimpleUploadedFile("photo.jpg", photo)

    check_upload(file)

    kept = Image.open(file)
    assert kept.size == (20, 40)
    assert not kept.getexif() and "comment" not in kept.info
    assert b"GPS" not in file.file.getvalue() and b"at home" not in file.file.getvalue()


def test_the_same_photo_is_kept_as_the_same_bytes():
    photo = encoded(Image.effect_noise((300, 200), 60).convert("RGB"), "JPEG")

    first, second = (check_upload(SimpleUploadedFile("photo.jpg", photo)) for _n in range(2))

    assert first.sha256 == second.sha256


def test_a_large_upload_on_disk_is_rewritten_there():
    photo = encoded(Image.new("RGB", (3000, 1500), "blue"), "JPEG")
    with TemporaryUploadedFile("photo.jpg", "image/jpeg", len(photo), None) as file:
        file.write(photo)

        upload = check_upload(file)

        with open(file.temporary_file_path(), "rb") as stored:
            kept = stored.read()
    assert hashlib.sha256(kept).hexdigest() == upload.sha256
    assert Image.open(io.BytesIO(kept)).size == (2400, 1200)


@pytest.mark.parametrize(
    "body",
    [
        b"<< /S /JavaScript /JS (app.alert(1)) >>",
        b"<< /S /J#61vaScript >>",
        b"<< /S/#4a#61#76#61#53#63#72#69#70#74/JS(x) >>",
        b"<< /S /Launch /F (cmd.exe) >>",
        b"<< /Type /EmbeddedFile >>",
        b"<< /Names << /EmbeddedFiles 4 0 R >> >>",
        b"<< /Subtype /RichMedia >>",
        b"<< /S /SubmitForm >>",
        b"% stream\n<< /S /JavaScript >> endstream",
    ],
)
def test_pdf_that_acts_is_refused(body):
    assert refusal(pdf(b"1 0 obj\n" + body + b"\nendobj\n")) == ACTIVE
    assert refusal(pdf(packed(b"1 0 " + body))) == ACTIVE
    assert refusal(pdf(packed(body).replace(b"/ObjStm", b"/Obj#53tm"))) == ACTIVE


def test_pdf_words_that_only_resemble_are_allowed():
    body = b"1 0 obj\n<< /LaunchPad 1 /OpenAction [3 0 R /Fit] /Title (JavaScript) >>\nendobj\n"

    assert check_upload(io.BytesIO(pdf(body + packed(b"1 0 << /Type /Page >>")))).kind == "pdf"


def test_pdf_with_a_password_is_refused():
    assert refusal(pdf(b"trailer << /Encrypt 5 0 R >>")) == (
        "This PDF is protected by a password; save it without one and try again."
    )


@pytest.mark.parametrize(
    "keys",
    [
        b"/Filter /LZWDecode",
        b"/Filter [/ASCIIHexDecode /FlateDecode]",
        b"/Filter [/FlateDecode /FlateDecode]",
    ]
    + [b"/Filter /FlateDecode /DecodeParms << /Predictor 12 >>"],
)
def test_pdf_packed_so_that_it_cannot_be_read_is_refused(keys):
    assert refusal(pdf(packed(b"1 0 <<>>", keys))) == UNJUDGED


def test_pdf_object_stream_whose_dictionary_hides_is_refused():
    for keys in (b"/X (1 0 obj) /Filter /FlateDecode", b"/Filter /FlateDecode" + b" " * 2000):
        assert refusal(pdf(packed(b"1 0 << /S /JavaScript >>", keys))) == UNJUDGED


def test_pdf_object_stream_that_unpacks_into_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("base.uploads.MAX_INFLATED", 1000)

    assert refusal(pdf(packed(b"x" * 600) + packed(b"x" * 600))) == UNJUDGED
    assert check_upload(io.BytesIO(pdf(packed(b"x" * 600))))


def test_pdf_unpacked_object_stream_is_read_in_place():
    assert refusal(pdf(packed(b"", b"", data=b"1 0 << /S /JavaScript >>"))) == ACTIVE


@given(st.sampled_from([png(), jpg(), pdf()]), st.integers(0, 200), st.binary(max_size=20))
def test_any_damage_is_answered_with_a_sentence_or_accepted(content, place, noise):
    damaged = content[:place] + noise + content[place + len(noise) :]

    try:
        check_upload(io.BytesIO(damaged))
    except UploadRefused as error:
        assert str(error)


@pytest.mark.parametrize(
    "name, shown",
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fake\\证明.pdf", "证明.pdf"),
        ("a\x00b\u202egpj.exe", "abgpj.exe"),
        ("", ""),
        ("..", ""),
        ("长" * 200 + ".pdf", "长" * 96 + ".pdf"),
        ("长" * 200, "长" * 100),
    ],
)
def test_clean_name(name, shown):
    assert clean_name(name) == shown
