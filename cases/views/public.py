"""What anybody on the intranet may see: notices, objections to them, and where a case stands."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from base.keyset import paginate
from base.workdays import day_of
from cases import actions
from cases.forms.public import NoticeFilter, ObjectionForm, ProgressForm
from cases.models import Notice, Objection, Policy
from cases.views.limits import HOUR, MINUTE, limited, once, refusal, spend, unlisted
from cases.workflow import STAGE, Programme, Status
from people.roles import COMPANY_ROLES, Role

LINES = 25
PAGES = {"most": 240, "seconds": HOUR}  # an afternoon of reading; not the whole archive
GUESSES = {"most": 20, "seconds": 10 * MINUTE}
OBJECTIONS = {"most": 10, "seconds": HOUR}
KEEPERS = tuple(role for role in COMPANY_ROLES if role != Role.ADMIN)


def spaced(code):
    """A code in groups of four, as it is read out on the phone."""
    return "-".join(code[start : start + 4] for start in (0, 4, 8))


# Notices


@login_not_required
@require_safe
@unlisted
@limited("notices", **PAGES)
def notice_list(request):
    """Open notices first; of the ended ones only that they were. Searched by title alone."""
    on = timezone.localdate()
    filters = NoticeFilter(request.GET)
    notices = Notice.objects.for_list().titled(filters.text)
    context = {
        "filters": filters,
        "running": [(row, row.days_left(on)) for row in notices.shown_on(on)[:100]],
        "ended": paginate(
            notices.ended_by(on),
            order=("-starts_on", "-pk"),
            cursor=request.GET.get("cursor", ""),
            size=LINES,
        ),
    }
    return render(request, "cases/notice_list.html", context)


def _gone(request, notice):
    """The page of a notice that ended: its names are shown no more."""
    return render(request, "410.html", {"ended_on": notice.ends_on}, status=410)


def _kept(request, notice):
    """Whether the reader holds an office that answers for the notice after its end too."""
    return request.actor is not None and notice.company_id in request.actor.companies(*KEEPERS)


def _notice(code):
    return get_object_or_404(Notice.objects.for_list(), code=code)


def _text(notice):
    """What the formal text of a notice names: the rules it rests on, and the time to answer."""
    policy = Policy.objects.in_force(notice.company_id, day_of(notice.published_at))
    return {
        "notice": notice,
        "policy": policy,
        "answer_days": policy.rules["objection.working_days"] if policy else None,
        "has_amounts": notice.programme != Programme.RECOGNITION,
    }


def _lines(notice):
    return notice.lines.select_related("unit", "case")


@login_not_required
@require_safe
@unlisted
@limited("notices", **PAGES)
def notice_detail(request, code):
    notice = _notice(code)
    on = timezone.localdate()
    ended = notice.ends_on < on
    if ended and not _kept(request, notice):
        return _gone(request, notice)
    page = paginate(
        _lines(notice), order=("seq", "pk"), cursor=request.GET.get("cursor", ""), size=LINES
    )
    open_to = (Status.PUBLISHED, Status.HELD)
    context = _text(notice) | {
        "page": page,
        "rows": [(line, line.case.status in open_to) for line in page],
        "days_left": notice.days_left(on),
        "ended": ended,
    }
    return render(request, "cases/notice_detail.html", context)


@login_not_required
@require_safe
@unlisted
def notice_print(request, code):
    """The whole notice as an official paper; it costs as many pages as it has."""
    notice = _notice(code)
    pages = -(-notice.lines_count // LINES)
    if not spend(request, "notices", pages, **PAGES):
        return refusal(request, PAGES["seconds"])
    if notice.ends_on < timezone.localdate() and not _kept(request, notice):
        return _gone(request, notice)
    context = _text(notice) | {"lines": _lines(notice).order_by("seq")}
    return render(request, "cases/notice_print.html", context)


# Objections


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
@limited("objections", methods=("POST",), **OBJECTIONS)
def notice_object(request, code):
    notice = _notice(code)
    now = timezone.now()
    if notice.ends_on < day_of(now):
        return _gone(request, notice)
    initial = {"line": request.GET.get("line")}
    form = ObjectionForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        lines=notice.lines.all(),
    )
    if not form.is_valid():
        status = 422 if form.errors else 200
        context = _text(notice) | {"form": form}
        return render(request, "cases/notice_object.html", context, status=status)
    data = form.cleaned_data
    receipt = once(data["token"], lambda: _object(data, now))
    if not receipt:
        return redirect(notice)
    return HttpResponseRedirect(reverse("cases:objection_receipt", args=[code, receipt]))


def _object(data, at):
    """File the objection; its receipt code."""
    return actions.object_to(
        line=data["line"], words=data["facts"], at=at, name=data["name"], contact=data["contact"]
    ).code


@login_not_required
@require_safe
@unlisted
@limited("notices", **PAGES)
def objection_receipt(request, code, receipt):
    """What came of an objection, for whoever holds the receipt; nothing of who filed it."""
    objections = Objection.objects.select_related("line__notice", "answer")
    objection = get_object_or_404(objections, code=receipt, line__notice__code=code)
    context = {
        "objection": objection,
        "notice": objection.line.notice,
        "receipt": spaced(objection.code),
        "answer": getattr(objection, "answer", None),
    }
    return render(request, "cases/notice_receipt.html", context)


# Where is my case?


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@unlisted
@limited("progress", methods=("POST",), **GUESSES)
def progress(request):
    """Where a case stands, for whoever knows its code and the end of the ID number."""
    form = ProgressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        context = {"case": form.case, "story": story(form.case), "code": spaced(form.case.code)}
        return render(request, "cases/progress.html", context)
    return render(
        request, "cases/progress.html", {"form": form}, status=422 if form.errors else 200
    )


# Where a case stands, in words


def story(case):
    """What the progress tracker shows of a case fetched with `for_story`; no query."""
    status = Status(case.status)
    stopped = status in (Status.DECLINED, Status.WITHDRAWN)
    at = status
    if stopped:
        at = Status(max(case.steps.all(), key=lambda step: step.pk).before)
    recognised = status == Status.CLEARED and case.programme == Programme.RECOGNITION
    return {
        "current": STAGE[at],
        "stopped": stopped,
        "finished": status == Status.PAID or recognised,
        "sentence": _where(case, status, recognised),
    }


def _where(case, status, recognised):
    if recognised:
        return _("The notice period has ended. The household is on file.")
    sentences = {
        Status.DRAFT: _("The application is being filled in and has not been submitted yet."),
        Status.SUBMITTED: _("The grassroots union reviews the application."),
        Status.RETURNED: _("The application was returned to the applicant for correction."),
        Status.REVIEWED: _("The company union verifies the facts and visits the household."),
        Status.VERIFIED: _("The facts are verified. The next leadership meeting decides."),
        Status.TABLED: _("The application is before the leadership, who decide in a meeting."),
        Status.APPROVED: _("The leadership approved it. Next, the company union publishes it."),
        Status.PUBLISHED: _("It is on public notice until %(day)s.") % {"day": _notice_end(case)},
        Status.HELD: _("Somebody objected during the notice period; this is being looked into."),
        Status.CLEARED: _("The notice period has ended. Next, the money is paid."),
        Status.PAID: _("The money was paid to the payee account."),
        Status.DECLINED: _("The application was not approved."),
        Status.WITHDRAWN: _("The applicant withdrew the application."),
    }
    sentence = sentences[status]
    if case.due_on:
        due = _("This should be done by %(day)s.") % {"day": case.due_on}
        return _("%(sentence)s %(due)s") % {"sentence": sentence, "due": due}
    return sentence


def _notice_end(case):
    """The last day of the latest notice; "" for a case never published."""
    lines = sorted(case.notice_lines.all(), key=lambda line: line.pk)
    return lines[-1].notice.ends_on if lines else ""
