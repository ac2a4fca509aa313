"""Pictures made of nothing: what a photo of a paper is in the demonstration."""

import struct
import zlib


def blank_png(width, height):
    """A white page as PNG: what a photo of a signed form is in the demonstration."""

    def chunk(kind, data):
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\xff" * width for _row in range(height)))
    tail = chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + tail
