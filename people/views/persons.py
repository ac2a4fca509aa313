"""Persons on the roster: masked on every page, full numbers only after a recorded reason."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base import masking
from base.xlsx import Column
from people import actions, roles, workflow
from people.forms import PayeeForm, PersonFilter, RevealForm
from people.models import Person, Sex, Standing
from people.views.lists import listing

COLUMNS = (
    Column("staff_no", gettext_lazy("Staff number")),
    Column("name", gettext_lazy("Name")),
    Column("sex", gettext_lazy("Sex"), kind="choice", choices=tuple(Sex.choices), width=8),
    Column("id_number", gettext_lazy("ID number"), width=22),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column(
        "standing",
        gettext_lazy("Standing"),
        kind="choice",
        choices=tuple(Standing.choices),
        width=24,
    ),
    Column("phone", gettext_lazy("Mobile phone")),
    Column("left_on", gettext_lazy("Left on"), kind="date"),
    Column("died_on", gettext_lazy("Died on"), kind="date"),
)


def _cells(person):
    return (
        person.staff_no,
        person.name,
        person.sex,
        masking.mask_id(person.id_number),
        person.unit.name,
        person.standing,
        masking.mask_phone(person.phone),
        person.left_on,
        person.died_on,
    )


@require_safe
def person_list(request):
    roles.check_any(request.actor, *workflow.READERS)
    filters = PersonFilter(request.GET, actor=request.actor)
    return listing(
        request,
        "people/person_list.html",
        rows=Person.objects.visible_to(request.actor).for_list().narrowed(**filters.chosen),
        order=("name_pinyin", "pk"),
        title=_("Staff roster"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        may_import=not request.actor.why_not_any(*workflow.IMPORTERS),
    )


def _get_person(request, pk):
    persons = Person.objects.visible_to(request.actor).select_related("unit", "company")
    return get_object_or_404(persons, pk=pk)


def _context(request, person, form):
    """What the page of a person shows to this actor."""
    place = (request.actor, person.pk, person.unit.path)
    return {
        "person": person,
        "reveal": form,
        "may_list": not request.actor.why_not_any(*workflow.READERS),
        "sees_income": workflow.sees_income(*place),
        "may_reveal": not workflow.why_not_reveal(*place),
        "may_change_payee": not workflow.why_not_change_payee(*place),
    }


@require_safe
def person_detail(request, pk):
    person = _get_person(request, pk)
    return render(request, "people/person_detail.html", _context(request, person, RevealForm()))


@require_POST
@never_cache
def person_reveal(request, pk):
    """The page of a person with the full numbers, this once; the reason is written down first."""
    person = _get_person(request, pk)
    workflow.check(workflow.why_not_reveal(request.actor, person.pk, person.unit.path))
    form = RevealForm(request.POST)
    context = _context(request, person, form)
    if not form.is_valid():
        return render(request, "people/person_detail.html", context | {"form": form}, status=422)
    purpose = form.cleaned_data["purpose"]
    actions.reveal(person=person, by=request.user, at=timezone.now(), purpose=purpose)
    return render(request, "people/person_detail.html", context | {"revealed": True})


@require_http_methods(["GET", "HEAD", "POST"])
def person_payee(request, pk):
    person = _get_person(request, pk)
    workflow.check(workflow.why_not_change_payee(request.actor, person.pk, person.unit.path))
    initial = {"bank": person.bank, "branch": person.branch, "account_name": person.account_name}
    form = PayeeForm(request.POST or None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "person": person}
        return render(request, "people/person_payee.html", context, status=status)
    data = form.cleaned_data
    actions.change_payee(
        person=person,
        bank=data["bank"],
        branch=data["branch"],
        account_name=data["account_name"],
        account=data["account"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, _("The payee account was changed."))
    return redirect(person)
