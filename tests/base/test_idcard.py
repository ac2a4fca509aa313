from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from base.idcard import (
    AccountField,
    IdNumberField,
    birth_of,
    card_warnings,
    check_account,
    check_id_number,
    sex_of,
)

# Synthetic: 230100 stands for a whole city and is never issued to a person.
PREFIX = "230100"
SAMPLES = ["11010519491231002X", "360426199101010071", "230306196304054513"]


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def with_check_digit(first_17):
    for last in "0123456789X":
        try:
            return check_id_number(first_17 + last)
        except ValueError:
            continue
    raise AssertionError(first_17)


@pytest.mark.parametrize("number", SAMPLES)
def test_published_samples_pass(number):
    assert check_id_number(number) == number


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", "110105 19491231 002X", "１１０１０５-19491231-００２Ｘ"]
)
def test_spacing_case_and_width_are_put_right(typed):
    assert check_id_number(typed) == "11010519491231002X"


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999))
def test_exactly_one_check_digit_fits(born, serial):
    first_17 = f"{PREFIX}{born:%Y%m%d}{serial:03d}"
    fitting = []
    for last in "0123456789X":
        try:
            fitting.append(check_id_number(first_17 + last))
        except ValueError:
            continue

    assert len(fitting) == 1
    assert birth_of(fitting[0]) == born
    assert sex_of(fitting[0]) == ("M" if serial % 2 else "F")


@given(st.sampled_from(SAMPLES), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number, place, shift):
    wrong = str((int(number[place]) + shift) % 10)

    with pytest.raises(ValueError):
        check_id_number(number[:place] + wrong + number[place + 1 :])


@given(st.sampled_from(SAMPLES), st.integers(0, 15))
def test_two_swapped_digits_are_always_noticed(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    if swapped != number:
        with pytest.raises(ValueError):
            check_id_number(swapped)


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ("123", "An ID number has 18 characters; this one has 3. Check each digit."),
        ("1101051949123100AX", "An ID number is 17 digits and a last digit or X; remove the rest."),
        (
            "11010519491331002X",
            "Characters 7 to 14 must be the date of birth; 19491331 is not a date.",
        ),
        (
            "11010518491231002X",
            "Characters 7 to 14 must be the date of birth; 18491231 is not a date.",
        ),
        (
            "110105194912310021",
            "The last character does not fit the others; compare with the ID card.",
        ),
    ],
)
def test_the_sentence_names_what_is_wrong(typed, sentence):
    with pytest.raises(ValueError) as caught:
        check_id_number(typed)

    assert str(caught.value) == sentence


def test_the_sentence_is_translated_when_it_is_read():
    with pytest.raises(ValueError) as caught, translation.override("en"):
        check_id_number("123")

    with translation.override("zh-hans"):
        # Whatever the catalogue holds, the lazy sentence must ask it now.
        expected = translation.gettext(
            "An ID number has 18 characters; this one has %(count)s. Check each digit."
        )
        assert str(caught.value) == expected % {"count": 3}


def test_an_old_number_becomes_eighteen_characters():
    assert check_id_number("110105491231002") == "11010519491231002X"


def test_sex_and_birth():
    assert (sex_of("11010519491231002X"), birth_of("11010519491231002X")) == (
        "F",
        date(1949, 12, 31),
    )
    assert sex_of("230306196304054513") == "M"


@pytest.mark.parametrize("typed", ["12345678", "6222 0212 3456 7890 123", "1" * 25])
def test_check_account_gives_digits(typed):
    assert check_account(typed) == typed.replace(" ", "")


@pytest.mark.parametrize("typed", ["1234567", "1" * 26, "", "6222O2123456", "٣" * 10])
def test_check_account_refuses(typed):
    with pytest.raises(ValueError):
        check_account(typed)


def test_card_warnings_only_warns():
    assert card_warnings("4532 0151 1283 0366") == []
    assert len(card_warnings("4532015112830367")) == 1


@given(st.text("0123456789", min_size=15, max_size=18), st.integers(0, 14), st.integers(1, 9))
def test_luhn_notices_one_wrong_digit(digits, place, shift):
    card = next(digits + last for last in "0123456789" if not card_warnings(digits + last))
    wrong = str((int(card[place]) + shift) % 10)

    assert card_warnings(card[:place] + wrong + card[place + 1 :])


def test_fields_clean_and_explain():
    assert IdNumberField().clean(" 110105491231002 ") == "11010519491231002X"
    assert IdNumberField(required=False).clean("") == ""
    assert AccountField().clean("6222 0212 3456") == "622202123456"
    for form_field in (IdNumberField(), AccountField()):
        with pytest.raises(ValidationError):
            form_field.clean("12")
