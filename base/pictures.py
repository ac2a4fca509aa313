"""Pictures written anew: upright, no larger than needed, and without where and when they say.

Telephones write the place, the time and the owner into a photo. What leaves here holds pixels
only: no position, no comment, no thumbnail, no second picture behind the first.
"""

import io
import struct
import zlib

from PIL import Image, ImageDraw, ImageOps

MAX_PIXELS = 100_000_000
LONGEST_SIDE = 2400
QUALITY = 85
_FORMATS = {"jpg": "JPEG", "png": "PNG"}
_MODES = {"jpg": ("L", "RGB"), "png": ("1", "L", "LA", "P", "RGB", "RGBA")}
# What the decoders raise for a file that lies about itself.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error,
           Image.DecompressionBombError)  # fmt: skip

SIGNATURE_SIZE = (1000, 400)
_PEN = 5

# A second line of defence; base.uploads judges the size by the header first.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


class BrokenPicture(ValueError):
    """The bytes are no picture of their kind."""


def rewrite(content, kind):
    """The bytes of a "jpg" or "png" as they are kept; the same bytes for the same picture.

    The longest side is at most 2,400 points. BrokenPicture when it cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(content), formats=[_FORMATS[kind]]) as opened:
            # A large photo is decoded at half, a quarter or an eighth: less memory.
            opened.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
            picture = _plain(ImageOps.exif_transpose(opened), kind)
    except _BROKEN as error:
        raise BrokenPicture(str(error)) from error
    if max(picture.size) > LONGEST_SIDE:
        if picture.mode in ("1", "P"):  # has no shades to shrink with
            picture = picture.convert("L" if picture.mode == "1" else "RGBA")
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return _bytes(picture, kind)


def _plain(picture, kind):
    """The pixels alone, in a mode that the kind can hold."""
    picture.load()
    if picture.mode.startswith("I;16"):  # sixteen bits of grey: the upper eight
        picture = picture.point(lambda shade: shade * (1 / 256) + 0).convert("L")
    elif picture.mode not in _MODES[kind]:
        picture = picture.convert("RGB")
    kept = ("transparency",) if kind == "png" else ()
    picture.info = {name: picture.info[name] for name in kept if name in picture.info}
    return picture


def _bytes(picture, kind):
    target = io.BytesIO()
    given = {"quality": QUALITY} if kind == "jpg" else {}
    picture.save(target, _FORMATS[kind], optimize=True, **given)
    return target.getvalue()


def draw_signature(strokes):
    """A signature as PNG: `strokes` are lists of (x, y) inside `SIGNATURE_SIZE`, black on white."""
    picture = Image.new("1", SIGNATURE_SIZE, 1)
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        if len(stroke) > 1:
            pen.line(stroke, fill=0, width=_PEN, joint="curve")
        for x, y in (stroke[0], stroke[-1]):
            pen.ellipse((x - _PEN // 2, y - _PEN // 2, x + _PEN // 2, y + _PEN // 2), fill=0)
    return _bytes(picture, "png")
