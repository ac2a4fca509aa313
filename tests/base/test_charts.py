"""Charts: strict-policy-safe, escaped, sorted, legible, said in words."""

from xml.etree import ElementTree

import pytest

from base import charts

EVIL = "<svg onload=alert(1)>"

DRAWN = {
    "bars": {"rows": [(EVIL, 3), ("b", None)], "unit": EVIL},
    "stacked": {"rows": [(EVIL, [1, 2])], "series": [EVIL, "late"], "unit": EVIL},
    "columns": {"rows": [(EVIL, 3), ("Feb", 0)], "unit": EVIL},
    "step_line": {
        "rows": [(EVIL, 3), ("Feb", 1)],
        "unit": EVIL,
        "reserved": [1, 1],
        "reserved_label": EVIL,
        "marks": [(0, EVIL)],
    },
    "scatter": {
        "points": [(1, 2, EVIL, True), (2, 3, EVIL, False)],
        "band": [(0, 1, 2), (4, 2, 3)],
        "x_label": EVIL,
        "y_label": EVIL,
    },
}
EMPTY = {
    "bars": {"rows": []},
    "stacked": {"rows": [], "series": ["a"]},
    "columns": {"rows": []},
    "step_line": {"rows": []},
    "scatter": {"points": []},
}


def find(svg, name):
    return [node for node in ElementTree.fromstring(svg).iter() if node.tag == name]


def labels(svg):
    return [node.text for node in find(svg, "text")]


def test_every_kind_of_chart_is_tried():
    assert set(DRAWN) == set(EMPTY) == set(charts.KINDS)


@pytest.mark.parametrize("kind", charts.KINDS)
def test_chart_has_no_style_no_script_and_escapes_every_label(kind):
    svg = charts.KINDS[kind](title=EVIL, **DRAWN[kind])

    names = {name for node in ElementTree.fromstring(svg).iter() for name in node.attrib}
    assert EVIL not in svg
    assert "style" not in names and not [name for name in names if name.startswith("on")]
    assert [node.tag for node in ElementTree.fromstring(svg).iter()].count("svg") == 1


@pytest.mark.parametrize("kind", charts.KINDS)
def test_chart_names_its_title_and_description(kind):
    svg = charts.KINDS[kind](title="Cases", **DRAWN[kind])

    root = ElementTree.fromstring(svg)
    ids = [node.attrib.get("id") for node in root[:2]]
    assert [node.tag for node in root[:2]] == ["title", "desc"]
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == " ".join(ids)
    assert root[0].text == "Cases" and root[1].text


@pytest.mark.parametrize("kind", charts.KINDS)
def test_chart_without_rows_is_still_drawn(kind):
    svg = charts.KINDS[kind](title="Cases", **EMPTY[kind])

    assert ElementTree.fromstring(svg).tag == "svg"


def test_bars_stand_longest_first_and_hide_small_counts():
    svg = charts.bars(title="Causes", rows=[("few", 6), ("hidden", None), ("many", 1945)])

    assert labels(svg) == ["many", "1,945", "few", "6", "hidden", "< 5"]


def test_bars_unsorted_keep_the_given_order():
    svg = charts.bars(title="Ages", rows=[("under 35", 6), ("over 50", 149)], sort=False)

    assert labels(svg) == ["under 35", "6", "over 50", "149"]


def test_bars_lengths_follow_the_values():
    svg = charts.bars(title="Causes", rows=[("a", 100), ("b", 50)])

    long, short = (float(node.attrib["width"]) for node in find(svg, "rect"))
    assert short == pytest.approx(long / 2, abs=0.1)


def test_bars_say_their_figures_in_the_description():
    svg = charts.bars(title="Causes", rows=[("患病", 98), ("就学", 31)], unit="户")

    assert find(svg, "desc")[0].text == "患病 98户；就学 31户"


def test_stacked_series_differ_by_pattern_too():
    svg = charts.stacked(title="Waiting", rows=[("a", [1, 2, 3, 4])], series=["w", "x", "y", "z"])

    drawn = [node.attrib["fill"] for node in find(svg, "rect") if "url(" in node.attrib["fill"]]
    known = {f"url(#{node.attrib['id']})" for node in find(svg, "pattern")}
    assert len(set(drawn)) == 3 and set(drawn) == known


def test_stacked_refuses_a_fifth_series():
    with pytest.raises(ValueError, match="at most four"):
        charts.stacked(title="Waiting", rows=[], series=list("abcde"))


def test_step_line_holds_each_level_until_the_next():
    svg = charts.step_line(title="Balance", rows=[("1", 0), ("2", 100)])

    path = next(node for node in find(svg, "path") if node.attrib.get("class") == "chart-line")
    heights = [point.split()[1] for point in path.attrib["d"].removeprefix("M").split(" L")]
    assert heights == ["228", "228", "34", "34"]


def test_step_line_marks_stand_under_the_legend_and_inside_the_drawing():
    words = "Spring Festival"
    svg = charts.step_line(
        title="Balance", rows=[(n, 5) for n in range(1, 13)], unit="yuan",
        reserved=[1] * 12, reserved_label="reserved", marks=[(0, words), (5, words), (11, words)],
    )  # fmt: skip

    marks = [node.attrib for node in find(svg, "text") if node.text == words]
    legend = next(node.attrib for node in find(svg, "text") if node.text == "reserved")
    assert [mark["text-anchor"] for mark in marks] == ["start", "middle", "end"]
    assert all(float(mark["y"]) > float(legend["y"]) + 13 for mark in marks)


def test_scatter_labels_only_what_stands_out():
    svg = charts.scatter(title="Fit", points=[(1, 1, "plain", False), (2, 2, "odd", True)])

    assert "odd" in labels(svg) and "plain" not in labels(svg)


def test_two_charts_of_one_page_share_no_id():
    one = charts.stacked(title="One", rows=[("a", [1, 2])], series=["x", "y"])
    two = charts.stacked(title="Two", rows=[("a", [1, 2])], series=["x", "y"])

    ids = [node.attrib["id"] for svg in (one, two) for node in ElementTree.fromstring(svg).iter()
           if "id" in node.attrib]  # fmt: skip
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (98, 100), (101, 200), (260, 400), (2100, 2500)]
)
def test_nice_top_is_round_and_never_below(value, top):
    assert charts.nice_top(value) == top


def test_shorten_counts_wide_characters_twice():
    assert charts.shorten("炼油一联合车间工会", 6) == "炼油一联合…"
    assert charts.shorten("Boiler", 6) == "Boiler"


@pytest.mark.parametrize(
    ("unit", "words"),
    [("户", "98户"), ("%", "98%"), ("households", "98\u00a0households"), ("", "98")],
)
def test_a_unit_that_is_a_word_stands_apart_from_its_number(unit, words):
    assert charts.measured(98, unit) == words
