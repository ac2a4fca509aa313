"""What may be typed on the pages of this room. Forms validate; they do not save."""

import re

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from base import xlsx
from base.crypto import blind_index
from base.idcard import AccountField, IdNumberField, card_warnings
from base.words import say
from people import imports, workflow
from people.models import HolidayKind, Person, Purpose, Relation, Standing, Unit, User
from people.roles import APPOINTED, Role, UnitKind


class DateField(forms.DateField):
    """A date as every browser asks for it."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class UnitChoiceField(forms.ModelChoiceField):
    def __init__(self, **kwargs):
        super().__init__(**{"queryset": Unit.objects.none()} | kwargs)


def _offer(form, name, units):
    """Let a field of a form offer these units, and no others."""
    form.fields[name].queryset = units


# Filters: nothing is required, and what makes no sense filters nothing


class FilterForm(forms.Form):
    """A GET form; `chosen` holds what was filled in and understood."""

    q = forms.CharField(label=_("Search"), required=False, max_length=60)

    @property
    def chosen(self):
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class UnitFilter(FilterForm):
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("all")), *UnitKind.choices]
    )


PERSON_STATES = [
    ("", _("all")),
    ("register", _("on the register")),
    ("left", _("left the company")),
    ("died", _("deceased")),
]


class PersonFilter(FilterForm):
    unit = UnitChoiceField(label=_("Grassroots union"), required=False, empty_label=_("all"))
    standing = forms.ChoiceField(
        label=_("Standing"), required=False, choices=[("", _("all")), *Standing.choices]
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=PERSON_STATES)

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        _offer(self, "unit", Unit.objects.visible_to(actor).grassroots().order_by("path", "pk"))


class UserFilter(FilterForm):
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), ("active", _("in use")), ("closed", _("out of use"))],
    )


class AppointmentFilter(FilterForm):
    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[("", _("all")), *((role.value, role.label) for role in APPOINTED)],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), ("held", _("held now")), ("ended", _("ended"))],
    )


class HolidayFilter(FilterForm):
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("all")), *HolidayKind.choices]
    )
    year = forms.IntegerField(label=_("Year"), required=False, min_value=2000, max_value=2100)


class DisclosureFilter(FilterForm):
    purpose = forms.ChoiceField(
        label=_("Purpose"), required=False, choices=[("", _("all")), *Purpose.choices]
    )
    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Up to"), required=False)


# Units


class UnitForm(forms.Form):
    """A new grassroots union in a company of the administrator."""

    parent = UnitChoiceField(label=_("Company"), empty_label=None)
    name = forms.CharField(label=_("Name"), max_length=100)
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Letters, digits and hyphens; it stays as long as the unit."),
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        companies = Unit.objects.companies().administered_by(actor)
        _offer(self, "parent", companies.order_by("path", "pk"))

    def clean_code(self):
        code = self.cleaned_data["code"].upper()
        if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]*", code):
            raise ValidationError(_("Use letters A to Z, digits and hyphens only."))
        return code

    def clean(self):
        super().clean()
        data = self.cleaned_data
        parent = data.get("parent")
        if parent and "name" in data and parent.children.filter(name=data["name"]).exists():
            self.add_error("name", _("A unit of this name exists already; choose another name."))
        if parent and "code" in data:
            path = f"{parent.path}{data['code']}/"
            if Unit.objects.filter(path=path).exists():
                self.add_error("code", _("This code is taken; choose another one."))
        return data


class RenameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)

    def __init__(self, *args, unit, **kwargs):
        super().__init__(*args, **kwargs)
        self.unit = unit

    def clean_name(self):
        name = self.cleaned_data["name"]
        others = Unit.objects.filter(parent=self.unit.parent_id, name=name)
        if others.exclude(pk=self.unit.pk).exists():
            raise ValidationError(_("A unit of this name exists already; choose another name."))
        return name


# Accounts and appointments


class PasswordForm(forms.Form):
    """A first password, to be handed over and changed by its owner."""

    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=128,
    )
    again = forms.CharField(
        label=_("The password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=128,
    )

    user: User | None = None

    def clean(self):
        super().clean()
        data = self.cleaned_data
        password = data.get("password")
        if password and "again" in data and password != data["again"]:
            self.add_error("again", _("The two passwords differ; enter the same one twice."))
        elif password:
            user = self.user or User(username=data.get("username", ""), name=data.get("name", ""))
            try:
                password_validation.validate_password(password, user)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class UserForm(PasswordForm):
    username = forms.CharField(
        label=_("User name"),
        max_length=60,
        help_text=_("Letters, digits and . - _ only; it cannot be changed later."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    staff_no = forms.CharField(
        label=_("Staff number"),
        max_length=20,
        required=False,
        help_text=_("Leave it empty for somebody who is not on the roster, such as an auditor."),
    )
    field_order = ("username", "name", "staff_no", "password", "again")

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.actor = actor

    def clean_username(self):
        username = self.cleaned_data["username"]
        if not re.fullmatch(r"[\w.-]+", username):
            raise ValidationError(_("Use letters, digits and . - _ only."))
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("This user name is taken; choose another one."))
        return username

    def clean_staff_no(self):
        staff_no = self.cleaned_data["staff_no"]
        self.cleaned_data["person"] = None
        if not staff_no:
            return staff_no
        persons = Person.objects.filter(
            company__in=self.actor.companies(Role.ADMIN), staff_no=staff_no
        ).select_related("unit", "user")
        if len(persons) != 1:
            raise ValidationError(_("Nobody on the roster has this staff number; check it."))
        if hasattr(persons[0], "user"):
            raise ValidationError(_("This person has an account already."))
        self.cleaned_data["person"] = persons[0]
        return staff_no


class AppointmentForm(forms.Form):
    username = forms.CharField(label=_("User name"), max_length=60)
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, role.label) for role in APPOINTED if role != Role.GROUP],
    )
    unit = UnitChoiceField(label=_("Unit"), empty_label=None)
    since = DateField(label=_("Held from"))
    until = DateField(
        label=_("Until"),
        required=False,
        help_text=_("The first day on which it is held no more; empty for no end."),
    )

    def __init__(self, *args, actor, **kwargs):
        super().__init__(*args, **kwargs)
        self.actor = actor
        units = Unit.objects.administered_by(actor)
        _offer(self, "unit", units.order_by("path", "pk"))

    def clean_username(self):
        user = User.objects.filter(username=self.cleaned_data["username"]).first()
        if user is None:
            raise ValidationError(_("There is no account of this name; check it or make one."))
        if not user.is_active:
            raise ValidationError(_("This account is closed; open it again first."))
        self.cleaned_data["user"] = user
        return user.username

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("An appointment cannot end before it began."))
        if self.errors:
            return data
        user, unit = data["user"], data["unit"]
        held = [a.role for a in user.appointments.valid_on(data["since"])]
        reason = workflow.why_not_appoint(
            self.actor, user.pk, data["role"], unit.kind, unit.path, held
        )
        if (
            not reason
            and user.appointments.filter(role=data["role"], unit=unit, until=None).exists()
        ):
            reason = _("This role is held by this person in this unit already.")
        if reason:
            raise ValidationError(reason)
        return data


class EndForm(forms.Form):
    until = DateField(label=_("Held no more from"))

    def __init__(self, *args, appointment, **kwargs):
        super().__init__(*args, **kwargs)
        self.appointment = appointment

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until < self.appointment.since:
            raise ValidationError(_("An appointment cannot end before it began."))
        return until


# Near relatives and holidays


class KinshipForm(forms.Form):
    relation = forms.ChoiceField(
        label=_("Relation"),
        choices=[(r.value, r.label) for r in Relation if r != Relation.SELF],
    )
    name = forms.CharField(label=_("Name"), max_length=60)
    id_number = IdNumberField(
        label=_("ID number"),
        help_text=_("It is turned into a mark for comparing and not kept itself."),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_id_number(self):
        id_number = self.cleaned_data["id_number"]
        if self.user.relatives.filter(id_index=blind_index(id_number, "id_number")).exists():
            raise ValidationError(_("This relative is registered already."))
        return id_number


class HolidayForm(forms.Form):
    on = DateField(label=_("Date"))
    kind = forms.ChoiceField(label=_("Kind"), choices=HolidayKind.choices)
    name = forms.CharField(label=_("Name"), max_length=40)


HOLIDAY_COLUMNS = (
    xlsx.Column("on", _("Date"), kind="date", required=True, aliases=("日期",), width=14),
    xlsx.Column(
        "kind",
        _("Kind"),
        kind="choice",
        required=True,
        choices=tuple(HolidayKind.choices),
        aliases=("类型", "类别"),
        width=14,
    ),
    xlsx.Column("name", _("Name"), required=True, aliases=("名称", "节日"), width=20),
)


class HolidayImportForm(forms.Form):
    """The clean value of `file` is a list of (date, kind, name)."""

    file = forms.FileField(label=_("Excel file (.xlsx)"))

    def clean_file(self):
        try:
            table = xlsx.read_table(self.cleaned_data["file"], HOLIDAY_COLUMNS)
            days = [(number, row["on"], row["kind"], row["name"]) for number, row in table]
        except xlsx.SheetError as error:
            raise ValidationError(error.args[0], code="file") from error
        problems = list(table.problems)
        seen: dict = {}
        for number, on, _kind, name in days:
            if on in seen:
                problems.append(
                    xlsx.CellProblem(
                        number,
                        "",
                        say(_("The same date stands in row %(row)s; keep one."), row=seen[on]),
                    )
                )
            if name and len(name) > 40:
                problems.append(
                    xlsx.CellProblem(
                        number, "", say(_("At most %(count)s characters; shorten this."), count=40)
                    )
                )
            seen.setdefault(on, number)
        if problems:
            raise ValidationError([str(problem) for problem in problems[:50]])
        if not days:
            raise ValidationError(
                _("This file holds no rows under the headings; fill it in first.")
            )
        return [day[1:] for day in days]


# Personal data and the roster


class RevealForm(forms.Form):
    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices)


class PayeeForm(forms.Form):
    bank = forms.CharField(label=_("Bank"), max_length=60)
    branch = forms.CharField(label=_("Bank branch"), max_length=100)
    account_name = forms.CharField(label=_("Account name"), max_length=60)
    account = AccountField(label=_("Account number"))
    compared = forms.BooleanField(
        label=_("I have compared the number with the card or the passbook."), required=False
    )

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if data.get("account") and not data.get("compared"):
            for warning in card_warnings(data["account"]):
                self.add_error("account", warning)
        return data


class RosterForm(forms.Form):
    """An uploaded roster; `reading` is what the dry run found in it."""

    company = UnitChoiceField(label=_("Company"), empty_label=None)
    file = forms.FileField(label=_("Excel file (.xlsx)"))

    reading = None

    def __init__(self, *args, actor, on, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on
        companies = Unit.objects.filter(pk__in=actor.companies(*workflow.IMPORTERS))
        _offer(self, "company", companies.order_by("path", "pk"))

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if "company" in data and "file" in data:
            try:
                self.reading = imports.read(file=data["file"], company=data["company"], on=self.on)
            except xlsx.SheetError as error:
                self.add_error("file", ValidationError(error.args[0], code="file"))
        return data
