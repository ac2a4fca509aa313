"""What the secretary types for a meeting."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base.words import say
from funds import actions
from funds.models import Batch, Meeting
from people.forms import DateField, FilterForm
from people.models import User


class MeetingFilter(FilterForm):
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("all")), *Meeting.Status.choices]
    )
    year = forms.IntegerField(label=_("Year"), required=False, min_value=2000, max_value=2100)


class MeetingForm(forms.Form):
    """A new meeting: its day, its place, who chairs it."""

    held_on = DateField(label=_("Date"))
    place = forms.CharField(label=_("Meeting place"), max_length=60, required=False)
    chair = forms.ModelChoiceField(
        label=_("Chair of the meeting"),
        queryset=User.objects.none(),
        help_text=_("A member of the leadership; confirms the record afterwards."),
    )

    def __init__(self, *args, company_id, on, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.company_id = company_id
        self.fields["chair"].queryset = actions.members(company_id, on).exclude(pk=by.pk)

    def clean_held_on(self):
        day = self.cleaned_data["held_on"]
        same = Meeting.objects.filter(company=self.company_id, held_on=day)
        if number := same.filter(status=Meeting.Status.OPEN).values_list("number").first():
            raise ValidationError(
                _("Meeting %(number)s of this day is open already; use it."),
                params={"number": number[0]},
            )
        return day


class AgendaField(forms.ModelChoiceField):
    def label_from_instance(self, batch):
        return say(
            _("%(number)s %(title)s: %(count)s households"),
            number=batch.number,
            title=batch.title,
            count=batch.lines_count,
        )


class AgendaForm(forms.Form):
    """A locked list that comes before the meeting."""

    batch = AgendaField(label=_("Locked list"), queryset=Batch.objects.none())

    def __init__(self, *args, meeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["batch"].queryset = Batch.objects.on_agenda_for(meeting)


class AttendForm(forms.Form):
    """Who of the leadership is there."""

    present = forms.ModelMultipleChoiceField(
        label=_("Present"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever has voted and is not ticked any more is recorded as having left."),
    )

    def __init__(self, *args, meeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["present"].queryset = actions.members(meeting.company_id, meeting.held_on)


class ReasonForm(forms.Form):
    """Why a line is struck or a list put off; the minutes print it."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        min_length=2,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It is printed in the minutes: no illness, no names of others."),
    )
