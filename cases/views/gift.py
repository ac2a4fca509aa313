"""Gifts in kind: rounds of giving, who receives, handing over, the signed list and its photo."""

from django.contrib import messages
from django.db.models import Sum
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from base import masking
from base.keyset import paginate
from base.workdays import day_of
from base.xlsx import Column
from cases import actions
from cases.forms.document import PurposeForm
from cases.forms.gift import (
    AddFilter,
    GiftAddForm,
    GiftFilter,
    GiftGiveForm,
    GiftRoundFilter,
    GiftRoundForm,
    GiftSkipForm,
    ReceiptForm,
)
from cases.models import Gift, GiftRound, Receipt
from cases.models.dossier import READERS
from cases.models.gift import GiftStatus, MoneySource, Occasion
from cases.models.incident import GRASSROOTS, persons_matching
from people.actions import disclose
from people.models import DisclosureSubject, Unit
from people.roles import Role, check_any
from people.views.lists import MOST_ROWS, listing
from people.workflow import check

pages = require_http_methods(["GET", "HEAD", "POST"])
READING = (*GRASSROOTS, *READERS)
PAGE = 100
ROUND_COLUMNS = (
    Column("title", gettext_lazy("Title"), width=32),
    Column("occasion", gettext_lazy("Occasion"), kind="choice", choices=tuple(Occasion.choices)),
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("since", gettext_lazy("First day"), kind="date"),
    Column("until", gettext_lazy("Last day"), kind="date"),
    Column("source", gettext_lazy("Who pays"), kind="choice", choices=tuple(MoneySource.choices)),
    Column("voucher", gettext_lazy("Voucher number of the purchase"), width=24),
    Column("planned", gettext_lazy("Planned budget (yuan)"), kind="money"),
    Column("gifts", gettext_lazy("Recipients"), kind="int"),
    Column("given", gettext_lazy("Given"), kind="int"),
    Column("value", gettext_lazy("Value given (yuan)"), kind="money"),
)
COLUMNS = (
    Column("unit", gettext_lazy("Grassroots union"), width=28),
    Column("person", gettext_lazy("Recipient")),
    Column("what", gettext_lazy("Goods"), width=32),
    Column("quantity", gettext_lazy("Quantity"), kind="int"),
    Column("value", gettext_lazy("Value (yuan)"), kind="money"),
    Column("status", gettext_lazy("Status"), kind="choice", choices=tuple(Gift.Status.choices)),
    Column("given_on", gettext_lazy("Given on"), kind="date"),
    Column("signed", gettext_lazy("Signed for")),
)


def _round_cells(row):
    return (
        row.title, row.occasion, row.unit.name if row.unit else _("the whole company"), row.since,
        row.until, row.source, row.voucher, row.planned_fen, row.gift_count, row.given_count,
        row.given_fen,
    )  # fmt: skip


def _cells(gift):
    return (
        gift.unit.name, masking.mask_name(gift.recipient.name), gift.what, gift.quantity,
        gift.value_fen, gift.status, gift.given_on, _("yes") if gift.signed else _("no"),
    )  # fmt: skip


# Rounds


@require_safe
def gift_list(request):
    check_any(request.actor, *READING)
    filters = GiftRoundFilter(request.GET, actor=request.actor)
    rows = GiftRound.objects.visible_to(request.actor).narrowed(**filters.chosen).for_list()
    return listing(
        request,
        "cases/gift_list.html",
        rows=rows,
        order=("-since", "-pk"),
        title=_("Gifts in kind"),
        columns=ROUND_COLUMNS,
        cells=_round_cells,
        filters=filters,
        may_open=not request.actor.why_not_any(*actions.KEEPERS),
    )


def _company(actor):
    """The company the actor keeps gifts for, from the first hat that may."""
    hat = next(hat for hat in actor.hats if hat.role in actions.KEEPERS)
    return get_object_or_404(Unit, pk=hat.company_id)


@pages
def gift_new(request):
    check_any(request.actor, *actions.KEEPERS)
    now = timezone.now()
    company = _company(request.actor)
    form = GiftRoundForm(
        request.POST or None, actor=request.actor, company=company, on=day_of(now),
        initial={"responsible": request.user.pk, "since": day_of(now)},
    )  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/gift_new.html", form)
    opened = actions.open_gift_round(company=company, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("The round was opened. Now say who receives."))
    return redirect("cases:gift_add", opened.pk)


def _round(request, pk):
    rounds = GiftRound.objects.visible_to(request.actor).select_related(
        "company", "unit", "responsible", "opened_by"
    )
    return get_object_or_404(rounds, pk=pk)


def _may_give(actor, round):
    """Whether the actor may plan and record gifts in the round, for their own people at least."""
    return not actions.why_not_change_gifts(round, actor) or bool(
        round.unit_id is None
        and [h for h in actor.hats if h.role in GRASSROOTS and h.company_id == round.company_id]
    )


@require_safe
def gift_detail(request, pk):
    """The round with its counts by unit, and those who receive."""
    opened = _round(request, pk)
    actor = request.actor
    filters = GiftFilter(request.GET, actor=actor)
    gifts = Gift.objects.visible_to(actor).filter(round=opened)
    by_unit = list(gifts.by_unit())
    names = ("count", "fen", "planned", "planned_fen", "given", "given_fen", "not_given",
             "not_given_fen")  # fmt: skip
    may_give = _may_give(actor, opened)
    return listing(
        request,
        "cases/gift_detail.html",
        rows=gifts.narrowed(**filters.chosen).for_list(),
        order=("unit_id", "pk"),
        title=opened.title,
        columns=COLUMNS,
        cells=_cells,
        filters=filters,
        round=opened,
        by_unit=by_unit,
        totals={name: sum(row[name] for row in by_unit) for name in names},
        receipts=Receipt.objects.visible_to(actor)
        .filter(round=opened)
        .select_related("unit", "gift__recipient", "uploaded_by")
        .order_by("-pk")[:50],
        may_change=not actions.why_not_change_gifts(opened, actor),
        may_give=may_give,
    )


@pages
def gift_edit(request, pk):
    opened = _round(request, pk)
    check(actions.why_not_change_gifts(opened, request.actor))
    now = timezone.now()
    names = ("title", "occasion", "since", "until", "responsible", "what", "unit_fen",
             "planned_fen", "source", "voucher")  # fmt: skip
    form = GiftRoundForm(
        request.POST or None, actor=request.actor, company=opened.company, on=day_of(now),
        round=opened, initial={name: getattr(opened, name) for name in names},
    )  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/gift_edit.html", form, round=opened)
    actions.change_gift_round(round=opened, by=request.user, at=now, **form.cleaned_data)
    messages.success(request, _("The round was changed."))
    return redirect(opened)


# Who receives


def _check_giver(request, opened):
    if not _may_give(request.actor, opened):
        check(actions.why_not_change_gifts(opened, request.actor))


@pages
def gift_add(request, pk):
    """Tick people of the roster, page by page, or paste their staff numbers."""
    opened = _round(request, pk)
    _check_giver(request, opened)
    now = timezone.now()
    filters = AddFilter(request.GET, actor=request.actor)
    form = GiftAddForm(request.POST or None, actor=request.actor, round=opened, on=day_of(now))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["chosen"]
        made = actions.plan_gifts(
            round=opened, persons=chosen, by=request.user, at=now,
            quantity=form.cleaned_data["quantity"],
        )  # fmt: skip
        _say_added(request, len(made), len(chosen) - len(made))
        return redirect(request.get_full_path() if "again" in request.POST else opened)
    chosen = filters.chosen
    persons = form.offered.exclude(pk__in=opened.gifts.values("recipient"))
    if "q" in chosen:
        persons = persons_matching(persons, chosen["q"])
    if "unit" in chosen:
        persons = persons.filter(unit=chosen["unit"])
    page = paginate(
        persons, order=("name_pinyin", "pk"), cursor=request.GET.get("cursor", ""), size=PAGE
    )
    ticked = set(request.POST.getlist("persons"))
    context = {"round": opened, "filters": filters, "page": page, "ticked": ticked}
    return _form(request, "cases/gift_add.html", form, **context)


def _say_added(request, added, there):
    words = ngettext("%(n)s recipient was added.", "%(n)s recipients were added.", added)
    said = words % {"n": added}
    if there:
        more = ngettext(
            "%(n)s had a gift in this round already.",
            "%(n)s had a gift in this round already.",
            there,
        )
        said = f"{said} {more % {'n': there}}"
    messages.success(request, said)


# Handing over


def _planned(request, opened):
    """The gifts of the round the actor may hand over: planned, for the people of their units."""
    gifts = Gift.objects.visible_to(request.actor).filter(round=opened, status=GiftStatus.PLANNED)
    if request.actor.has(Role.COMPANY_OFFICER, opened.company.path):
        return gifts.for_list()
    return gifts.filter(unit__in=request.actor.units(*GRASSROOTS)).for_list()


@pages
def gift_give(request, pk):
    """Write down who received: all those ticked at once, on one day, from the same hands."""
    opened = _round(request, pk)
    _check_giver(request, opened)
    now = timezone.now()
    planned = _planned(request, opened)
    units = [opened.company_id, *request.actor.units(*GRASSROOTS)]
    units += [opened.unit_id] if opened.unit_id else []
    form = GiftGiveForm(request.POST or None, planned=planned, units=units, on=day_of(now))
    if request.method == "POST" and form.is_valid():
        given = actions.give_gifts(by=request.user, at=now, **form.cleaned_data)
        words = ngettext("%(n)s gift was recorded.", "%(n)s gifts were recorded.", len(given))
        messages.success(request, words % {"n": len(given)})
        return redirect(opened)
    filters = GiftFilter(request.GET, actor=request.actor)
    del filters.fields["status"]
    named = request.GET.get("gift", "")
    shown = planned.narrowed(**filters.chosen)
    if named.isdecimal():
        shown = planned.filter(pk=named)
    page = paginate(shown, order=("unit_id", "pk"), cursor=request.GET.get("cursor", ""), size=PAGE)
    ticked = set(request.POST.getlist("gifts")) or ({named} if named else set())
    context = {"round": opened, "filters": filters, "page": page, "ticked": ticked}
    return _form(request, "cases/gift_give.html", form, **context)


def _gift(request, pk):
    gifts = Gift.objects.visible_to(request.actor).select_related(
        "round__company", "round__unit", "recipient", "unit", "incident", "planned_by", "closed_by"
    )
    return get_object_or_404(gifts, pk=pk)


@require_safe
def gift_row(request, pk):
    gift = _gift(request, pk)
    context = {
        "gift": gift,
        "givers": gift.givers.select_related("user", "unit").order_by("pk"),
        "receipts": gift.receipts.select_related("uploaded_by").order_by("pk"),
        "may_close": not actions.why_not_close_gift(gift, request.actor),
        "may_attach": not actions.why_not_give_to(gift.unit, request.actor),
    }
    return render(request, "cases/gift_row.html", context)


@pages
def gift_skip(request, pk):
    gift = _gift(request, pk)
    check(actions.why_not_close_gift(gift, request.actor))
    form = GiftSkipForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/gift_skip.html", form, gift=gift)
    actions.skip_gift(gift=gift, by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("It was recorded why the gift was not given."))
    return redirect(gift.round)


# The signed list


@require_safe
def gift_sheet(request, pk):
    """The list on paper with a column for signatures (慰问品发放签收表)."""
    opened = _round(request, pk)
    gifts = Gift.objects.visible_to(request.actor).filter(round=opened)
    gifts = gifts.exclude(status=GiftStatus.NOT_GIVEN)
    filters = GiftFilter(request.GET, actor=request.actor)
    rows = gifts.narrowed(**filters.chosen).for_list().order_by("unit_id", "pk")
    context = {
        "round": opened,
        "gifts": rows[:MOST_ROWS],
        "count": rows.count(),
        "total_fen": rows.aggregate(fen=Sum("value_fen", default=0))["fen"],
        "now": timezone.now(),
    }
    return render(request, "cases/gift_sheet.html", context)


@pages
def gift_receipt_add(request, pk):
    """The photo of the signed list, or with ?gift= of the receipt of one person."""
    opened = _round(request, pk)
    _check_giver(request, opened)
    named = request.GET.get("gift", "")
    gift = _gift(request, named) if named.isdecimal() else None
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReceiptForm(*sent)
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/gift_receipt_add.html", form, round=opened, gift=gift)
    actions.attach_receipt(
        round=opened, gift=gift, unit=_list_unit(request.actor, opened), upload=form.upload,
        file=form.cleaned_data["file"], by=request.user, at=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The signed receipt was attached."))
    return redirect(gift or opened)


def _list_unit(actor, opened):
    """Whose list it is: that of the round's unit, else of the unit of a grassroots officer."""
    if opened.unit_id or actor.has(Role.COMPANY_OFFICER, opened.company.path):
        return opened.unit
    return Unit.objects.filter(pk__in=actor.units(*GRASSROOTS)).order_by("path").first()


@pages
@never_cache
def gift_receipt(request, pk):
    """Why somebody wants to see it; then the file, as it was kept."""
    receipts = Receipt.objects.visible_to(request.actor).select_related("round__company", "gift")
    receipt = get_object_or_404(receipts, pk=pk)
    form = PurposeForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, "cases/gift_receipt.html", form, receipt=receipt)
    one = receipt.gift
    disclose(
        by=request.user,
        at=timezone.now(),
        company=receipt.round.company,
        subject=DisclosureSubject.PERSON if one else DisclosureSubject.EXPORT,
        subject_pk=one.recipient_id if one else receipt.round_id,
        fields=("receipt",),
        purpose=form.cleaned_data["purpose"],
    )
    ending = receipt.file.name.rpartition(".")[2]
    return FileResponse(
        receipt.file.open("rb"),
        content_type=receipt.media_type,
        as_attachment=True,
        filename=f"{receipt.round.title}-{receipt.pk}.{ending}",
    )


def _form(request, template, form, **context):
    status = 422 if form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)
