"""Who looked at what, for those who watch over it and for the person concerned."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from base.xlsx import Column
from people import roles, workflow
from people.forms import DisclosureFilter
from people.models import Disclosure, DisclosureSubject, Purpose
from people.views.lists import listing

COLUMNS = (
    Column("at", gettext_lazy("When"), width=18),
    Column("by", gettext_lazy("Who")),
    Column(
        "subject",
        gettext_lazy("Looked at"),
        kind="choice",
        choices=tuple(DisclosureSubject.choices),
    ),
    Column("person", gettext_lazy("Person or number")),
    Column("fields", gettext_lazy("Shown"), width=30),
    Column(
        "purpose", gettext_lazy("Purpose"), kind="choice", choices=tuple(Purpose.choices), width=28
    ),
)


def _cells(disclosure):
    return (
        f"{timezone.localtime(disclosure.at):%Y-%m-%d %H:%M}",
        disclosure.by.name,
        disclosure.subject,
        disclosure.person_name or str(disclosure.subject_pk),
        "、".join(str(label) for label in disclosure.field_labels()),
        disclosure.purpose,
    )


@require_safe
def disclosure_list(request):
    roles.check_any(request.actor, *workflow.LOG_READERS)
    filters = DisclosureFilter(request.GET)
    return listing(
        request,
        "people/disclosure_list.html",
        rows=Disclosure.objects.visible_to(request.actor).for_list().narrowed(**filters.chosen),
        order=("-at", "-pk"),
        title=_("Who looked at what"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
    )


@require_safe
def my_disclosures(request):
    """Open to everybody signed in; without a person on the roster there is nothing to look at."""
    return listing(
        request,
        "people/my_disclosures.html",
        rows=Disclosure.objects.about(request.actor.person_id).for_list(),
        order=("-at", "-pk"),
        title=_("Who looked at my data"),
        columns=COLUMNS,
        cells=_cells,
    )
