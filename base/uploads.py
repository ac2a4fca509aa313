"""Proofs that people upload: judged by their bytes, never by their name.

JPG, PNG and PDF only. A file that could also be read as something else (a page, a program, an
archive) is refused; a picture is written anew (`base.pictures`), so that no position or other
hidden word of it is kept. A PDF stays as it is.
"""

import hashlib
import re
import secrets
import struct
import unicodedata
import zlib
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from base import pictures
from base.words import say

MAX_BYTES = 10 * 1024 * 1024
# Pictures that must be held in memory whole: PNG, and JPG that sharpens as it loads.
MAX_WHOLE_PIXELS = 40_000_000
MAX_SIDE = 20_000
MAX_INFLATED = 20 * 1024 * 1024

CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}

_PNG = b"\x89PNG\r\n\x1a\n"
# Long enough that ten megabytes of compressed pixels do not hold them by chance.
_MARKUP = re.compile(
    rb"<script|<svg[\s/>]|<html[\s>]|<!doctype html|<iframe|<\?php|javascript:", re.IGNORECASE
)
_ARCHIVE_END = b"PK\x05\x06"
_ARCHIVE_TAIL = 65_557
_PDF_ACTIVE = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData|GoToE)(?![A-Za-z0-9])"
)
_PDF_LOCKED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
_PDF_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_OBJECT_STREAM = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
_DICT_BYTES = 1024


class UploadRefused(ValueError):
    """A file that cannot be taken; ``args[0]`` is a lazy sentence that says what to do."""


@dataclass(frozen=True)
class Upload:
    """What is known of an accepted file as it is kept. ``sha256`` is 64 hex digits of its bytes."""

    kind: str
    size_bytes: int
    sha256: str
    stored_name: str
    shown_name: str

    @property
    def content_type(self):
        return CONTENT_TYPES[self.kind]


def check_upload(file, *, max_bytes=MAX_BYTES):
    """Judge an uploaded ``file`` (anything with read, seek and perhaps name and size).

    Returns an ``Upload`` and leaves the file at its start; a picture in it has been written anew,
    and the size and the digest are of what stands there now. UploadRefused when it is empty,
    too large, none of the three kinds, cut short, password-protected, or holds anything
    that acts. At most ``max_bytes`` + 1 are read.
    """
    file.seek(0)
    content = file.read(max_bytes + 1)
    file.seek(0)
    if not content:
        raise UploadRefused(_("This file is empty; choose another one."))
    if len(content) > max_bytes:
        raise UploadRefused(
            say(
                _("This file is larger than %(size)s; take a smaller picture or scan."),
                size=filesizeformat(max_bytes),
            )
        )
    kind = _kind_of(content)
    {"jpg": _check_jpg, "png": _check_png, "pdf": _check_pdf}[kind](content)
    if _MARKUP.search(content) or _ARCHIVE_END in content[-_ARCHIVE_TAIL:]:
        raise _hides_something()
    if kind in ("jpg", "png"):
        try:
            content = pictures.rewrite(content, kind)
        except pictures.BrokenPicture as error:
            raise _damaged() from error
        _replace(file, content)
    return Upload(
        kind=kind,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        stored_name=f"{secrets.token_hex(16)}.{kind}",
        shown_name=clean_name(getattr(file, "name", "") or ""),
    )


def _replace(file, content):
    """Write other bytes into an uploaded file, in memory or on disk."""
    file.seek(0)
    file.truncate()
    file.write(content)
    file.flush()
    file.seek(0)
    if hasattr(file, "size"):
        file.size = len(content)


def clean_name(name):
    """A file name fit for showing: no folders, no control or direction marks, 100 characters.

    Never used to store: ``Upload.stored_name`` is random.
    """
    name = re.split(r"[/\\]", str(name))[-1]
    kept = "".join(c for c in name if unicodedata.category(c)[0] != "C").strip(" .")
    if len(kept) > 100:
        stem, dot, ending = kept.rpartition(".")
        tail = dot + ending if stem and len(ending) <= 10 else ""
        kept = kept[: 100 - len(tail)] + tail
    return kept


def _kind_of(content):
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(_PNG):
        return "png"
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftypheif"):
        raise UploadRefused(
            _("This is a HEIC photo. Save it as JPG, or set the camera to the compatible format.")
        )
    raise UploadRefused(
        _("Only JPG, PNG and PDF files can be taken. Photograph or scan the paper and try again.")
    )


def _hides_something():
    return UploadRefused(
        _("This file holds something besides the document. Photograph or scan the paper again.")
    )


def _damaged():
    return UploadRefused(_("This file is damaged or cut short; save or scan it again."))


def _check_size(width, height, most):
    if not width or not height:
        raise _damaged()
    if max(width, height) > MAX_SIDE or width * height > most:
        raise UploadRefused(
            say(
                _("This picture has %(width)s × %(height)s points; save it smaller."),
                width=width,
                height=height,
            )
        )


def _check_png(content):
    """Walk the chunks to IEND; the file must end there."""
    at, first = len(_PNG), True
    while True:
        if at + 12 > len(content):
            raise _damaged()
        length, name = struct.unpack(">I4s", content[at : at + 8])
        if first:
            if name != b"IHDR" or length != 13:
                raise _damaged()
            width, height = struct.unpack(">II", content[at + 8 : at + 16])
            _check_size(width, height, MAX_WHOLE_PIXELS)
            first = False
        at += 12 + length
        if name == b"IEND":
            break
    if at > len(content):
        raise _damaged()
    if at != len(content):
        raise _hides_something()


def _check_jpg(content):
    """Walk the segments to the end of the image, then look at what phones put behind it.

    Telephones append further pictures and films of their own; archives, programs and
    documents are refused there.
    """
    at, sized = 2, False
    while True:
        if at + 4 > len(content) and content[at : at + 2] != b"\xff\xd9":
            raise _damaged()
        if content[at] != 0xFF:
            raise _damaged()
        marker = content[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == 0xD9:
            break
        length = struct.unpack(">H", content[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if at + 9 > len(content):
                raise _damaged()
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            at_once = marker in (0xC0, 0xC1)
            _check_size(width, height, pictures.MAX_PIXELS if at_once else MAX_WHOLE_PIXELS)
            sized = True
        at += 2 + length
        if marker == 0xDA:  # pixels follow, up to the next marker that is not a restart
            found = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(content, at)
            if not found:
                raise _damaged()
            at = found.start()
    if not sized:
        raise _damaged()
    behind = content[at + 2 :]
    if re.search(rb"PK\x03\x04|%PDF-", behind) or behind.lstrip(b"\0")[:2] in (b"MZ", b"#!"):
        raise _hides_something()


def _check_pdf(content):
    """Refuse whatever acts, also when its name is spelt in hex or packed in an object stream."""
    if b"%%EOF" not in content[-2048:]:
        raise _damaged()
    for part in (content, *_object_streams(content)):
        names = _spell_out(part)
        if _PDF_LOCKED.search(names):
            raise UploadRefused(
                _("This PDF is protected by a password; save it without one and try again.")
            )
        if _PDF_ACTIVE.search(names):
            raise UploadRefused(
                _(
                    "This PDF holds a script, a program or an attached file. Print it to a new "
                    "PDF, or photograph the paper."
                )
            )


def _spell_out(data):
    """Names with their #xx escapes resolved: /J#61vaScript is /JavaScript."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), data)


def _object_streams(content):
    """The unpacked object streams, where a PDF may keep its dictionaries compressed.

    One that is packed in a way that cannot be read here is refused: it cannot be judged.
    """
    unpacked, met = 0, 0
    for found in _PDF_STREAM.finditer(content):
        head = content[max(0, found.start() - _DICT_BYTES) : found.start()]
        head = _spell_out(head[head.rfind(b"obj") + 3 if b"obj" in head else 0 :])
        if not _OBJECT_STREAM.search(head):
            continue
        met += 1
        filters = set(re.findall(rb"/([A-Za-z0-9]+Decode)\b", head))
        if filters - {b"FlateDecode"} or b"/Predictor" in head or head.count(b"/FlateDecode") > 1:
            raise _cannot_judge()
        if not filters:
            continue  # not packed: read with the rest of the file
        inflate = zlib.decompressobj()
        try:
            part = inflate.decompress(content[found.end() :], MAX_INFLATED - unpacked + 1)
        except zlib.error as error:
            raise _damaged() from error
        unpacked += len(part)
        if unpacked > MAX_INFLATED:
            raise _cannot_judge()
        yield part
    if met != len(_OBJECT_STREAM.findall(_spell_out(content))):
        raise _cannot_judge()  # one is written so that it was not met above


def _cannot_judge():
    return UploadRefused(
        _("This PDF cannot be checked. Print it to a new PDF, or photograph the paper.")
    )
