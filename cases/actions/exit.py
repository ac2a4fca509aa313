"""The end of a dossier: exit proposed by its unit and decided by the company, cancelling, and how
the household fares afterwards."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.money import format_fen
from base.workdays import day_of
from cases import facts, life, scoring
from cases.actions.events import happened
from cases.actions.household import attach
from cases.actions.life import held
from cases.life import Act, ExitKind, ExitStatus
from cases.models import Document, Dossier, Exit, FollowUp, Member, Policy
from people.roles import NotAllowed


def reckoning(dossier, on):
    """The income arithmetic of the household as the file stands, {net_income_fen, line_fen, …};
    None without a policy or a subsistence line of the day. Uses the dossier's head."""
    policy = Policy.objects.in_force(dossier.company_id, on)
    line = facts.line_fen(dossier.company_id, on)
    here = dossier.members.filter(left_on=None).exists()
    if policy is None or line is None or not here:
        return None
    return scoring.totals(policy.rules, facts.household(dossier, line), on.isoformat())


def why_not_recovered(dossier, above_since, on):
    """What an exit for recovery lacks: the day, the income above the line, a valid visit; "" when
    nothing does."""
    policy = Policy.objects.in_force(dossier.company_id, on)
    found = reckoning(dossier, on)
    if policy is None or found is None:
        return _("No policy is in force, or no subsistence line is entered, for this day.")
    months = policy.rules["exit.months"]
    if above_since and above_since > life.months_earlier(on, months):
        return _("The income must have been above the line for %(months)s months.") % {
            "months": months}  # fmt: skip
    if found["net_income_fen"] * 1000 <= found["line_fen"] * policy.rules["exit.permille"]:
        return _(
            "By the facts on file the household has %(net)s yuan a head and month, not above the"
            " line of %(line)s yuan. Update the facts first."
        ) % {"net": format_fen(found["net_income_fen"]), "line": format_fen(found["line_fen"])}
    if not facts.valid_visit(dossier.pk, on, policy):
        return _("Record a home visit by two people, one of them from outside the unit, first.")
    return ""


@transaction.atomic
def propose_exit(
    *, dossier, kind, cause_gone, told_on, told_how, by, at, above_since=None, upload=None,
    file=None, witnesses=None,
):  # fmt: skip
    """The grassroots union proposes that the household leaves the file.

    `upload` and `file` are the paper the household signed (see `attach`); without it `witnesses`
    names two who saw that it refused to sign, which a wish of its own cannot do without.
    """
    on = day_of(at)
    actor = by.actor(on)
    dossier = held(dossier, Act.PROPOSE_EXIT, actor)
    recovered = kind == ExitKind.RECOVERED
    if recovered and (reason := why_not_recovered(dossier, above_since, on)):
        raise NotAllowed(reason)
    if told_on > on:
        raise NotAllowed(_("This day lies in the future."))
    if upload is None and not (recovered and witnesses):
        raise NotAllowed(_("Attach the paper the household signed."))
    document = None
    if upload is not None:
        document = attach(
            dossier=dossier, kind=Document.Kind.OTHER, upload=upload, file=file, by=by, at=at
        )
    columns = {}
    if recovered:
        found = reckoning(dossier, on)
        policy = Policy.objects.in_force(dossier.company_id, on)
        columns = {
            "above_since": above_since, "net_income_fen": found["net_income_fen"],
            "line_fen": found["line_fen"],
            "visit": facts.valid_visit(dossier.pk, on, policy),
        }  # fmt: skip
    proposed = Exit.objects.create(
        dossier=dossier, kind=kind, cause_gone=cause_gone, told_on=told_on, told_how=told_how,
        document=document, witnesses=None if document else witnesses, proposed_at=at,
        proposed_by=by, **columns,
    )  # fmt: skip
    happened([dossier], Act.PROPOSE_EXIT, by=by, at=at, actor=actor, reason=kind)
    return proposed


@transaction.atomic
def confirm_exit(*, dossier, by, at, words=""):
    """The company union confirms: the household is no longer on file, and is followed up."""
    on = day_of(at)
    actor = by.actor(on)
    dossier = held(dossier, Act.EXIT, actor)
    leaving = _proposed(dossier)
    recovered = leaving.kind == ExitKind.RECOVERED
    if recovered and (reason := why_not_recovered(dossier, leaving.above_since, on)):
        raise NotAllowed(reason)
    _decide(leaving, ExitStatus.CONFIRMED, words, by, at)
    _close(dossier, Act.EXIT, Dossier.Status.EXITED, leaving.kind, by, at, actor, words=words)
    policy = Policy.objects.in_force(dossier.company_id, on)
    months = sorted(set(policy.rules["exit.follow_up_months"].values()))
    FollowUp.objects.bulk_create(
        FollowUp(exit=leaving, dossier=dossier, due_on=life.months_later(on, count))
        for count in months
    )
    return leaving


@transaction.atomic
def keep_on_file(*, dossier, by, at, words):
    """The company union does not confirm: the household stays on file, and why."""
    actor = by.actor(day_of(at))
    dossier = held(dossier, Act.KEEP, actor)
    leaving = _proposed(dossier)
    _decide(leaving, ExitStatus.KEPT, words, by, at)
    happened([dossier], Act.KEEP, by=by, at=at, actor=actor, words=words)
    return leaving


def _proposed(dossier):
    return Exit.objects.select_for_update(of=("self",)).get(
        dossier=dossier, status=ExitStatus.PROPOSED
    )


def _decide(leaving, status, words, by, at):
    leaving.status, leaving.decision = status, words or None
    leaving.decided_at, leaving.decided_by = at, by
    leaving.save(update_fields=["status", "decision", "decided_at", "decided_by"])


def _close(dossier, act, status, reason, by, at, actor, **said):
    """The dossier leaves the file; its members may stand in another household from now on."""
    happened([dossier], act, by=by, at=at, actor=actor, after=status, reason=reason, **said)
    Dossier.objects.filter(pk=dossier.pk).update(
        status=status, exit_reason=reason, closed_on=day_of(at), changed_at=at, changed_by=by
    )
    Member.objects.filter(dossier=dossier, active=True).update(active=False)


@transaction.atomic
def cancel_dossier(
    *, dossier, reason, words, by, at, clause="", other=None, upload=None, file=None
):
    """The company union cancels a dossier: death, transfer, duplicate, false statements, own wish.

    A duplicate names the other dossier; false statements name the clause and bar a new
    application for the policy's years; every other reason than a duplicate, and a death the
    roster knows, needs a paper. An exit that waits to be decided falls with it.
    """
    on = day_of(at)
    actor = by.actor(on)
    dossier = held(dossier, Act.CANCEL, actor)
    if missing := why_not_cancelled(dossier, reason, clause, other, upload):
        raise NotAllowed(missing)
    if upload is not None:
        attach(dossier=dossier, kind=Document.Kind.OTHER, upload=upload, file=file, by=by, at=at)
    for leaving in Exit.objects.filter(dossier=dossier, status=ExitStatus.PROPOSED):
        _decide(leaving, ExitStatus.KEPT, words, by, at)
    _close(
        dossier, Act.CANCEL, Dossier.Status.CANCELLED, reason, by, at, actor, words=words,
        clause=clause if reason == Dossier.ExitReason.FALSE else "",
        other=other if reason == Dossier.ExitReason.DUPLICATE else None,
    )  # fmt: skip
    dossier.refresh_from_db()
    return dossier


def why_not_cancelled(dossier, reason, clause, other, upload):
    """What cancelling for this reason lacks; "" when nothing does. Uses the dossier's head."""
    reasons = Dossier.ExitReason
    if reason not in life.CANCEL_REASONS:
        return _("Choose the reason.")
    if reason == reasons.DUPLICATE:
        known = other is not None and other.company_id == dossier.company_id
        return "" if known and other.pk != dossier.pk else _("Name the other dossier.")
    if reason == reasons.FALSE and not clause:
        return _("Name the clause of the policy.")
    if upload is None and not (reason == reasons.DIED and dossier.head.died_on):
        return _("Attach the paper this rests on.")
    return ""


@transaction.atomic
def record_follow_up(*, follow_up, result, how, done_on, words, by, at):
    """How an exited household fares: stable, at risk, or fallen back into hardship."""
    on = day_of(at)
    row = FollowUp.objects.lock(follow_up.pk)
    actor = by.actor(on)
    dossier = held(row.dossier, Act.FOLLOW_UP, actor)
    if row.result:
        raise NotAllowed(_("This follow-up has been recorded already."))
    if done_on > on:
        raise NotAllowed(_("This day lies in the future."))
    row.result, row.how, row.words, row.done_on = result, how, words, done_on
    row.done_at, row.done_by = at, by
    row.save(update_fields=["result", "how", "words", "done_on", "done_at", "done_by"])
    happened([dossier], Act.FOLLOW_UP, by=by, at=at, actor=actor, reason=result)
    return row
