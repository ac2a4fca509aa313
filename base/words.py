"""Sentences with values in them, translated when they are shown, not when they are made."""

from django.utils.functional import lazy


def _say(sentence, values):
    return str(sentence) % values


_say_lazily = lazy(_say, str)


def say(sentence, **values):
    """A lazy string: ``sentence`` (from gettext_lazy) with ``%(name)s`` filled in when read.

    ``lazy % dict`` translates at once, in whatever language is active where an error is
    raised; this keeps the choice until the sentence reaches a reader.
    """
    return _say_lazily(sentence, values)
