"""Charts as SVG text: no script, no style attribute, every label escaped.

Colours are classes of `components.css` with a plain `fill` beside them for paper and readers
without it; series differ by pattern too, so that a black-and-white print still tells them
apart. Each function returns safe markup; the figures themselves stand in the table beside.
"""

from decimal import Decimal
from hashlib import blake2s
from math import ceil, floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

WIDTH = 460
FONT = 14
FILLS = ("#1d4f91", "#7aa3d4", "#a56a12", "#6d7787")
MOST_SERIES = 4


def text_width(text):
    """Width of a label in units of the font size: wide characters count one, others 0.58."""
    return sum(1 if ord(char) > 0x2E80 else 0.58 for char in str(text))


def shorten(text, most):
    """``text`` cut to ``most`` font sizes, with an ellipsis when something is lost."""
    text = str(text)
    if text_width(text) <= most:
        return text
    while text and text_width(text) > most - 1:
        text = text[:-1]
    return f"{text}…"


def figure(value):
    """A number with thousands, without needless decimals."""
    number = Decimal(str(value))
    if number == number.to_integral_value():
        return f"{int(number):,}"
    return f"{number.quantize(Decimal('0.1')):,}"


def nice_top(value):
    """The first of 1, 2, 2.5, 4, 5, 8, 10 times a power of ten that is not below ``value``."""
    if value <= 0:
        return 1
    power = 10.0 ** floor(log10(float(value)))
    for step in (1, 2, 2.5, 4, 5, 8, 10):
        if step * power >= float(value) - 1e-9:
            top = step * power
            return int(top) if top == int(top) else top
    return int(10 * power)


def _n(value):
    """A coordinate: at most one decimal."""
    return f"{float(value):.1f}".removesuffix(".0")


def _text(x, y, words, *, anchor="start", look="chart-text", size=FONT, fill="#1b2430"):
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}" class="{}" fill="{}" font-size="{}">{}</text>',
        _n(x),
        _n(y),
        anchor,
        look,
        fill,
        size,
        words,
    )


def _muted(x, y, words, anchor="start"):
    return _text(x, y, words, anchor=anchor, look="chart-muted", size=13, fill="#535e6e")


def _line(x1, y1, x2, y2, look="chart-grid", colour="#d8dde4", extra=""):
    return format_html(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" class="{}" stroke="{}" {}/>',
        _n(x1),
        _n(y1),
        _n(x2),
        _n(y2),
        look,
        colour,
        extra,
    )


def _rect(x, y, width, height, series, hint, defs):
    """A bar of one series with its pattern over it and a hint in words."""
    box = format_html(
        'x="{}" y="{}" width="{}" height="{}"', _n(x), _n(y), _n(max(width, 0)), _n(max(height, 0))
    )
    pattern = format_html('<rect {} fill="url(#{}-{})"/>', box, defs, series) if series > 1 else ""
    return format_html(
        '<g><title>{}</title><rect {} class="chart-{}" fill="{}"/>{}</g>',
        hint,
        box,
        series,
        FILLS[series - 1],
        pattern,
    )


def _patterns(key):
    """Hatchings of the series 2 to 4: rising lines, points, lying lines."""
    shapes = {
        2: '<path d="M0 8 8 0" class="chart-hatch" stroke="#fff" stroke-width="1.5"/>',
        3: '<circle cx="4" cy="4" r="1.3" fill="#fff"/>',
        4: '<path d="M0 4H8" class="chart-hatch" stroke="#fff" stroke-width="1.5"/>',
    }
    return mark_safe(
        "<defs>"
        + "".join(
            f'<pattern id="{key}-{series}" width="8" height="8" patternUnits="userSpaceOnUse">'
            f"{shape}</pattern>"
            for series, shape in shapes.items()
        )
        + "</defs>"
    )


def _key(*parts):
    """A short id that is the same for the same chart and differs between charts of a page."""
    return f"chart-{blake2s(repr(parts).encode(), digest_size=5).hexdigest()}"


def _svg(key, title, desc, height, parts, *, width=WIDTH):
    body = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        'aria-labelledby="{key}-title {key}-desc" font-size="{font}">'
        '<title id="{key}-title">{title}</title><desc id="{key}-desc">{desc}</desc>{body}</svg>',
        w=_n(width),
        h=_n(height),
        key=key,
        title=title,
        desc=desc,
        font=FONT,
        body=body,
    )


def _legend(names, x, y, defs):
    parts = []
    for series, name in enumerate(names, start=1):
        parts += [_rect(x, y - 11, 14, 14, series, name, defs), _text(x + 20, y + 1, name)]
        x += 44 + text_width(name) * FONT
    return parts


def _scale(parts, top, unit, left, right, upper, lower):
    """Three grid lines with their figures for a vertical axis from 0 to ``top``."""
    for share in (0, 0.5, 1):
        y = lower - (lower - upper) * share
        parts += [
            _line(left, y, right, y, "chart-axis" if share == 0 else "chart-grid"),
            _muted(left - 8, y + 5, figure(top * share), "end"),
        ]
    if unit:
        parts.append(_muted(left - 8, upper - 12, unit, "end"))


def measured(value, unit):
    """A number with its unit: a word stands apart from it, 户 and % stand close."""
    apart = "\u00a0" if unit[:1].isascii() and unit[:1].isalpha() else ""
    return f"{figure(value)}{apart}{unit}"


def _said(rows, unit):
    return "；".join(f"{label} {measured(value, unit)}" for label, value in rows)


def bars(*, title, rows, unit="", sort=True, desc=""):
    """Lying bars, longest first. rows: (label, value); None is a value that is not shown."""
    rows = [(str(label), value) for label, value in rows]
    if sort:
        rows.sort(key=lambda row: -(row[1] if row[1] is not None else -1))
    known = [(label, value) for label, value in rows if value is not None]
    key = _key("bars", title, rows)
    top = max((value for _label, value in known), default=0) or 1
    left = min(max((text_width(label) for label, _v in rows), default=0), 13) * FONT + 12
    room = WIDTH - left - max((text_width(figure(v)) for _l, v in known), default=2) * FONT
    room -= text_width(unit) * FONT + 14
    parts = [_line(left, 4, left, 4 + 34 * len(rows), "chart-axis", "#7c8798")]
    for index, (label, value) in enumerate(rows):
        y = 8 + index * 34
        parts.append(_text(left - 8, y + 18, shorten(label, 13), anchor="end"))
        if value is None:
            parts.append(_muted(left + 8, y + 18, "< 5"))
            continue
        length = float(value) / float(top) * room
        parts += [
            _rect(left, y, length, 26, 1, f"{label} {measured(value, unit)}", key),
            _text(left + length + 8, y + 18, measured(value, unit)),
        ]
    return _svg(key, title, desc or _said(known, unit), 12 + 34 * len(rows), parts)


def stacked(*, title, rows, series, unit="", desc=""):
    """Lying bars of parts, at most four. rows: (label, [value of each series])."""
    if len(series) > MOST_SERIES:
        raise ValueError("A stacked chart shows at most four series.")
    rows = [(str(label), list(values)) for label, values in rows]
    key = _key("stacked", title, rows)
    top = max((sum(values) for _label, values in rows), default=0) or 1
    left = min(max((text_width(label) for label, _v in rows), default=0), 11) * FONT + 12
    room = WIDTH - left - text_width(figure(top) + unit) * FONT - 14
    parts = [_patterns(key), *_legend(series, left, 16, key)]
    parts.append(_line(left, 32, left, 34 + 34 * len(rows), "chart-axis", "#7c8798"))
    for index, (label, values) in enumerate(rows):
        x, y = left, 36 + index * 34
        parts.append(_text(left - 8, y + 18, shorten(label, 11), anchor="end"))
        for number, value in enumerate(values, start=1):
            length = float(value) / float(top) * room
            if length:
                hint = f"{label} {series[number - 1]} {measured(value, unit)}"
                parts.append(_rect(x, y, length, 26, number, hint, key))
            x += length
        parts.append(_text(x + 8, y + 18, measured(sum(values), unit)))
    said = desc or _said([(label, sum(values)) for label, values in rows], unit)
    return _svg(key, title, said, 40 + 34 * len(rows), parts)


def columns(*, title, rows, unit="", desc=""):
    """Standing columns in the given order, such as months. rows: (label, value)."""
    rows = [(str(label), value) for label, value in rows]
    key = _key("columns", title, rows)
    top = nice_top(max((value for _label, value in rows), default=0))
    left = max(text_width(figure(top)), text_width(unit)) * 13 + 14
    upper, lower = 34, 228
    parts = []
    _scale(parts, top, unit, left, WIDTH, upper, lower)
    step = (WIDTH - left) / max(len(rows), 1)
    every = ceil(max((text_width(label) for label, _v in rows), default=1) * 13 / step * 1.1)
    for index, (label, value) in enumerate(rows):
        high = float(value) / float(top) * (lower - upper)
        middle = left + step * (index + 0.5)
        width = min(step * 0.62, 56)
        hint = f"{label} {measured(value, unit)}"
        parts.append(_rect(middle - width / 2, lower - high, width, high, 1, hint, key))
        if step >= text_width(figure(value)) * 13 + 2 and value:
            parts.append(_text(middle, lower - high - 6, figure(value), anchor="middle", size=13))
        if index % every == 0:
            parts.append(_muted(middle, lower + 20, label, "middle"))
    return _svg(key, title, desc or _said(rows, unit), lower + 30, parts)


def _beside(x, y, words, left, right):
    """Words in the middle over x, moved where they would run over an edge of the drawing."""
    half = text_width(words) * 13 / 2
    if x - half < left:
        return _muted(left + 2, y, words)
    if x + half > right:
        return _muted(right, y, words, "end")
    return _muted(x, y, words, "middle")


def step_line(*, title, rows, unit="", reserved=None, reserved_label="", marks=(), desc=""):
    """A level that holds until it changes, such as a balance. rows: (label, value).

    ``reserved`` (one value per row) is drawn as a hatched band under the line; ``marks`` are
    (index of the row, words), each an upright broken line.
    """
    rows = [(str(label), value) for label, value in rows]
    key = _key("step_line", title, rows, reserved, marks)
    top = nice_top(max((value for _label, value in rows), default=0))
    left = max(text_width(figure(top)), text_width(unit)) * 13 + 14
    upper = 52 if reserved and marks else 34  # the words of the marks stand under the legend
    lower, right = 228, WIDTH - 4
    parts = [_patterns(key)]
    _scale(parts, top, unit, left, right, upper, lower)
    step = (right - left) / max(len(rows), 1)

    def path(values):
        points = []
        for index, value in enumerate(values):
            y = _n(lower - float(value) / float(top) * (lower - upper))
            points += [f"{_n(left + step * index)} {y}", f"{_n(left + step * (index + 1))} {y}"]
        return points

    if reserved:
        area = " L".join([*path(reserved), f"{_n(right)} {lower}", f"{_n(left)} {lower}"])
        for fill, look in (("#7aa3d4", "chart-area"), (f"url(#{key}-2)", "")):
            parts.append(
                format_html(
                    '<path d="M{}Z" class="{}" fill="{}"><title>{}</title></path>',
                    area,
                    look,
                    fill,
                    reserved_label,
                )
            )
    for index, words in marks:
        x = left + step * (index + 0.5)
        parts += [
            _line(x, upper, x, lower, "chart-axis", "#7c8798", mark_safe('stroke-dasharray="4 4"')),
            _beside(x, upper - 4, words, left, right),
        ]
    if rows:
        parts.append(
            format_html(
                '<path d="M{}" class="chart-line" fill="none" stroke="#1d4f91" '
                'stroke-width="3" stroke-linejoin="round"/>',
                " L".join(path([value for _label, value in rows])),
            )
        )
    every = ceil(max((text_width(label) for label, _v in rows), default=1) * 13 / step * 1.1)
    for index, (label, _value) in enumerate(rows):
        if index % every == 0:
            parts.append(_muted(left + step * (index + 0.5), lower + 20, label, "middle"))
    if reserved and reserved_label:
        parts += [
            _rect(left + 8, 6, 14, 14, 2, reserved_label, key),
            _text(left + 28, 18, reserved_label),
        ]
    return _svg(key, title, desc or _said(rows, unit), lower + 30, parts)


def scatter(*, title, points, band=(), x_label="", y_label="", desc=""):
    """One dot per household. points: (x, y, label, odd); odd ones are hollow and labelled.

    ``band`` is the reference at some x, drawn as a bar: (x, low, high).
    """
    points = [(x, y, str(label), odd) for x, y, label, odd in points]
    key = _key("scatter", title, points, band)
    xs = [float(point[0]) for point in points] + [float(row[0]) for row in band]
    ys = [float(point[1]) for point in points] + [float(row[2]) for row in band]
    x_top, y_top = nice_top(max(xs, default=0)), nice_top(max(ys, default=0))
    left = max(text_width(figure(y_top)) * 13 + 14, 40)
    upper, lower, right = 34, 292, WIDTH - 16

    def place(x, y):
        across = left + float(x) / float(x_top) * (right - left)
        return across, lower - float(y) / float(y_top) * (lower - upper)

    parts = []
    for x, low, high in band:
        across, top = place(x, high)
        height = max(place(x, low)[1] - top, 3)
        parts.append(
            format_html(
                '<rect x="{}" y="{}" width="14" height="{}" rx="3" '
                'class="chart-band chart-band-line" fill="#e7eff9" stroke="#7aa3d4"/>',
                _n(across - 7),
                _n(top),
                _n(height),
            )
        )
    _scale(parts, y_top, "", left, right, upper, lower)
    for share in (0, 0.5, 1):
        x = left + (right - left) * share
        parts.append(_muted(x, lower + 20, figure(x_top * share), "middle"))
    parts.append(_muted(left, 16, y_label))
    parts.append(_muted(right, lower + 42, x_label, "end"))
    for x, y, label, odd in points:
        across, down = place(x, y)
        hint = f"{label}: {figure(x)}, {figure(y)}"
        look = "chart-point-attention" if odd else "chart-point"
        fill, stroke = ("#ffffff", "#9f1d20") if odd else ("#1d4f91", "#ffffff")
        parts.append(
            format_html(
                '<circle cx="{}" cy="{}" r="{}" class="{}" fill="{}" stroke="{}" '
                'stroke-width="{}"><title>{}</title></circle>',
                _n(across),
                _n(down),
                7 if odd else 5.5,
                look,
                fill,
                stroke,
                3 if odd else 1.5,
                hint,
            )
        )
        if odd:
            half = text_width(label) * 13 / 2
            middle = min(max(across, left + half), right - half)
            parts.append(_text(middle, down - 14, label, anchor="middle", size=13))
    return _svg(key, title, desc or f"{y_label} / {x_label}: {len(points)}", lower + 50, parts)


KINDS = {
    "bars": bars,
    "stacked": stacked,
    "columns": columns,
    "step_line": step_line,
    "scatter": scatter,
}
