"""Pictures are written anew: pixels only, upright, no larger than needed."""

import io

import pytest
from PIL import Image, PngImagePlugin

from base import pictures
from base.pictures import BrokenPicture, draw_signature, rewrite


def encoded(picture, name, **options):
    target = io.BytesIO()
    picture.save(target, name, **options)
    return target.getvalue()


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_a_png_keeps_its_mode(mode):
    found = opened(rewrite(encoded(Image.new(mode, (30, 20)), "PNG"), "png"))

    assert (found.format, found.mode, found.size) == ("PNG", mode, (30, 20))


def test_sixteen_bits_of_grey_become_eight():
    picture = Image.new("I;16", (4, 4), 0x8000)

    found = opened(rewrite(encoded(picture, "PNG"), "png"))

    assert (found.mode, found.getpixel((0, 0))) == ("L", 128)


def test_a_photo_for_the_printer_becomes_one_for_the_screen():
    found = opened(rewrite(encoded(Image.new("CMYK", (30, 20)), "JPEG"), "jpg"))

    assert (found.format, found.mode) == ("JPEG", "RGB")


@pytest.mark.parametrize("mode", ["1", "P", "RGB"])
def test_the_longest_side_is_limited(mode):
    found = opened(rewrite(encoded(Image.new(mode, (4800, 1200)), "PNG"), "png"))

    assert found.size == (2400, 600)


def test_words_beside_the_pixels_are_left_out():
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "at home")
    content = encoded(Image.new("RGB", (9, 9)), "PNG", pnginfo=words, icc_profile=b"profile")

    kept = rewrite(content, "png")

    assert b"at home" not in kept and b"iCCP" not in kept and b"tEXt" not in kept


def test_a_clear_colour_stays_clear():
    content = encoded(Image.new("P", (9, 9)), "PNG", transparency=0)

    assert opened(rewrite(content, "png")).info["transparency"] == 0


def test_a_picture_of_another_kind_is_broken():
    with pytest.raises(BrokenPicture):
        rewrite(encoded(Image.new("RGB", (9, 9)), "PNG"), "jpg")


def test_too_many_points_are_refused_here_too(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)

    with pytest.raises(BrokenPicture):
        rewrite(encoded(Image.new("RGB", (90, 90)), "PNG"), "png")

    assert pictures.MAX_PIXELS == 100_000_000


def test_a_signature_is_drawn_black_on_white():
    found = opened(draw_signature([[(100, 100), (500, 300)], [(800, 200)]]))

    assert found.size == (1000, 400)
    assert [bool(found.getpixel(at)) for at in ((300, 200), (800, 200), (10, 10))] == [
        False, False, True,
    ]  # fmt: skip


def test_a_signature_drawn_twice_is_the_same_file():
    strokes = [[(100, 100), (500, 300), (510, 310)]]

    assert draw_signature(strokes) == draw_signature(strokes)
