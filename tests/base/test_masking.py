import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.masking import mask_account, mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    "name, shown",
    [
        ("", ""),
        ("  ", ""),
        ("张", "*"),
        ("张三", "张*"),
        ("张小三", "张*三"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳修", "欧阳*"),
        ("张王小明", "张**明"),
        ("买买提·艾力", "买**·**"),
        ("阿依古丽•买买提", "阿***·***"),
        ("·艾力", "·**"),
        ("𠮷三", "𠮷*"),
        ("张𠀀三", "张*三"),
        ("张𠀀", "张*"),
        ("葛\U000e0101三", "葛\U000e0101*"),
        (" 张三 ", "张*"),
    ],
)
def test_mask_name(name, shown):
    assert mask_name(name) == shown


@given(st.text(st.characters(codec="utf-8", categories=["Lo"]), min_size=2, max_size=6))
def test_mask_name_always_hides_something(name):
    assert "*" in mask_name(name)


@pytest.mark.parametrize(
    "number, shown",
    [
        ("", ""),
        ("123", "***"),
        ("11010519491231002X", "**************002X"),
        ("110105 19491231 002X", "**************002X"),
    ],
)
def test_mask_id_keeps_the_last_four(number, shown):
    assert mask_id(number) == shown


@pytest.mark.parametrize(
    "number, shown",
    [
        ("", ""),
        ("6222021234567890123", "****0123"),
        ("1234", "****"),
        ("6222-0212-3456", "****3456"),
    ],
)
def test_mask_account_keeps_the_last_four(number, shown):
    assert mask_account(number) == shown


@pytest.mark.parametrize(
    "phone, shown",
    [
        ("", ""),
        ("13812341234", "138****1234"),
        ("+86 138-1234-1234", "138****1234"),
        ("0451-12345678", "****5678"),
        ("120", "***"),
    ],
)
def test_mask_phone(phone, shown):
    assert mask_phone(phone) == shown
