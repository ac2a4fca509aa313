"""How rows become the pages of a seal, and pages its hash: the arithmetic alone, no database."""

import hashlib
import struct

from base import canonical

SIZE = 1000  # rows on a page
_LEAF = struct.Struct(">q16s")


def digest(text):
    """The 16 bytes that stand for one row."""
    return hashlib.sha256(text).digest()[:16]


def write_leaves(rows):
    """The leaves of (id, canonical bytes): eight bytes of id, sixteen of digest each."""
    return b"".join(_LEAF.pack(pk, digest(text)) for pk, text in rows)


def read_leaves(leaves):
    """[(id, digest)]; bytes left over at the end are no leaf."""
    whole = len(leaves) - len(leaves) % _LEAF.size
    return list(_LEAF.iter_unpack(bytes(leaves[:whole])))


def page_hash(table, columns, leaves):
    """The hash of a page: of its table and columns, each with its length, and its leaves."""
    head = "".join(f"{len(part.encode())}:{part}," for part in (table, columns))
    return hashlib.sha256(head.encode() + bytes(leaves)).hexdigest()


def seal_hash(*, before, number, reason, at, rows, pages):
    """The hash of a seal: of the one before it, what it says of itself, and its page hashes."""
    return canonical.digest(
        {"at": at, "before": before, "number": number, "pages": pages, "reason": reason,
         "rows": rows}
    )  # fmt: skip


def in_pages(rows):
    """(id, bytes) in lists of up to a page's size."""
    page = []
    for row in rows:
        page.append(row)
        if len(page) == SIZE:
            yield page
            page = []
    if page:
        yield page
