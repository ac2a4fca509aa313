"""One household, one card (fact 2.6): dossier, members, expenses, gates, and sealed revisions."""

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Replace
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly
from base.constraints import all_or_none, iff, known
from base.crypto import EncryptedTextField
from base.guards import Refusal
from cases.codes import Category, Cause, ExpenseKind, Gate, Health, Level, Occupation, SchoolLevel
from cases.form_codes import (
    ContractTerm,
    DisabilityGrade,
    DisabilityKind,
    DossierKind,
    Education,
    EmployerKind,
    EmployerState,
    Ethnicity,
    Housing,
    Hukou,
    Industry,
    Insurance,
    KeyGroup,
    Marital,
    Measure,
    ModelWorker,
    Political,
    Standard,
    WorkState,
)
from cases.models.coverage import CoverageQuerySet
from people.models import Person, Relation, Sex, Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL

READERS = (
    Role.COMPANY_OFFICER, Role.COMPANY_CHAIR, Role.AUDITOR,
)  # fmt: skip


class Basis(models.TextChoices):
    """How a fact is known."""

    DECLARED = "DECLARED", _("self-reported")
    DOCUMENTED = "DOCUMENTED", _("documented")
    VISITED = "VISITED", _("seen on the visit")
    MATCHED = "MATCHED", _("matched with data")
    CONFLICTING = "CONFLICTING", _("conflicting")


CHECKED = (Basis.DOCUMENTED, Basis.VISITED, Basis.MATCHED)


def coded(label, choices):
    """A column for a code list of the card, empty until somebody fills it in."""
    return models.CharField(label, max_length=20, choices=choices, blank=True, default="")


def how_known(label):
    """A column that says how a fact is known."""
    return models.CharField(label, max_length=20, choices=Basis, default=Basis.DECLARED)


def proof():
    """The document by which a fact is known."""
    return models.ForeignKey(
        "cases.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )


def proven(basis, document, *verified, owner="dossier_id"):
    """Two refusals for one fact: whoever calls it documented names a document of this household.

    Rows marked before the rule stood here stay as they are until the mark changes.
    """
    unproven = (
        f"NEW.{basis} = '{Basis.DOCUMENTED}' AND NOT EXISTS (SELECT 1 FROM cases_document d"
        f" WHERE d.id = NEW.{document}_id AND d.dossier_id = NEW.{owner})"
    )
    columns = (basis, f"{document}_id", *verified)
    marked = " OR ".join(
        f"NEW.{name} <> OLD.{name} OR (NEW.{name} IS NULL) <> (OLD.{name} IS NULL)"
        for name in columns
    )
    message = f"{basis} documented needs a document of this household"
    return (
        Refusal(name=f"{basis}_new", when=unproven, message=message),
        Refusal(
            name=f"{basis}_set", when=f"{unproven} AND ({marked})", message=message, on=("UPDATE",)
        ),
    )


class SubsistenceLine(models.Model):
    """The subsistence line (低保线) of a place from a day on, in fen a person a month."""

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(_("place"), max_length=60)
    since = models.DateField(_("since"))
    monthly_fen = models.BigIntegerField(_("monthly amount"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(monthly_fen__gt=0), name="line_positive"),
            models.UniqueConstraint(fields=["company", "since"], name="line_once_a_day"),
        ]

    def __str__(self):
        return f"{self.place} {self.since}"


class DossierQuerySet(CoverageQuerySet):
    def visible_to(self, actor):
        """Grassroots officers see their unit, company officers and auditors their company,
        an employee their own household."""
        return self.filter(
            Q(head=actor.person_id)
            | Q(entered_by=actor.user_id, status=Dossier.Status.PENDING)
            | Q(unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(company__in=actor.companies(*READERS))
        )

    def active(self):
        return self.filter(status=Dossier.Status.ACTIVE)

    def valid_on(self, on):
        """On file, with no re-check overdue on a day: these get a regular subsidy."""
        return self.active().filter(review_due_on__gte=on)

    def matching(self, text):
        """A part of the head's name, the beginning of its pinyin or of the dossier's number."""
        sound = Replace("head__name_pinyin", Value(" "), Value(""))
        return self.alias(sound=sound).filter(
            Q(head__name__contains=text)
            | Q(sound__startswith=text.lower().replace(" ", ""))
            | Q(number__startswith=text)
        )

    def narrowed(self, *, q="", status="", unit=None, standing="", level="", cause="", due_by=None):
        """By text (see `matching`), and by the columns of the register; `due_by`: on file with a
        re-check due before this day."""
        found = self.matching(q) if q else self
        same = {
            "status": status, "unit": unit, "head__standing": standing, "level": level,
            "main_cause": cause,
        }  # fmt: skip
        found = found.filter(**{name: value for name, value in same.items() if value})
        return found.active().filter(review_due_on__lt=due_by) if due_by else found

    def reportable_by(self, actor):
        """The household they head, and those of the units whose changes they report."""
        field = (Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR)
        return self.filter(
            Q(head=actor.person_id)
            | Q(unit__in=actor.units(*field))
            | Q(company__in=actor.companies(Role.COMPANY_OFFICER))
        )

    def past_retention(self, before):
        """Closed before a day: {company: day}. Nothing of them is erased for that."""
        found = Q(pk__in=[])
        for company, day in before.items():
            found |= Q(company=company, closed_on__lt=day)
        return self.filter(found, closed_on__isnull=False)

    def open_of(self, person_id):
        """The household a person heads, applied for or on file: one row or none."""
        open_ones = [Dossier.Status.PENDING, Dossier.Status.ACTIVE]
        return self.filter(head=person_id, status__in=open_ones)

    def for_list(self):
        """Everything a row of the register reads: persons, the net monthly income a head of the
        latest assessment, the latest help paid."""
        here = {"dossier": OuterRef("pk")}
        members = Member.objects.filter(**here, left_on=None).order_by().values("dossier")
        judged = apps.get_model("cases", "Assessment").objects.filter(
            revision__dossier=OuterRef("pk")
        )
        paid = apps.get_model("cases", "Case").objects.filter(**here, status="PAID")
        helped = paid.order_by("-status_at", "-pk")
        return self.select_related("head", "unit").annotate(
            persons=Subquery(members.annotate(size=Count("pk")).values("size")),
            net_income_fen=Subquery(judged.order_by("-pk").values("net_income_fen")[:1]),
            helped_at=Subquery(helped.values("status_at")[:1]),
            helped_fen=Subquery(helped.values("granted_fen")[:1]),
        )

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class DossierStatus(models.TextChoices):
    PENDING = "PENDING", _("applied for")
    ACTIVE = "ACTIVE", _("on file")
    EXITED = "EXITED", _("exited")
    CANCELLED = "CANCELLED", _("cancelled")


class DossierExitReason(models.TextChoices):
    RECOVERED = "RECOVERED", _("recovered from hardship")
    DIED = "DIED", _("died")
    TRANSFERRED = "TRANSFERRED", _("transferred")
    DUPLICATE = "DUPLICATE", _("duplicate")
    FALSE = "FALSE", _("false statements")
    WISH = "WISH", _("at own wish")
    NOT_RECOGNISED = "NOT_RECOGNISED", _("not recognised")


class Dossier(models.Model):
    """One household on file. Its head is a Person; the head is also a Member (relation SELF).

    What is said of a person stands with the member, the head's too; here stands what belongs to
    the household, and what the form asks of the head alone.
    """

    Status = DossierStatus

    ExitReason = DossierExitReason

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="dossiers", verbose_name=_("grassroots union")
    )
    number = models.CharField(_("dossier number"), max_length=30)
    head = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        related_name="dossiers",
        verbose_name=_("head of household"),
    )
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.PENDING)
    category = models.CharField(_("class"), max_length=20, choices=Category, blank=True, default="")
    level = models.CharField(
        _("company level"), max_length=20, choices=Level, blank=True, default=""
    )
    main_cause = models.CharField(
        _("main cause"), max_length=20, choices=Cause, blank=True, default=""
    )
    side_causes = models.JSONField(_("side causes"), default=list, blank=True)
    other_income_fen = models.BigIntegerField(_("other income in twelve months"), default=0)
    verified_other_income_fen = models.BigIntegerField(
        _("verified other income in twelve months"), null=True, blank=True
    )
    other_income_basis = how_known(_("how the other income is known"))
    other_income_document = proof()
    kind = models.CharField(
        _("kind of dossier"), max_length=20, choices=DossierKind, default=DossierKind.HARDSHIP
    )
    standard = models.CharField(
        _("standard of the dossier"), max_length=20, choices=Standard, default=Standard.GRASSROOTS
    )
    address = EncryptedTextField(_("address"), blank=True, default="")
    address_index = models.CharField(max_length=64, blank=True, default="")
    postcode = models.CharField(_("postcode"), max_length=6, blank=True, default="")
    hukou_place = models.CharField(
        _("place of household registration"), max_length=100, blank=True, default=""
    )
    other_contact = EncryptedTextField(_("other contact"), blank=True, default="")
    housing = coded(_("housing"), Housing)
    floor_area = models.PositiveSmallIntegerField(_("floor area (m²)"), null=True, blank=True)
    homes = models.PositiveSmallIntegerField(_("number of homes"), null=True, blank=True)
    vehicles = models.PositiveSmallIntegerField(_("number of vehicles"), null=True, blank=True)
    property_note = EncryptedTextField(_("other property"), blank=True, default="")
    single_parent = models.BooleanField(_("single parent"), null=True, blank=True)
    union_member = models.BooleanField(_("union member"), null=True, blank=True)
    union_card = models.CharField(_("union card number"), max_length=30, blank=True, default="")
    on_allowance = models.BooleanField(_("on subsistence allowance"), null=True, blank=True)
    allowance_fen = models.BigIntegerField(
        _("subsistence allowance a month"), null=True, blank=True
    )
    allowance_number = EncryptedTextField(
        _("subsistence allowance certificate"), blank=True, default=""
    )
    self_help = models.BooleanField(_("able to help itself in part"), null=True, blank=True)
    help_received = EncryptedTextField(_("help received now"), blank=True, default="")
    honours = models.CharField(_("honours"), max_length=200, blank=True, default="")
    industry = coded(_("industry"), Industry)
    began_work_on = models.DateField(_("began work on"), null=True, blank=True)
    key_group = coded(_("group of the national campaign"), KeyGroup)
    measure = coded(_("way out of hardship"), Measure)
    relieved_on = models.DateField(_("relieved or recovered on"), null=True, blank=True)
    story = EncryptedTextField(_("in the household's own words"), blank=True, default="")
    edit = models.PositiveIntegerField(default=0)  # counts the changes of facts
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    opened_on = models.DateField(_("on file since"), null=True)
    review_due_on = models.DateField(_("next re-check"), null=True)
    last_visited_on = models.DateField(_("last visit"), null=True)
    visit_from_on = models.GeneratedField(  # from when the time to the next visit runs
        expression=Coalesce("last_visited_on", "opened_on"),
        output_field=models.DateField(null=True),
        db_persist=True,
    )
    closed_on = models.DateField(_("closed on"), null=True)
    exit_reason = models.CharField(
        _("reason of exit"), max_length=20, choices=ExitReason, blank=True, default=""
    )

    objects = DossierQuerySet.as_manager()

    refusals = proven(
        "other_income_basis", "other_income_document", "verified_other_income_fen", owner="id"
    )

    class Meta:
        constraints = [
            known("status", DossierStatus, name="dossier_status_known"),
            known("category", Category, name="dossier_category_known", blank=True),
            known("level", Level, name="dossier_level_known", blank=True),
            known("main_cause", Cause, name="dossier_main_cause_known", blank=True),
            known("exit_reason", DossierExitReason, name="dossier_exit_reason_known", blank=True),
            known("kind", DossierKind, name="dossier_kind_known"),
            known("standard", Standard, name="dossier_standard_known"),
            known("housing", Housing, name="dossier_housing_known", blank=True),
            known("industry", Industry, name="dossier_industry_known", blank=True),
            known("key_group", KeyGroup, name="dossier_key_group_known", blank=True),
            known("measure", Measure, name="dossier_measure_known", blank=True),
            known("other_income_basis", Basis, name="dossier_other_income_basis_known"),
            models.UniqueConstraint(fields=["company", "number"], name="dossier_number_once"),
            models.UniqueConstraint(
                fields=["head"],
                condition=Q(status__in=["PENDING", "ACTIVE"]),
                name="dossier_one_open_per_head",
            ),
            models.CheckConstraint(
                condition=~Q(status="ACTIVE")
                | Q(opened_on__isnull=False, review_due_on__isnull=False)
                & ~Q(category="")
                & ~Q(level="")
                & ~Q(main_cause=""),
                name="dossier_active_is_complete",
            ),
            iff(Q(status__in=["EXITED", "CANCELLED"]), "closed_on", name="dossier_closed_has_day"),
            models.CheckConstraint(
                condition=Q(status__in=["EXITED", "CANCELLED"]) & ~Q(exit_reason="")
                | ~Q(status__in=["EXITED", "CANCELLED"]) & Q(exit_reason=""),
                name="dossier_closed_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(other_income_fen__gte=0)
                & (Q(verified_other_income_fen=None) | Q(verified_other_income_fen__gte=0)),
                name="dossier_other_income_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(allowance_fen=None)
                | Q(allowance_fen__gte=0, on_allowance__isnull=False, on_allowance=True),
                name="dossier_allowance_when_on_it",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "status", "number"], name="dossier_company_number"),
            models.Index(fields=["unit", "status", "number"], name="dossier_unit_number"),
            models.Index(fields=["company", "status", "review_due_on"], name="dossier_review_due"),
            models.Index(
                fields=["company", "status", "visit_from_on", "id"], name="dossier_company_visit"
            ),
            models.Index(
                fields=["unit", "status", "visit_from_on", "id"], name="dossier_unit_visit"
            ),
            models.Index(fields=["company", "closed_on", "id"], name="dossier_closed_long"),
            models.Index(
                fields=["company", "address_index"],
                condition=~Q(address_index=""),
                name="dossier_same_address",
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("cases:dossier_detail", args=[self.pk])

    @property
    def counted_other_income_fen(self):
        """The other income that counts: the verified one when there is one."""
        if self.verified_other_income_fen is None:
            return self.other_income_fen
        return self.verified_other_income_fen


class Member(models.Model):
    """Somebody of the household. `active` follows the dossier: one ID number in one active
    household, by constraint (invariant IP5).

    Three facts are judged: income, health and work. Each stands as declared, beside it as
    verified (None where nothing else was found), how it is known and by which document.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="members")
    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    relation = models.CharField(_("relation"), max_length=20, choices=Relation)
    name = models.CharField(_("name"), max_length=60)
    sex = models.CharField(_("sex"), max_length=10, choices=Sex)
    born_on = models.DateField(_("date of birth"))
    id_number = EncryptedTextField(_("ID number"))
    id_index = models.CharField(max_length=64)
    active = models.BooleanField(default=False)
    left_on = models.DateField(_("left the household on"), null=True, blank=True)
    occupation = models.CharField(_("occupation"), max_length=20, choices=Occupation)
    workplace = models.CharField(_("workplace or school"), max_length=100, blank=True, default="")
    school_level = models.CharField(
        _("stage of schooling"), max_length=20, choices=SchoolLevel, blank=True, default=""
    )
    work_state = coded(_("state of work"), WorkState)
    post = models.CharField(_("post"), max_length=60, blank=True, default="")
    employer_kind = coded(_("kind of employer"), EmployerKind)
    employer_state = coded(_("state of the employer"), EmployerState)
    contract_on = models.DateField(_("contract or service since"), null=True, blank=True)
    contract_term = coded(_("term of contract"), ContractTerm)
    school_since = models.PositiveSmallIntegerField(
        _("year of starting school"), null=True, blank=True
    )
    school_years = models.PositiveSmallIntegerField(_("years of the course"), null=True, blank=True)
    verified_occupation = coded(_("verified occupation"), Occupation)
    work_basis = how_known(_("how the work is known"))
    work_document = proof()
    health = models.CharField(_("health"), max_length=20, choices=Health, default=Health.GOOD)
    ill_this_year = models.BooleanField(_("ill this year"), default=False)
    disability_kind = coded(_("kind of disability"), DisabilityKind)
    disability_grade = coded(_("grade of disability"), DisabilityGrade)
    verified_health = coded(_("verified health"), Health)
    verified_ill_this_year = models.BooleanField(_("verified: ill this year"), null=True)
    health_basis = how_known(_("how the health is known"))
    health_document = proof()
    monthly_income_fen = models.BigIntegerField(_("monthly income"), default=0)
    verified_income_fen = models.BigIntegerField(
        _("verified monthly income"), null=True, blank=True
    )
    income_basis = how_known(_("how the income is known"))
    income_document = proof()
    ethnicity = coded(_("ethnic group"), Ethnicity)
    political = coded(_("political status"), Political)
    marital = coded(_("marital status"), Marital)
    education = coded(_("education"), Education)
    hukou = coded(_("kind of household registration"), Hukou)
    insurance = coded(_("medical insurance"), Insurance)
    model_worker = coded(_("model worker"), ModelWorker)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    phone_index = models.CharField(max_length=64, blank=True, default="")
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    refusals = (
        *proven("income_basis", "income_document", "verified_income_fen"),
        *proven("work_basis", "work_document", "verified_occupation"),
        *proven("health_basis", "health_document", "verified_health", "verified_ill_this_year"),
    )

    class Meta:
        constraints = [
            known("relation", Relation, name="member_relation_known"),
            known("sex", Sex, name="member_sex_known"),
            known("occupation", Occupation, name="member_occupation_known"),
            known("school_level", SchoolLevel, name="member_school_level_known"),
            known("health", Health, name="member_health_known"),
            known("health_basis", Basis, name="member_health_basis_known"),
            known("income_basis", Basis, name="member_income_basis_known"),
            known("work_basis", Basis, name="member_work_basis_known"),
            known(
                "verified_occupation",
                Occupation,
                name="member_verified_occupation_known",
                blank=True,
            ),
            known("verified_health", Health, name="member_verified_health_known", blank=True),
            known("work_state", WorkState, name="member_work_state_known", blank=True),
            known("employer_kind", EmployerKind, name="member_employer_kind_known", blank=True),
            known("employer_state", EmployerState, name="member_employer_state_known", blank=True),
            known("contract_term", ContractTerm, name="member_contract_term_known", blank=True),
            known(
                "disability_kind", DisabilityKind, name="member_disability_kind_known", blank=True
            ),
            known(
                "disability_grade",
                DisabilityGrade,
                name="member_disability_grade_known",
                blank=True,
            ),
            known("ethnicity", Ethnicity, name="member_ethnicity_known", blank=True),
            known("political", Political, name="member_political_known", blank=True),
            known("marital", Marital, name="member_marital_known", blank=True),
            known("education", Education, name="member_education_known", blank=True),
            known("hukou", Hukou, name="member_hukou_known", blank=True),
            known("insurance", Insurance, name="member_insurance_known", blank=True),
            known("model_worker", ModelWorker, name="member_model_worker_known", blank=True),
            models.UniqueConstraint(
                fields=["company", "id_index"],
                condition=Q(active=True),
                name="member_one_active_household",
            ),
            models.UniqueConstraint(
                fields=["dossier", "id_index"], name="member_once_per_household"
            ),
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(relation="SELF"), name="member_one_head"
            ),
            models.CheckConstraint(
                condition=Q(monthly_income_fen__gte=0)
                & (Q(verified_income_fen=None) | Q(verified_income_fen__gte=0)),
                name="member_income_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["id_index"], name="member_id_index"),
            models.Index(
                fields=["company", "phone_index"],
                condition=~Q(phone_index=""),
                name="member_same_phone",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def income_fen(self):
        """The income that counts: the verified one when there is one."""
        return (
            self.monthly_income_fen
            if self.verified_income_fen is None
            else self.verified_income_fen
        )

    @property
    def counted_health(self):
        """The health that counts: the verified one when there is one."""
        return self.verified_health or self.health

    @property
    def counted_ill_this_year(self):
        """Whether the illness of this year counts: as verified, else as declared."""
        if self.verified_ill_this_year is None:
            return self.ill_this_year
        return self.verified_ill_this_year

    @property
    def counted_occupation(self):
        """The occupation that counts: the verified one when there is one."""
        return self.verified_occupation or self.occupation


class Supporter(models.Model):
    """Somebody with a duty of support who lives apart (赡养人), such as a working child. No member
    of the household: what they give is other income of it."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="supporters")
    relation = models.CharField(_("relation"), max_length=20, choices=Relation)
    name = models.CharField(_("name"), max_length=60)
    phone = EncryptedTextField(_("phone"), blank=True, default="")
    workplace = models.CharField(_("workplace"), max_length=100, blank=True, default="")
    monthly_fen = models.BigIntegerField(_("support a month"), default=0)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    left_on = models.DateField(_("no longer since"), null=True)

    class Meta:
        constraints = [
            known("relation", Relation, name="supporter_relation_known"),
            models.CheckConstraint(
                condition=Q(monthly_fen__gte=0), name="supporter_amount_not_negative"
            ),
        ]

    def __str__(self):
        return self.name


class Expense(models.Model):
    """An unavoidable expense of the last twelve months, with what was reimbursed of it."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="expenses")
    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        related_name="expenses",
        null=True,
        blank=True,
        verbose_name=_("for whom"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=ExpenseKind)
    spent_on = models.DateField(_("date"))
    gross_fen = models.BigIntegerField(_("amount spent"))
    reimbursed_fen = models.BigIntegerField(_("of it reimbursed"), default=0)
    verified_net_fen = models.BigIntegerField(_("verified net amount"), null=True, blank=True)
    vouchers = models.PositiveSmallIntegerField(_("number of vouchers"), default=0)
    basis = how_known(_("how it is known"))
    document = proof()
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    refusals = proven("basis", "document", "verified_net_fen")

    class Meta:
        constraints = [
            known("kind", ExpenseKind, name="expense_kind_known"),
            known("basis", Basis, name="expense_basis_known"),
            models.CheckConstraint(
                condition=Q(
                    gross_fen__gt=0, reimbursed_fen__gte=0, reimbursed_fen__lte=F("gross_fen")
                ),
                name="expense_reimbursed_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(verified_net_fen=None)
                | Q(verified_net_fen__gte=0, verified_net_fen__lte=F("gross_fen")),
                name="expense_verified_within_amount",
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    @property
    def net_fen(self):
        """What counts: the verified net amount, else spent less reimbursed."""
        if self.verified_net_fen is not None:
            return self.verified_net_fen
        return self.gross_fen - self.reimbursed_fen


class Asset(models.Model):
    """The answer to one gate question, declared and verified, with evidence, and the exception
    when one was minuted."""

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="assets")
    gate = models.CharField(_("question"), max_length=20, choices=Gate)
    present = models.BooleanField(_("answer"))
    evidence = models.CharField(_("evidence"), max_length=200, blank=True, default="")
    verified_present = models.BooleanField(_("verified answer"), null=True)
    basis = how_known(_("how it is known"))
    document = proof()
    exception = models.CharField(
        _("reason of an exception"), max_length=200, blank=True, default=""
    )
    excepted_at = models.DateTimeField(null=True)
    excepted_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    refusals = proven("basis", "document", "verified_present")

    class Meta:
        constraints = [
            known("gate", Gate, name="asset_gate_known"),
            known("basis", Basis, name="asset_basis_known"),
            models.UniqueConstraint(fields=["dossier", "gate"], name="asset_once_per_household"),
            all_or_none("excepted_at", "excepted_by", name="asset_exception_complete"),
            models.CheckConstraint(
                condition=Q(excepted_at=None, exception="")
                | Q(excepted_at__isnull=False) & ~Q(exception=""),
                name="asset_exception_has_reason",
            ),
            models.CheckConstraint(
                # NULL is neither true nor false, and a CHECK lets pass what is not false.
                condition=Q(excepted_at=None)
                | Q(verified_present__isnull=False, verified_present=True)
                | Q(verified_present=None, present=True),
                name="asset_exception_to_a_yes",
            ),
        ]

    def __str__(self):
        return self.get_gate_display()

    @property
    def counted_present(self):
        """The answer that counts: the verified one when there is one."""
        return self.present if self.verified_present is None else self.verified_present


class Revision(AppendOnly):
    """The household's facts as they stood (sealed): a digest of the canonical JSON kept beside it.

    `digest` is SHA-256 over salt and content, so that erasing the body leaves the proof whole.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("revision"))
    edit = models.PositiveIntegerField()  # the dossier's count of changes it was taken at
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dossier", "number"], name="revision_number_once")
        ]

    def __str__(self):
        return f"{self.dossier_id}/{self.number}"


class RevisionBody(models.Model):
    """The erasable half of a revision: its salt and its canonical JSON, encrypted."""

    revision = models.OneToOneField(
        Revision, on_delete=models.PROTECT, primary_key=True, related_name="body"
    )
    salt = models.CharField(max_length=32)
    content = EncryptedTextField()

    def __str__(self):
        return str(self.revision_id)
