"""The policy: drafted by one person, put in force by another, never changed afterwards."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases import seed_policy
from cases.models import Clause, Policy, SubsistenceLine
from people.roles import NotAllowed, Role


@transaction.atomic
def draft_policy(*, company, title, clauses, by, at):
    """A new version. `clauses`: (key, clause, value, mark, source) each."""
    if not by.actor(day_of(at)).has(Role.COMPANY_OFFICER, company.path):
        raise NotAllowed(_("Only the company union officer drafts a policy."))
    last = Policy.objects.filter(company=company).order_by("-number").first()
    policy = Policy.objects.create(
        company=company, number=last.number + 1 if last else 1, title=title,
        drafted_at=at, drafted_by=by,
    )  # fmt: skip
    Clause.objects.bulk_create(
        Clause(policy=policy, key=key, clause=clause, value=value, mark=mark, source=source)
        for key, clause, value, mark, source in clauses
    )
    return policy


@transaction.atomic
def enact(*, policy, in_force_on, by, at):
    """Put a draft in force from a day on; by somebody other than who drafted it."""
    policy = Policy.objects.select_for_update().get(pk=policy.pk)
    if reason := why_not_enact(policy, by.actor(day_of(at)), in_force_on, day_of(at)):
        raise NotAllowed(reason)
    policy.status, policy.in_force_on = Policy.Status.IN_FORCE, in_force_on
    policy.enacted_at, policy.enacted_by = at, by
    policy.save(update_fields=["status", "in_force_on", "enacted_at", "enacted_by"])
    return policy


def why_not_enact(policy, actor, in_force_on, on):
    """Why the actor may not put the policy in force from that day; "" when they may."""
    if policy.company_id not in actor.companies(Role.COMPANY_CHAIR):
        return _("Only the company union chair puts a policy in force.")
    if policy.status != Policy.Status.DRAFT:
        return _("This policy is in force already.")
    if policy.drafted_by_id == actor.user_id:
        return _("Somebody other than who drafted the policy puts it in force.")
    if in_force_on < on:
        return _("A policy is not put in force for days that have passed.")
    return ""


@transaction.atomic
def set_line(*, company, place, since, monthly_fen, source, by, at):
    """Enter the subsistence line of a place from a day on; older lines stay."""
    if not by.actor(day_of(at)).has(Role.COMPANY_OFFICER, company.path):
        raise NotAllowed(_("Only the company union officer enters the subsistence line."))
    if SubsistenceLine.objects.filter(company=company, since=since).exists():
        raise NotAllowed(_("There is a subsistence line from this day on already."))
    return SubsistenceLine.objects.create(
        company=company, place=place, since=since, monthly_fen=monthly_fen, source=source
    )


@transaction.atomic
def seed(*, company, drafted_by, enacted_by, at):
    """The seed policy in force from the day of `at`, and its subsistence line."""
    policy = draft_policy(
        company=company, title=seed_policy.TITLE, clauses=seed_policy.CLAUSES, by=drafted_by, at=at
    )
    set_line(company=company, by=drafted_by, at=at, **seed_policy.LINE)
    return enact(policy=policy, in_force_on=day_of(at), by=enacted_by, at=at)
