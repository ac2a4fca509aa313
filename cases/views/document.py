"""Proofs: attached one at a time, opened only for a reason that is written down."""

from django.contrib import messages
from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases import actions
from cases.forms.document import DocumentForm, PurposeForm
from cases.models import Case, Document, Dossier
from cases.views.household import back_to
from cases.workflow import Status
from people.actions import disclose
from people.models import DisclosureSubject, Purpose
from people.roles import NotAllowed

pages = require_http_methods(["GET", "HEAD", "POST"])


def _household(request, pk):
    """The household, and the application named in the address when there is one (else 404).

    Whoever enters an application for a household on file sees its proofs page through it alone.
    """
    dossiers = Dossier.objects.visible_to(request.actor).select_related("head", "unit")
    named = request.GET.get("case", "")
    if not named.isdecimal():
        return get_object_or_404(dossiers, pk=pk), None
    cases = Case.objects.visible_to(request.actor).select_related(
        "dossier__head", "dossier__unit", "unit"
    )
    case = get_object_or_404(cases, pk=named, dossier=pk)
    if actions.why_not_describe(case, request.actor):
        return get_object_or_404(dossiers, pk=pk), case
    return case.dossier, case


def _shown(request, dossier):
    """The proofs they may open, those of a household they see; each with whether it is theirs and
    its application is still being filled in."""
    proofs = Document.objects.visible_to(request.actor).filter(dossier=dossier).order_by("pk")
    filling = dossier.cases.filter(status__in=(Status.DRAFT, Status.RETURNED)).exists()
    return [(proof, filling and proof.uploaded_by_id == request.user.pk) for proof in proofs]


@pages
def document_add(request, pk):
    dossier, case = _household(request, pk)
    for_another = request.actor.person_id != dossier.head_id
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DocumentForm(*sent, signed_form=for_another)
    back = back_to(request, dossier.get_absolute_url())
    if not form.is_valid():
        context = {
            "form": form,
            "dossier": dossier,
            "documents": _shown(request, dossier),
            "own": not for_another,
            "back_url": back,
            "next": urlencode({"next": back}),
        }
        status = 422 if form.errors else 200
        return render(request, "cases/document_add.html", context, status=status)
    document = actions.attach(
        dossier=dossier,
        case=case,
        kind=form.cleaned_data["kind"],
        upload=form.upload,
        file=form.cleaned_data["file"],
        by=request.user,
        at=timezone.now(),
    )
    words = {"kind": document.get_kind_display(), "file": form.upload.shown_name}
    messages.success(request, _("%(kind)s: %(file)s was attached.") % words)
    return HttpResponseRedirect(request.get_full_path() if "again" in request.POST else back)


@pages
def document_remove(request, pk):
    """Take a proof off while its application is being filled in: only whoever attached it."""
    documents = Document.objects.visible_to(request.actor).select_related("dossier__head")
    proof = get_object_or_404(documents.select_related("dossier__unit"), pk=pk)
    if reason := actions.why_not_remove_document(proof, request.user):
        raise NotAllowed(reason)
    back = back_to(request, proof.dossier.get_absolute_url())
    if request.method != "POST":
        context = {"document": proof, "dossier": proof.dossier, "back_url": back}
        return render(request, "cases/document_remove.html", context)
    actions.remove_document(document=proof, by=request.user, at=timezone.now())
    messages.success(request, _("%(kind)s was taken off.") % {"kind": proof.get_kind_display()})
    return HttpResponseRedirect(back)


@pages
@never_cache
def document(request, pk):
    """Why somebody wants to see it; then the file, as it was uploaded."""
    documents = Document.objects.visible_to(request.actor).select_related("dossier__company")
    proof = get_object_or_404(documents, pk=pk)
    own = request.actor.person_id == proof.dossier.head_id
    sent = request.POST if request.method == "POST" else None
    form = PurposeForm(sent, initial={"purpose": Purpose.REQUEST} if own else None)
    if not form.is_valid():
        back = back_to(request, proof.dossier.get_absolute_url())
        context = {"form": form, "document": proof, "own": own, "back_url": back}
        status = 422 if form.errors else 200
        return render(request, "cases/document.html", context, status=status)
    disclose(
        by=request.user,
        at=timezone.now(),
        company=proof.dossier.company,
        subject=DisclosureSubject.DOCUMENT,
        subject_pk=proof.pk,
        fields=("file",),
        purpose=form.cleaned_data["purpose"],
    )
    ending = proof.file.name.rpartition(".")[2]
    name = f"{proof.dossier.number}-{proof.get_kind_display()}.{ending}"
    return FileResponse(
        proof.file.open("rb"), content_type=proof.media_type, as_attachment=True, filename=name
    )
