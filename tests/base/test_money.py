from decimal import Decimal

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from base.money import (
    MAX_FEN,
    MoneyFormField,
    capitals,
    format_fen,
    from_capitals,
    parse_fen,
    to_fen,
)


@pytest.mark.parametrize(
    "amount, fen",
    [
        ("0.005", 1),
        ("0.004", 0),
        ("-0.005", -1),
        ("2.675", 268),
        ("1.005", 101),
        (Decimal("2000"), 200_000),
        (3, 300),
    ],
)
def test_to_fen_rounds_half_up(amount, fen):
    assert to_fen(amount) == fen


def test_to_fen_refuses_float():
    with pytest.raises(TypeError):
        to_fen(2.675)


@pytest.mark.parametrize(
    "fen, text",
    [
        (0, "0.00"),
        (5, "0.05"),
        (200_000, "2,000.00"),
        (-123_456_789, "-1,234,567.89"),
        (-5, "-0.05"),
    ],
)
def test_format_fen(fen, text):
    assert format_fen(fen) == text


@pytest.mark.parametrize(
    "text, fen",
    [
        ("2000", 2000_00),
        ("2,000.00", 2000_00),
        ("２０００", 2000_00),
        ("２，０００．５０", 2000_50),
        (" 2000 元 ", 2000_00),
        ("2000元整", 2000_00),
        ("¥2000", 2000_00),
        ("￥2,000", 2000_00),
        ("人民币2000元", 2000_00),
        ("2万", 20_000_00),
        ("1.5万元", 15_000_00),
        ("1.23456万", 12_345_60),
        ("1亿", 100_000_000_00),
        ("-5", -5_00),
        ("-¥5", -5_00),
        ("0", 0),
        ("12.5", 12_50),
    ],
)
def test_parse_fen_takes_what_people_type(text, fen):
    assert parse_fen(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "2千5",
        "2,00",
        "1,2345",
        "1..2",
        ".5.",
        "5²",
        "½",
        "--5",
        "-¥-5",
        "1e5",
        "٣",
        "NaN",
    ]
    + ["2万5", "1亿2万", "0x10", "9" * 60],
)
def test_parse_fen_refuses_what_is_no_amount(text):
    with translation.override("en"), pytest.raises(ValueError, match="Enter an amount in yuan"):
        parse_fen(text)


@pytest.mark.parametrize("text", ["0.001", "1.0000001万", "1." + "0" * 30 + "1"])
def test_parse_fen_never_rounds(text):
    with translation.override("en"), pytest.raises(ValueError, match="two decimals"):
        parse_fen(text)


def test_parse_fen_refuses_too_many_zeros():
    with translation.override("en"), pytest.raises(ValueError, match="too large"):
        parse_fen("100001亿")


@given(st.integers(-MAX_FEN, MAX_FEN))
def test_parse_reads_what_format_writes(fen):
    assert parse_fen(format_fen(fen)) == fen


@pytest.mark.parametrize(
    "fen, text",
    [
        (0, "人民币零元整"),
        (20_000_00, "人民币贰万元整"),
        (16_409_02, "人民币壹万陆仟肆佰零玖元零贰分"),
        (325_04, "人民币叁佰贰拾伍元零肆分"),
        (100_010_00, "人民币壹拾万零壹拾元整"),
        (16_00, "人民币壹拾陆元整"),
        (1_409_50, "人民币壹仟肆佰零玖元伍角整"),
        (6_007_14, "人民币陆仟零柒元壹角肆分"),
        (5, "人民币伍分"),
        (50, "人民币伍角整"),
        (55, "人民币伍角伍分"),
        (10_05, "人民币壹拾元零伍分"),
        (100_000_000_00, "人民币壹亿元整"),
        (100_000_001_00, "人民币壹亿零壹元整"),
        (100_050_000_00, "人民币壹亿零伍万元整"),
        (10_001_000_00, "人民币壹仟万壹仟元整"),
        (1_010_00, "人民币壹仟零壹拾元整"),
        (10_000_000_000_000_00, "人民币壹拾万亿元整"),
        (-20_000_00, "人民币负贰万元整"),
    ],
)
def test_capitals(fen, text):
    assert capitals(fen) == text
    assert from_capitals(text) == fen


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_capitals_read_back_as_the_same_amount(fen):
    text = capitals(fen)

    assert from_capitals(text) == fen
    assert "零零" not in text
    assert text.endswith(("整", "分"))


@pytest.mark.parametrize("fen", [10**18, -(10**18)])
def test_capitals_refuses_what_cannot_be_written(fen):
    with pytest.raises(ValueError):
        capitals(fen)


@pytest.mark.parametrize("text", ["贰万圆整", "人民币贰万元正", " 人民币 贰万元 "])
def test_from_capitals_accepts_the_usual_variants(text):
    assert from_capitals(text) == 20_000_00


@pytest.mark.parametrize(
    "text", ["", "人民币", "两万元整", "拾陆元整", "贰贰元整", "万元整", "2万元"]
)
def test_from_capitals_refuses_the_malformed(text):
    with pytest.raises(ValueError):
        from_capitals(text)


class AmountForm(forms.Form):
    amount = MoneyFormField(max_fen=20_000_00)


@pytest.mark.parametrize("typed, fen", [("2,000", 2000_00), ("2万", 20_000_00), ("0.01", 1)])
def test_money_field_gives_fen(typed, fen):
    form = AmountForm({"amount": typed})

    assert form.is_valid()
    assert form.cleaned_data["amount"] == fen


@pytest.mark.parametrize(
    "typed, sentence",
    [
        ("", "Enter an amount in yuan."),
        ("abc", "Enter an amount in yuan, such as 2000, 2,000.00 or 2万."),
        ("0", "Enter an amount of at least 0.01 yuan."),
        ("-1", "Enter an amount of at least 0.01 yuan."),
        ("20000.01", "Enter an amount of at most 20,000.00 yuan."),
    ],
)
def test_money_field_says_how_to_mend(typed, sentence):
    with translation.override("en"):
        assert AmountForm({"amount": typed}).errors == {"amount": [sentence]}


def test_money_field_without_max_still_fits_the_column():
    assert not AmountForm({"amount": "99999亿"}).is_valid()


def test_money_field_optional_gives_none():
    assert MoneyFormField(required=False).clean(" ") is None


def test_money_field_shows_initial_fen_as_yuan():
    html = str(AmountForm(initial={"amount": 2000_00})["amount"])

    assert 'value="2,000.00"' in html
    assert 'inputmode="decimal"' in html


def test_money_field_keeps_what_was_typed():
    assert 'value="2万x"' in str(AmountForm({"amount": "2万x"})["amount"])


@pytest.mark.parametrize("typed, changed", [("2000", []), ("2001", ["amount"]), ("x", ["amount"])])
def test_money_field_compares_amounts_not_text(typed, changed):
    assert AmountForm({"amount": typed}, initial={"amount": 2000_00}).changed_data == changed
