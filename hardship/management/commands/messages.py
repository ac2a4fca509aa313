"""The sentences to translate: gathered, merged, checked and compiled without gettext's programs."""

import io
import json
import re
from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

PO = "locale/zh_Hans/LC_MESSAGES/django.po"
FOLDERS = ("base", "people", "cases", "funds", "audits", "hardship")
METADATA = {
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}
KEYWORDS = {
    name + suffix: arguments
    for name, arguments in {
        "gettext": None,
        "ngettext": (1, 2),
        "pgettext": ((1, "c"), 2),
        "npgettext": ((1, "c"), 2, 3),
    }.items()
    for suffix in ("", "_lazy")
} | {"_": None, "gettext_noop": None}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd%]|\{\w*\}")


class Command(BaseCommand):
    help = "Gathers the sentences of the code into locale/, and compiles the translations."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="fail when anything is amiss")
        parser.add_argument("--compile", action="store_true", help="only write the .mo")
        parser.add_argument("--fill", nargs="+", type=Path, metavar="JSON", default=[])

    def handle(self, *, check, compile, fill, **options):
        path = Path(settings.BASE_DIR, PO)
        if compile:
            return write_mo(read(path), path)
        found = gather(settings.BASE_DIR)
        if check:
            wrong = amiss(found, read(path), path)
            if wrong:
                raise CommandError("\n".join([*wrong, "Run `./run fix`, then translate."]))
            return None
        catalogue = merge(found, read(path))
        for source in fill:
            fill_in(catalogue, json.loads(source.read_text(encoding="utf-8")))
        path.parent.mkdir(parents=True, exist_ok=True)
        text = str(catalogue).removeprefix("#\n").strip() + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")
        write_mo(catalogue, path)
        empty = [entry.msgid for entry in catalogue if not entry.translated()]
        self.stdout.write(f"{len(catalogue)} sentences, {len(empty)} without a translation")
        for msgid in empty:
            self.stdout.write(f"  {msgid!r}")
        return None


# Gathering


def gather(root):
    """{(context, sentence): plural} of every sentence in the code and the templates."""
    found = {}
    for path in sources(root):
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            text = as_python(text, path)
        for context, sentence, plural in sentences(text):
            found[context, sentence] = plural or found.get((context, sentence))
    return found


def sources(root):
    for folder in FOLDERS:
        for path in sorted(Path(root, folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path
    for path in sorted(Path(root, "templates").rglob("*")):
        if path.suffix in (".html", ".txt", ".svg"):
            yield path


def as_python(text, path):
    """Django blanks out all but the calls; indentation and wide spaces would still upset Python."""
    lines = templatize(text, origin=str(path)).splitlines()
    return "\n".join(re.sub(r"[^\S\n]", " ", line).strip() for line in lines)


def sentences(text):
    """(context, sentence, plural) of each call that names a plain string."""
    from babel.messages.extract import extract_python  # noqa: PLC0415 - development only

    file = io.BytesIO(text.encode())
    for _, name, arguments, _ in extract_python(file, KEYWORDS, (), {"encoding": "utf-8"}):
        given = [arguments] if isinstance(arguments, str) else list(arguments or ())
        context = given.pop(0) if "pgettext" in str(name) else None
        sentence = given.pop(0) if given else None
        plural = given.pop(0) if given and "n" in str(name).partition("gettext")[0] else None
        if sentence:
            yield context, sentence, plural


# The catalogue


def read(path):
    if not path.exists():
        return polib.POFile()
    return polib.pofile(str(path), wrapwidth=0)


def key(entry):
    return entry.msgctxt, entry.msgid


def merge(found, old):
    """A fresh catalogue: what the code says now, with the translations there were."""
    known = {key(entry): entry for entry in old if not entry.obsolete}
    fresh = polib.POFile(wrapwidth=0)
    fresh.metadata = METADATA
    for (context, sentence), plural in sorted(found.items(), key=order):
        entry = polib.POEntry(msgctxt=context, msgid=sentence)
        before = known.get((context, sentence), entry)
        if PLACEHOLDER.search(sentence) and "%" in sentence:
            entry.flags.append("python-format")
        if plural:
            entry.msgid_plural = plural
            entry.msgstr_plural = {0: before.msgstr_plural.get(0, "") or before.msgstr}
        else:
            entry.msgstr = before.msgstr or before.msgstr_plural.get(0, "")
        fresh.append(entry)
    return fresh


def order(item):
    (context, sentence), _ = item
    return sentence, context or ""


def fill_in(catalogue, translations):
    """Only what is empty: a translation somebody chose is not overwritten."""
    for entry in catalogue:
        words = translations.get(entry.msgid, "")
        words = words[-1] if isinstance(words, list) else words
        if words and not entry.translated():
            if entry.msgid_plural:
                entry.msgstr_plural = {0: words}
            else:
                entry.msgstr = words


def compiled(catalogue):
    catalogue.metadata = METADATA
    return catalogue.to_binary()


def write_mo(catalogue, path):
    """Only when it differs, so that a start leaves the work tree as it was."""
    target = path.with_suffix(".mo")
    wanted = compiled(catalogue)
    if not target.exists() or target.read_bytes() != wanted:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(wanted)


# Checking


def amiss(found, catalogue, path):
    """A line for everything that would show the wrong language, or fail while showing it."""
    known = {key(entry): entry for entry in catalogue if not entry.obsolete}
    wrong = [
        f"missing: {sentence!r}" for context, sentence in sorted(set(found) - set(known), key=str)
    ]
    for entry in catalogue:
        words = entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
        if entry.obsolete or key(entry) not in found:
            wrong.append(f"obsolete: {entry.msgid!r}")
        elif entry.msgid_plural != (found[key(entry)] or ""):
            wrong.append(f"plural differs: {entry.msgid!r}")
        elif not words:
            wrong.append(f"untranslated: {entry.msgid!r}")
        elif entry.fuzzy:
            wrong.append(f"fuzzy: {entry.msgid!r}")
        elif placeholders(entry.msgid_plural or entry.msgid) != placeholders(words):
            wrong.append(f"placeholders differ: {entry.msgid!r} and {words!r}")
    target = path.with_suffix(".mo")
    if not target.exists() or target.read_bytes() != compiled(catalogue):
        wrong.append(f"{target.name} is not what {path.name} says")
    return wrong


def placeholders(text):
    return sorted(set(PLACEHOLDER.findall(text)))
