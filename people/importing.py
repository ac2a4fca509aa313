"""What every import of a workbook does: judge cells, keep what was found, run when confirmed."""

import re
import secrets
import unicodedata
from functools import partial

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from base import xlsx
from base.words import say
from people.models import Unit
from people.roles import NotAllowed

SHOWN_PROBLEMS = 500  # more would not be read, and the row must stay small


class Judge:
    """Collects what is wrong with the cells of one sheet, by row and column, in words."""

    def __init__(self, columns, headings, sheet=""):
        self.columns = columns
        self.headings = headings
        self.sheet = sheet
        self.problems = []

    def say(self, number, key, message):
        heading = self.headings.get(key) or next(
            (c.heading for c in self.columns if c.key == key), ""
        )
        self.problems.append(xlsx.CellProblem(number, str(heading), message, self.sheet))

    def twice(self, number, key, first):
        words = _("The same number stands in row %(row)s; keep one.")
        self.say(number, key, say(words, row=first))

    def text(self, number, cells, key, limit):
        """The text of a cell, "" when it is too long."""
        text = cells[key] or ""
        if len(text) > limit:
            words = _("At most %(count)s characters; shorten this.")
            self.say(number, key, say(words, count=limit))
            return ""
        return text


def plain(text):
    """Text as compared: width, case and spaces do not count."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def choice_of(choices, text):
    """The value whose name or label, in any language of the program, is `text`; or None."""
    for code, _name in settings.LANGUAGES:
        with override(code):
            for value, label in choices.choices:
                if plain(text) in (plain(value), plain(str(label))):
                    return choices(value)
    return None


def in_words(problem):
    """A problem as kept: place, and the sentence in every language."""
    words = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            words[code] = str(problem.message)
    found = {"row": problem.row, "column": problem.column, "words": words}
    return found | ({"sheet": problem.sheet} if problem.sheet else {})


def keep_problems(upload, problems):
    """The first problems and the number of all, on the row of an import that is not saved yet."""
    upload.problems = [in_words(problem) for problem in problems[:SHOWN_PROBLEMS]]
    upload.problem_count = len(problems)


def keep_file(upload, file):
    """The workbook under a name that says nothing."""
    file.seek(0)
    upload.file.save(f"{secrets.token_hex(16)}.xlsx", ContentFile(file.read()), save=False)


def throw_away(upload):
    """The file goes once the change is sure: ID numbers lie in it unencrypted."""
    if upload.file:
        transaction.on_commit(partial(upload.file.storage.delete, upload.file.name))
        upload.file = ""


def set_running(upload, *, by, at):
    """Let a checked import that is locked run; whether it was not running before.

    Raises NotAllowed when it is not fit to run, or another one of the company runs.
    """
    statuses = upload.Status
    if upload.status == statuses.RUNNING:
        return False
    if upload.status != statuses.CHECKED:
        raise NotAllowed(_("This file cannot be imported; upload a corrected one."))
    Unit.objects.select_for_update(no_key=True).get(pk=upload.company_id)  # two at once: one waits
    if type(upload).objects.filter(company=upload.company, status=statuses.RUNNING).exists():
        raise NotAllowed(_("Another file is being imported; wait until it is finished."))
    upload.status = statuses.RUNNING
    upload.added = upload.changed = upload.unchanged = 0
    upload.confirmed_at, upload.confirmed_by = at, by
    upload.save()
    return True
