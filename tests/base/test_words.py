from django.utils import translation
from django.utils.translation import gettext_lazy

from base.words import say


def test_say_fills_in_when_it_is_read():
    sentence = say(gettext_lazy("Enter a number."))
    with translation.override("en"):
        english = str(sentence)
    with translation.override("zh-hans"):
        chinese = str(sentence)

    assert (english, chinese) == ("Enter a number.", "请填写数字。")


def test_say_translates_what_it_is_filled_with():
    sentence = say("%(day)s!", day=gettext_lazy("Monday"))

    with translation.override("zh-hans"):
        assert str(sentence) == "星期一!"
