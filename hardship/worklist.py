"""What waits for somebody, by deadline, each row saying what to do in a verb.

One function for each source of work; a source belongs to some roles and costs one query. Rows are
limited to the first of each kind: behind the last stands the list they come from.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from base.money import format_fen
from base.workdays import day_of
from cases.actions import PLANNERS, VISITORS
from cases.models import (
    Case,
    CaseDuty,
    Change,
    Dossier,
    Exit,
    FollowUp,
    Incident,
    Objection,
    Policy,
    Recheck,
    Referral,
    VisitPlan,
)
from cases.seed_policy import LATER
from cases.workflow import IN_HAND, Programme, Status
from funds.actions.handover import RECEIPT_DAYS
from funds.models import (
    Advance,
    Attendance,
    BankAccount,
    Batch,
    BatchLine,
    BudgetDecision,
    Explanation,
    HandOver,
    Meeting,
    PayeeCheck,
    Payment,
    PaymentRun,
    Period,
    Recovery,
    RecoveryReceipt,
    Statement,
    StatementLine,
    running_fen,
    unanswered,
)
from people.roles import Role

MOST = 12  # rows of one source
SOON = timedelta(days=7)
LATELY = timedelta(days=60)  # payments from before there was a file have none
TOLD = timedelta(days=31)  # how long a leader is told what was decided without them


@dataclass(frozen=True)
class Task:
    """One row: what to do, about whom, where, until when."""

    title: str
    hint: str
    url: str
    due_on: date | None = None
    since: date | None = None
    kind: str = ""

    @property
    def state(self):
        """What stands at the right of the row: the day it is due."""
        return _("due %(day)s") % {"day": self.due_on.isoformat()} if self.due_on else ""


@dataclass(frozen=True)
class Source:
    """Where work comes from, and for whom."""

    roles: frozenset
    find: object


def groups(actor, on):
    """[(heading, tasks)] for the worklist page: overdue, this week, later; empty groups left out.

    At most two queries for each source that one of the actor's roles has.
    """
    tasks = [
        task for source in SOURCES if source.roles & actor.roles for task in source.find(actor, on)
    ]
    tasks.sort(key=lambda task: (task.due_on or date.max, task.since or date.max, task.title))
    overdue = [replace(t, kind="attention") for t in tasks if t.due_on and t.due_on < on]
    soon = [task for task in tasks if task.due_on and on <= task.due_on <= on + SOON]
    later = [task for task in tasks if not task.due_on or task.due_on > on + SOON]
    named = (
        (_("Overdue"), overdue),
        (_("This week"), soon),
        (_("Later, or without a date"), later),
    )
    return [(heading, some) for heading, some in named if some]


def _cases(queryset, words, address, on):
    """Rows for cases: `words` with %(name)s; `address` names the page of the act."""
    found = []
    for case in queryset.for_list().order_by("due_on", "pk")[:MOST]:
        waiting = (on - day_of(case.status_at)).days
        hint = _("%(programme)s %(number)s, %(unit)s, waiting for %(days)s days") % {
            "programme": case.get_programme_display(), "number": case.number,
            "unit": case.unit.name, "days": waiting,
        }  # fmt: skip
        found.append(
            Task(words % {"name": case.applicant.name}, hint, reverse(address, args=[case.pk]),
                 case.due_on, day_of(case.status_at))
        )  # fmt: skip
    return found


def _own_applications(actor, on):
    mine = Case.objects.filter(applicant=actor.person_id)
    returned = mine.waiting(Status.RETURNED)
    drafts = mine.waiting(Status.DRAFT)
    return [
        *_cases(returned, _("Correct the application of %(name)s"), "cases:apply_case", on),
        *_cases(drafts, _("Finish the application of %(name)s"), "cases:apply_case", on),
    ]


def _entered_for_others(actor, on):
    entered = Case.objects.filter(entered_by=actor.user_id).exclude(applicant=actor.person_id)
    waiting = entered.waiting(Status.DRAFT, Status.RETURNED)
    return _cases(waiting, _("Finish the application of %(name)s"), "cases:apply_case", on)


def _to_review(actor, on):
    units = actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR)
    waiting = Case.objects.filter(unit__in=units).waiting(Status.SUBMITTED)
    entered = Exists(CaseDuty.objects.filter(case=OuterRef("pk"), user=actor.user_id))
    waiting = waiting.exclude(Q(applicant=actor.person_id) | Q(entered))
    return _cases(waiting, _("Review the application of %(name)s"), "cases:review", on)


def _to_verify(actor, on):
    waiting = Case.objects.filter(company__in=actor.companies(Role.COMPANY_OFFICER))
    waiting = waiting.waiting(Status.REVIEWED)
    return _cases(waiting, _("Visit and verify the household of %(name)s"), "cases:verify", on)


def _to_recheck(actor, on):
    due = (
        Dossier.objects.active()
        .filter(
            Q(unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(company__in=actor.companies(Role.COMPANY_OFFICER)),
            review_due_on__lte=on + timedelta(days=30),
        )
        .for_list()
        .order_by("review_due_on", "pk")
    )
    return [
        Task(
            _("Re-check the household of %(name)s") % {"name": dossier.head.name},
            _("Dossier %(number)s, %(unit)s") % {
                "number": dossier.number, "unit": dossier.unit.name},
            dossier.get_absolute_url(), dossier.review_due_on,
        )
        for dossier in due[:MOST]
    ]  # fmt: skip


def _to_call_on(actor, on):
    """Events not visited yet: for the officers of the unit, once overdue for the company too."""
    waiting = Incident.objects.filter(
        Q(unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
        | Q(company__in=actor.companies(Role.COMPANY_OFFICER), due_on__lt=on),
        status=Incident.Status.REPORTED,
    )
    return [
        Task(
            _("Visit %(name)s: %(event)s") % {
                "name": incident.person.name, "event": incident.get_kind_display()},
            _("%(unit)s, event of %(day)s, reported by %(by)s") % {
                "unit": incident.unit.name, "day": incident.happened_on.isoformat(),
                "by": incident.reported_by.name},
            incident.get_absolute_url(), incident.due_on, day_of(incident.reported_at),
        )
        for incident in waiting.for_list().order_by("due_on", "pk")[:MOST]
    ]  # fmt: skip


def _to_follow_up(actor, on):
    """Events of the unit after the visit, or after none, of which nobody said what came of them."""
    waiting = Incident.objects.filter(
        unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR),
        status__in=(Incident.Status.VISITED, Incident.Status.NOT_VISITED),
    )
    return [
        Task(
            _("Say what came of the event of %(name)s: %(event)s") % {
                "name": incident.person.name, "event": incident.get_kind_display()},
            _("%(unit)s, %(state)s; apply, refer or close") % {
                "unit": incident.unit.name, "state": incident.get_status_display()},
            incident.get_absolute_url(),
            since=incident.visited_on or day_of(incident.reported_at),
        )
        for incident in waiting.for_list().order_by("due_on", "pk")[:MOST]
    ]  # fmt: skip


def _to_hear_back(actor, on):
    """What the actor passed on and nobody has answered."""
    waiting = Referral.objects.unanswered().filter(passed_by=actor.user_id)
    return [
        Task(
            _("Ask what became of the referral of %(name)s") % {"name": referral.person.name},
            _("%(to)s, %(unit)s") % {
                "to": referral.get_kind_display(), "unit": referral.unit.name},
            referral.get_absolute_url(), referral.due_on, day_of(referral.passed_at),
        )
        for referral in waiting.for_list().order_by("due_on", "pk")[:MOST]
    ]  # fmt: skip


def _changes(actor, on):
    """Reported changes that wait to be taken into the file."""
    waiting = Change.objects.open().filter(
        Q(dossier__unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
        | Q(dossier__company__in=actor.companies(Role.COMPANY_OFFICER))
    )
    return [
        Task(
            _("Take a change of the household of %(name)s into the file")
            % {"name": change.dossier.head.name},
            _("%(kind)s, since %(day)s") % {
                "kind": change.get_kind_display(), "day": change.happened_on.isoformat()},
            change.get_absolute_url(), change.due_on,
        )
        for change in waiting.for_list().order_by("due_on", "pk")[:MOST]
    ]  # fmt: skip


def _exits(actor, on):
    """Exits the grassroots unions proposed."""
    waiting = Exit.objects.proposed().filter(
        dossier__company__in=actor.companies(Role.COMPANY_OFFICER)
    )
    waiting = waiting.exclude(proposed_by=actor.user_id).select_related(
        "dossier__head", "dossier__unit"
    )
    return [
        Task(
            _("Decide on the exit of the household of %(name)s")
            % {"name": leaving.dossier.head.name},
            _("Dossier %(number)s, %(unit)s") % {
                "number": leaving.dossier.number, "unit": leaving.dossier.unit.name},
            reverse("cases:exit_decide", args=[leaving.dossier_id]),
            since=day_of(leaving.proposed_at),
        )
        for leaving in waiting.order_by("proposed_at", "pk")[:MOST]
    ]  # fmt: skip


def _follow_ups(actor, on):
    """Exited households to be asked after within a month."""
    due = FollowUp.objects.waiting().filter(
        Q(dossier__unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
        | Q(dossier__company__in=actor.companies(Role.COMPANY_OFFICER)),
        due_on__lte=on + timedelta(days=30),
    )
    return [
        Task(
            _("Ask how the household of %(name)s fares") % {"name": row.dossier.head.name},
            _("Exited on %(day)s, %(unit)s") % {
                "day": row.dossier.closed_on.isoformat(), "unit": row.dossier.unit.name},
            reverse("cases:follow_up", args=[row.pk]), row.due_on,
        )
        for row in due.for_list().order_by("due_on", "pk")[:MOST]
    ]  # fmt: skip


def _campaigns(actor, on):
    """Running re-checks with households still to be done."""
    waiting = (
        Recheck.objects.waiting()
        .filter(
            Q(unit__in=actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR))
            | Q(campaign__company__in=actor.companies(Role.COMPANY_OFFICER)),
            campaign__starts_on__lte=on,
        )
        .order_by()
        .values("campaign", "campaign__title", "campaign__ends_on")
        .annotate(count=Count("pk"))
        .order_by("campaign__ends_on", "campaign")
    )
    return [
        Task(
            row["campaign__title"],
            _("%(count)s households are still to be re-checked") % {"count": row["count"]},
            reverse("cases:campaign_detail", args=[row["campaign"]]), row["campaign__ends_on"],
        )
        for row in waiting[:MOST]
    ]  # fmt: skip


def _to_list(actor, on):
    """Verified cases on no list, one row for each programme."""
    ready = (
        Case.objects.filter(
            company__in=actor.companies(Role.COMPANY_OFFICER), status=Status.VERIFIED
        )
        .exclude(batch_lines__current=True)
        .values("programme")
        .annotate(count=Count("pk"))
        .order_by("programme")
    )
    labels = dict(Programme.choices)
    return [
        Task(
            _("Draw up a list for the meeting: %(programme)s") % {
                "programme": labels[row["programme"]]},
            _("%(count)s cases are verified and on no list") % {"count": row["count"]},
            reverse("funds:batch_new"),
        )
        for row in ready
    ]  # fmt: skip


def _batch_tasks(batches, words, address):
    found = []
    for batch in batches[:MOST]:
        hint = _("%(count)s households, %(total)s yuan") % {
            "count": batch.lines_count, "total": format_fen(batch.total_fen)}  # fmt: skip
        since = day_of(batch.decided_at or batch.locked_at or batch.built_at)
        title = words % {"title": batch.title}
        found.append(Task(title, hint, reverse(address, args=[batch.pk]), since=since))
    return found


def _to_publish(actor, on):
    waiting = BatchLine.objects.filter(
        batch=OuterRef("pk"), current=True, outcome="APPROVED", case__status=Status.APPROVED
    )
    batches = Batch.objects.filter(
        Exists(waiting), company__in=actor.companies(Role.COMPANY_OFFICER), status="DECIDED"
    )
    return _batch_tasks(batches.order_by("pk"), _("Publish “%(title)s”"), "funds:publish")


def _to_build(actor, on):
    lists = Batch.objects.filter(
        company__in=actor.companies(Role.COMPANY_OFFICER), status="BUILDING"
    )
    return _batch_tasks(
        lists.order_by("pk"), _("Finish the list “%(title)s”"), "funds:batch_detail"
    )


def _to_lock(actor, on):
    batches = Batch.objects.filter(
        company__in=actor.companies(Role.COMPANY_CHAIR), status="BUILDING", lines_count__gt=0
    )
    return _batch_tasks(batches.order_by("pk"), _("Check and lock “%(title)s”"), "funds:lock")


def _to_enact(actor, on):
    drafts = Policy.objects.filter(
        company__in=actor.companies(Role.COMPANY_CHAIR), status=Policy.Status.DRAFT
    ).exclude(drafted_by=actor.user_id)
    return [
        Task(_("Put in force “%(title)s”") % {"title": policy.title},
             _("Version %(number)s") % {"number": policy.number},
             reverse("cases:policy_enact", args=[policy.pk]))
        for policy in drafts.order_by("pk")[:MOST]
    ]  # fmt: skip


def _for_the_agenda(actor, on):
    locked = Batch.objects.filter(
        company__in=actor.companies(Role.SECRETARY), status="LOCKED", meeting=None
    )
    words = _("Put “%(title)s” on the agenda of a meeting")
    return _batch_tasks(locked.order_by("pk"), words, "funds:batch_detail")


def _meetings(meetings, words):
    return [
        Task(words % {"number": meeting.number}, meeting.place, meeting.get_absolute_url(),
             meeting.held_on)
        for meeting in meetings.order_by("held_on", "pk")[:MOST]
    ]  # fmt: skip


def _to_record(actor, on):
    meetings = Meeting.objects.filter(
        company__in=actor.companies(Role.SECRETARY), status=Meeting.Status.OPEN
    )
    return _meetings(meetings, _("Record the meeting %(number)s"))


def _to_confirm(actor, on):
    meetings = Meeting.objects.filter(chair=actor.user_id, status=Meeting.Status.RECORDED)
    return _meetings(meetings, _("Confirm the record of the meeting %(number)s"))


def _decided_without(actor, on):
    """What the leadership decided while the actor was away, for a month; only to be read."""
    gone = Attendance.objects.filter(
        Q(present=False) | Q(left_at__isnull=False), meeting=OuterRef("pk"), user=actor.user_id
    )
    meetings = (
        Meeting.objects.filter(
            Exists(gone),
            company__in=actor.companies(Role.LEADER),
            status=Meeting.Status.CONFIRMED,
            held_on__gt=on - TOLD,
        )
        .annotate(
            lines=Count("batches__lines", filter=Q(batches__lines__removed=False)),
            approved=Count("batches__lines", filter=Q(batches__lines__outcome="APPROVED")),
        )
        .order_by("-held_on", "-pk")
    )
    return [
        Task(
            _("Decided without you: meeting %(number)s") % {"number": meeting.number},
            _("%(approved)s of %(count)s households approved; nothing is asked of you") % {
                "approved": meeting.approved, "count": meeting.lines},
            reverse("funds:minutes", args=[meeting.pk]), since=meeting.held_on,
        )
        for meeting in meetings[:MOST]
    ]  # fmt: skip


def _to_answer(actor, on):
    waiting = Objection.objects.open().filter(
        Q(handler=None) | Q(handler=actor.user_id),
        company__in=actor.companies(Role.DISCIPLINE),
    )
    return [
        Task(
            _("Answer the objection to case %(number)s")
            % {"number": objection.case.number}
            if objection.handler_id
            else _("Take up the objection to case %(number)s")
            % {"number": objection.case.number},
            objection.line.notice.title, objection.get_absolute_url(), objection.due_on,
        )
        for objection in waiting.for_list().order_by("due_on", "pk")[:MOST]
    ]  # fmt: skip


def _to_prepare(actor, on):
    under_way = Payment.objects.filter(line=OuterRef("pk"), status__in=["PREPARED", "POSTED"])
    ready = BatchLine.objects.filter(
        ~Exists(under_way), batch=OuterRef("pk"), current=True, outcome="APPROVED",
        case__status=Status.CLEARED, amount_fen__gte=running_fen("case"),
    )  # fmt: skip
    batches = Batch.objects.filter(
        Exists(ready), company__in=actor.companies(Role.CASHIER), status="DECIDED"
    ).exclude(budget=None)
    words = _("Prepare the payment of “%(title)s”")
    return _batch_tasks(batches.order_by("pk"), words, "funds:prepare")


def _to_post(actor, on):
    runs = PaymentRun.objects.filter(
        company__in=actor.companies(Role.ACCOUNTANT), status=PaymentRun.Status.PREPARED
    )
    found = []
    for run in runs.select_related("batch").order_by("pk")[:MOST]:
        hint = _("%(title)s, %(count)s payments, %(total)s yuan") % {
            "title": run.batch.title, "count": run.payments_count,
            "total": format_fen(run.total_fen)}  # fmt: skip
        title = _("Check and post the payment %(number)s") % {"number": run.number}
        found.append(Task(title, hint, run.get_absolute_url(), since=day_of(run.prepared_at)))
    return found


def _run_tasks(runs, words, since):
    """One task for each payment, on the page of its file; `since` names its moment."""
    return [
        Task(
            words % {"number": run.number},
            _("%(title)s, %(count)s payments, %(total)s yuan") % {
                "title": run.batch.title, "count": run.payments_count,
                "total": format_fen(run.total_fen)},
            reverse("funds:bank_file", args=[run.pk]), since=day_of(since(run)),
        )
        for run in runs.select_related("batch", "sent").order_by("pk")[:MOST]
    ]  # fmt: skip


def _files_to_send(actor, on):
    """Posted lately, and the file is not made or not with the bank yet."""
    told = Payment.objects.filter(run=OuterRef("pk"), amount_fen__gt=F("advance_fen"))
    runs = PaymentRun.objects.filter(
        Exists(told.through_bank()), company__in=actor.companies(Role.CASHIER),
        status=PaymentRun.Status.POSTED, sent=None, posted_at__date__gt=on - LATELY,
    )  # fmt: skip
    return _run_tasks(runs, _("Hand the file of %(number)s to the bank"), lambda run: run.posted_at)


def _answers_to_import(actor, on):
    """With the bank, which has not answered for each payment."""
    waiting = unanswered(Payment.objects.filter(run=OuterRef("pk")))
    runs = PaymentRun.objects.filter(
        Exists(waiting), company__in=actor.companies(Role.ACCOUNTANT), sent__isnull=False,
        posted_at__date__gt=on - LATELY,
    )  # fmt: skip
    return _run_tasks(
        runs, _("Import the answer of the bank for %(number)s"), lambda run: run.sent.at
    )


def _accounts_to_check(actor, on):
    """Returned by the bank, and nobody has asked about the account since."""
    checked = PayeeCheck.objects.filter(payment=OuterRef("pk"))
    waiting = (
        Payment.objects.to_pay_again()
        .through_bank()
        .filter(
            ~Exists(checked),
            run__company__in=actor.companies(Role.ACCOUNTANT, Role.COMPANY_OFFICER),
        )
    )
    return [
        Task(
            _("Check the account of %(name)s, which the bank returned") % {
                "name": row.case.applicant.name},
            row.return_reason, reverse("funds:attempts", args=[row.line_id]),
            since=day_of(row.returned_at), kind="attention",
        )
        for row in waiting.select_related("case__applicant").order_by("pk")[:MOST]
    ]  # fmt: skip


def _advances(queryset, words):
    return [
        Task(
            words % {"name": advance.case.applicant.name},
            _("%(number)s, %(amount)s yuan") % {
                "number": advance.number, "amount": format_fen(advance.amount_fen)},
            advance.get_absolute_url(), since=day_of(advance.decided_at), kind="attention",
        )
        for advance in queryset.for_list().order_by("decided_at", "pk")[:MOST]
    ]  # fmt: skip


def _advances_to_prepare(actor, on):
    mine = Advance.objects.filter(company__in=actor.companies(Role.CASHIER))
    waiting = mine.reserved().filter(prepared_at=None, case__status__in=IN_HAND)
    return _advances(waiting, _("Prepare the advance for %(name)s"))


def _advances_to_post(actor, on):
    mine = Advance.objects.filter(company__in=actor.companies(Role.ACCOUNTANT))
    paid = mine.reserved().filter(prepared_at__isnull=False, case__status__in=IN_HAND)
    back = mine.running().filter(recovery_prepared_at__isnull=False)
    return [
        *_advances(paid, _("Post the advance for %(name)s")),
        *_advances(back, _("Post that the advance for %(name)s was paid back")),
    ]


def _advances_overdue(actor, on):
    """The full procedure after an advance was to be done by now."""
    late = Advance.objects.filter(company__in=actor.companies(Role.COMPANY_OFFICER)).overdue(on)
    return [
        Task(
            _("Finish the full procedure for %(name)s: an advance was paid") % {
                "name": advance.case.applicant.name},
            _("%(number)s, %(amount)s yuan") % {
                "number": advance.number, "amount": format_fen(advance.amount_fen)},
            advance.get_absolute_url(), advance.due_on,
        )
        for advance in late.for_list().order_by("due_on", "pk")[:MOST]
    ]  # fmt: skip


def _budgets_to_decide(actor, on):
    """Decisions about the budget that somebody else drafted."""
    waiting = BudgetDecision.objects.drafts().filter(
        fund__company__in=actor.companies(Role.COMPANY_CHAIR)
    )
    return [
        Task(
            _("Confirm the decision about the budget %(number)s") % {"number": row.number},
            f"{row.fund.name}, {row.year}", row.get_absolute_url(), since=day_of(row.drafted_at),
        )
        for row in waiting.exclude(drafted_by=actor.user_id).for_list().order_by(
            "drafted_at", "pk"
        )[:MOST]
    ]  # fmt: skip


def _hand_overs_to_decide(actor, on):
    """Cash and proxies somebody else asked for."""
    waiting = HandOver.objects.asked().filter(
        line__current=True,  # not of a case that was reopened since
        company__in=actor.companies(Role.COMPANY_CHAIR, Role.ACCOUNTANT),
    )
    return [
        Task(
            _("Approve or refuse: %(way)s, %(name)s") % {
                "way": row.get_way_display(), "name": row.case.applicant.name},
            _("%(number)s, %(amount)s yuan") % {
                "number": row.number, "amount": format_fen(row.line.amount_fen)},
            row.get_absolute_url(), since=day_of(row.asked_at),
        )
        for row in waiting.exclude(asked_by=actor.user_id).for_list().order_by("asked_at", "pk")[
            :MOST
        ]
    ]  # fmt: skip


def _receipts_missing(actor, on):
    """Cash and proxies paid some days ago without a signed receipt."""
    late = on - timedelta(days=RECEIPT_DAYS)
    waiting = (
        Payment.objects.exclude(way="BANK")
        .filter(
            status=Payment.Status.POSTED,
            receipt=None,
            run__posted_at__date__lte=late,
            run__company__in=actor.companies(Role.CASHIER),
        )
        .select_related("run", "hand_over", "case__applicant")
    )
    return [
        Task(
            _("Record the signed receipt of %(name)s") % {"name": payment.account_name},
            _("%(number)s, %(amount)s yuan") % {
                "number": payment.run.number, "amount": format_fen(payment.told_fen)},
            payment.hand_over.get_absolute_url(),
            day_of(payment.run.posted_at) + timedelta(days=RECEIPT_DAYS),
        )
        for payment in waiting.order_by("run__posted_at", "pk")[:MOST]
    ]  # fmt: skip


def _recoveries(rows, words):
    return [
        Task(
            words % {"name": row.case.applicant.name},
            _("%(number)s, %(amount)s yuan") % {
                "number": row.number, "amount": format_fen(row.amount_fen)},
            row.get_absolute_url(), row.due_on, since=day_of(row.opened_at),
        )
        for row in rows.for_list().order_by("due_on", "pk")[:MOST]
    ]  # fmt: skip


def _recoveries_to_decide(actor, on):
    mine = Recovery.objects.filter(company__in=actor.companies(Role.COMPANY_CHAIR))
    waiting = mine.filter(status=Recovery.Status.OPEN).exclude(opened_by=actor.user_id)
    return _recoveries(waiting, _("Decide on the recovery from %(name)s"))


def _recoveries_to_tell(actor, on):
    mine = Recovery.objects.filter(company__in=actor.companies(Role.COMPANY_OFFICER))
    waiting = mine.running().filter(told_on=None)
    return _recoveries(waiting, _("Hand the letter on the recovery to %(name)s"))


def _recoveries_overdue(actor, on):
    late = Recovery.objects.filter(company__in=actor.companies(Role.CASHIER)).overdue(on)
    return _recoveries(late, _("Ask after what %(name)s is to pay back"))


def _recoveries_to_post(actor, on):
    """What came back and waits for the accountant."""
    waiting = RecoveryReceipt.objects.waiting().filter(
        recovery__company__in=actor.companies(Role.ACCOUNTANT)
    )
    waiting = waiting.exclude(noted_by=actor.user_id).select_related("recovery__case__applicant")
    return [
        Task(
            _("Post what %(name)s paid back") % {"name": row.recovery.case.applicant.name},
            _("%(number)s, %(amount)s yuan") % {
                "number": row.recovery.number, "amount": format_fen(row.amount_fen)},
            row.recovery.get_absolute_url(), since=day_of(row.noted_at),
        )
        for row in waiting.order_by("noted_at", "pk")[:MOST]
    ]  # fmt: skip


def _to_import(actor, on):
    """Bank accounts whose statement of the last month has not been imported."""
    last = on.replace(day=1) - timedelta(days=1)
    covered = Statement.objects.filter(
        bank_account=OuterRef("pk"), since__lte=last, until__gte=last
    )
    accounts = BankAccount.objects.filter(
        ~Exists(covered), company__in=actor.companies(Role.CASHIER)
    )
    return [
        Task(
            _("Import the bank statement up to %(day)s") % {"day": last.isoformat()},
            account.name, reverse("funds:statement_import"), last + timedelta(days=10),
        )
        for account in accounts.order_by("pk")[:MOST]
    ]  # fmt: skip


def _to_match(actor, on):
    """Lines of the bank that stand alone without an explanation, a row for each account."""
    told = Explanation.objects.filter(line=OuterRef("pk"))
    waiting = (
        StatementLine.objects.unmatched()
        .filter(
            ~Exists(told),
            bank_account__company__in=actor.companies(Role.CASHIER, Role.ACCOUNTANT),
        )
        .order_by()
        .values("bank_account", "bank_account__name")
        .annotate(count=Count("pk"))
        .order_by("bank_account")
    )
    return [
        Task(
            ngettext(
                "Match %(count)s line of the bank", "Match %(count)s lines of the bank",
                row["count"],
            ) % {"count": row["count"]},
            row["bank_account__name"], f"{reverse('funds:statement_list')}?state=open",
        )
        for row in waiting[:MOST]
    ]  # fmt: skip


def _to_close(actor, on):
    """The oldest open month of each account that is over."""
    months = Period.objects.filter(
        bank_account__company__in=actor.companies(Role.ACCOUNTANT),
        status=Period.Status.OPEN,
        ends_on__lt=on,
    ).select_related("bank_account")
    found: dict[int, Period] = {}
    for period in months.order_by("ends_on", "pk")[: MOST * MOST]:
        found.setdefault(period.bank_account_id, period)
    return [
        Task(
            _("Close the month %(month)s") % {"month": str(period)}, period.bank_account.name,
            reverse("funds:period_close", args=[period.pk]), period.ends_on + timedelta(days=20),
        )
        for period in found.values()
    ]  # fmt: skip


def _to_visit(actor, on):
    """Planned visits of this week, for those who are to go."""
    plans = VisitPlan.objects.open().of_visitor(actor.user_id).filter(planned_on__lte=on + SOON)
    records = actor.roles.intersection(PLANNERS)
    return [
        Task(
            _("Visit the household of %(name)s") % {"name": plan.dossier.head.name},
            _("With %(visitors)s, %(unit)s") % {
                "visitors": _(", ").join(
                    planned.user.name
                    for planned in plan.planned_visitors.all()
                    if planned.user_id != actor.user_id
                ),
                "unit": plan.dossier.unit.name,
            },
            reverse("cases:visit_new", args=[plan.dossier_id])
            if records
            else reverse("cases:visit_list"),
            plan.planned_on,
        )
        for plan in plans.for_list().order_by("planned_on", "pk")[:MOST]
    ]  # fmt: skip


def _visits_overdue(actor, on):
    """One row for all households whose visit is overdue in one company."""
    units = actor.units(Role.UNIT_OFFICER, Role.UNIT_CHAIR)
    companies = actor.companies(Role.COMPANY_OFFICER)
    rules = {}
    for hat in actor.hats:
        if hat.role in PLANNERS and hat.company_id not in rules:
            policy = Policy.objects.in_force(hat.company_id, on)
            rules[hat.company_id] = (policy.rules if policy else LATER)["visit.every_months"]
    found = []
    for company, months in rules.items():
        mine = Dossier.objects.active().filter(
            Q(unit__in=units) | Q(company__in=companies), company=company
        )
        if count := mine.overdue_visit(on, months).count():
            words = ngettext(
                "Plan the visit of %(count)s household that is overdue",
                "Plan the visits of %(count)s households that are overdue", count,
            )  # fmt: skip
            found.append(
                Task(words % {"count": count}, _("Visit plan"),
                     f"{reverse('cases:visit_plan')}?state=overdue", kind="attention")
            )  # fmt: skip
    return found


def _sources(*pairs):
    return tuple(Source(frozenset(roles), find) for roles, find in pairs)


SOURCES = _sources(
    ({Role.EMPLOYEE}, _own_applications),
    ({Role.INFORMANT, Role.UNIT_OFFICER, Role.UNIT_CHAIR}, _entered_for_others),
    ({Role.UNIT_OFFICER, Role.UNIT_CHAIR}, _to_review),
    ({Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER}, _to_recheck),
    ({Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER}, _to_call_on),
    ({Role.UNIT_OFFICER, Role.UNIT_CHAIR}, _to_follow_up),
    ({Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER}, _to_hear_back),
    ({Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER}, _changes),
    ({Role.COMPANY_OFFICER}, _exits),
    ({Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER}, _follow_ups),
    ({Role.UNIT_OFFICER, Role.UNIT_CHAIR, Role.COMPANY_OFFICER}, _campaigns),
    (set(VISITORS), _to_visit),
    (set(PLANNERS), _visits_overdue),
    ({Role.COMPANY_OFFICER}, _to_verify),
    ({Role.COMPANY_OFFICER}, _to_list),
    ({Role.COMPANY_OFFICER}, _to_build),
    ({Role.COMPANY_OFFICER}, _to_publish),
    ({Role.COMPANY_CHAIR}, _to_lock),
    ({Role.COMPANY_CHAIR}, _to_enact),
    ({Role.SECRETARY}, _for_the_agenda),
    ({Role.SECRETARY}, _to_record),
    ({Role.LEADER}, _to_confirm),
    ({Role.LEADER}, _decided_without),
    ({Role.DISCIPLINE}, _to_answer),
    ({Role.CASHIER}, _to_prepare),
    ({Role.ACCOUNTANT}, _to_post),
    ({Role.CASHIER}, _files_to_send),
    ({Role.ACCOUNTANT}, _answers_to_import),
    ({Role.ACCOUNTANT, Role.COMPANY_OFFICER}, _accounts_to_check),
    ({Role.CASHIER}, _advances_to_prepare),
    ({Role.ACCOUNTANT}, _advances_to_post),
    ({Role.COMPANY_OFFICER}, _advances_overdue),
    ({Role.COMPANY_CHAIR}, _budgets_to_decide),
    ({Role.COMPANY_CHAIR, Role.ACCOUNTANT}, _hand_overs_to_decide),
    ({Role.CASHIER}, _receipts_missing),
    ({Role.COMPANY_CHAIR}, _recoveries_to_decide),
    ({Role.COMPANY_OFFICER}, _recoveries_to_tell),
    ({Role.CASHIER}, _recoveries_overdue),
    ({Role.ACCOUNTANT}, _recoveries_to_post),
    ({Role.CASHIER}, _to_import),
    ({Role.CASHIER, Role.ACCOUNTANT}, _to_match),
    ({Role.ACCOUNTANT}, _to_close),
)
