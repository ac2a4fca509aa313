"""A case: one household, one programme, one decision; with its sealed steps and assessments."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.append_only import AppendOnly, AppendOnlyQuerySet
from base.constraints import all_or_none, known
from base.crypto import EncryptedTextField
from base.sets import These
from cases.codes import EMERGENCIES, Category, Event, Festival, Level, Question, ReturnReason
from cases.models.dossier import READERS, Dossier, Member, Revision
from cases.models.policy import Policy
from cases.models.visit import Visit
from cases.workflow import DECIDED, JUDGED, SEVERAL, STEPS, TURN, TURNS, Duty, Programme, Status
from people.models import Person, Unit
from people.roles import Role

BY = settings.AUTH_USER_MODEL


class CounterQuerySet(models.QuerySet):
    def take(self, company_id, key, count=1):
        """The first of `count` numbers in a row, never given twice; holds the row."""
        counter, _made = self.get_or_create(company_id=company_id, key=key)
        counter = self.select_for_update().get(pk=counter.pk)
        first = counter.last + 1
        self.filter(pk=counter.pk).update(last=counter.last + count)
        return first

    def dossier_numbers(self, company_id, year, count=1):
        """The next numbers of dossiers of a year."""
        first = self.take(company_id, f"dossier {year}", count)
        return [f"{year}-档-{n:04d}" for n in range(first, first + count)]

    def pass_dossier_number(self, company_id, year, last):
        """A dossier came with the number of this year that ends so: the next ones come after."""
        key = f"dossier {year}"
        counter, _made = self.get_or_create(company_id=company_id, key=key)
        self.filter(pk=counter.pk, last__lt=last).update(last=last)


class Counter(models.Model):
    """The last number given out in a series of a company, such as "case 2026 EMERGENCY"."""

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=60)
    last = models.PositiveIntegerField(default=0)

    objects = CounterQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "key"], name="counter_once")]

    def __str__(self):
        return f"{self.key}: {self.last}"


class RoundQuerySet(models.QuerySet):
    def visible_to(self, actor):
        return self.filter(company__in=actor.companies(*READERS))

    def for_list(self):
        return self.order_by("-opened_at", "-pk")

    def lock(self, pk):
        """Taken before a chunk of its cases is made."""
        return self.select_for_update(of=("self",)).get(pk=pk)


class RoundStatus(models.TextChoices):
    OPENING = "OPENING", _("Cases are being made")
    OPEN = "OPEN", _("Complete")


class Round(models.Model):
    """One campaign of the regular subsidy, such as "2027 Spring Festival" (fact 2.12).

    Its cases are made in chunks. While it is opening, `households` says how many there will be, and
    none of them goes on a list.
    """

    Status = RoundStatus

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="rounds")
    title = models.CharField(_("title"), max_length=60)
    year = models.PositiveSmallIntegerField(_("year"))
    festival = models.CharField(_("festival"), max_length=20, choices=Festival)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        _("status"), max_length=20, choices=RoundStatus, default=RoundStatus.OPEN
    )
    households = models.PositiveIntegerField(_("households"), default=0)

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [
            known("festival", Festival, name="round_festival_known"),
            known("status", RoundStatus, name="round_status_known"),
            models.UniqueConstraint(fields=["company", "year", "festival"], name="round_once"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cases:round_detail", args=[self.pk])


class AssessmentQuerySet(AppendOnlyQuerySet):
    def of_case(self, case):
        """Every judgement of one case, the first first: a case is judged again when its facts or
        the policy changed. Where several cases of a programme are open at a time only the one
        that counts, since the others cannot be told apart."""
        found = self.filter(
            revision__dossier=case.dossier_id, programme=case.programme,
            at__gte=case.entered_at, pk__lte=case.assessment_id,
        )  # fmt: skip
        if case.programme in SEVERAL:
            found = found.filter(pk=case.assessment_id)
        return found.order_by("pk")


class Assessment(AppendOnly):
    """A judgement of one revision under one policy (sealed): score, class, level, reference.

    `result` is canonical JSON of codes and whole numbers: every factor with value, how it is
    known, clause and points, and every step of the amount (invariant IP7).
    """

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="assessments")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    programme = models.CharField(max_length=20, choices=Programme)
    score = models.PositiveSmallIntegerField(_("need score"))
    category = models.CharField(_("class"), max_length=20, choices=Category, blank=True)
    level = models.CharField(_("company level"), max_length=20, choices=Level, blank=True)
    net_income_fen = models.BigIntegerField(_("net monthly income a head"))
    reference_fen = models.BigIntegerField(_("reference amount"))
    result = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            known("programme", Programme, name="assessment_programme_known"),
            known("category", Category, name="assessment_category_known", blank=True),
            known("level", Level, name="assessment_level_known", blank=True),
            models.CheckConstraint(condition=Q(score__lte=100), name="assessment_score_in_range"),
            models.CheckConstraint(
                condition=Q(reference_fen__gte=0), name="assessment_reference_not_negative"
            ),
        ]

    def __str__(self):
        return f"{self.score}"


class CaseQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Applicants see their own; grassroots officers their unit's; the company its own; the
        leadership what was tabled; cashier and accountant what was decided; the discipline
        inspection what was published."""
        company = Q(company__in=actor.companies(*READERS))
        tabled = Q(status__in=[Status.TABLED, *DECIDED, Status.DECLINED])
        return self.filter(
            Q(applicant=actor.person_id)
            | Q(entered_by=actor.user_id)
            | Q(unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | company
            | Q(company__in=actor.companies(Role.LEADER, Role.SECRETARY)) & tabled
            | Q(company__in=actor.companies(Role.CASHIER, Role.ACCOUNTANT))
            & Q(status__in=[Status.CLEARED, Status.PAID])
            | Q(company__in=actor.companies(Role.DISCIPLINE))
            & Q(status__in=[Status.PUBLISHED, Status.HELD, Status.CLEARED, Status.PAID])
        )

    def of_programme(self, programme):
        return self.filter(programme=programme)

    def waiting(self, *statuses):
        return self.filter(status__in=statuses)

    def narrowed(self, *, on, q="", status="", programme="", unit=None, turn="", overdue=False):
        """By number or name, status, programme, unit, whose turn it is, and overdue on a day."""
        found = self
        if q:
            found = found.filter(
                Q(number__startswith=q)
                | Q(applicant__name__contains=q)
                | Q(applicant__name_pinyin__startswith=q.lower())
            )
        if status:
            found = found.filter(status=status)
        if programme:
            found = found.filter(programme=programme)
        if unit:
            found = found.filter(unit=unit)
        if turn:
            found = found.filter(status__in=TURNS[turn])
        if turn == "CASHIER":
            found = found.exclude(programme=Programme.RECOGNITION)
        return found.filter(due_on__lt=on) if overdue else found

    def for_page(self):
        """Everything the page of one case and its papers read of the case itself."""
        return self.select_related(
            "applicant", "unit", "company", "dossier__head", "dossier__unit", "round", "patient",
            "revision", "assessment__policy", "visit", "entered_by", "tuition__student",
            "medical__patient",
        )  # fmt: skip

    def of_applicant(self, person_id):
        return self.filter(applicant=person_id)

    def drafts_for_others(self, actor):
        """What somebody entered on behalf of others and has not (or not finally) submitted."""
        own = self.filter(entered_by=actor.user_id, status__in=[Status.DRAFT, Status.RETURNED])
        return own.exclude(applicant=actor.person_id) if actor.person_id else own

    def under_way(self):
        """Not ended: a second application of the same kind must wait."""
        return self.exclude(
            status__in=[Status.CLEARED, Status.PAID, Status.DECLINED, Status.WITHDRAWN]
        )

    def in_the_way(self, programme):
        """Applications of a programme behind which a new one of the household must wait."""
        found = self.of_programme(programme).under_way()
        return found.filter(status=Status.DRAFT) if programme in SEVERAL else found

    def for_story(self):
        """Everything the page of an applicant tells of a case, in a fixed number of queries."""
        return self.select_related(
            "applicant", "unit", "dossier", "round", "assessment__policy"
        ).prefetch_related("steps__opinion", "notice_lines__notice", "assessment__policy__clauses")

    def for_list(self):
        """Everything a row of the list of cases reads."""
        return self.select_related("applicant", "unit", "dossier")

    def lock(self, pks):
        """These rows, by their keys or a query of keys, in one order by one statement, held until
        the end of the transaction."""
        asked = pks if isinstance(pks, models.QuerySet) else These(pks)
        return list(self.select_for_update(of=("self",)).filter(pk__in=asked).order_by("pk"))


class Case(models.Model):
    """Carries its status and four amounts in fen: asked, reference, proposed, granted."""

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="cases", verbose_name=_("grassroots union")
    )
    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="cases")
    applicant = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cases")
    programme = models.CharField(_("programme"), max_length=20, choices=Programme)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, null=True, related_name="cases")
    number = models.CharField(_("case number"), max_length=30)
    code = models.CharField(_("query code"), max_length=12, unique=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.DRAFT)
    status_at = models.DateTimeField()
    due_on = models.DateField(_("due"), null=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    # What is asked for. Emergency grants name an event; recognition asks for no money.
    event = models.CharField(_("event"), max_length=20, choices=Event, blank=True, default="")
    event_on = models.DateField(_("date of the event"), null=True, blank=True)
    patient = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("for whom"),
    )
    spent_fen = models.BigIntegerField(_("amount spent"), default=0)
    reimbursed_fen = models.BigIntegerField(_("of it reimbursed"), default=0)
    verified_net_fen = models.BigIntegerField(_("verified net amount"), null=True, blank=True)
    asked_fen = models.BigIntegerField(_("amount asked for"), null=True, blank=True)
    reason = EncryptedTextField(_("reason in own words"), blank=True, default="")
    true_statement = models.BooleanField(_("declaration signed"), default=False)
    may_verify = models.BooleanField(_("authorisation to verify signed"), default=False)
    may_publish = models.BooleanField(_("consent to publication signed"), default=False)

    # What it rests on and what came of it.
    revision = models.ForeignKey(
        Revision, on_delete=models.PROTECT, null=True, related_name="cases"
    )
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, null=True, related_name="cases"
    )
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, related_name="cases")
    no_visit_reason = models.CharField(
        _("reason for no visit"), max_length=200, blank=True, default=""
    )
    category = models.CharField(_("class"), max_length=20, choices=Category, blank=True, default="")
    level = models.CharField(
        _("company level"), max_length=20, choices=Level, blank=True, default=""
    )
    reference_fen = models.BigIntegerField(_("reference amount"), null=True)
    proposed_fen = models.BigIntegerField(_("proposed amount"), null=True)
    deviation_reason = models.CharField(
        _("reason for deviation"), max_length=200, blank=True, default=""
    )
    granted_fen = models.BigIntegerField(_("decided amount"), null=True)
    open_objections = models.PositiveSmallIntegerField(default=0)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            known("programme", Programme, name="case_programme_known"),
            known("status", Status, name="case_status_known"),
            known("event", Event, name="case_event_known", blank=True),
            known("category", Category, name="case_category_known", blank=True),
            known("level", Level, name="case_level_known", blank=True),
            models.CheckConstraint(
                condition=~Q(status__in=JUDGED)
                | ~Q(programme="RECOGNITION")
                | ~Q(category="") & ~Q(level=""),
                name="case_recognised_has_class",
            ),
            models.UniqueConstraint(fields=["company", "number"], name="case_number_once"),
            models.UniqueConstraint(
                fields=["round", "dossier"],
                condition=Q(round__isnull=False),
                name="case_once_per_round",
            ),
            models.UniqueConstraint(
                fields=["dossier", "programme"],
                condition=~Q(programme__in=["REGULAR", "TUITION", "VISIT_GIFT"])
                & Q(
                    status__in=[
                        "DRAFT",
                        "SUBMITTED",
                        "RETURNED",
                        "REVIEWED",
                        "VERIFIED",
                        "TABLED",
                        "APPROVED",
                        "PUBLISHED",
                        "HELD",
                    ]
                ),
                name="case_one_open_per_programme",
            ),
            models.UniqueConstraint(
                fields=["dossier", "programme"],
                condition=Q(programme__in=["TUITION", "VISIT_GIFT"], status="DRAFT"),
                name="case_one_draft_per_programme",
            ),
            models.UniqueConstraint(
                fields=["patient", "event", "event_on"],
                condition=Q(programme="EMERGENCY")
                & ~Q(event="")
                & ~Q(status__in=["DECLINED", "WITHDRAWN"]),
                name="case_event_once",
            ),
            models.UniqueConstraint(
                fields=["dossier", "event", "event_on"],
                condition=Q(programme="VISIT_GIFT")
                & ~Q(event="")
                & ~Q(status__in=["DECLINED", "WITHDRAWN"]),
                name="case_gift_once",
            ),
            models.CheckConstraint(
                condition=Q(event="")
                | Q(programme="EMERGENCY", event__in=EMERGENCIES)
                | Q(programme="VISIT_GIFT"),
                name="case_event_fits_programme",
            ),
            models.CheckConstraint(
                condition=Q(programme="REGULAR", round__isnull=False)
                | ~Q(programme="REGULAR") & Q(round=None),
                name="case_round_iff_regular",
            ),
            models.CheckConstraint(
                condition=Q(asked_fen=None) | Q(asked_fen__gt=0), name="case_asked_positive"
            ),
            models.CheckConstraint(
                condition=Q(
                    spent_fen__gte=0,
                    reimbursed_fen__gte=0,
                    reimbursed_fen__lte=models.F("spent_fen"),
                ),
                name="case_reimbursed_within_amount",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=JUDGED)
                | Q(assessment__isnull=False, revision__isnull=False, reference_fen__isnull=False),
                name="case_judged_rests_on_assessment",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=JUDGED)
                | Q(visit__isnull=False)
                | ~Q(no_visit_reason="")
                | Q(programme="REGULAR"),
                name="case_judged_after_visit",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=JUDGED)
                | Q(programme="RECOGNITION")
                | Q(proposed_fen__isnull=False, proposed_fen__gt=0),
                name="case_judged_has_proposal",
            ),
            models.CheckConstraint(
                condition=Q(status__in=DECIDED, granted_fen__isnull=False, granted_fen__gt=0)
                & ~Q(programme="RECOGNITION")
                | Q(programme="RECOGNITION", granted_fen=None)
                | ~Q(status__in=DECIDED) & Q(granted_fen=None),
                name="case_granted_iff_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status="PAID") | ~Q(programme="RECOGNITION"),
                name="case_recognition_pays_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["CLEARED", "PAID"]) | Q(open_objections=0),
                name="case_cleared_without_objection",
            ),
            models.CheckConstraint(
                condition=~Q(status="HELD") | Q(open_objections__gt=0),
                name="case_held_by_objection",
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-status_at", "-id"], name="case_company_newest"),
            models.Index(fields=["unit", "-status_at", "-id"], name="case_unit_newest"),
            models.Index(fields=["company", "status", "due_on", "id"], name="case_company_due"),
            models.Index(fields=["unit", "status", "due_on", "id"], name="case_unit_due"),
            models.Index(fields=["applicant", "-status_at", "-id"], name="case_applicant_newest"),
            models.Index(
                fields=["company", "programme", "status", "id"], name="case_programme_status"
            ),
        ]

    def __str__(self):
        return self.number

    def get_absolute_url(self):
        return reverse("cases:case_detail", args=[self.pk])

    @property
    def net_fen(self):
        """What the event cost the household: verified, else spent less reimbursed."""
        if self.verified_net_fen is not None:
            return self.verified_net_fen
        return self.spent_fen - self.reimbursed_fen

    @property
    def turn(self):
        """Whose turn it is, in words. A recognition ends when its notice period does."""
        if self.programme == Programme.RECOGNITION and self.status == Status.CLEARED:
            return TURN[Status.PAID]
        return TURN[Status(self.status)]

    @property
    def deviation_percent(self):
        """How far the proposed amount lies from the reference, in whole percent; None without
        one."""
        if not self.reference_fen or self.proposed_fen is None:
            return None
        return round((self.proposed_fen - self.reference_fen) * 100 / self.reference_fen)


class StepQuerySet(AppendOnlyQuerySet):
    def in_order(self):
        """First act first, with whoever acted and their words."""
        return self.select_related("by", "unit", "opinion").order_by("pk")

    def for_timeline(self):
        return self.select_related("by", "unit", "opinion").order_by("-at", "-pk")


class Step(AppendOnly):
    """One act on a case (sealed). No personal data; free words live in its Opinion."""

    ACTIONS = [("open", _("Open the case")), *((name, step.label) for name, step in STEPS.items())]

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    action = models.CharField(max_length=20, choices=ACTIONS)
    before = models.CharField(max_length=20, choices=Status, blank=True)
    after = models.CharField(max_length=20, choices=Status)
    by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20, choices=Role, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=30, blank=True)
    amount_fen = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    objects = StepQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["open", *STEPS]), name="step_action_known"
            ),
            known("before", Status, name="step_before_known", blank=True),
            known("after", Status, name="step_after_known"),
            known("role", Role, name="step_role_known", blank=True),
            models.CheckConstraint(
                condition=Q(action="open", before="") | ~Q(action="open") & ~Q(before=""),
                name="step_before_unless_opening",
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(action="clear"), name="step_by_somebody"
            ),
        ]
        indexes = [models.Index(fields=["case", "-at", "-id"], name="step_newest")]

    def __str__(self):
        return f"{self.action} {self.case_id}"

    @property
    def reason_words(self):
        """The reason code in words: a return reason, or the clause itself."""
        return (
            ReturnReason(self.reason).label if self.reason in ReturnReason.values else self.reason
        )


class Opinion(models.Model):
    """The free words of a step; erasable, so they stand beside the sealed row."""

    step = models.OneToOneField(
        Step, on_delete=models.PROTECT, primary_key=True, related_name="opinion"
    )
    words = EncryptedTextField(_("opinion"))

    def __str__(self):
        return self.words


class CaseDuty(AppendOnly):
    """The one duty somebody has on a case (sealed): the database allows no second (IP3)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="duties")
    user = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    duty = models.CharField(max_length=20, choices=Duty)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            known("duty", Duty, name="duty_known"),
            models.UniqueConstraint(fields=["case", "user"], name="duty_one_per_person_and_case"),
        ]
        indexes = [models.Index(fields=["user", "case"], name="duty_of_user")]

    def __str__(self):
        return self.get_duty_display()


class ScreeningAnswer(models.TextChoices):
    FITS = "FITS", _("meets the rule")
    FAILS = "FAILS", _("does not meet the rule")
    OPEN = "OPEN", _("to be verified by the company union")


class Screening(models.Model):
    """The grassroots answer to one of the six screening questions (fact 2.8)."""

    Answer = ScreeningAnswer

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="screenings")
    question = models.CharField(max_length=20, choices=Question)
    answer = models.CharField(max_length=20, choices=Answer)
    note = EncryptedTextField(blank=True, default="")
    by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            known("question", Question, name="screening_question_known"),
            known("answer", ScreeningAnswer, name="screening_answer_known"),
            models.UniqueConstraint(fields=["case", "question"], name="screening_once"),
        ]

    def __str__(self):
        return self.get_question_display()


class DocumentManager(models.Manager):
    """The proofs that stand: one that was taken off is hidden everywhere."""

    def get_queryset(self):
        return super().get_queryset().filter(removed_at=None)


class DocumentQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Those who may see the household may see its proofs."""
        return self.filter(dossier__in=Dossier.objects.visible_to(actor).values("pk"))


class DocumentKind(models.TextChoices):
    SIGNED_FORM = "SIGNED_FORM", _("signed application form")
    ID_COPY = "ID_COPY", _("copy of ID cards")
    HOUSEHOLD_BOOK = "HOUSEHOLD_BOOK", _("household register")
    INCOME = "INCOME", _("proof of income")
    MEDICAL = "MEDICAL", _("diagnosis or hospital record")
    RECEIPT = "RECEIPT", _("receipts of expenses")
    SCHOOL = "SCHOOL", _("proof of schooling")
    DIPLOMA = "DIPLOMA", _("diploma or letter of admission")
    DISABILITY = "DISABILITY", _("disability certificate")
    ALLOWANCE = "ALLOWANCE", _("subsistence allowance certificate")
    CONTRACT = "CONTRACT", _("labour contract")
    BANK_CARD = "BANK_CARD", _("bank card")
    UNION_CARD = "UNION_CARD", _("union membership card")
    APPLICATION = "APPLICATION", _("application letter in own hand")
    COMMITMENT = "COMMITMENT", _("commitment on income")
    AUTHORISATION = "AUTHORISATION", _("authorisation to verify finances")
    UNIT_PROOF = "UNIT_PROOF", _("certificate of the unit")
    UPPER_PROOF = "UPPER_PROOF", _("certificate of the upper union")
    MINUTES = "MINUTES", _("minutes of the meeting")
    NOTICE = "NOTICE", _("photo of the notice")
    VISIT = "VISIT", _("photo of the visit")
    HOUSEHOLD_SIGN = "HOUSEHOLD_SIGN", _("signature of the household visited")
    VISITOR_SIGN = "VISITOR_SIGN", _("signatures of the visitors")
    VISIT_PAPER = "VISIT_PAPER", _("signed visit record on paper")
    OTHER = "OTHER", _("other proof")


class Document(models.Model):
    """An uploaded proof. Served only through a view that checks the right and logs the look."""

    Kind = DocumentKind

    dossier = models.ForeignKey(Dossier, on_delete=models.PROTECT, related_name="documents")
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    visit = models.ForeignKey(
        Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    kind = models.CharField(_("kind of proof"), max_length=20, choices=Kind)
    file = models.FileField(_("file"), upload_to="proofs/")
    media_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, editable=False)  # taken off; the row stays
    removed_by = models.ForeignKey(
        BY, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = DocumentManager.from_queryset(DocumentQuerySet)()
    with_removed = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            known("kind", DocumentKind, name="document_kind_known"),
            all_or_none("removed_at", "removed_by", name="document_removal_complete"),
            models.CheckConstraint(
                condition=~Q(kind__in=["HOUSEHOLD_SIGN", "VISITOR_SIGN", "VISIT_PAPER"])
                | Q(visit__isnull=False),
                name="document_signature_of_a_visit",
            ),
            models.UniqueConstraint(
                fields=["dossier", "sha256"], name="document_once_per_household"
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    def get_absolute_url(self):
        return reverse("cases:document", args=[self.pk])
