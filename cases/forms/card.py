"""The whole household form on one page, as an officer copies it from paper."""

from dataclasses import dataclass
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base.crypto import blind_index
from cases import card
from cases.forms import paste
from cases.forms.household import (
    CardForm,
    ExpenseForm,
    GatesForm,
    MemberForm,
    SupporterForm,
    of_the_file,
)
from cases.models import Dossier
from people.models import Relation

SPARE = {"m": 4, "s": 1, "e": 3}  # empty lines that wait for what is on the paper
MOST_ROWS = 40
# Fields that take the whole width, or two columns of it.
WIDE = {
    "story": "field-whole", "help_received": "field-double", "property_note": "field-double",
    "side_causes": "field-whole choices-inline", "address": "field-double",
    "hukou_place": "field-double", "honours": "field-double", "other_contact": "field-double",
}  # fmt: skip


def _as_select(form, *names):
    """Radio buttons of the long form become one narrow list."""
    for name in names:
        field = form.fields[name]
        words = [c for c in field.choices if c[0] != ""]
        field.widget = forms.Select()
        field.choices = [("", gettext_lazy("choose")), *words]


class HeaderForm(CardForm):
    """Every column of the household and of the employee."""

    def __init__(self, *args, dossier, own, on, **kwargs):
        names = [name for page in card.PAGES for name in page.fields]
        initial = of_the_file(dossier, own, names)
        phone = own.phone or dossier.head.phone
        filed = dossier.status == Dossier.Status.ACTIVE
        super().__init__(
            *args, on=on, names=names, phone=phone, filed=filed, initial=initial, **kwargs
        )
        _as_select(self, "main_cause", "occupation")
        for name in ("story", "help_received", "property_note"):
            self.fields[name].widget.attrs["rows"] = 2

    @property
    def pages(self):
        """[(title of a page, [(field, its look)])] in the order of the paper."""
        return [
            (page.title, [(self[name], WIDE.get(name, "")) for name in page.fields])
            for page in card.PAGES
        ]


class MemberLine(MemberForm):
    """One line of the table of members."""

    def __init__(self, *args, row=None, **kwargs):
        super().__init__(*args, member=row, **kwargs)
        _as_select(self, "occupation")

    @property
    def cells(self):
        return self.main_fields


class SupporterLine(SupporterForm):
    """One line of the table of those who live apart."""

    def __init__(self, *args, row=None, **kwargs):
        super().__init__(*args, supporter=row, **kwargs)
        del self.fields["token"]

    @property
    def cells(self):
        return list(self)


class ExpenseLine(ExpenseForm):
    """One line of the table of expenses; it names its member, who may be new as well."""

    def __init__(self, *args, dossier, on, row=None, **kwargs):
        names = ("kind", "spent_on", "gross_fen", "reimbursed_fen", "vouchers", "note")
        if row:
            initial = {name: getattr(row, name) for name in names}
            kwargs["initial"] = initial | {"whom": row.member.name if row.member else ""}
        super().__init__(*args, dossier=dossier, on=on, expense=row, **kwargs)
        del self.fields["token"], self.fields["member"]
        self.fields["whom"] = forms.CharField(
            label=_("For whom (name)"), max_length=60, required=False
        )
        _as_select(self, "kind")

    @property
    def cells(self):
        names = ("kind", "whom", "spent_on", "gross_fen", "reimbursed_fen", "vouchers", "note")
        return [self[name] for name in names]


@dataclass
class Line:
    """One line of a table: its form, and the row on file it stands for, or None."""

    form: forms.Form
    row: object
    gone: bool

    @property
    def counts(self):
        """Whether it says anything: a line on file that was changed, or a new one filled in."""
        changed = [] if self.gone else self.form.changed_data
        return any(self.row or str(self.form[name].value() or "").strip() for name in changed)

    @property
    def gone_name(self):
        return f"{self.form.prefix}-gone"


class Table:
    """The lines of one table: those on file first, then new ones. Empty lines count for nothing."""

    def __init__(self, prefix, make, kept, data, more=0):
        self.prefix = prefix
        rows = {str(row.pk): row for row in kept}
        sent = data.get(f"{prefix}-count", "") if data is not None else ""
        size = int(sent) if sent.isdecimal() else len(rows) + SPARE[prefix]
        self.count = min(size + more, MOST_ROWS)
        first = list(rows.values())
        self.lines = []
        for index in range(self.count):
            name = f"{prefix}-{index}"
            if data is None:
                row = first[index] if index < len(first) else None
            else:
                row = rows.get(data.get(f"{name}-pk", ""))
            gone = data is not None and f"{name}-gone" in data
            form = make(
                data if index < size else None, prefix=name, row=row, empty_permitted=True,
                use_required_attribute=False,
            )  # fmt: skip
            self.lines.append(Line(form, row, gone and row is not None))

    @property
    def count_name(self):
        return f"{self.prefix}-count"

    @property
    def heads(self):
        """The labels of the columns, in the order of the cells."""
        return [cell.label for cell in self.lines[0].form.cells] if self.lines else []

    @property
    def counting(self):
        return [line for line in self.lines if line.counts]

    def is_valid(self):
        return all([line.form.is_valid() for line in self.counting])

    def errors(self):
        """[(where, error, id of the field)] of the lines that count."""
        for number, line in enumerate(self.lines, start=1):
            if line.counts:
                for field in line.form:
                    for error in field.errors:
                        yield _("Line %(number)s, %(field)s") % {
                            "number": number, "field": field.label,
                        }, error, field.id_for_label  # fmt: skip

    def taken_off(self):
        return [(line.row, None) for line in self.lines if line.gone]


class Sheet:
    """The form on one page: header, members, those who live apart, expenses, gate questions.

    `data` None: as it stands on file. What was typed is kept whatever happens; `remarks` say what
    a pasted table could not take over.
    """

    def __init__(self, data=None, *, dossier, gates, on, grow=0):
        self.data, self.dossier, self.on = data, dossier, on
        here = sorted((m for m in dossier.members.all() if m.left_on is None), key=lambda m: m.pk)
        own = next(m for m in here if m.relation == Relation.SELF)
        supporters = [s for s in dossier.supporters.all() if s.left_on is None]
        expenses = sorted(dossier.expenses.all(), key=lambda e: (e.spent_on, e.pk))
        self.own, self.remarks, self.conflict = own, [], ""
        self.header = HeaderForm(data, dossier=dossier, own=own, on=on, prefix="h")
        self.gates = GatesForm(data, gates=gates, assets=dossier.assets.all(), prefix="g")
        for field in self.gates.fields.values():
            field.required = False
        for gate in self.gates.gates:
            _as_select(self.gates, gate)

        def member(sent, **line):
            return MemberLine(sent, dossier=dossier, on=on, **line)

        def supporter(sent, **line):
            return SupporterLine(sent, **line)

        def expense(sent, **line):
            return ExpenseLine(sent, dossier=dossier, on=on, **line)

        others = [m for m in here if m is not own]
        self.members = Table("m", member, others, data, grow)
        self.supporters = Table("s", supporter, supporters, data, grow)
        self.expenses = Table("e", expense, expenses, data, grow)
        self.edit = str(dossier.edit)
        self.token = data.get("token", "") if data is not None else str(uuid4())
        self.pasting = data.get("paste", "") if data is not None else ""

    @property
    def is_multipart(self):
        return False

    def is_valid(self):
        """Whether everything may be saved. All tables are looked at, so that all errors show."""
        found = [self.header.is_valid(), self.gates.is_valid()]
        found += [table.is_valid() for table in (self.members, self.supporters, self.expenses)]
        self._once_each()
        self._whom()
        if self.data.get("edit", "") != self.edit:
            self.conflict = _(
                "Somebody else changed this file while you were typing. Compare it in another"
                " window; when you save again, what stands here counts."
            )
        return not self.conflict and not list(self.errors())

    def _once_each(self):
        """No ID number twice among the lines of this page."""
        seen = {self.own.id_index}
        for line in self.members.counting:
            number = line.form.cleaned_data.get("id_number") if line.form.is_valid() else ""
            index = blind_index(number, "id_number") if number else ""
            if index and index in seen:
                line.form.add_error("id_number", _("This number stands on this page twice."))
            seen.add(index)

    def _whom(self):
        """Every expense is for somebody who stands on this page, or for the whole household."""
        names = {self.own.name}
        for line in self.members.lines:
            if not line.gone:
                typed = line.form["name"].value() or ""
                names.add(str(typed).strip())
        for line in self.expenses.counting:
            whom = line.form.cleaned_data.get("whom", "")
            if whom and whom not in names:
                line.form.add_error(
                    "whom", ValidationError(_("Nobody of this name is in the household."))
                )

    def errors(self):
        """[(where, error, id of the field)] for the summary on top."""
        for form in (self.header, self.gates):
            for field in form:
                for error in field.errors:
                    yield field.label, error, field.id_for_label
        for table in (self.members, self.supporters, self.expenses):
            yield from table.errors()

    @property
    def names(self):
        """The names that an expense may be for, to choose from while typing."""
        typed = [line.form["name"].value() for line in self.members.lines]
        return [self.own.name, *(name for name in typed if name)]

    @property
    def arguments(self):
        """The keyword arguments of `save_card`, from the cleaned forms."""
        answers = {
            gate: answer for gate, answer in self.gates.answers.items() if self.gates.answered(gate)
        }
        return {
            "header": self.header.header,
            "personal": self.header.personal,
            "members": self.members.taken_off() + [
                (line.row or line.form.returning, line.form.columns)
                for line in self.members.counting
            ],
            "supporters": self.supporters.taken_off() + [
                (line.row, line.form.columns) for line in self.supporters.counting
            ],
            "expenses": self.expenses.taken_off() + [
                (line.row, line.form.columns) for line in self.expenses.counting
            ],
            "answers": answers,
        }  # fmt: skip


def pasted(data):
    """The data of the page with the pasted table in its empty lines, and what was left out.

    Nothing is saved by this: the lines are looked at first.
    """
    found = paste.read(data.get("paste", ""))
    data = data.copy()
    sent = data.get("m-count", "")
    size = min(int(sent), MOST_ROWS) if sent.isdecimal() else 0
    free = [i for i in range(size) if _free(data, i)]
    free += range(size, MOST_ROWS)
    for values, index in zip(found.rows, free, strict=False):
        prefix = f"m-{index}"
        usual = {"ethnicity": "HA", "hukou": "URBAN", "model_worker": "NONE", "health": "GOOD"}
        for name, value in (usual | values).items():
            data[f"{prefix}-{name}"] = value
        size = max(size, index + 1)
    data["m-count"] = str(size)
    data["paste"] = ""
    if not found.rows:
        found.remarks.insert(0, _("No row was found in what was pasted."))
    elif len(found.rows) > len(free):
        found.remarks.append(_("Only so many lines fit on this page."))
    return data, found.remarks


def _free(data, index):
    typed = (data.get(f"m-{index}-{name}", "") for name in ("pk", "name", "id_number"))
    return not any(text.strip() for text in typed)
