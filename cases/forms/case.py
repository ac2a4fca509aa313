"""What may be typed on the pages of a case. Forms validate; they do not save."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField
from cases import actions
from cases.codes import Category, Level, Question, ReturnReason
from cases.models import Screening
from cases.workflow import TURN, TURNS, Programme, Status
from people.forms import FilterForm, UnitChoiceField
from people.models import Unit

ALL = ("", _("all"))
CHOOSE = {"required": _("Choose the class and the level of the household.")}


class WordsField(forms.CharField):
    """A few sentences."""

    def __init__(self, **kwargs):
        super().__init__(
            **{"max_length": 1000, "widget": forms.Textarea(attrs={"rows": 4})} | kwargs
        )


class CaseFilter(FilterForm):
    """By number or name, status, programme, unit, whose turn it is, and overdue."""

    status = forms.ChoiceField(label=_("Status"), required=False, choices=[ALL, *Status.choices])
    programme = forms.ChoiceField(
        label=_("Programme"), required=False, choices=[ALL, *Programme.choices]
    )
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    turn = forms.ChoiceField(
        label=_("Whose turn"),
        required=False,
        choices=[ALL, *((key, TURN[statuses[0]]) for key, statuses in TURNS.items())],
    )
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Number or name")
        self.fields["unit"].queryset = (
            Unit.objects.visible_to(actor).grassroots().order_by("path", "pk")
        )


class ReviewForm(forms.Form):
    """The six screening questions, the opinion, and the declaration of no relation."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for question in Question:
            self.fields[f"{question}_answer"] = forms.ChoiceField(
                label=question.label,
                choices=Screening.Answer.choices,
                widget=forms.RadioSelect,
                error_messages={"required": _("Answer all six screening questions first.")},
            )
            self.fields[f"{question}_note"] = forms.CharField(
                label=_("Note"), required=False, max_length=200
            )
        self.fields["words"] = WordsField(
            label=_("Opinion of the grassroots union"),
            help_text=_("It is printed on the approval form."),
        )
        self.fields["unrelated"] = forms.BooleanField(
            label=_(
                "I am no near relative of the applicant or a member of the household and have no"
                " interest in this case."
            ),
            error_messages={
                "required": _("Declare first that you are no relative of this household.")
            },
        )

    def questions(self):
        """The fields of each question, side by side: (answer, note)."""
        return [(self[f"{q}_answer"], self[f"{q}_note"]) for q in Question]

    def clean(self):
        data = super().clean()
        for question in Question:
            fails = data.get(f"{question}_answer") == Screening.Answer.FAILS
            if fails and not data.get(f"{question}_note"):
                self.add_error(f"{question}_note", _("Say what does not meet the rule."))
        return data

    @property
    def answers(self):
        """{question: (answer, note)} as the action takes them."""
        data = self.cleaned_data
        return {q: (data[f"{q}_answer"], data[f"{q}_note"]) for q in Question}


class GiveBackForm(forms.Form):
    """Why the application is returned, and what the applicant reads."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=ReturnReason.choices, widget=forms.RadioSelect
    )
    words = WordsField(
        label=_("What the applicant should do"),
        help_text=_("The applicant reads these words. Say what is missing and where to get it."),
    )


class DeclineForm(forms.Form):
    """The clause of the policy that stands against it, and words for the applicant."""

    clause = forms.ChoiceField(label=_("Clause of the policy"))
    words = WordsField(
        label=_("Reason in words"), help_text=_("The applicant reads these words in the decision.")
    )

    def __init__(self, *args, policy, **kwargs):
        super().__init__(*args, **kwargs)
        titles = {}
        for clause in sorted(policy.clauses.all(), key=lambda c: c.pk):
            titles.setdefault(clause.clause, []).append(clause.source)
        self.fields["clause"].choices = [
            (clause, f"{clause} {'；'.join(sources)}"[:120]) for clause, sources in titles.items()
        ]


class EventForm(forms.Form):
    """What the event cost the household after the vouchers were seen."""

    verified_net = MoneyFormField(
        label=_("Verified net cost"),
        min_fen=0,
        help_text=_("What the household paid itself after all reimbursement, by the vouchers."),
    )

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        self.case = case

    def clean_verified_net(self):
        fen = self.cleaned_data["verified_net"]
        if fen > self.case.spent_fen:
            raise ValidationError(_("This is more than the household declared to have spent."))
        return fen


class VerifyForm(forms.Form):
    """The company union's word: an amount, or for recognition a class and a level."""

    proposed = MoneyFormField(
        label=_("Proposed amount"), error_messages={"required": _("Enter the amount you propose.")}
    )
    category = forms.ChoiceField(
        label=_("Class"), choices=[("", "-"), *Category.choices], error_messages=CHOOSE
    )
    level = forms.ChoiceField(
        label=_("Company level"), choices=[("", "-"), *Level.choices], error_messages=CHOOSE
    )
    deviation_reason = forms.CharField(
        label=_("Reason for deviation"),
        required=False,
        max_length=200,
        help_text=_("Needed when the proposal differs from the assessment."),
    )
    no_visit_reason = forms.CharField(
        label=_("Reason for no visit"),
        required=False,
        max_length=200,
        help_text=_("Only where the household cannot be visited, such as in intensive care."),
    )
    words = WordsField(
        label=_("Opinion of the company union"),
        help_text=_("It is printed on the approval form."),
    )

    def __init__(self, *args, case, policy, visited, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.policy = case, policy
        unused = ["proposed"] if case.programme == Programme.RECOGNITION else ["category", "level"]
        if visited:
            unused.append("no_visit_reason")
        for name in unused:
            del self.fields[name]

    def clean(self):
        data = super().clean()
        if self.case.assessment_id is None or self.errors:
            return data
        if self.case.programme == Programme.RECOGNITION:
            reason = actions.why_not_recognised(
                self.case, data["category"], data["level"], data["deviation_reason"]
            )
        else:
            reason = actions.why_not_amount(
                self.case, self.policy, data["proposed"], data["deviation_reason"]
            )
        if reason:
            raise ValidationError(reason)
        return data

    @property
    def given(self):
        """What was typed, as the action takes it."""
        data = dict(self.cleaned_data)
        if "proposed" in data:
            data["proposed_fen"] = data.pop("proposed")
        return data


class WithdrawForm(forms.Form):
    """The applicant need not say why."""

    words = WordsField(label=_("Reason"), required=False)
