"""Units, persons, users and what they hold: the tables every room stands on."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from base.append_only import AppendOnly, AppendOnlyQuerySet
from base.constraints import all_or_none, iff, known
from base.crypto import EncryptedTextField, blind_index
from base.workdays import Calendar
from people.roles import APPOINTED, Actor, Hat, Role, UnitKind


class Sex(models.TextChoices):
    MALE = "MALE", pgettext_lazy("sex", "male")
    FEMALE = "FEMALE", pgettext_lazy("sex", "female")


class Standing(models.TextChoices):
    """The three identities of the paper (fact 1.2)."""

    IN_SERVICE = "IN_SERVICE", _("employee in service")
    RETIRED = "RETIRED", _("retiree")
    PAID_OFF = "PAID_OFF", _("person with paid-off contract")


class UnitQuerySet(models.QuerySet):
    def under(self, path):
        """The unit at `path` and everything under it: one prefix query."""
        return self.filter(path__startswith=path)

    def companies(self):
        return self.filter(kind=UnitKind.COMPANY)

    def of_company(self, company_id):
        """A company union and its grassroots unions."""
        return self.filter(Q(pk=company_id) | Q(parent=company_id))

    def grassroots(self):
        return self.filter(kind=UnitKind.GRASSROOTS)

    def visible_to(self, actor):
        """The units an actor holds a hat in, with everything under them."""
        seen = Q(pk__in=[])
        for hat in actor.hats:
            seen |= Q(path__startswith=hat.path)
        return self.filter(seen)

    def administered_by(self, actor):
        """The companies an actor administers, with their grassroots unions."""
        companies = actor.companies(Role.ADMIN)
        return self.filter(Q(pk__in=companies) | Q(parent__in=companies))

    def narrowed(self, *, q="", kind=""):
        """By a part of the name or the beginning of the code, and by kind."""
        found = self
        if q:
            found = found.filter(Q(name__contains=q) | Q(code__istartswith=q))
        return found.filter(kind=kind) if kind else found

    def for_list(self):
        return (
            self.select_related("parent")
            .annotate(size=models.Count("persons"))
            .order_by("path", "pk")
        )


class Unit(models.Model):
    """A union: group, company or grassroots. `path` is "/group/company/unit/" in codes."""

    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=UnitKind)
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=100)
    path = models.CharField(max_length=200, unique=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", UnitKind, name="unit_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=UnitKind.GROUP, parent__isnull=True)
                | Q(kind=UnitKind.COMPANY)
                | Q(kind=UnitKind.GRASSROOTS, parent__isnull=False),
                name="unit_parent_matches_kind",
            ),
            models.UniqueConstraint(fields=["parent", "name"], name="unit_name_once_per_parent"),
        ]

    def __str__(self):
        return self.name

    @property
    def company_id(self):
        """The company this unit belongs to; None for a group."""
        if self.kind == UnitKind.COMPANY:
            return self.pk
        return self.parent_id if self.kind == UnitKind.GRASSROOTS else None


class PersonQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Union officers see the persons of their units, everybody sees themselves.

        Auditors and administrators see the roster of their company, always masked.
        """
        return self.filter(
            Q(pk=actor.person_id)
            | Q(unit__in=actor.units(Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(
                company__in=actor.companies(
                    Role.COMPANY_OFFICER, Role.COMPANY_CHAIR, Role.AUDITOR, Role.ADMIN
                )
            )
        )

    def matching(self, text):
        """Part of the name, the beginning of its pinyin or of the staff number, a whole ID."""
        return self.filter(
            Q(name__contains=text)
            | Q(name_pinyin__startswith=text.lower())
            | Q(staff_no__startswith=text)
            | Q(id_index=blind_index(text, "id_number"))
        )

    def on_register(self):
        """In service or retired, alive and not left: the base of the paper's 5.5 % (fact 1.2)."""
        return self.filter(
            standing__in=[Standing.IN_SERVICE, Standing.RETIRED], left_on=None, died_on=None
        )

    def narrowed(self, *, q="", unit=None, standing="", state=""):
        """By text (see `matching`), unit, standing, and whether on the register, left or died."""
        found = self.matching(q) if q else self
        if unit:
            found = found.filter(unit=unit)
        if standing:
            found = found.filter(standing=standing)
        if state == "register":
            found = found.on_register()
        elif state:
            found = found.filter(**{f"{state}_on__isnull": False})
        return found

    def for_list(self):
        return self.select_related("unit").order_by("name_pinyin", "pk")


class Person(models.Model):
    """Somebody on the company's roster (fact 1.1). ID number and payee account are encrypted."""

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="persons", verbose_name=_("grassroots union")
    )
    staff_no = models.CharField(_("staff number"), max_length=20)
    name = models.CharField(_("name"), max_length=60)
    name_pinyin = models.CharField(max_length=200)
    sex = models.CharField(_("sex"), max_length=10, choices=Sex)
    born_on = models.DateField(_("date of birth"))
    id_number = EncryptedTextField(_("ID number"))
    id_index = models.CharField(max_length=64)
    standing = models.CharField(_("standing"), max_length=20, choices=Standing)
    monthly_income_fen = models.BigIntegerField(_("monthly income"), default=0)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_index = models.CharField(max_length=64, blank=True, default="")
    bank = models.CharField(_("bank"), max_length=60, blank=True, default="")
    branch = models.CharField(_("bank branch"), max_length=100, blank=True, default="")
    account_name = models.CharField(_("account name"), max_length=60, blank=True, default="")
    account = EncryptedTextField(_("account number"), blank=True, default="")
    account_index = models.CharField(max_length=64, blank=True, default="")
    account_changed_at = models.DateTimeField(null=True)
    account_changed_by = models.ForeignKey(
        "User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    joined_on = models.DateField(_("joined on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    died_on = models.DateField(_("died on"), null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            known("sex", Sex, name="person_sex_known"),
            known("standing", Standing, name="person_standing_known"),
            models.UniqueConstraint(fields=["company", "staff_no"], name="person_staff_no_once"),
            models.UniqueConstraint(fields=["company", "id_index"], name="person_id_number_once"),
            models.CheckConstraint(
                condition=Q(monthly_income_fen__gte=0), name="person_income_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(account_changed_by__isnull=True) | Q(account_changed_at__isnull=False),
                name="person_account_change_has_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "name_pinyin", "id"], name="person_company_pinyin"),
            models.Index(fields=["unit", "name_pinyin", "id"], name="person_unit_pinyin"),
            models.Index(fields=["account_index"], name="person_account"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("people:person_detail", args=[self.pk])


class UserQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """An administrator sees the accounts of their companies, and those bound to none."""
        companies = actor.companies(Role.ADMIN)
        if not companies:
            return self.filter(pk=actor.user_id)
        held = Appointment.objects.filter(user=models.OuterRef("pk"))
        inside = held.filter(Q(unit__in=companies) | Q(unit__parent__in=companies))
        return self.filter(
            Q(person__company__in=companies)
            | models.Exists(inside)
            | (Q(person=None) & ~models.Exists(held))
        )

    def narrowed(self, *, q="", state=""):
        """By a part of either name, and by whether the account is open."""
        found = self
        if q:
            found = found.filter(Q(name__contains=q) | Q(username__contains=q))
        return found.filter(is_active=state == "active") if state else found

    def for_list(self):
        return self.select_related("person__unit").order_by("username")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def get_by_natural_key(self, username):
        return self.select_related("person__unit").get(username=username)

    def create_user(self, username, password=None, **extra):
        user = self.model(username=username, **extra)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """Somebody who signs in; may be a Person. There is no superuser."""

    username = models.CharField(_("user name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=60)
    person = models.OneToOneField(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="user"
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = UserManager()

    USERNAME_FIELD = "username"

    def __str__(self):
        return self.name

    def actor(self, on):
        """The roles and relatives of this user on a day, read afresh: two queries.

        Somebody demoted loses the power with their next request or act.
        """
        held = self.appointments.valid_on(on).select_related("unit")
        hats = [Hat(a.role, a.unit_id, a.unit.company_id, a.unit.path) for a in held]
        kin = set(self.relatives.values_list("id_index", flat=True))
        if self.person_id:
            person = self.person
            kin.add(person.id_index)
            hats.append(Hat(Role.EMPLOYEE, person.unit_id, person.company_id, person.unit.path))
        if not self.is_active:
            hats = []
        return Actor(self.pk, self.person_id, self.name, tuple(hats), frozenset(kin))


class AppointmentQuerySet(models.QuerySet):
    def valid_on(self, on):
        """Held on a day; `until` is the first day it is held no more."""
        return self.filter(Q(until=None) | Q(until__gt=on), since__lte=on)

    def visible_to(self, actor):
        """An administrator sees every appointment in their companies."""
        companies = actor.companies(Role.ADMIN)
        return self.filter(Q(unit__in=companies) | Q(unit__parent__in=companies))

    def narrowed(self, *, on, q="", role="", state=""):
        """By name, by role, and by whether held on the day `on` or over by then."""
        found = self
        if q:
            found = found.filter(Q(user__name__contains=q) | Q(user__username__contains=q))
        if role:
            found = found.filter(role=role)
        if state == "held":
            found = found.valid_on(on)
        elif state == "ended":
            found = found.filter(until__lte=on)
        return found

    def for_list(self):
        return self.select_related("user", "unit").order_by("-since", "-pk")


class Appointment(models.Model):
    """A role somebody holds in a unit for a time. Roles are read from here, never from flags."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(
        _("role"), max_length=20, choices=[(r.value, r.label) for r in APPOINTED]
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="appointments")
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)
    appointed_at = models.DateTimeField()
    appointed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[r.value for r in APPOINTED]), name="appointment_role_known"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="appointment_ends_after_it_began",
            ),
            all_or_none("ended_at", "ended_by", name="appointment_end_complete"),
            models.CheckConstraint(
                condition=Q(appointed_by=None) | ~Q(appointed_by=F("user")),
                name="appointment_by_another",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "unit"], condition=Q(until=None), name="appointment_once"
            ),
        ]
        indexes = [models.Index(fields=["-since", "-id"], name="appointment_newest")]

    def __str__(self):
        return f"{self.user} {self.get_role_display()}"


class Relation(models.TextChoices):
    """Household relations after GB/T 4761, with oneself first."""

    SELF = "SELF", _("the employee")
    SPOUSE = "SPOUSE", _("spouse")
    SON = "SON", _("son")
    DAUGHTER = "DAUGHTER", _("daughter")
    GRANDCHILD = "GRANDCHILD", _("grandchild")
    PARENT = "PARENT", _("parent")
    PARENT_IN_LAW = "PARENT_IN_LAW", _("parent of the spouse")
    GRANDPARENT = "GRANDPARENT", _("grandparent")
    SIBLING = "SIBLING", _("brother or sister")
    OTHER = "OTHER", _("other relative")


class KinshipQuerySet(models.QuerySet):
    def for_list(self):
        return self.order_by("-registered_at", "-pk")


class Kinship(models.Model):
    """A near relative a user has registered (近亲属备案), matched by blind index alone."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="relatives")
    relation = models.CharField(_("relation"), max_length=20, choices=Relation)
    name = EncryptedTextField(_("name"))
    id_index = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = KinshipQuerySet.as_manager()

    class Meta:
        constraints = [
            known("relation", Relation, name="kinship_relation_known"),
            models.UniqueConstraint(fields=["user", "id_index"], name="kinship_once"),
        ]
        indexes = [models.Index(fields=["id_index"], name="kinship_id_index")]

    def __str__(self):
        return self.get_relation_display()


class HolidayKind(models.TextChoices):
    OFF = "OFF", _("day off")
    WORKING = "WORKING", _("working day")


class HolidayQuerySet(models.QuerySet):
    def calendar(self, first=None, last=None):
        """The working days between two dates, or of all times: one query."""
        days = self
        if first:
            days = days.filter(on__gte=first)
        if last:
            days = days.filter(on__lte=last)
        kinds = dict(days.values_list("on", "kind"))
        return Calendar(
            off=frozenset(on for on, kind in kinds.items() if kind == HolidayKind.OFF),
            working=frozenset(on for on, kind in kinds.items() if kind == HolidayKind.WORKING),
        )

    def narrowed(self, *, q="", kind="", year=None):
        found = self.filter(name__contains=q) if q else self
        if kind:
            found = found.filter(kind=kind)
        return found.filter(on__year=year) if year else found

    def for_list(self):
        return self.order_by("-on")


class Holiday(models.Model):
    """A day off, or a weekend day worked instead; editable, imported yearly."""

    Kind = HolidayKind

    on = models.DateField(_("date"), unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=40)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        constraints = [known("kind", HolidayKind, name="holiday_kind_known")]

    def __str__(self):
        return f"{self.on} {self.name}"


class Purpose(models.TextChoices):
    """Why somebody looked at a full ID number, account or phone."""

    REVIEW = "REVIEW", _("to review the application")
    VISIT = "VISIT", _("to visit the household")
    PAYMENT = "PAYMENT", _("to pay or to check an account")
    CORRECTION = "CORRECTION", _("to correct a mistake in the file")
    AUDIT = "AUDIT", _("for the audit")
    REQUEST = "REQUEST", _("at the request of the person")
    REPORT = "REPORT", _("to report to the upper union")


class DisclosureQuerySet(AppendOnlyQuerySet):
    def visible_to(self, actor):
        """Auditors and administrators see who looked at what in their company."""
        return self.filter(company__in=actor.companies(Role.AUDITOR, Role.ADMIN))

    def about(self, person_id):
        """Who looked at the data of one person."""
        return self.filter(subject=DisclosureSubject.PERSON, subject_pk=person_id)

    def narrowed(self, *, q="", purpose="", since=None, until=None):
        """By the name of who looked, by purpose, and from and up to a day."""
        found = self.filter(by__name__contains=q) if q else self
        if purpose:
            found = found.filter(purpose=purpose)
        if since:
            found = found.filter(at__date__gte=since)
        return found.filter(at__date__lte=until) if until else found

    def for_list(self):
        """With the name of the person looked at, where it was a person."""
        person = Person.objects.filter(pk=models.OuterRef("subject_pk")).values("name")
        name = models.Case(
            models.When(subject=DisclosureSubject.PERSON, then=models.Subquery(person)),
            default=models.Value(""),
        )
        return self.select_related("by").annotate(person_name=name).order_by("-at", "-pk")


class DisclosureSubject(models.TextChoices):
    PERSON = "PERSON", _("person")
    HOUSEHOLD = "HOUSEHOLD", _("household")
    CASE = "CASE", _("case")
    DOCUMENT = "DOCUMENT", _("document")
    PAYMENTS = "PAYMENTS", _("payment list")
    EXPORT = "EXPORT", _("export")


SHOWN = {
    "id_number": _("ID number"),
    "account": _("account number"),
    "phone": _("phone"),
    "bank_file": _("bank file"),
}


class Disclosure(AppendOnly):
    """Who saw which personal data, why and when (sealed)."""

    Subject = DisclosureSubject

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    subject = models.CharField(max_length=20, choices=Subject)
    subject_pk = models.BigIntegerField()
    fields = models.CharField(max_length=200)
    purpose = models.CharField(max_length=20, choices=Purpose)

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        constraints = [
            known("subject", DisclosureSubject, name="disclosure_subject_known"),
            known("purpose", Purpose, name="disclosure_purpose_known"),
        ]
        indexes = [
            models.Index(fields=["company", "-at", "-id"], name="disclosure_newest"),
            models.Index(fields=["subject", "subject_pk"], name="disclosure_subject"),
        ]

    def __str__(self):
        return f"{self.get_subject_display()} {self.subject_pk}"

    def field_labels(self):
        """What was shown, in words; a column without words of its own by its name."""
        return [SHOWN.get(name, name) for name in self.fields.split(",")]


class RosterImportStatus(models.TextChoices):
    CHECKED = "CHECKED", _("checked, not yet imported")
    REFUSED = "REFUSED", _("has mistakes")
    RUNNING = "RUNNING", _("being imported")
    DONE = "DONE", _("imported")


class ImportQuerySet(models.QuerySet):
    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)

    def for_list(self):
        return self.select_related("uploaded_by").order_by("-uploaded_at", "-pk")


class Import(models.Model):
    """One uploaded workbook: checked first, then run once; the same file twice adds nothing.

    Until it runs, `added`, `changed` and `unchanged` say what it would do. The file holds personal
    data: it is thrown away when it has been imported or refused.
    """

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    file = models.FileField(upload_to="imports/", blank=True)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def __str__(self):
        return self.file_name

    def problem_list(self, language):
        """(row, column, sentence) of each problem in one of the languages of the program; with
        the sheet before them where there are several."""
        return [
            (*([found["sheet"]] if "sheet" in found else []), found["row"], found["column"],
             found["words"].get(language, ""))
            for found in self.problems
        ]  # fmt: skip

    def earlier(self):
        """The finished import of the same file, or None. One query."""
        same = type(self).objects.filter(
            company_id=self.company_id, sha256=self.sha256, status="DONE"
        )
        return same.exclude(pk=self.pk).order_by("-finished_at", "-pk").first()


def import_constraints(name, statuses):
    """The constraints of every import; `statuses` hold RUNNING and DONE at least."""
    return [
        known("status", statuses, name=f"{name}_status_known"),
        iff(Q(status="DONE"), "finished_at", name=f"{name}_done_has_moment"),
        all_or_none("confirmed_at", "confirmed_by", name=f"{name}_confirmation_complete"),
        models.CheckConstraint(
            condition=~Q(status__in=["RUNNING", "DONE"]) | Q(confirmed_at__isnull=False),
            name=f"{name}_runs_when_confirmed",
        ),
        models.CheckConstraint(condition=Q(done__lte=F("rows")), name=f"{name}_done_within_rows"),
        models.UniqueConstraint(
            fields=["company"], condition=Q(status="RUNNING"), name=f"{name}_one_running"
        ),
    ]


class RosterImportQuerySet(ImportQuerySet):
    def visible_to(self, actor):
        """Those who may import a roster see every import of their company."""
        return self.filter(company__in=actor.companies(Role.ADMIN, Role.COMPANY_OFFICER))


class RosterImport(Import):
    """One uploaded staff roster."""

    Status = RosterImportStatus

    status = models.CharField(max_length=20, choices=Status)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        constraints = import_constraints("roster_import", RosterImportStatus)
        indexes = [
            models.Index(fields=["company", "-uploaded_at", "-id"], name="roster_import_newest")
        ]

    def get_absolute_url(self):
        return reverse("people:import_detail", args=[self.pk])
