"""The forms of the programmes a household on file applies for: tuition aid, medical aid, gift."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField, format_fen
from base.words import say
from cases import programmes
from cases.codes import EMERGENCIES, Event, Health, SchoolLevel
from cases.forms.household import offer
from cases.models import Member
from cases.workflow import GRANTS, Programme
from people.forms import DateField

AHEAD = timedelta(days=92)  # a holiday visit is applied for before the holiday
SCHOOLS = [
    (level.value, level.label)
    for level in (
        SchoolLevel.HIGH_SCHOOL,
        SchoolLevel.COLLEGE,
        SchoolLevel.BACHELOR,
        SchoolLevel.MASTER,
    )
]
YES_NO = [("yes", _("yes")), ("no", _("no"))]

# What each programme is for, in one sentence.
ABOUT = {
    Programme.EMERGENCY: _(
        "after a serious illness, an accident or a disaster: for what you had to pay yourself"
    ),
    Programme.MEDICAL: _(
        "for a long illness: the bills of a year that the insurance and others did not pay"
    ),
    Programme.TUITION: _(
        "for a child at high school, college or university: once a school year for each student"
    ),
    Programme.VISIT_GIFT: _(
        "a small gift in cash with a visit: hospital stay, death in the family, accident, holiday"
    ),
}


def with_sentence(programme):
    """A programme with the sentence that says what it is for."""
    return say(_("%(programme)s: %(about)s"), programme=programme.label, about=ABOUT[programme])


OFFERED = [(programme.value, with_sentence(programme)) for programme in GRANTS]


class OccasionForm(forms.Form):
    """What happened, when, and to whom; `case` says which kinds of events fit."""

    kinds: tuple = ()
    event = forms.ChoiceField(label=_("What happened?"), widget=forms.RadioSelect)
    event_on = DateField(label=_("When did it happen?"))
    patient = forms.ModelChoiceField(
        label=_("To whom did it happen?"), queryset=Member.objects.none(), empty_label=_("choose")
    )
    reason = forms.CharField(
        label=_("What happened, in your own words"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=2000,
        required=False,
    )

    def __init__(self, *args, case, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.on = case, on
        self.fields["event"].choices = [(event.value, event.label) for event in self.kinds]
        offer(self, "patient", case.dossier.members.filter(left_on=None).order_by("pk"))

    def clean(self):
        data = super().clean()
        day = data.get("event_on")
        if day and day > self.on and data.get("event") != Event.HOLIDAY:
            self.add_error("event_on", _("This day lies in the future."))
        elif day and day > self.on + AHEAD:
            self.add_error("event_on", _("This day lies too far ahead."))
        event, patient = data.get("event"), data.get("patient")
        if reason := programmes.why_not_event(
            self.case, event=event, event_on=data.get("event_on"), patient=patient
        ):
            self.add_error("event_on", reason)
        return data


class EventForm(OccasionForm):
    """What an emergency grant is asked for."""

    kinds = EMERGENCIES
    spent_fen = MoneyFormField(
        label=_("What did it cost?"), help_text=_("All bills together, or the loss.")
    )
    reimbursed_fen = MoneyFormField(
        label=_("Of it reimbursed"),
        help_text=_("By the medical insurance, mutual aid or anybody else. Empty if nothing."),
        min_fen=0,
        required=False,
    )
    asked_fen = MoneyFormField(label=_("What do you ask for?"))
    field_order = (
        "event", "event_on", "patient", "spent_fen", "reimbursed_fen", "asked_fen", "reason",
    )  # fmt: skip

    def __init__(self, *args, cap_fen, **kwargs):
        super().__init__(*args, **kwargs)
        _cap(self, cap_fen)

    def clean_reimbursed_fen(self):
        return self.cleaned_data["reimbursed_fen"] or 0

    def clean(self):
        data = super().clean()
        _check_asked(self, data, data.get("spent_fen"), ("reimbursed_fen",))
        return data


class GiftForm(OccasionForm):
    """The occasion of a visit gift in cash; the policy says how much for each."""

    kinds = tuple(Event)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["event"].label = _("What is the visit for?")
        self.fields["event_on"].label = _("On which day was it, or will it be?")
        self.fields["patient"].label = _("Whom does it concern?")


def _cap(form, cap_fen):
    """The most one grant may be, said at the amount asked for."""
    form.cap_fen = cap_fen
    if cap_fen:
        form.fields["asked_fen"].help_text = say(
            _("One grant is at most %(cap)s yuan, and never more than you paid yourself."),
            cap=format_fen(cap_fen),
        )


def _check_asked(form, data, spent, back):
    """Nobody is paid back more than was spent, and nobody asks for more than they paid; `back`
    names the fields of what others paid."""
    asked = data.get("asked_fen")
    if asked and form.cap_fen and asked > form.cap_fen:
        form.add_error(
            "asked_fen", say(_("One grant is at most %(cap)s yuan."), cap=format_fen(form.cap_fen))
        )
    if spent is None or any(data.get(name) is None for name in back):
        return
    net = spent - sum(data[name] for name in back)
    if net < 0:
        form.add_error(back[-1], _("More cannot be reimbursed than was spent."))
    elif asked and asked > net:
        form.add_error(
            "asked_fen",
            say(
                _("This is more than the %(net)s yuan the household paid itself."),
                net=format_fen(net),
            ),
        )


class MedicalForm(forms.Form):
    """The patient's illness and bills: 医疗救助申请表."""

    patient = forms.ModelChoiceField(
        label=_("Who is the patient?"), queryset=Member.objects.none(), empty_label=_("choose")
    )
    illness = forms.ChoiceField(
        label=_("Kind of illness"),
        choices=[("", _("choose")), *((h, h.label) for h in Health if h != Health.GOOD)],
        help_text=_("As the diagnosis says."),
    )
    stays = forms.IntegerField(
        label=_("Number of hospital stays"), min_value=0, max_value=99,
        help_text=_("In the time of the bills; 0 if treated without staying."),
    )  # fmt: skip
    hospital = forms.CharField(label=_("Hospital"), max_length=100)
    bills_from = DateField(label=_("Bills from"), help_text=_("At most one year back."))
    bills_until = DateField(
        label=_("Bills until"),
        help_text=_("No receipt is used twice: these days may not overlap an earlier medical aid."),
    )
    total_fen = MoneyFormField(label=_("All bills together"))
    insurance_fen = MoneyFormField(
        label=_("Paid by the medical insurance"), min_fen=0, required=False
    )
    social_aid_fen = MoneyFormField(
        label=_("Aid from society"), min_fen=0, required=False,
        help_text=_("From the government, charities, commercial insurance or mutual aid."),
    )  # fmt: skip
    unit_aid_fen = MoneyFormField(label=_("Aid from the unit"), min_fen=0, required=False)
    asked_fen = MoneyFormField(label=_("What do you ask for?"))
    treatment = forms.CharField(
        label=_("Stays and further treatment"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        help_text=_("From when until when in hospital, and what is still to come."),
    )
    reason = forms.CharField(
        label=_("Why the household is in hardship, in your own words"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        required=False,
    )
    promise = forms.BooleanField(
        label=_("I promise that none of these receipts was or will be used for other aid."),
        required=False,
        help_text=_("Without this promise the application cannot be submitted."),
    )

    def __init__(self, *args, case, on, cap_fen, **kwargs):
        super().__init__(*args, **kwargs)
        self.case, self.on = case, on
        offer(self, "patient", case.dossier.members.filter(left_on=None).order_by("pk"))
        _cap(self, cap_fen)

    def clean_insurance_fen(self):
        return self.cleaned_data["insurance_fen"] or 0

    def clean_social_aid_fen(self):
        return self.cleaned_data["social_aid_fen"] or 0

    def clean_unit_aid_fen(self):
        return self.cleaned_data["unit_aid_fen"] or 0

    def clean_bills_from(self):
        day = self.cleaned_data["bills_from"]
        if day < _a_year_before(self.on):
            raise ValidationError(_("Only bills of the last year count."))
        return day

    def clean_bills_until(self):
        day = self.cleaned_data["bills_until"]
        if day > self.on:
            raise ValidationError(_("This day lies in the future."))
        return day

    def clean(self):
        data = super().clean()
        first, last, patient = (data.get(n) for n in ("bills_from", "bills_until", "patient"))
        if first and last and last < first:
            self.add_error("bills_until", _("The last bill cannot lie before the first."))
        elif first and last and patient:
            reason = programmes.why_not_bills(
                self.case, patient=patient, bills_from=first, bills_until=last
            )
            if reason:
                self.add_error("bills_until", reason)
        back = ("insurance_fen", "social_aid_fen", "unit_aid_fen")
        _check_asked(self, data, data.get("total_fen"), back)
        return data


def _a_year_before(on):
    """The same day a year before; the last of February for the day that year lacks."""
    if (on.month, on.day) == (2, 29):
        return date(on.year - 1, 2, 28)
    return on.replace(year=on.year - 1)


class TuitionForm(forms.Form):
    """The student, the school and what it costs: 子女助学申请表."""

    student = forms.ModelChoiceField(
        label=_("Who is the student?"), queryset=Member.objects.none(), empty_label=_("choose"),
        help_text=_("The file is the parent's; the student belongs to the household."),
    )  # fmt: skip
    school_year = forms.TypedChoiceField(label=_("School year"), coerce=int)
    fresh = forms.ChoiceField(
        label=_("Admitted this year?"), choices=YES_NO, widget=forms.RadioSelect
    )
    exam_score = forms.IntegerField(
        label=_("Entrance exam score"), min_value=0, max_value=1000, required=False
    )
    level = forms.ChoiceField(label=_("Level of the school"), choices=[("", _("choose")), *SCHOOLS])
    school = forms.CharField(label=_("School"), max_length=100)
    major = forms.CharField(label=_("Major"), max_length=60, required=False)
    admission = forms.CharField(
        label=_("Admission batch"), max_length=30, required=False,
        help_text=_("As on the letter of admission, such as the first batch of undergraduates."),
    )  # fmt: skip
    course_years = forms.IntegerField(label=_("Years of the course"), min_value=1, max_value=10)
    admitted_on = DateField(label=_("Admitted on"))
    graduates_on = DateField(label=_("Graduates on"))
    tuition_fen = MoneyFormField(
        label=_("Tuition and fees a year"), help_text=_("As on the receipt of the school.")
    )
    loan = forms.ChoiceField(
        label=_("Student loan?"), choices=YES_NO, widget=forms.RadioSelect, initial="no"
    )
    loan_fen = MoneyFormField(label=_("Student loan a year"), required=False, min_fen=0)
    other_aid_fen = MoneyFormField(
        label=_("Other schooling aid for this year"), required=False, min_fen=0,
        help_text=_("From the government, the school, charities or another employer."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why the household is in hardship, in your own words"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        required=False,
    )
    promise = forms.BooleanField(
        label=_("I promise that nobody else has helped, or will help, with the same schooling."),
        required=False,
        help_text=_(
            "Military schools, fee-free teacher training and joint courses with foreign schools are"
            " not helped. Without this promise the application cannot be submitted."
        ),
    )

    def __init__(self, *args, case, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.case = case
        members = case.dossier.members.filter(left_on=None).exclude(relation="SELF")
        offer(self, "student", members.order_by("pk"))
        this = on.year if on.month >= 6 else on.year - 1
        self.fields["school_year"].choices = [
            (year, f"{year}/{(year + 1) % 100:02d}") for year in (this, this + 1, this - 1)
        ]

    def clean_fresh(self):
        return self.cleaned_data["fresh"] == "yes"

    def clean_loan(self):
        return self.cleaned_data["loan"] == "yes"

    def clean_loan_fen(self):
        return self.cleaned_data["loan_fen"] or 0

    def clean_other_aid_fen(self):
        return self.cleaned_data["other_aid_fen"] or 0

    def clean(self):
        data = super().clean()
        first, last = data.get("admitted_on"), data.get("graduates_on")
        if first and last and last <= first:
            self.add_error("graduates_on", _("The student graduates after being admitted."))
        if "loan" in data and "loan_fen" in data:
            if data["loan"] and not data["loan_fen"]:
                self.add_error("loan_fen", _("Enter the amount of the loan."))
            elif data["loan_fen"] and not data["loan"]:
                self.add_error("loan", _("Say yes to the loan, or leave its amount empty."))
        cost, aid = data.get("tuition_fen"), data.get("other_aid_fen")
        if cost is not None and aid is not None and aid > cost:
            self.add_error("other_aid_fen", _("More cannot be reimbursed than was spent."))
        student, year = data.get("student"), data.get("school_year")
        if student and year:
            reason = programmes.why_not_student(self.case, student=student, school_year=year)
            if reason:
                self.add_error("student", reason)
        return data
