"""Filters and tags of the design system, and every component rendered."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from base.money import MoneyFormField
from base.templatetags import ui


class Form(forms.Form):
    name = forms.CharField()
    cause = forms.ChoiceField(choices=[("ill", "Illness"), ("school", "School")], required=False)
    way = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    amount = MoneyFormField(required=False)


def render(source, **context):
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(("fen", "text"), [(200000, "2,000.00"), (0, "0.00"), (None, "-")])
def test_money_shows_yuan_and_a_dash_for_nothing(fen, text):
    assert ui.money_filter(fen) == text


def test_capitals_writes_the_amount_for_paper():
    assert ui.capitals(2000000) == "人民币贰万元整"


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(165, 3008, "5.5 %"), (145, 165, "87.9 %"), (1, 0, "-")]
)
def test_percent_has_one_decimal_and_no_share_of_nothing(part, whole, text):
    assert ui.percent(part, whole) == text


def test_dates_on_screen_and_on_paper():
    moment = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)  # the fifth in Shanghai

    assert (ui.on(date(2026, 3, 5)), ui.on(moment), ui.on(None)) == (
        "2026-03-05",
        "2026-03-05",
        "-",
    )
    assert (ui.at(moment), ui.cn_date(moment)) == ("2026-03-05 01:30", "2026年3月5日")


@pytest.mark.parametrize(
    ("function", "value", "text"),
    [
        (ui.masked_name, "张建华", "张*华"),
        (ui.masked_phone, "13812345678", "138****5678"),
        (ui.masked_card, "6222020200112230123", "****0123"),
        (ui.masked_id, "11010519491231002X", "**************002X"),
        (ui.masked_name, "", "-"),
    ],
)
def test_masks_hide_what_others_need_not_see(function, value, text):
    assert function(value) == text


def test_icon_is_hidden_from_screen_readers():
    drawn = ui.icon("printer")

    assert drawn.count('aria-hidden="true"') == 1 and 'focusable="false"' in drawn


@pytest.mark.parametrize("name", ui.BADGE_ICONS.values())
def test_every_badge_has_a_shape(name):
    assert ui.icon(name).startswith("<svg ")


def test_status_kind_of_an_unknown_status_is_neutral():
    assert (ui.status_kind("PAID"), ui.status_kind("x")) == ("done", "neutral")


def test_query_changes_one_parameter_and_removes_another():
    request = RequestFactory().get("/", {"q": "a&b", "cursor": "9"})

    text = render("{% query cursor=None sort='3' %}", request=request)

    assert text == "?q=a%26b&sort=3".replace("&", "&amp;")


def test_chips_name_the_choice_and_lead_back_without_it():
    params = QueryDict("name=Li&cause=ill&cursor=7")

    chips = ui.chips(Form(params), params)

    assert [(chip["value"], chip["url"]) for chip in chips] == [
        ("Li", "?cause=ill"),
        ("Illness", "?name=Li"),
    ]


@pytest.mark.parametrize(
    ("field", "kind"),
    [("name", "plain"), ("way", "radios"), ("amount", "money"), ("cause", "plain")],
)
def test_field_kind_follows_the_widget(field, kind):
    assert ui.field_kind(Form()[field]) == kind


def test_error_summary_leads_to_the_first_radio():
    html = render_to_string("_ui/form_errors.html", {"form": Form({"name": "Li"})})

    assert 'href="#id_way_0"' in html and "id_name" not in html


def test_field_with_error_is_described_by_it():
    html = render_to_string("_ui/field.html", {"field": Form({})["name"]})

    assert 'aria-describedby="id_name_error"' in html and 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_money_field_asks_for_the_echo():
    html = render_to_string("_ui/field.html", {"field": Form()["amount"]})

    assert "data-money-echo" in html


def test_table_repeats_its_caption_for_the_scrolling_frame():
    html = render("{% table caption %}<tbody></tbody>{% endtable %}", caption="<Cases>")

    assert 'aria-label="&lt;Cases&gt;"' in html and ">&lt;Cases&gt;</caption>" in html
    assert "<tbody></tbody>" in html


def test_card_escapes_its_title_and_keeps_its_content():
    html = render("{% card title %}<p>{{ text }}</p>{% endcard %}", title="<b>", text="<i>")

    assert "&lt;b&gt;" in html and "<p>&lt;i&gt;</p>" in html


@pytest.mark.parametrize(
    ("options", "states"),
    [
        ({"current": 3}, "done done current ahead ahead"),
        ({"current": 2, "stopped": True}, "done stopped ahead ahead ahead"),
        ({"current": 5, "finished": True}, "done done done done done"),
    ],
)
def test_tracker_marks_the_five_steps(options, states):
    assert " ".join(step["state"] for step in ui.tracker_steps(**options)) == states


def test_text_size_is_kept_and_leads_back_inside_only(client):
    inside = client.post("/size/", {"size": "large", "next": "/notices/"})
    outside = client.post("/size/", {"size": "huge", "next": "https://example.com/"})

    assert (inside.url, inside.cookies["size"].value) == ("/notices/", "large")
    assert (outside.url, "size" in outside.cookies) == ("/", False)


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 410, 413, 429, 500])
def test_error_page_stands_without_a_request(code):
    html = render_to_string(f"{code}.html", {"exception": "<reason>"})

    assert f"{code}</p>" in html and "<reason>" not in html
