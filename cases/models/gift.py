"""Gifts in kind on a visit (走访慰问, fact 4.4): rounds of giving, gifts, signed receipts.

Paid from the union's own dues or by the administration: no row here touches a fund.
"""

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from base.constraints import all_or_none, known
from base.crypto import EncryptedTextField
from cases.models.dossier import READERS
from cases.models.incident import GRASSROOTS, Incident, persons_matching
from people.models import Person, Unit

BY = settings.AUTH_USER_MODEL


class Occasion(models.TextChoices):
    SPRING = "SPRING", _("Spring Festival")
    AUTUMN = "AUTUMN", _("Mid-Autumn")
    HEAT = "HEAT", _("summer heat")
    FRONT_LINE = "FRONT_LINE", _("front-line workers")
    HOSPITAL = "HOSPITAL", _("hospital stay")
    DEATH = "DEATH", _("death in the family")
    SUDDEN = "SUDDEN", _("sudden event")


class MoneySource(models.TextChoices):
    """Who pays for the goods: never the relief fund."""

    DUES = "DUES", _("union dues")
    ADMINISTRATION = "ADMINISTRATION", _("company administration")
    DONATION = "DONATION", _("donation")


class GiftRoundQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Grassroots officers see those of their unit and of the whole company, the company
        officers and auditors all."""
        hats = [hat for hat in actor.hats if hat.role in GRASSROOTS]
        return self.filter(
            Q(unit__in=[hat.unit_id for hat in hats])
            | Q(unit=None, company__in=[hat.company_id for hat in hats])
            | Q(company__in=actor.companies(*READERS))
        )

    def narrowed(self, *, q="", occasion="", unit=None, source="", year=None):
        """By a part of the title, occasion, unit, source of the money, and year."""
        found = self.filter(title__contains=q) if q else self
        same = {
            "occasion": occasion, "unit": unit, "source": source, "since__year": year,
        }  # fmt: skip
        return found.filter(**{name: value for name, value in same.items() if value})

    def running_on(self, on):
        return self.filter(since__lte=on, until__gte=on)

    def for_list(self):
        """With unit, responsible, and how many gifts of what value were planned and given."""
        given = Q(gifts__status=GiftStatus.GIVEN)
        return self.select_related("unit", "responsible").annotate(
            gift_count=Count("gifts"),
            given_count=Count("gifts", filter=given),
            given_fen=Sum("gifts__value_fen", filter=given, default=0),
        )


class GiftRound(models.Model):
    """One round of visits with gifts: the occasion, the days, what each receives, who pays."""

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        related_name="gift_rounds",
        verbose_name=_("grassroots union"),
    )
    title = models.CharField(_("title"), max_length=60)
    occasion = models.CharField(_("occasion"), max_length=20, choices=Occasion)
    since = models.DateField(_("first day"))
    until = models.DateField(_("last day"))
    responsible = models.ForeignKey(
        BY, on_delete=models.PROTECT, related_name="+", verbose_name=_("responsible")
    )
    what = models.CharField(_("what each receives"), max_length=100)
    unit_fen = models.BigIntegerField(_("value of one"))
    planned_fen = models.BigIntegerField(_("planned budget"))
    source = models.CharField(_("who pays for the goods"), max_length=20, choices=MoneySource)
    voucher = models.CharField(
        _("voucher number of the purchase"), max_length=60, blank=True, default=""
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = GiftRoundQuerySet.as_manager()

    class Meta:
        constraints = [
            known("occasion", Occasion, name="gift_round_occasion_known"),
            known("source", MoneySource, name="gift_round_source_known"),
            models.CheckConstraint(
                condition=Q(until__gte=F("since")), name="gift_round_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(unit_fen__gt=0, planned_fen__gt=0), name="gift_round_amounts_positive"
            ),
            models.UniqueConstraint(fields=["company", "title", "since"], name="gift_round_once"),
        ]
        indexes = [
            models.Index(fields=["company", "-since", "-id"], name="gift_round_company_newest"),
            models.Index(fields=["unit", "-since", "-id"], name="gift_round_unit_newest"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("cases:gift_detail", args=[self.pk])


class GiftStatus(models.TextChoices):
    PLANNED = "PLANNED", _("planned")
    GIVEN = "GIVEN", _("given")
    NOT_GIVEN = "NOT_GIVEN", _("not given")


class GiftQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """Grassroots officers see those for their own people, the company all of them."""
        return self.filter(
            Q(unit__in=actor.units(*GRASSROOTS)) | Q(company__in=actor.companies(*READERS))
        )

    def narrowed(self, *, q="", unit=None, status=""):
        found = self
        if q:
            persons = persons_matching(Person.objects.all(), q)
            found = found.filter(recipient__in=persons.values("pk"))
        same = {"unit": unit, "status": status}
        return found.filter(**{name: value for name, value in same.items() if value})

    def by_unit(self):
        """[{unit, count and value planned, given, not given}] by one query."""
        counts = {}
        for status in GiftStatus:
            name = status.value.lower()
            counts[name] = Count("pk", filter=Q(status=status))
            counts[f"{name}_fen"] = Sum("value_fen", filter=Q(status=status), default=0)
        return (
            self.order_by()
            .values("unit", "unit__name")
            .annotate(count=Count("pk"), fen=Sum("value_fen"), **counts)
            .order_by("unit__path", "unit")
        )

    def for_list(self):
        return self.select_related("recipient", "unit", "round")

    def lock(self, pks):
        return list(self.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk"))


class Gift(models.Model):
    """What one person receives in a round: planned, then given and signed for, or not and why."""

    Status = GiftStatus

    round = models.ForeignKey(GiftRound, on_delete=models.PROTECT, related_name="gifts")
    company = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="gifts", verbose_name=_("grassroots union")
    )
    recipient = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="gifts", verbose_name=_("recipient")
    )
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, related_name="gifts"
    )
    what = models.CharField(_("goods"), max_length=100)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_fen = models.BigIntegerField(_("value of one"))
    value_fen = models.BigIntegerField(_("value"))
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.PLANNED)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    given_on = models.DateField(_("given on"), null=True)
    giver_count = models.PositiveSmallIntegerField(default=0)
    place = EncryptedTextField(_("place"), blank=True, default="")
    talk = EncryptedTextField(_("what was said"), blank=True, default="")
    signed = models.BooleanField(_("signed for"), default=False)
    reason = EncryptedTextField(_("reason why not given"), blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")

    objects = GiftQuerySet.as_manager()

    class Meta:
        constraints = [
            known("status", GiftStatus, name="gift_status_known"),
            models.UniqueConstraint(fields=["round", "recipient"], name="gift_once_per_round"),
            models.CheckConstraint(
                condition=Q(
                    quantity__gt=0, unit_fen__gt=0, value_fen=F("quantity") * F("unit_fen")
                ),
                name="gift_value_is_quantity_times_price",
            ),
            models.CheckConstraint(
                condition=Q(status="GIVEN", given_on__isnull=False, giver_count__gte=1)
                | ~Q(status="GIVEN") & Q(given_on=None, giver_count=0, signed=False),
                name="gift_given_by_somebody_on_a_day",
            ),
            all_or_none("closed_at", "closed_by", name="gift_close_complete"),
            models.CheckConstraint(
                condition=Q(status="PLANNED", closed_at=None)
                | ~Q(status="PLANNED") & Q(closed_at__isnull=False),
                name="gift_planned_is_open",
            ),
        ]
        indexes = [
            models.Index(fields=["round", "unit", "id"], name="gift_round_unit"),
            models.Index(fields=["round", "status", "unit", "id"], name="gift_round_status"),
        ]

    def __str__(self):
        return self.what

    def get_absolute_url(self):
        return reverse("cases:gift_row", args=[self.pk])


class GiftGiver(models.Model):
    """Who handed it over, and from which union or office they came."""

    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="givers")
    user = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gift", "user"], name="gift_giver_once")]

    def __str__(self):
        return str(self.user)


class ReceiptQuerySet(models.QuerySet):
    def visible_to(self, actor):
        """A receipt of one gift goes with the gift; a list of a whole round with its unit."""
        return self.filter(
            Q(unit__in=actor.units(*GRASSROOTS)) | Q(round__company__in=actor.companies(*READERS))
        )


class Receipt(models.Model):
    """The photo or scan of a signed receipt: of one gift, or of the list of a unit or round."""

    round = models.ForeignKey(GiftRound, on_delete=models.PROTECT, related_name="receipts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, null=True, related_name="receipts")
    file = models.FileField(_("file"), upload_to="receipts/")
    media_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(BY, on_delete=models.PROTECT, related_name="+")

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "sha256"], name="receipt_once_per_round")
        ]

    def __str__(self):
        return f"{self.round_id} {self.pk}"

    def get_absolute_url(self):
        return reverse("cases:gift_receipt", args=[self.pk])
