"""Invented rows for the page of components; nothing here is read from the database."""

from datetime import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.money import MoneyFormField

CAUSES = [("illness", _("Illness")), ("school", _("Schooling")), ("accident", _("Accident"))]


class Filters(forms.Form):
    """Filters of an invented list."""

    q = forms.CharField(label=_("Name or number"), required=False)
    cause = forms.ChoiceField(
        label=_("Main cause"), required=False, choices=[("", _("All")), *CAUSES]
    )


class Example(forms.Form):
    """One field of every kind."""

    name = forms.CharField(label=_("Name"), help_text=_("As on the ID card."))
    phone = forms.CharField(label=_("Phone"), required=False)
    amount = MoneyFormField(
        label=_("Amount asked for"), help_text=_("You may write 20000, 20,000.00 or 2万.")
    )
    cause = forms.ChoiceField(label=_("Main cause"), choices=CAUSES)
    standing = forms.ChoiceField(
        label=_("Standing"),
        widget=forms.RadioSelect,
        choices=[("service", _("in service")), ("retired", _("retired"))],
    )
    proofs = forms.MultipleChoiceField(
        label=_("Proofs attached"),
        widget=forms.CheckboxSelectMultiple,
        choices=[("bill", _("Hospital bill")), ("income", _("Proof of income"))],
        required=False,
    )
    facts = forms.CharField(label=_("What happened"), widget=forms.Textarea)
    paper = forms.FileField(label=_("Photo of the signed paper"), required=False)
    declared = forms.BooleanField(label=_("What I have written here is true and complete."))


def _at(month, day, hour):
    return datetime(2026, month, day, hour, 32, tzinfo=timezone.get_default_timezone())


def context(params):
    """Everything `ui.html` shows."""
    return {
        "filters": Filters(params),
        "example": Example(),
        "wrong": Example({"name": "", "amount": "twenty", "phone": "13800000000"}),
        "cases": [
            ("2026-临-0032", "张*华", "炼油一联合车间工会", "REVIEWED", _("Reviewed"), 1800000),
            ("2026-临-0031", "欧阳**", "动力车间工会", "RETURNED", _("Returned"), 500000),
            ("2026-临-0030", "李*", "离退休管理中心工会", "PAID", _("Paid"), 2000000),
            ("2026-临-0029", "买**·**", "储运车间工会", "HELD", _("Held"), 120050),
        ],
        "badges": [
            ("neutral", _("Draft")),
            ("info", _("Published")),
            ("waiting", _("Awaiting review")),
            ("attention", _("Returned")),
            ("done", _("Paid")),
        ],
        "timeline": [
            {"title": _("Home visit recorded"), "at": _at(3, 18, 15), "by": "王建国、李敏"},
            {
                "title": _("Returned for correction"),
                "at": _at(3, 12, 9),
                "by": "王建国",
                "note": _("The hospital bill is not legible; please send a new photo."),
                "attention": True,
            },
            {"title": _("Application submitted"), "at": _at(3, 10, 10), "by": "张*华"},
        ],
        "tasks": [
            {"title": _("About you"), "url": "#tasks", "state": _("Complete")},
            {
                "title": _("Family members"),
                "url": "#tasks",
                "hint": _("Everybody who lives from the same income"),
                "state": _("Not finished"),
                "kind": "info",
            },
            {"title": _("Check and submit"), "state": _("Cannot start yet")},
        ],
        "checks": [
            {
                "result": "ok",
                "text": _("Within the budget"),
                "detail": _("Available 412,300.00 before, 343,800.00 after."),
            },
            {
                "result": "warn",
                "text": _("Two amounts differ from the reference"),
                "url": "#checks",
                "link_text": _("See both"),
            },
            {"result": "stop", "text": _("One visit is older than the policy allows")},
        ],
        "anchors": [{"id": "forms", "label": _("Forms")}, {"id": "charts", "label": _("Charts")}],
        "causes": [
            (_("Serious illness"), 98),
            (_("Children in school"), 31),
            (_("Few members in steady work"), 16),
            (_("Accident"), 12),
            (_("Other"), None),
        ],
        "cause_headers": [_("Main cause"), _("Households")],
        "cause_rows": [
            [_("Serious illness"), 98],
            [_("Children in school"), 31],
            [_("Few members in steady work"), 16],
            [_("Accident"), 12],
            [_("Other"), "< 5"],
        ],
        "ages": [
            ("炼油一联合", [3, 4, 2]),
            ("动力车间", [6, 1, 0]),
            ("离退休中心", [12, 5, 7]),
        ],
        "age_series": [_("up to 5 days"), _("6 to 10 days"), _("over 10 days")],
        "months": [
            (f"{month}月", value)
            for month, value in enumerate([96, 260, 84, 132, 88, 104, 98, 110, 214, 90, 76], 1)
        ],
        "reserved": [20, 96, 30, 44, 20, 28, 30, 34, 88, 24, 20],
        "points": [
            (20, 600, "a", False),
            (34, 1100, "b", False),
            (45, 1500, "c", False),
            (52, 1400, "d", False),
            (58, 2600, "2026-临-0031", True),
            (63, 2100, "e", False),
            (71, 2700, "f", False),
            (88, 3900, "g", False),
        ],
        "band": [(10, 200, 500), (40, 1000, 1500), (70, 2200, 2900), (100, 3800, 4600)],
        "printed_at": _at(3, 20, 8),
        "fingerprint": "9f2c41d07be86a35c1e4",
        "payments": [
            (1, "张*华", "炼油一联合车间工会", 1800000),
            (2, "李*", "离退休管理中心工会", 200000),
        ],
        "total_fen": 2000000,
    }
