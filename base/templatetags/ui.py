"""Filters and tags of the design system: figures, dates, masks, icons, addresses, charts."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import lucide
from django import forms, template
from django.template.loader import get_template
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from base import charts, masking, money

register = template.Library()

MISSING = "-"

BADGE_ICONS = {
    "neutral": "circle-minus",
    "info": "circle-dot",
    "waiting": "clock",
    "attention": "triangle-alert",
    "done": "circle-check",
}

# How a status looks. The word beside it carries the meaning, the colour repeats it.
STATUS_KINDS = {
    "DRAFT": "neutral",
    "SUBMITTED": "waiting",
    "RETURNED": "attention",
    "REVIEWED": "waiting",
    "VERIFIED": "waiting",
    "TABLED": "waiting",
    "APPROVED": "info",
    "PUBLISHED": "info",
    "HELD": "attention",
    "CLEARED": "waiting",
    "PAID": "done",
    "DECLINED": "neutral",
    "WITHDRAWN": "neutral",
}

STATUTORY_STEPS = (
    gettext_lazy("Application"),
    gettext_lazy("Grassroots review"),
    gettext_lazy("Company verification"),
    gettext_lazy("Leadership decision"),
    gettext_lazy("Notice and payment"),
)


# Figures


@register.filter(name="money")
def money_filter(fen):
    """Fen as yuan with thousands: 200000 -> "2,000.00"; nothing -> "-"."""
    return MISSING if fen in (None, "") else money.format_fen(fen)


@register.filter
def capitals(fen):
    """Fen in the capitals of paper: 2000000 -> "人民币贰万元整"."""
    return MISSING if fen in (None, "") else money.capitals(fen)


@register.filter
def percent(part, whole):
    """``part`` of ``whole`` with one decimal, "5.5 %"; "-" when there is no whole."""
    if not whole:
        return MISSING
    share = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{share} %"


@register.filter
def count(number):
    """A whole number with thousands."""
    return MISSING if number in (None, "") else f"{number:,}"


# Dates


def _local(value):
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


@register.filter
def on(value):
    """A date on the screen: 2026-03-05."""
    return f"{_local(value):%Y-%m-%d}" if value else MISSING


@register.filter
def at(value):
    """A moment on the screen: 2026-03-05 14:30."""
    return f"{_local(value):%Y-%m-%d %H:%M}" if value else MISSING


@register.filter
def cn_date(value):
    """A date on paper: 2026年3月5日, without leading zeros."""
    if not isinstance(value, date):
        return MISSING
    day = _local(value)
    return f"{day.year}年{day.month}月{day.day}日"


# Masks


@register.filter
def masked_name(name):
    return masking.mask_name(name) if name else MISSING


@register.filter
def masked_id(number):
    return masking.mask_id(number) if number else MISSING


@register.filter
def masked_card(number):
    return masking.mask_account(number) if number else MISSING


@register.filter
def masked_phone(number):
    return masking.mask_phone(number) if number else MISSING


# Icons and badges


@register.simple_tag
def icon(name, css_class=""):
    """An inline icon that screen readers pass over; an unknown name raises."""
    return _icon(str(name), f"icon {css_class}".strip())


@cache
def _icon(name, classes):
    drawn = lucide._render_icon(name, None, **{"class": classes, "aria_hidden": "true"})
    return mark_safe(drawn.replace("<svg ", '<svg focusable="false" ', 1))


@register.filter
def drawing(svg):
    """An SVG of our own making (the code for the authenticator app), without its XML prologue."""
    return mark_safe(svg[svg.index("<svg") :])


@register.filter
def badge_icon(kind):
    return BADGE_ICONS[kind or "neutral"]


@register.filter
def status_kind(status):
    """The badge kind of a case status; neutral for a status it does not know."""
    return STATUS_KINDS.get(str(status), "neutral")


# Addresses


@register.simple_tag(takes_context=True)
def query(context, **changes):
    """The query string of this page with some parameters changed; None removes one."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}"


@register.simple_tag
def without(params, name):
    """The query string ``params`` without one parameter and without the place in the list."""
    kept = [(key, values) for key, values in params.lists() if key not in (name, "cursor")]
    return f"?{urlencode(kept, doseq=True)}"


# Forms


@register.filter
def field_kind(field):
    """Which of the shapes in _ui/field.html a bound field takes."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(field.field, money.MoneyFormField):
        return "money"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.FileInput):
        return "file"
    if widget.use_fieldset:
        return "group"
    return "plain"


@register.filter
def first_control(field):
    """The id a link in the error summary leads to: of radios, the first one."""
    if field.field.widget.use_fieldset:
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


@register.simple_tag
def chips(form, params):
    """The chosen filters of a GET form: label, value in words, address without it."""
    if form is None or params is None:
        return []
    chosen = []
    for field in form:
        values = [value for value in params.getlist(field.html_name) if value]
        if values and not field.is_hidden:
            choices = getattr(field.field, "choices", None)
            words = {str(key): str(text) for key, text in choices} if choices else {}
            if isinstance(field.field, forms.BooleanField):
                words = dict.fromkeys(values, _("yes"))
            chosen.append(
                {
                    "label": field.label,
                    "value": _(", ").join(words.get(value, value) for value in values),
                    "url": without(params, field.html_name),
                }
            )
    return chosen


# Blocks


@register.simple_block_tag
def card(content, title="", level=2, css_class="", element_id=""):
    """A white card with an optional heading around the content."""
    return get_template("_ui/card.html").render(
        {
            "content": content,
            "title": title,
            "level": level,
            "css_class": css_class,
            "element_id": element_id,
        }
    )


@register.simple_block_tag
def table(content, caption, css_class="", show_caption=False, cards=True):
    """A table that scrolls inside its frame and becomes cards on a phone."""
    return get_template("_ui/table.html").render(
        {
            "content": content,
            "caption": caption,
            "css_class": css_class,
            "show_caption": show_caption,
            "cards": cards,
        }
    )


# Steps


@register.simple_tag
def tracker_steps(current, finished=False, stopped=False):
    """The five statutory steps with their state: done, current, stopped or ahead."""
    steps = []
    for number, label in enumerate(STATUTORY_STEPS, start=1):
        if number < current or finished:
            state = "done"
        elif number == current:
            state = "stopped" if stopped else "current"
        else:
            state = "ahead"
        steps.append({"number": number, "label": label, "state": state})
    return steps


# Charts


@register.simple_tag
def chart(kind, title, **options):
    """Draw a chart: {% chart "bars" title rows=rows unit=unit %}; see base.charts."""
    return charts.KINDS[kind](title=title, **options)


@register.inclusion_tag("_ui/pager.html", takes_context=True)
def pager(context, page, note=""):
    """Next and previous page of a list, with its filters: {% pager page %}; see base.keyset."""
    here = context["request"].GET

    def at(cursor):
        params = here.copy()
        params["cursor"] = cursor
        return f"?{params.urlencode()}"

    return {
        "previous_url": at(page.previous_cursor) if page.has_previous else "",
        "next_url": at(page.next_cursor) if page.has_next else "",
        "note": note,
    }
