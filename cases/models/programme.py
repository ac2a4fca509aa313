"""What the special programmes ask beyond the case: tuition aid (金秋助学) and medical aid."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from base.constraints import known
from base.crypto import EncryptedTextField
from base.guards import Refusal
from cases.codes import Health, SchoolLevel
from cases.models.case import Case
from cases.models.dossier import Member
from people.models import Unit

_ENDED_BY_CASE = (
    "NEW.ended AND NOT EXISTS (SELECT 1 FROM cases_case k WHERE k.id = NEW.case_id"
    " AND k.status IN ('DECLINED', 'WITHDRAWN'))"
)
_SAME_BILLS = (
    "NOT NEW.ended AND EXISTS (SELECT 1 FROM cases_medicalform m WHERE m.case_id <> NEW.case_id"
    " AND m.company_id = NEW.company_id AND m.patient_index = NEW.patient_index AND NOT m.ended"
    " AND m.bills_from <= NEW.bills_until AND NEW.bills_from <= m.bills_until)"
)


class TuitionForm(models.Model):
    """The student and the school of one application for tuition aid.

    `student_index` is the blind index of the student's ID number: once a school year for each
    student in the company, in whichever household. `ended` follows the case: one declined or
    withdrawn stands in nobody's way.
    """

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="tuition"
    )
    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    student = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("student")
    )
    student_index = models.CharField(max_length=64)
    school_year = models.PositiveSmallIntegerField(_("school year"))  # 2026: 2026/27
    fresh = models.BooleanField(_("admitted this year"))
    exam_score = models.PositiveSmallIntegerField(_("entrance exam score"), null=True, blank=True)
    level = models.CharField(_("level of the school"), max_length=20, choices=SchoolLevel)
    school = models.CharField(_("school"), max_length=100)
    major = models.CharField(_("major"), max_length=60, blank=True, default="")
    admission = models.CharField(_("admission batch"), max_length=30, blank=True, default="")
    course_years = models.PositiveSmallIntegerField(_("years of the course"))
    admitted_on = models.DateField(_("admitted on"))
    graduates_on = models.DateField(_("graduates on"))
    tuition_fen = models.BigIntegerField(_("tuition and fees a year"))
    loan = models.BooleanField(_("student loan"))
    loan_fen = models.BigIntegerField(_("student loan a year"), default=0)
    other_aid_fen = models.BigIntegerField(_("other schooling aid"), default=0)
    promise = models.BooleanField(_("promise: not helped for the same by others"), default=False)
    ended = models.BooleanField(default=False)

    class Meta:
        constraints = [
            known("level", SchoolLevel, name="tuition_level_known"),
            models.CheckConstraint(
                condition=~Q(level__in=["", "COMPULSORY"]), name="tuition_beyond_compulsory"
            ),
            models.UniqueConstraint(
                fields=["company", "student_index", "school_year"],
                condition=Q(ended=False),
                name="tuition_once_a_year",
            ),
            models.CheckConstraint(
                condition=Q(tuition_fen__gt=0, other_aid_fen__gte=0)
                & Q(other_aid_fen__lte=F("tuition_fen")),
                name="tuition_aid_within_cost",
            ),
            models.CheckConstraint(
                condition=Q(loan=True, loan_fen__gt=0) | Q(loan=False, loan_fen=0),
                name="tuition_loan_has_amount",
            ),
            models.CheckConstraint(
                condition=Q(graduates_on__gt=F("admitted_on")), name="tuition_graduates_later"
            ),
            models.CheckConstraint(
                condition=Q(course_years__gte=1, course_years__lte=10),
                name="tuition_course_years_in_range",
            ),
        ]

    refusals = (
        Refusal(
            "ended_by_case",
            _ENDED_BY_CASE,
            "the form of an application that runs keeps its place",
            ("INSERT", "UPDATE"),
        ),
    )

    def __str__(self):
        return f"{self.school_year}/{(self.school_year + 1) % 100:02d} {self.school}"

    @property
    def year_words(self):
        """2026: 2026/27."""
        return f"{self.school_year}/{(self.school_year + 1) % 100:02d}"


class MedicalForm(models.Model):
    """The patient's illness and bills of one application for medical aid.

    The bill periods of one patient never overlap, so that no receipt is used twice; the patient
    is told by the blind index of the ID number. `ended` follows the case.
    """

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, primary_key=True, related_name="medical"
    )
    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("patient")
    )
    patient_index = models.CharField(max_length=64)
    illness = models.CharField(_("illness"), max_length=20, choices=Health)
    stays = models.PositiveSmallIntegerField(_("number of hospital stays"))
    hospital = EncryptedTextField(_("hospital"))
    bills_from = models.DateField(_("bills from"))
    bills_until = models.DateField(_("bills until"))
    total_fen = models.BigIntegerField(_("all bills together"))
    insurance_fen = models.BigIntegerField(_("paid by insurance"), default=0)
    social_aid_fen = models.BigIntegerField(_("social aid"), default=0)
    unit_aid_fen = models.BigIntegerField(_("aid by the unit"), default=0)
    treatment = EncryptedTextField(_("stays and further treatment"), blank=True, default="")
    promise = models.BooleanField(_("promise: no receipt is used twice"), default=False)
    ended = models.BooleanField(default=False)

    class Meta:
        constraints = [
            known("illness", Health, name="medical_illness_known"),
            models.CheckConstraint(condition=~Q(illness="GOOD"), name="medical_somebody_ill"),
            models.CheckConstraint(
                condition=Q(bills_until__gte=F("bills_from")), name="medical_bills_in_order"
            ),
            models.CheckConstraint(
                condition=Q(
                    total_fen__gt=0, insurance_fen__gte=0, social_aid_fen__gte=0,
                    unit_aid_fen__gte=0,
                )
                & Q(total_fen__gte=F("insurance_fen") + F("social_aid_fen") + F("unit_aid_fen")),
                name="medical_aid_within_bills",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["company", "patient_index", "bills_from"], name="medical_bills")
        ]

    refusals = (
        Refusal(
            "ended_by_case",
            _ENDED_BY_CASE,
            "the form of an application that runs keeps its bills",
            ("INSERT", "UPDATE"),
        ),
        Refusal(
            "same_bills",
            _SAME_BILLS,
            "bills of this patient and period are used already",
            ("INSERT", "UPDATE"),
        ),
    )

    def __str__(self):
        return f"{self.bills_from} - {self.bills_until}"

    @property
    def reimbursed_fen(self):
        """What others paid of the bills."""
        return self.insurance_fen + self.social_aid_fen + self.unit_aid_fen
