"""Accounts and the roles they hold; and the sign-ins of the demonstration."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base.xlsx import Column
from people import actions, demo_accounts, roles, workflow
from people.forms import (
    AppointmentFilter,
    AppointmentForm,
    EndForm,
    PasswordForm,
    UserFilter,
    UserForm,
)
from people.models import Appointment, User
from people.roles import APPOINTED, NotAllowed, Role
from people.views.lists import listing

USER_COLUMNS = (
    Column("username", gettext_lazy("User name")),
    Column("name", gettext_lazy("Name")),
    Column("staff_no", gettext_lazy("Staff number")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("state", gettext_lazy("State")),
)
APPOINTMENT_COLUMNS = (
    Column("username", gettext_lazy("User name")),
    Column("name", gettext_lazy("Name")),
    Column(
        "role",
        gettext_lazy("Role"),
        kind="choice",
        choices=tuple((role.value, role.label) for role in APPOINTED),
    ),
    Column("unit", gettext_lazy("Unit"), width=28),
    Column("since", gettext_lazy("Held from"), kind="date"),
    Column("until", gettext_lazy("Until"), kind="date"),
)


def _user_cells(user):
    person = user.person
    return (
        user.username,
        user.name,
        person.staff_no if person else "",
        person.unit.name if person else "",
        _("in use") if user.is_active else _("out of use"),
    )


def _appointment_cells(held):
    return held.user.username, held.user.name, held.role, held.unit.name, held.since, held.until


@require_safe
def user_list(request):
    roles.check_any(request.actor, Role.ADMIN)
    filters = UserFilter(request.GET)
    return listing(
        request,
        "people/user_list.html",
        rows=User.objects.visible_to(request.actor).for_list().narrowed(**filters.chosen),
        order=("username", "pk"),
        title=_("Accounts"),
        columns=USER_COLUMNS,
        cells=_user_cells,
        filters=filters,
    )


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def user_new(request):
    roles.check_any(request.actor, Role.ADMIN)
    form = UserForm(request.POST or None, actor=request.actor)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "people/user_new.html", {"form": form}, status=status)
    data = form.cleaned_data
    actions.create_user(
        username=data["username"],
        name=data["name"],
        password=data["password"],
        person=data["person"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, _("The account was made. Give it a role now if it needs one."))
    return redirect("people:user_list")


def _get_user(request, pk):
    """An account this administrator keeps: not visible 404, their own 403."""
    roles.check_any(request.actor, Role.ADMIN)
    user = get_object_or_404(User.objects.visible_to(request.actor), pk=pk)
    if user.pk == request.user.pk:
        raise NotAllowed(_("Ask another system administrator to change your own account."))
    return user


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def user_password(request, pk):
    user = _get_user(request, pk)
    form = PasswordForm(request.POST or None)
    form.user = user
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "account": user}
        return render(request, "people/user_password.html", context, status=status)
    password = form.cleaned_data["password"]
    actions.set_password(user=user, password=password, by=request.user, at=timezone.now())
    messages.success(request, _("The password was changed."))
    return redirect("people:user_list")


@require_http_methods(["GET", "HEAD", "POST"])
def user_close(request, pk):
    user = _get_user(request, pk)
    if request.method != "POST":
        return render(request, "people/user_close.html", {"account": user})
    actions.close_user(user=user, by=request.user, at=timezone.now())
    messages.success(request, _("The account was closed."))
    return redirect("people:user_list")


@require_http_methods(["GET", "HEAD", "POST"])
def user_reopen(request, pk):
    user = _get_user(request, pk)
    if request.method != "POST":
        return render(request, "people/user_reopen.html", {"account": user})
    actions.reopen_user(user=user, by=request.user, at=timezone.now())
    messages.success(request, _("The account was opened again."))
    return redirect("people:user_list")


@require_safe
def appointment_list(request):
    roles.check_any(request.actor, Role.ADMIN)
    filters = AppointmentFilter(request.GET)
    chosen = filters.chosen | {"on": timezone.localdate()}
    return listing(
        request,
        "people/appointment_list.html",
        rows=Appointment.objects.visible_to(request.actor).for_list().narrowed(**chosen),
        order=("-since", "-pk"),
        title=_("Appointments"),
        columns=APPOINTMENT_COLUMNS,
        cells=_appointment_cells,
        filters=filters,
        today=timezone.localdate(),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def appointment_new(request):
    roles.check_any(request.actor, Role.ADMIN)
    initial = {"username": request.GET.get("user", ""), "since": timezone.localdate()}
    form = AppointmentForm(request.POST or None, actor=request.actor, initial=initial)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "people/appointment_new.html", {"form": form}, status=status)
    data = form.cleaned_data
    actions.appoint(
        user=data["user"],
        role=data["role"],
        unit=data["unit"],
        since=data["since"],
        until=data["until"],
        by=request.user,
        at=timezone.now(),
    )
    messages.success(request, _("The role was given."))
    return redirect("people:appointment_list")


@require_http_methods(["GET", "HEAD", "POST"])
def appointment_end(request, pk):
    roles.check_any(request.actor, Role.ADMIN)
    visible = Appointment.objects.visible_to(request.actor).select_related("user", "unit")
    held = get_object_or_404(visible, pk=pk)
    workflow.check(workflow.why_not_end(request.actor, held.user_id, held.unit.path))
    form = EndForm(request.POST or None, appointment=held, initial={"until": timezone.localdate()})
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "held": held}
        return render(request, "people/appointment_end.html", context, status=status)
    until = form.cleaned_data["until"]
    actions.end_appointment(appointment=held, until=until, by=request.user, at=timezone.now())
    messages.success(request, _("The appointment was ended."))
    return redirect("people:appointment_list")


@login_not_required
@require_POST
def demo_login(request):
    """Sign in as one of the people of the demonstration; elsewhere there is no such page."""
    username = request.POST.get("username", "")
    if not settings.DEMO or username not in demo_accounts.USERNAMES:
        raise Http404
    user = authenticate(request, username=username, password=demo_accounts.PASSWORD)
    if user is None:
        raise Http404
    login(request, user)
    return redirect(settings.LOGIN_REDIRECT_URL)
