"""Forms about the way to the bank: formats as rows of columns, files, answers, accounts checked."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from base import xlsx
from funds import bank_formats, bank_results
from funds.models import BankFormat
from people.models import Unit
from people.roles import Role

_SEPARATORS = re.compile(r"[、,，;；|\n]+")
_CELLS = re.compile(r"\s*\|\s*")


def _listed(text):
    """The words of a text, divided by 、 or a comma."""
    return [word.strip() for word in _SEPARATORS.split(text) if word.strip()]


class ColumnForm(forms.Form):
    """One column of the file; left empty, there is none."""

    place = forms.IntegerField(label=_("Place"), required=False, min_value=1, max_value=99)
    source = forms.ChoiceField(
        label=_("Holds"), required=False, choices=[("", "-"), *bank_formats.SOURCES]
    )
    heading = forms.CharField(label=_("Heading"), required=False, max_length=40)
    kind = forms.ChoiceField(label=_("Cells are"), required=False, choices=bank_formats.KINDS)
    constant = forms.CharField(label=_("Always this text"), required=False, max_length=60)

    def clean(self):
        data = super().clean()
        if data.get("source") and not data.get("heading"):
            self.add_error("heading", _("Every column has a heading; it may stay out of the file."))
        return data


class _Columns(forms.BaseFormSet):
    def columns(self):
        """The columns in the order of their places, as a layout holds them."""
        rows = [
            (form.cleaned_data.get("place") or number, number, form.cleaned_data)
            for number, form in enumerate(self.forms, 1)
            if form.cleaned_data.get("source")
        ]
        return [_column(data) for _place, _number, data in sorted(rows, key=lambda row: row[:2])]


def _column(data):
    source = data["source"]
    width = 28 if source in ("account", "branch", "purpose") else 18
    found = {
        "source": source, "heading": data["heading"], "kind": data["kind"] or "text",
        "width": width,
    }  # fmt: skip
    return found | ({"constant": data["constant"]} if source == "constant" else {})


ColumnFormSet = forms.formset_factory(
    ColumnForm, formset=_Columns, extra=3, max_num=bank_formats.MOST_COLUMNS, validate_max=True
)


class BankFormatForm(forms.Form):
    """Name of the format, what surrounds the table, and how the answer of the bank is read."""

    company = forms.ModelChoiceField(
        label=_("Company"), queryset=Unit.objects.none(), empty_label=None
    )
    name = forms.CharField(label=_("Name of the format"), max_length=60)
    sheet = forms.CharField(label=_("Name of the sheet"), max_length=31)
    file_name = forms.CharField(
        label=_("Name of the file"),
        max_length=60,
        help_text=_("{number} stands for the number of the payment."),
    )
    before = forms.CharField(
        label=_("Rows above the table"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
        help_text=_("One line for each row; | divides cells."),
    )
    header = forms.BooleanField(label=_("The table has a row of headings"), required=False)
    answer_seq = forms.CharField(label=_("Number in the payment"), required=False, max_length=200)
    answer_case_number = forms.CharField(label=_("Case number"), required=False, max_length=200)
    answer_account = forms.CharField(label=_("Account number"), required=False, max_length=200)
    answer_amount = forms.CharField(label=_("Amount"), required=False, max_length=200)
    answer_unit = forms.ChoiceField(
        label=_("The amount is in"), choices=[("yuan", _("yuan")), ("fen", _("fen"))]
    )
    answer_result = forms.CharField(
        label=_("Result"),
        max_length=200,
        help_text=_("What the bank calls the column; several names are divided by 、."),
    )
    answer_reason = forms.CharField(label=_("Reason"), required=False, max_length=200)
    success = forms.CharField(label=_("Words for success"), max_length=200)
    failure = forms.CharField(label=_("Words for failure"), max_length=200)

    def __init__(self, data=None, *, actor, bank_format=None, layout=None):
        self.bank_format = bank_format
        initial = _initial(layout)
        if bank_format:
            initial |= {"name": bank_format.name, "company": bank_format.company_id}
        super().__init__(data, initial=initial)
        companies = [bank_format.company_id] if bank_format else actor.companies(Role.ACCOUNTANT)
        self.fields["company"].queryset = Unit.objects.filter(pk__in=companies).order_by("path")
        if len(companies) == 1:
            self.fields["company"].widget = forms.HiddenInput()
            self.fields["company"].initial = next(iter(companies))
        self.columns = ColumnFormSet(
            data,
            prefix="columns",
            initial=[
                column | {"place": place} for place, column in enumerate(layout["columns"], 1)
            ],
        )

    def is_valid(self):
        return self.columns.is_valid() & super().is_valid()

    def clean(self):
        data = super().clean()
        same = BankFormat.objects.filter(company=data.get("company"), name=data.get("name"))
        if same.exclude(pk=self.bank_format.pk if self.bank_format else None).exists():
            self.add_error("name", _("Another format has this name."))
        if self.errors or not self.columns.is_valid():
            return data
        for sentence in bank_formats.wrong(self.layout):
            self.add_error(None, sentence)
        return data

    @cached_property
    def layout(self):
        """What was entered as a layout; after the fields were cleaned."""
        data = self.cleaned_data
        before = [line.strip() for line in data["before"].splitlines() if line.strip()]
        headings = {key: _listed(data[f"answer_{key}"]) for key, _words in bank_formats.ANSWERS}
        return {
            "sheet": data["sheet"], "file_name": data["file_name"], "header": data["header"],
            "before": [_CELLS.split(line) for line in before], "columns": self.columns.columns(),
            "answer": {
                "headings": headings, "unit": data["answer_unit"],
                "success": _listed(data["success"]), "failure": _listed(data["failure"]),
            },
        }  # fmt: skip

    @property
    def answer_fields(self):
        """The fields about the columns of the answer but for the result, in order."""
        names = ["answer_seq", "answer_case_number", "answer_account", "answer_amount",
                 "answer_unit", "answer_reason"]  # fmt: skip
        return [self[name] for name in names]


def _initial(layout):
    answer = layout["answer"]
    found = {f"answer_{key}": "、".join(some) for key, some in answer["headings"].items()}
    return found | {
        "sheet": layout["sheet"], "file_name": layout["file_name"], "header": layout["header"],
        "before": "\n".join(" | ".join(line) for line in layout["before"]),
        "answer_unit": answer["unit"], "success": "、".join(answer["success"]),
        "failure": "、".join(answer["failure"]),
    }  # fmt: skip


class MakeFileForm(forms.Form):
    """In which format the file is made: one of the company, or one of those to begin with."""

    format = forms.ChoiceField(label=_("Format of the bank"))

    def __init__(self, *args, company_id, **kwargs):
        super().__init__(*args, **kwargs)
        own = list(BankFormat.objects.filter(company=company_id).for_list())
        self.found = {str(row.pk): (row.name, row.layout) for row in own}
        if not own:
            self.found = {
                code: (str(name), layout) for code, (name, layout) in bank_formats.SEEDS.items()
            }
        self.fields["format"].choices = [(key, name) for key, (name, _lay) in self.found.items()]

    @property
    def chosen(self):
        """(name, layout) of what was chosen."""
        return self.found[self.cleaned_data["format"]]


class ResultForm(forms.Form):
    """The answer of the bank; `reading` is what the dry run found in it."""

    file = forms.FileField(
        label=_("Answer of the bank (.xlsx or .csv)"),
        help_text=_("As downloaded from the bank, unchanged."),
    )
    reading = None

    def __init__(self, *args, run, layout, **kwargs):
        super().__init__(*args, **kwargs)
        self.run, self.layout = run, layout

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            self.reading = bank_results.read(file=file, run=self.run, layout=self.layout)
        except xlsx.SheetError as error:
            raise ValidationError(error.args[0], code="file") from error
        return file


class PayeeCheckForm(forms.Form):
    """What the bank said of the account that the award goes to now."""

    words = forms.CharField(
        label=_("What the bank said"),
        max_length=200,
        help_text=_("Whom you asked, and why the account can be paid to now."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
