"""The register of information officers: area, phone, training, and what they reported."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from base.xlsx import Column
from cases import actions
from cases.forms.incident import InformantFilter, InformantForm, TrainingForm
from cases.models import Informant, Post
from cases.models.dossier import READERS
from cases.models.incident import GRASSROOTS
from people.models import Unit
from people.roles import Role, check_any
from people.views.lists import listing
from people.workflow import check

READING = (Role.INFORMANT, *GRASSROOTS, *READERS)
pages = require_http_methods(["GET", "HEAD", "POST"])
COLUMNS = (
    Column("name", gettext_lazy("Name")),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("area", gettext_lazy("Team or area looked after"), width=32),
    Column("since", gettext_lazy("Since"), kind="date"),
    Column("until", gettext_lazy("Until"), kind="date"),
    Column("trainings", gettext_lazy("Trainings"), kind="int"),
    Column("trained_on", gettext_lazy("Latest training"), kind="date"),
    Column("reported", gettext_lazy("Events reported"), kind="int"),
    Column("in_time", gettext_lazy("Of them within a day"), kind="int"),
)


def _cells(post):
    return (
        post.user.name, post.unit.name, post.area, post.since, post.until, post.trainings,
        post.trained_on, post.reported, post.in_time,
    )  # fmt: skip


@require_safe
def informant_list(request):
    check_any(request.actor, *READING)
    on = timezone.localdate()
    filters = InformantFilter(request.GET, actor=request.actor)
    posts = Post.objects.visible_to(request.actor)
    return listing(
        request,
        "cases/informant_list.html",
        rows=posts.narrowed(on=on, **filters.chosen).for_list(),
        order=("unit__path", "pk"),
        title=_("Information officers"),
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        on=on,
        uncovered=_uncovered(request.actor, on),
    )


def _uncovered(actor, on):
    """The unions the actor answers for that have nobody to tell them: one query."""
    units = Unit.objects.filter(pk__in=actor.units(*GRASSROOTS)) | Unit.objects.filter(
        parent__in=actor.companies(*READERS)
    )
    held = Post.objects.valid_on(on).filter(role=Role.INFORMANT, unit=OuterRef("pk"))
    return units.grassroots().exclude(Exists(held)).order_by("path", "pk")


def _post(request, pk):
    return get_object_or_404(Post.objects.visible_to(request.actor).for_list(), pk=pk)


@require_safe
def informant_detail(request, pk):
    post = _post(request, pk)
    known = Informant.objects.filter(user=post.user_id, unit=post.unit_id)
    informant = known.prefetch_related("trainings").first()
    refused = actions.why_not_keep(post, request.actor)
    own = post.user_id == request.user.pk
    context = {
        "post": post,
        "held": post.until is None or post.until > timezone.localdate(),
        "informant": informant,
        "trainings": sorted(informant.trainings.all(), key=lambda t: t.held_on, reverse=True)
        if informant
        else [],
        "sees_phone": own or not refused or request.actor.has(Role.COMPANY_CHAIR, post.unit.path),
        "may_keep": not refused,
    }
    return render(request, "cases/informant_detail.html", context)


@pages
def informant_edit(request, pk):
    post = _post(request, pk)
    check(actions.why_not_keep(post, request.actor))
    informant = Informant.objects.filter(user=post.user_id, unit=post.unit_id).first()
    initial = {"area": informant.area, "phone": informant.phone} if informant else None
    form = InformantForm(request.POST or None, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/informant_edit.html", form, post=post)
    actions.keep_informant(post=post, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("The register was changed."))
    return redirect(post)


@pages
def informant_train(request, pk):
    post = _post(request, pk)
    check(actions.why_not_keep(post, request.actor))
    form = TrainingForm(request.POST or None, on=timezone.localdate())
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/informant_train.html", form, post=post)
    actions.record_training(post=post, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("The training was recorded."))
    return redirect(post)


def _form(request, template, form, **context):
    status = 422 if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)
