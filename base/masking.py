"""Names, numbers and phones as they may be shown to people without the right to see them.

Masks are for showing, never for storing or comparing. A CJK character outside the basic
plane is one character, and so is a character with its variation selector.
"""

import re

# A base character with whatever is drawn on it (combining marks, variation selectors).
_CHARACTER = re.compile(
    r".[\u0300-\u036f\u200d\u20d0-\u20ff\ufe00-\ufe0f\U000e0100-\U000e01ef]*", re.DOTALL
)
_DOTS = re.compile(r"[·•‧∙⋅・･．᛫]")
_COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 独孤 南宫 万俟 闻人 夏侯 尉迟 公孙 长孙 慕容 司徒 司空 令狐 "
    "皇甫 宇文 轩辕 端木 百里 呼延 东郭 南门 西门 申屠 太史 公冶 澹台 赫连 拓跋 宗政 濮阳 "
    "淳于 单于 鲜于 闾丘 亓官 司寇 仲孙 颛孙 巫马 公西 漆雕 乐正 壤驷 公良 夹谷 宰父 谷梁 "
    "段干 羊舌 微生 梁丘 左丘 东门 钟离 第五 完颜 纳兰 叶赫 那拉".split()
)


def _stars(count):
    return "*" * count


def mask_name(name):
    """A name as published: 张* , 张*三 , 欧阳** , 买**·** ; "" for "".

    Two characters keep the surname, three the first and last, a compound surname is kept
    whole with nothing after it, longer names keep first and last. A name with a middle dot
    keeps only its very first character. One character alone is hidden.
    """
    name = name.strip()
    if _DOTS.search(name):
        first, *rest = (_CHARACTER.findall(part) for part in _DOTS.split(name))
        shown = first[0] + _stars(len(first) - 1) if first else ""
        return "·".join([shown, *(_stars(len(part)) for part in rest)])
    characters = _CHARACTER.findall(name)
    count = len(characters)
    if count < 2:
        return _stars(count)
    if count == 2:
        return characters[0] + "*"
    if "".join(characters[:2]) in _COMPOUND_SURNAMES:
        return "".join(characters[:2]) + _stars(count - 2)
    return characters[0] + _stars(count - 2) + characters[-1]


def _last_four(text, width):
    compact = re.sub(r"[\s-]", "", text)
    if len(compact) <= 4:
        return _stars(len(compact))
    return _stars(width or len(compact) - 4) + compact[-4:]


def mask_id(number):
    """An ID number with only its last four characters; "" for "", short ones all hidden."""
    return _last_four(number, 0)


def mask_account(number):
    """A card or account as ****1234, whatever its length; "" for ""."""
    return _last_four(number, 4)


def mask_phone(phone):
    """A mobile as 138****1234 (with or without +86); any other number as ****1234."""
    digits = re.sub(r"[^0-9]", "", phone)
    mobile = digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    if len(mobile) == 11 and mobile.startswith("1"):
        return f"{mobile[:3]}****{mobile[-4:]}"
    return _last_four(digits, 4)
