from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db.models import TextChoices
from hypothesis import given
from hypothesis import strategies as st

from base import canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


class Kind(TextChoices):
    ILL = "ILL", "illness"


@given(VALUES)
def test_loads_reads_what_dumps_writes(value):
    text = canonical.dumps(value)

    assert canonical.loads(text) == value
    assert canonical.dumps(canonical.loads(text)) == text


@given(st.dictionaries(TEXT, st.integers()))
def test_digest_does_not_depend_on_order(value):
    assert canonical.digest(dict(reversed(value.items()))) == canonical.digest(value)


def test_dumps_is_sorted_and_compact():
    assert canonical.dumps({"b": (1, True), "a": "户"}) == '{"a":"户","b":[1,true]}'


def test_digest_is_sha256_of_the_text():
    known = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

    assert canonical.digest({}) == known


def test_dumps_writes_dates_and_moments_in_one_way():
    noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    same = noon.astimezone(timezone(timedelta(hours=8)))

    assert canonical.dumps(date(2026, 3, 5)) == '"2026-03-05"'
    assert canonical.dumps(noon) == canonical.dumps(same) == '"2026-03-05T12:00:00.000000Z"'


def test_dumps_writes_the_value_of_a_choice():
    assert canonical.dumps({Kind.ILL: Kind.ILL}) == '{"ILL":"ILL"}'


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), Decimal("1"), {1: 2}, {None: 1}, {1, 2}, b"x", object()]
    + [datetime(2026, 3, 5), [[0.5]]],  # noqa: DTZ001 - the refused case
)
def test_dumps_refuses_what_two_machines_might_write_differently(value):
    with pytest.raises(TypeError):
        canonical.dumps(value)


def test_dumps_refuses_text_that_is_not_unicode():
    with pytest.raises(ValueError):
        canonical.dumps("\ud800")


@pytest.mark.parametrize("text", ["1.0", "1e3", "NaN", "-Infinity", '{"a":1,"a":2}', "{", ""])
def test_loads_refuses(text):
    with pytest.raises(ValueError):
        canonical.loads(text)
