"""The policy: drafted by one person, put in force by another, never changed afterwards."""

from django.db import transaction
from django.utils.translation import gettext as _

from base.workdays import day_of
from cases import policy_checks, seed_policy
from cases.models import Clause, Policy, PolicyEdit, SubsistenceLine
from cases.policy_words import kind
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


def why_not_draft(company, actor):
    """Why the actor may not draft a version for a company; "" when they may."""
    if not actor.has(Role.COMPANY_OFFICER, company.path):
        return _("Only the company union officer drafts a policy.")
    return ""


@transaction.atomic
def start_draft(*, company, title, by, at):
    """A new version that begins as a copy of the one in force, with the clauses it lacks as the
    seed has them. Raises NotAllowed while a draft of the same title is open."""
    if reason := why_not_draft(company, by.actor(day_of(at))):
        raise NotAllowed(reason)
    open_drafts = Policy.objects.filter(company=company, status=Policy.Status.DRAFT)
    if open_drafts.filter(title=title).exists():
        raise NotAllowed(_("A draft of this title is being worked on already."))
    base = Policy.objects.newest(company.pk)
    clauses = list(base.clauses.order_by("pk")) if base else []
    rows = [(c.key, c.clause, c.value, c.mark, c.source) for c in clauses]
    rows += policy_checks.missing({row[0] for row in rows})
    return draft_policy(company=company, title=title, clauses=rows, by=by, at=at)


def why_not_edit_draft(policy, actor):
    """Why the actor may not change the version; "" when they may."""
    if reason := why_not_draft(policy.company, actor):
        return reason
    if policy.status != Policy.Status.DRAFT:
        return _("Only a draft is changed; make a new version instead.")
    return ""


@transaction.atomic
def change_clause(*, policy, key, value, clause, source, mark, by, at):
    """Give one clause of a draft another value or source, or add one the program knows.

    Whoever does this does not put the version in force. Nothing is written when nothing changes.
    """
    policy = Policy.objects.lock(policy.pk)
    if reason := why_not_edit_draft(policy, by.actor(day_of(at))):
        raise NotAllowed(reason)
    found = Clause.objects.filter(policy=policy, key=key).first()
    if found is None and key not in {row[0] for row in seed_policy.CLAUSES}:
        raise NotAllowed(_("This program knows no such clause."))
    if kind(key, value).shape is None:
        raise NotAllowed(_("This clause cannot be changed here."))
    if reason := policy_checks.why_not_value(key, value):
        raise NotAllowed(reason)
    columns = {"value": value, "clause": clause, "source": source, "mark": mark}
    if found and all(getattr(found, name) == new for name, new in columns.items()):
        return found
    PolicyEdit.objects.create(policy=policy, key=key, by=by, at=at)
    changed = found or Clause(policy=policy, key=key)
    for name, new in columns.items():
        setattr(changed, name, new)
    changed.save()
    return changed


@transaction.atomic
def give_up_draft(*, policy, by, at):
    """A draft is not pursued: it stays to be read, and is never taken up again."""
    policy = Policy.objects.lock(policy.pk)
    if reason := why_not_edit_draft(policy, by.actor(day_of(at))):
        raise NotAllowed(reason)
    policy.status, policy.given_up_at, policy.given_up_by = Policy.Status.GIVEN_UP, at, by
    policy.save(update_fields=["status", "given_up_at", "given_up_by"])
    return policy


@transaction.atomic
def enact(*, policy, in_force_on, by, at):
    """Put a draft in force from a day on; by somebody who neither drafted nor edited it."""
    policy = Policy.objects.lock(policy.pk)
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
    if policy.status == Policy.Status.GIVEN_UP:
        return _("This draft was given up.")
    if policy.status != Policy.Status.DRAFT:
        return _("This policy is in force already.")
    if policy.drafted_by_id == actor.user_id:
        return _("Somebody other than who drafted the policy puts it in force.")
    if policy.edits.filter(by=actor.user_id).exists():
        return _("Somebody who has not edited the draft puts it in force.")
    if in_force_on < on:
        return _("A policy is not put in force for days that have passed.")
    if found := problems(policy):
        return _("The draft is not ready: %(clause)s: %(problem)s") % {
            "clause": kind(found[0].key).name, "problem": found[0].sentence}  # fmt: skip
    return ""


def problems(policy):
    """What stands in the way of putting a version in force; one query for its clauses."""
    return policy_checks.problems(dict(policy.clauses.values_list("key", "value")))


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
