"""What may be typed about the life of a dossier. Forms validate; they do not save."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.uploads import UploadRefused, check_upload
from cases import actions, life
from cases.life import ChangeKind, ChangeStatus, ExitKind, FollowUpResult, How, ToldHow
from cases.models import Dossier
from people.forms import DateField, FilterForm, UnitChoiceField
from people.models import Unit

REASONS = {
    "DIED": _("death of the head; the household is filed anew under another head"),
    "TRANSFERRED": _("transfer out of the company"),
    "DUPLICATE": _("duplicate of another dossier"),
    "FALSE": _("false statements; no new application for the time the policy says"),
    "WISH": _("at the wish of the household"),
}


def _past(form, name):
    """The day of a field, which must not lie in the future."""
    day = form.cleaned_data[name]
    if day and day > form.on:
        raise ValidationError(_("This day lies in the future."))
    return day


class PaperForm(forms.Form):
    """A form that may carry one paper; `upload` is what its bytes say of it."""

    file = forms.FileField(
        label=_("Photo or scan of the paper"), required=False,
        help_text=_("One JPG, PNG or PDF, up to 10 MB. It is kept among the proofs."),
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf"}),
        error_messages={"empty": _("This file is empty; choose another one.")},
    )  # fmt: skip

    upload = None

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file:
            try:
                self.upload = check_upload(file)
            except UploadRefused as refused:
                raise ValidationError(refused.args[0], code="refused") from refused
        return file


# Changes


class ChangeFilter(FilterForm):
    q = forms.CharField(label=_("Name, pinyin or dossier number"), required=False, max_length=60)
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("all")), *ChangeStatus.choices]
    )
    kind = forms.ChoiceField(
        label=_("What changed"), required=False, choices=[("", _("all")), *ChangeKind.choices]
    )
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    overdue = forms.BooleanField(label=_("Overdue"), required=False)

    def __init__(self, *args, actor, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on
        units = Unit.objects.visible_to(actor).grassroots()
        self.fields["unit"].queryset = units.order_by("path", "pk")

    @property
    def chosen(self):
        chosen = super().chosen
        return chosen | {"overdue_on": self.on} if chosen.pop("overdue", False) else chosen


class ChangeForm(forms.Form):
    """Something changed in the household."""

    kind = forms.ChoiceField(
        label=_("What changed"), choices=ChangeKind.choices, widget=forms.RadioSelect
    )
    happened_on = DateField(label=_("Since when"))
    words = forms.CharField(
        label=_("What happened"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("In a few words: who, what, how much."),
    )  # fmt: skip

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_happened_on(self):
        return _past(self, "happened_on")


class TakeForm(forms.Form):
    words = forms.CharField(
        label=_("What was changed in the file"), max_length=500, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class DismissForm(forms.Form):
    words = forms.CharField(
        label=_("Why no fact on file needs to change"), max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


# Exit


class ExitForm(PaperForm):
    """The grassroots union proposes that a household leaves the file."""

    kind = forms.ChoiceField(
        label=_("Reason"), choices=ExitKind.choices, widget=forms.RadioSelect,
        initial=ExitKind.RECOVERED,
    )  # fmt: skip
    cause_gone = forms.CharField(
        label=_("Why the cause of hardship is gone"), max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("At its own wish: why the household wishes to leave the file."),
    )  # fmt: skip
    above_since = DateField(
        label=_("Income above the line since"), required=False,
        help_text=_("Needed when the household has recovered; from which month on, by its papers."),
    )  # fmt: skip
    told_on = DateField(label=_("The household was told on"))
    told_how = forms.ChoiceField(
        label=_("How it was told"), choices=ToldHow.choices, widget=forms.RadioSelect
    )
    refused = forms.BooleanField(label=_("The household refused to sign"), required=False)
    witnesses = forms.CharField(
        label=_("Two witnesses"), max_length=100, required=False,
        help_text=_("Only when the household refused to sign: the names of two who were there."),
    )  # fmt: skip

    field_order = (
        "kind", "cause_gone", "above_since", "told_on", "told_how", "file", "refused", "witnesses",
    )  # fmt: skip

    def __init__(self, *args, dossier, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.dossier, self.on = dossier, on
        self.fields["file"].help_text = _(
            "The letter with the signature of the household; needed unless it refused to sign."
            " One JPG, PNG or PDF, up to 10 MB."
        )
        for name in ("above_since", "file", "witnesses"):
            self.fields[name].conditional = True  # the hints say when

    def clean_told_on(self):
        return _past(self, "told_on")

    def clean(self):
        data = super().clean()
        recovered = data.get("kind") == ExitKind.RECOVERED
        if recovered:
            since = data.get("above_since")
            if since is None and "above_since" not in self.errors:
                self.add_error("above_since", _("Say since when the income is above the line."))
            if reason := actions.why_not_recovered(self.dossier, None, self.on):
                self.add_error(None, reason)
            elif since and (reason := actions.why_not_recovered(self.dossier, since, self.on)):
                self.add_error("above_since", reason)
        witnesses = data.get("witnesses", "")
        if recovered and data.get("refused"):
            if len(witnesses.replace("，", "、").replace(",", "、").split("、")) < 2:
                self.add_error("witnesses", _("Name two witnesses, separated by a comma."))
        elif self.upload is None and "file" not in self.errors:
            self.add_error("file", _("Attach the paper the household signed."))
        return data

    @property
    def columns(self):
        """The keyword arguments of `propose_exit`."""
        data = self.cleaned_data
        recovered = data["kind"] == ExitKind.RECOVERED
        signed = self.upload is not None
        return {
            "kind": data["kind"], "cause_gone": data["cause_gone"], "told_on": data["told_on"],
            "told_how": data["told_how"], "upload": self.upload, "file": data["file"],
            "above_since": data["above_since"] if recovered else None,
            "witnesses": data["witnesses"] if recovered and not signed else None,
        }  # fmt: skip


class DecideForm(forms.Form):
    """The company union confirms an exit, or keeps the household on file and says why."""

    verdict = forms.ChoiceField(
        label=_("Decision of the company union"), widget=forms.RadioSelect,
        choices=[("CONFIRM", _("Confirm the exit")), ("KEEP", _("Keep on file"))],
    )  # fmt: skip
    words = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Required when the household is kept on file."),
    )  # fmt: skip

    def __init__(self, *args, dossier, leaving, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.dossier, self.leaving, self.on = dossier, leaving, on

    def clean(self):
        data = super().clean()
        if data.get("verdict") == "KEEP" and not data.get("words"):
            self.add_error("words", _("Say why the household is kept on file."))
        if data.get("verdict") == "CONFIRM" and self.leaving.kind == ExitKind.RECOVERED:
            since = self.leaving.above_since
            if reason := actions.why_not_recovered(self.dossier, since, self.on):
                self.add_error("verdict", reason)
        return data


class CancelForm(PaperForm):
    """The company union cancels a dossier."""

    reason = forms.ChoiceField(
        label=_("Reason"), widget=forms.RadioSelect,
        choices=[(code, REASONS[code]) for code in life.CANCEL_REASONS],
    )  # fmt: skip
    words = forms.CharField(
        label=_("What was found out"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    other = forms.CharField(
        label=_("Number of the other dossier"), max_length=30, required=False,
        help_text=_("Only for a duplicate."),
    )  # fmt: skip
    clause = forms.CharField(
        label=_("Clause of the policy"), max_length=30, required=False,
        help_text=_("Only for false statements."),
    )  # fmt: skip

    field_order = ("reason", "words", "other", "clause", "file")

    def __init__(self, *args, dossier, **kwargs):
        super().__init__(*args, **kwargs)
        self.dossier = dossier

    def clean_other(self):
        number = self.cleaned_data["other"].strip()
        if not number:
            return None
        same = Dossier.objects.filter(company=self.dossier.company_id, number=number)
        found = same.exclude(pk=self.dossier.pk).first()
        if found is None:
            raise ValidationError(_("There is no other dossier with this number."))
        return found

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        reason = data["reason"]
        missing = actions.why_not_cancelled(
            self.dossier, reason, data["clause"], data["other"], self.upload
        )
        if missing:
            field = {"DUPLICATE": "other"}.get(reason, "file")
            if reason == "FALSE" and not data["clause"]:
                field = "clause"
            self.add_error(field, missing)
        return data

    @property
    def columns(self):
        """The keyword arguments of `cancel_dossier`."""
        return self.cleaned_data | {"upload": self.upload}


class TransferForm(forms.Form):
    unit = UnitChoiceField(label=_("To which grassroots union"), empty_label=_("choose"))
    words = forms.CharField(
        label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args, dossier, **kwargs):
        super().__init__(*args, **kwargs)
        units = Unit.objects.of_company(dossier.company_id).grassroots()
        self.fields["unit"].queryset = units.exclude(pk=dossier.unit_id).order_by("path", "pk")


# Follow-up


class FollowUpFilter(FilterForm):
    q = forms.CharField(label=_("Name, pinyin or dossier number"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("all")), ("waiting", _("to be done")), ("overdue", _("Overdue")),
                 ("done", _("done"))],
    )  # fmt: skip
    result = forms.ChoiceField(
        label=_("Result"), required=False, choices=[("", _("all")), *FollowUpResult.choices]
    )
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        units = Unit.objects.visible_to(actor).grassroots()
        self.fields["unit"].queryset = units.order_by("path", "pk")


class FollowUpForm(forms.Form):
    result = forms.ChoiceField(
        label=_("How does the household fare?"), widget=forms.RadioSelect,
        choices=FollowUpResult.choices,
    )  # fmt: skip
    how = forms.ChoiceField(
        label=_("How did you learn it?"), widget=forms.RadioSelect,
        choices=[(how.value, how.label) for how in (How.PHONE, How.VISIT)],
    )  # fmt: skip
    done_on = DateField(label=_("On which day"))
    words = forms.CharField(
        label=_("What was found out"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on

    def clean_done_on(self):
        return _past(self, "done_on")
