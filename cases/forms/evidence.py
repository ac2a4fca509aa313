"""How each fact of a household is known: the marks of the company union, and of a visit."""

from dataclasses import dataclass
from itertools import groupby

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField
from cases import evidence
from cases.codes import Health, Occupation
from cases.models import Asset, Basis

CHANGED = _("The facts were changed while you were reading. Load this page again.")
YES_NO = [("", _("as declared")), ("yes", _("yes")), ("no", _("no"))]


@dataclass(frozen=True)
class Row:
    """One fact with the fields that mark it."""

    fact: evidence.Fact
    found: list
    basis: object
    document: object
    exception: object = None


class EvidenceForm(forms.Form):
    """Each fact: what was found if not as declared, how it is known, by which document. `edit`
    guards against facts that changed while somebody was reading.

    `seen`: the facts still only declared are offered as seen on a visit.
    """

    edit = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, dossier, seen=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.dossier = dossier
        self.fields["edit"].initial = dossier.edit
        self.facts = evidence.of_household(dossier)
        self.documents = {d.pk: d for d in dossier.documents.all()}
        proofs = [("", _("none")), *((pk, _document(d)) for pk, d in self.documents.items())]
        for fact in self.facts:
            basis = fact.basis
            if seen and basis == Basis.DECLARED:
                basis = Basis.VISITED
            self.fields[f"{fact.key}.basis"] = forms.ChoiceField(
                label=_("How it is known"), choices=Basis.choices, initial=basis
            )
            self.fields[f"{fact.key}.document"] = forms.TypedChoiceField(
                label=_("By which document"), choices=proofs, coerce=int, empty_value=None,
                required=False, initial=fact.document_id,
            )  # fmt: skip
            for name, field in _found(fact).items():
                self.fields[f"{fact.key}.{name}"] = field
            if isinstance(fact.row, Asset):
                self.fields[f"{fact.key}.exception"] = forms.CharField(
                    label=_("Reason of an exception"), required=False, max_length=200,
                    initial=fact.row.exception,
                    help_text=_("Only when an exception was minuted: say when and why."),
                )  # fmt: skip

    @property
    def groups(self):
        """[(who or what, its rows)] in the order of the card."""
        return [
            (about, [self._row(fact) for fact in facts])
            for about, facts in groupby(self.facts, key=lambda fact: fact.about)
        ]

    def _row(self, fact):
        exception = f"{fact.key}.exception"
        return Row(
            fact,
            [self[f"{fact.key}.{name}"] for name in _found(fact)],
            self[f"{fact.key}.basis"],
            self[f"{fact.key}.document"],
            self[exception] if exception in self.fields else None,
        )

    def clean_edit(self):
        if self.cleaned_data["edit"] != self.dossier.edit:
            raise ValidationError(CHANGED)
        return self.cleaned_data["edit"]

    def clean(self):
        super().clean()
        data = self.cleaned_data
        for fact in self.facts:
            documented = data.get(f"{fact.key}.basis") == Basis.DOCUMENTED
            if documented and not data.get(f"{fact.key}.document"):
                self.add_error(
                    f"{fact.key}.document", _("Choose the document, or attach it first.")
                )
            exception = f"{fact.key}.exception"
            if data.get(exception) and not self._stands(fact):
                self.add_error(exception, _("An exception is for an answer of yes."))
        return data

    def _stands(self, fact):
        """Whether the answer that counts is a yes, with what was found on this page."""
        found = self.cleaned_data.get(f"{fact.key}.found")
        return found == "yes" or not found and fact.row.present

    @property
    def marks(self):
        """The keyword arguments of `mark_facts`, from the cleaned data."""
        data = self.cleaned_data
        return {
            "marks": {fact.key: self._mark(fact) for fact in self.facts},
            "exceptions": {
                fact.row.pk: data[f"{fact.key}.exception"]
                for fact in self.facts
                if isinstance(fact.row, Asset)
            },
        }

    def _mark(self, fact):
        data = self.cleaned_data
        found = [data[f"{fact.key}.{name}"] for name in _found(fact)]
        return evidence.Mark(
            basis=data[f"{fact.key}.basis"],
            verified=_values(fact, found),
            document=self.documents.get(data[f"{fact.key}.document"]),
        )


def _document(document):
    return f"{document.get_kind_display()} {document.uploaded_at:%Y-%m-%d}"


def _found(fact):
    """{name: the field for what was found instead of the declared value}."""
    given = fact.given
    if fact.kind is evidence.KINDS["m.work"]:
        return {"found": _choice(_("Found: work"), Occupation, given)}
    if fact.kind is evidence.KINDS["m.health"]:
        return {
            "found": _choice(_("Found: health"), Health, given),
            "ill": forms.ChoiceField(
                label=_("Found: ill this year"), choices=YES_NO, required=False,
                initial=_yes_no(given[1]) if given else "",
            ),
        }  # fmt: skip
    if isinstance(fact.row, Asset):
        return {
            "found": forms.ChoiceField(
                label=_("Found: answer"), choices=YES_NO, required=False,
                initial=_yes_no(given[0]) if given else "",
            )
        }  # fmt: skip
    limit = {"max_fen": fact.row.gross_fen} if fact.kind is evidence.KINDS["e.net"] else {}
    label = _("Found: net amount (yuan)") if limit else _("Found: amount (yuan)")
    initial = given[0] if given else None
    return {
        "found": MoneyFormField(label=label, required=False, min_fen=0, initial=initial, **limit)
    }


def _choice(label, choices, given):
    return forms.ChoiceField(
        label=label, required=False, choices=[("", _("as declared")), *choices.choices],
        initial=given[0] if given else "",
    )  # fmt: skip


def _yes_no(value):
    return {True: "yes", False: "no"}.get(value, "")


def _values(fact, found):
    """The verified values of a fact from its fields; () when it was found as declared."""
    truth = {"yes": True, "no": False}
    if fact.kind is evidence.KINDS["m.health"]:
        health, ill = found
        if not health and not ill:
            return ()
        return (health or fact.row.health, truth.get(ill, fact.row.ill_this_year))
    (value,) = found
    if isinstance(fact.row, Asset):
        return (truth[value],) if value else ()
    return () if value in (None, "") else (value,)
