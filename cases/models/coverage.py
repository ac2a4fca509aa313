"""Which households are to be visited, and which were: sets of households, counted by SQL.

Kept apart from the dossier so that one module says what "due", "late" and "overdue" mean.
"""

from datetime import date

from django.apps import apps
from django.db import models
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, ExtractDay, ExtractMonth, ExtractYear


def months_before(day, months):
    """The first day from which `months` months reach `day` or go beyond it.

    A day that the earlier month does not have gives the first of the next: 31 July less one
    month is 1 July, because whatever was due from 30 June was due on 30 July.
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        year, month = divmod(year * 12 + month + 1, 12)
        return date(year, month + 1, 1)


def _ordinal(name):
    """A day as a whole number that grows with it; 32 more is a month later."""
    months = ExtractYear(name) * 12 + ExtractMonth(name)
    return models.ExpressionWrapper(months * 32 + ExtractDay(name), output_field=IntegerField())


class CoverageQuerySet(models.QuerySet):
    """Questions about the visits of households on file. `months`: the period of the policy."""

    def overdue_visit(self, on, months):
        """Whose next visit was due before a day."""
        return self.filter(visit_from_on__lt=months_before(on, months))

    def covered(self, on, months):
        """Visited within the period that ends on a day."""
        return self.filter(last_visited_on__gte=months_before(on, months))

    def with_duty(self, year):
        """Annotated with `reckoned_on` (the last visit before the year, else the entry on file)
        and `answered_on` (the first visit in the year)."""
        visits = apps.get_model("cases", "Visit").objects.filter(dossier=OuterRef("pk"))
        before = visits.filter(visited_on__lt=date(year, 1, 1)).order_by("-visited_on")
        within = visits.filter(visited_on__year=year).order_by("visited_on")
        return self.annotate(
            reckoned_on=Coalesce(
                Subquery(before.values("visited_on")[:1]), F("opened_on"),
                output_field=models.DateField(),
            ),
            answered_on=Subquery(within.values("visited_on")[:1]),
        )  # fmt: skip

    def duty(self, state, *, on, year, months):
        """The households of one state of the duty list, see `duties`."""
        if state == "overdue":
            return self.overdue_visit(on, months)
        if state == "covered":
            return self.covered(on, months)
        if state == "planned":
            return self.filter(Exists(_open_plans()))
        conditions = {"due": Q(due=True), "done": Q(done=True), "late": Q(late=True)}
        return self._judged(year, months).filter(conditions[state])

    def duties(self, *, on, year, months):
        """One row for each grassroots union: households on file, visits due in the year, done,
        done late, overdue on a day, visited within the period. One query."""
        edge = months_before(on, months)
        return (
            self._judged(year, months)
            .order_by()
            .values("unit", "unit__name", "unit__path")
            .annotate(
                on_file=Count("pk"),
                due=Count("pk", filter=Q(due=True)),
                done=Count("pk", filter=Q(done=True)),
                late=Count("pk", filter=Q(late=True)),
                overdue=Count("pk", filter=Q(visit_from_on__lt=edge)),
                covered=Count("pk", filter=Q(last_visited_on__gte=edge)),
            )
            .order_by("unit__path", "unit")
        )

    def _judged(self, year, months):
        """Annotated with `due` in the year, `done` in it, and `late`: done after the day."""
        due = Q(reckoned_on__lt=months_before(date(year + 1, 1, 1), months))
        done = due & Q(answered_on__isnull=False)
        late = done & Q(answered__gt=F("reckoned") + months * 32)
        return (
            self.with_duty(year)
            .alias(reckoned=_ordinal("reckoned_on"), answered=_ordinal("answered_on"))
            .alias(due=_true(due), done=_true(done), late=_true(late))
        )


def _true(condition):
    return Case(When(condition, then=True), default=False, output_field=models.BooleanField())


def _open_plans():
    return apps.get_model("cases", "VisitPlan").objects.open().filter(dossier=OuterRef("pk"))
