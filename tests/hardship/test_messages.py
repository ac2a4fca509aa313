"""Every sentence has its translation, and what would show the wrong words is found."""

import json

import polib
import pytest
from django.core.management import CommandError, call_command

from hardship.management.commands import messages

CODE = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
TITLE = _("Hello %(name)s")
def rows(n):
    return ngettext("%(n)s row", "%(n)s rows", n), pgettext("menu", "Open"), _("two " "parts")
"""
TEMPLATE = """
{% load i18n %}
<p>　{% translate "Cases" as title %} {{ title|default:_("Nothing") }}
  {% blocktranslate trimmed count counter=n with name=a.b %}
    One {{ name }} line
    more
  {% plural %}
    {{ counter }} lines of {{ name }}
  {% endblocktranslate %}</p>
"""
TRANSLATIONS = {
    "Hello %(name)s": "%(name)s,您好",
    "%(n)s row": ["%(n)s row", "%(n)s 行"],
    "Open": "打开",
    "two parts": "两部分",
    "Cases": "案件",
    "Nothing": "无",
    "One %(name)s line more": "%(name)s 共 %(counter)s 行",
}


@pytest.fixture
def repository(tmp_path, settings):
    settings.BASE_DIR = tmp_path
    (tmp_path / "base").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "base" / "words.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE, encoding="utf-8")
    (tmp_path / "words.json").write_text(json.dumps(TRANSLATIONS), encoding="utf-8")
    return tmp_path


@pytest.fixture
def translated(repository, capsys):
    call_command("messages", "--fill", str(repository / "words.json"))
    capsys.readouterr()
    return repository


def change(repository, **changes):
    """Rewrites one entry of the catalogue and compiles it, as a careless translator would."""
    path = repository / messages.PO
    catalogue = polib.pofile(str(path), wrapwidth=0)
    entry = catalogue.find("Hello %(name)s")
    for name, value in changes.items():
        setattr(entry, name, value)
    catalogue.save()
    call_command("messages", "--compile")


def test_messages_are_gathered_from_code_and_templates(repository):
    assert messages.gather(repository) == {
        (None, "Hello %(name)s"): None,
        (None, "%(n)s row"): "%(n)s rows",
        ("menu", "Open"): None,
        (None, "two parts"): None,
        (None, "Cases"): None,
        (None, "Nothing"): None,
        (None, "One %(name)s line more"): "%(counter)s lines of %(name)s",
    }


def test_messages_filled_and_compiled_pass_the_check(translated):
    call_command("messages", "--check")

    compiled = polib.mofile(str(translated / messages.PO.replace(".po", ".mo")))
    assert compiled.find("Cases").msgstr == "案件"
    assert compiled.find("%(n)s row").msgstr_plural == {0: "%(n)s 行"}


def test_messages_gathered_twice_change_nothing(translated):
    before = (translated / messages.PO).read_bytes()

    call_command("messages")

    assert (translated / messages.PO).read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"msgstr": ""}, "untranslated: 'Hello %(name)s'"),
        ({"flags": ["fuzzy"]}, "fuzzy: 'Hello %(name)s'"),
        ({"msgstr": "您好"}, "placeholders differ: 'Hello %(name)s' and '您好'"),
        ({"obsolete": 1}, "obsolete: 'Hello %(name)s'"),
        ({"msgid": "Hi"}, "missing: 'Hello %(name)s'"),
    ],
)
def test_messages_check_names_what_is_amiss(translated, changes, said):
    change(translated, **changes)

    with pytest.raises(CommandError) as refusal:
        call_command("messages", "--check")

    assert said in str(refusal.value).splitlines()


def test_messages_check_names_a_catalogue_out_of_step(translated):
    (translated / messages.PO.replace(".po", ".mo")).write_bytes(b"old")

    with pytest.raises(CommandError, match=r"django\.mo is not what django\.po says"):
        call_command("messages", "--check")


def test_messages_of_a_file_that_is_gone_leave_the_catalogue(translated):
    (translated / "templates" / "page.html").unlink()

    call_command("messages")

    ids = [entry.msgid for entry in polib.pofile(str(translated / messages.PO))]
    assert ids == ["%(n)s row", "Hello %(name)s", "Open", "two parts"]
