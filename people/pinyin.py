"""Names by their sound, because neither database sorts Chinese by pinyin."""

from pypinyin import lazy_pinyin

LENGTH = 200


def pinyin(name):
    """ "王建国" -> "wang jian guo"; what is not Chinese stays, in lower case."""
    return " ".join(lazy_pinyin(name)).lower()[:LENGTH]
