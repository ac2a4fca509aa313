"""Read-only protection: while it runs, no money moves, in Python and in the database."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from base.constraints import all_or_none
from base.crypto import EncryptedTextField
from base.guards import Refusal
from base.templatetags.ui import at as moment
from people.models import Unit
from people.roles import NotAllowed

BY = settings.AUTH_USER_MODEL

# For the refusals of the tables that hold money; {company} is SQL for the company of the new row.
_FROZEN = (
    "EXISTS (SELECT 1 FROM funds_freeze z WHERE z.lifted_at IS NULL"
    " AND (z.company_id IS NULL OR z.company_id = ({company})))"
)
_OF_FUND = "SELECT f.company_id FROM funds_fund f WHERE f.id = NEW.fund_id"
_OF_ACCOUNT = (
    "SELECT f.company_id FROM funds_fund f JOIN funds_account a ON a.fund_id = f.id"
    " WHERE a.id = NEW.account_id"
)
_OF_HOLD = (
    "SELECT f.company_id FROM funds_fund f JOIN funds_account a ON a.fund_id = f.id"
    " JOIN funds_hold h ON h.account_id = a.id WHERE h.id = NEW.hold_id"
)
_OF_RUN = "SELECT r.company_id FROM funds_paymentrun r WHERE r.id = NEW.run_id"


def _refusal(company):
    return Refusal(
        "frozen", _FROZEN.format(company=company), "the books are in read-only protection"
    )


TRANSFER_FROZEN, HOLD_FROZEN, HOLD_END_FROZEN, PAYMENT_FROZEN = map(
    _refusal, (_OF_FUND, _OF_ACCOUNT, _OF_HOLD, _OF_RUN)
)


class FreezeQuerySet(models.QuerySet):
    def running(self):
        return self.filter(lifted_at=None)

    def over(self, company_ids):
        """Those that concern one of these companies; one without a company concerns each."""
        return self.filter(Q(company=None) | Q(company__in=company_ids))

    def for_list(self):
        return self.select_related("company", "lifted_by").order_by("-since", "-pk")

    def lock(self, pk):
        return self.select_for_update(of=("self",)).get(pk=pk)


class Freeze(models.Model):
    """From a verification that found a difference in the books until one that finds none.

    `found` lists [place, {language: sentence}], ids and figures only. Without a company it holds
    for all. It begins by the program, and is lifted by the auditor.
    """

    company = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    begun_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    found = models.JSONField(default=list)
    problems_count = models.PositiveIntegerField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(BY, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_why = EncryptedTextField(blank=True, default="")

    objects = FreezeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Coalesce("company", 0), condition=Q(lifted_at=None), name="freeze_one_running"
            ),
            all_or_none("lifted_at", "lifted_by", name="freeze_lift_complete"),
            models.CheckConstraint(
                condition=Q(problems_count__gt=0), name="freeze_names_a_difference"
            ),
        ]
        indexes = [models.Index(fields=["-since", "-id"], name="freeze_newest")]

    refusals = (
        Refusal("kept", "1 = 1", "a freeze is never deleted", ("DELETE",)),
        Refusal(
            "lifted_once",
            "OLD.lifted_at IS NOT NULL",
            "a freeze that was lifted is not changed",
            ("UPDATE",),
        ),
    )

    def __str__(self):
        return str(self.since)


def require_open(company_ids):
    """Raises NotAllowed, with since when and what to do, while a freeze concerns one of these
    companies. One query; asked under the lock by everything that moves money."""
    if freeze := Freeze.objects.running().over(company_ids).order_by("since").first():
        raise NotAllowed(sentence(freeze))


def opened(row):
    """A row just locked, if no freeze concerns its company; the choke point of every `lock`."""
    require_open([row.company_id])
    return row


def sentence(freeze):
    """Since when and what to do."""
    return _(
        "The books are in read-only protection since %(since)s because a verification found"
        " differences. The auditor lifts it under “Proof of integrity” when a verification finds"
        " none."
    ) % {"since": moment(freeze.since)}
