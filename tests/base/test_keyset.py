import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, models
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from base.crypto import EncryptedTextField
from base.keyset import Page, paginate

NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)
ORDERS = [
    ("-pk",),
    ("pk",),
    ("-opened_on", "-pk"),
    ("opened_on", "-pk"),
    ("name", "-at", "pk"),
    ("-score", "name", "-pk"),
    ("score", "-pk"),
    ("shelf__name", "-pk"),
    ("-shelf__name", "pk"),
]


@pytest.fixture
def models_of_test(transactional_db):
    """Two tables of their own, made and dropped around the test."""

    class Shelf(models.Model):
        name = models.CharField(max_length=10)

        class Meta:
            app_label = "base"

        def __str__(self):
            return self.name

    class Book(models.Model):
        opened_on = models.DateField()
        name = models.CharField(max_length=10)
        at = models.DateTimeField()
        score = models.IntegerField(null=True)
        secret = EncryptedTextField(default="")
        shelf = models.ForeignKey(Shelf, models.PROTECT, null=True)

        class Meta:
            app_label = "base"

        def __str__(self):
            return self.name

    with connection.schema_editor() as editor:
        editor.create_model(Shelf)
        editor.create_model(Book)
    yield Book, Shelf
    with connection.schema_editor() as editor:
        editor.delete_model(Book)
        editor.delete_model(Shelf)
    for name in ("book", "shelf"):
        Book._meta.apps.all_models["base"].pop(name)


@pytest.fixture
def Book(models_of_test):
    return models_of_test[0]


def fill(Book, rows):
    Shelf = Book._meta.get_field("shelf").related_model
    Book.objects.all().delete()
    shelves = [Shelf.objects.create(name=name) for name in "甲b"]
    Book.objects.bulk_create(
        Book(
            opened_on=(NOON + timedelta(days=day)).date(),
            name=name,
            at=NOON + timedelta(microseconds=tick),
            score=score,
            shelf=shelves[score] if score in (0, 1) else None,
        )
        for day, name, tick, score in rows
    )


ROWS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["", "a", "张", "𠀀", "é"]),
        st.integers(0, 2),
        st.none() | st.integers(-1, 1),
    ),
    max_size=25,
)
FEW = [(n % 3, "a张"[n % 2], n % 2, [None, 0, 1][n % 3]) for n in range(10)]


def walk(Book, order, size):
    """All pages forward, then all pages back from the last one, as lists of keys."""
    queryset = Book.objects.select_related("shelf")
    forward, cursor = [], ""
    while True:
        page = paginate(queryset, order=order, cursor=cursor, size=size)
        forward.append([row.pk for row in page])
        cursor = page.next_cursor
        if not cursor:
            break
    back = [forward[-1]]
    while page.previous_cursor:
        page = paginate(queryset, order=order, cursor=page.previous_cursor, size=size)
        back.insert(0, [row.pk for row in page])
    return forward, back, page


def whole(Book, order):
    """The listing in one query, NULLs last whichever way the column runs."""
    ordering = [
        (models.F(name.lstrip("-")).desc if name[0] == "-" else models.F(name).asc)(nulls_last=True)
        for name in order
    ]
    return list(Book.objects.order_by(*ordering).values_list("pk", flat=True))


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, order=st.sampled_from(ORDERS), size=st.integers(1, 7))
def test_pages_are_the_whole_listing_in_both_directions(Book, rows, order, size):
    fill(Book, rows)

    forward, back, first = walk(Book, order, size)

    assert sum(forward, []) == whole(Book, order)
    assert all(len(page) == size for page in forward[:-1])
    assert back == forward
    assert not first.has_previous


def test_page_takes_one_query_without_count_or_offset(Book, django_assert_num_queries):
    fill(Book, FEW)
    cursor = paginate(Book.objects.all(), order=("-score", "-pk"), size=3).next_cursor

    with django_assert_num_queries(1) as asked:
        page = paginate(Book.objects.all(), order=("-score", "-pk"), cursor=cursor, size=3)

    sql = asked.captured_queries[0]["sql"].upper()
    assert len(page) == 3
    assert "COUNT" not in sql
    assert "OFFSET" not in sql


def test_page_says_where_there_is_more(Book):
    fill(Book, FEW)

    first = paginate(Book.objects.all(), order=("pk",), size=4)
    second = paginate(Book.objects.all(), order=("pk",), cursor=first.next_cursor, size=4)
    third = paginate(Book.objects.all(), order=("pk",), cursor=second.next_cursor, size=4)

    assert [(p.has_previous, p.has_next, len(p)) for p in (first, second, third)] == [
        (False, True, 4),
        (True, True, 4),
        (True, False, 2),
    ]


def test_page_of_nothing(Book):
    assert paginate(Book.objects.all()) == Page([], "", "")


def test_page_does_not_shift_when_rows_come_before_it(Book):
    fill(Book, FEW)
    before = paginate(Book.objects.all(), order=("-pk",), size=3)
    expected = [row.pk for row in paginate(Book.objects.all(), order=("-pk",), size=6)][3:]
    Book.objects.create(opened_on=NOON.date(), name="new", at=NOON)

    page = paginate(Book.objects.all(), order=("-pk",), cursor=before.next_cursor, size=3)

    assert [row.pk for row in page] == expected


def test_page_going_back_to_few_rows_is_a_whole_first_page(Book):
    fill(Book, FEW)
    first = paginate(Book.objects.all(), order=("pk",), size=4)
    second = paginate(Book.objects.all(), order=("pk",), cursor=first.next_cursor, size=4)
    first.rows[0].delete()

    page = paginate(Book.objects.all(), order=("pk",), cursor=second.previous_cursor, size=4)

    assert (len(page), page.has_previous, page.has_next) == (4, False, True)
    assert page.rows[0].pk == first.rows[1].pk


def test_page_after_rows_that_are_gone_is_the_first(Book):
    fill(Book, FEW)
    first = paginate(Book.objects.all(), order=("pk",), size=4)
    Book.objects.filter(pk__gt=first.rows[-1].pk).delete()

    page = paginate(Book.objects.all(), order=("pk",), cursor=first.next_cursor, size=4)

    assert page == paginate(Book.objects.all(), order=("pk",), size=4)


def forged(book_cursor, values):
    mark, forward, _values = json.loads(base64.urlsafe_b64decode(book_cursor + "=="))
    return base64.urlsafe_b64encode(json.dumps([mark, forward, values]).encode()).decode()


@pytest.mark.parametrize(
    "broken",
    ["x", "!!!", "é", "=", "AAAA", "W10", "bnVsbA", "e30", "MQ", "[" * 1500, "A" * 5000, "\0"],
)
def test_broken_cursor_gives_the_first_page(Book, broken):
    fill(Book, FEW)

    page = paginate(Book.objects.all(), cursor=broken, size=3)

    assert page == paginate(Book.objects.all(), size=3)


@pytest.mark.parametrize(
    "values",
    [
        ["a", "2026-03-05T04:00:00", "1"],
        ["a", "2026-03-05", "1"],
        ["a", "soon", "1"],
        ["a", "2026-03-05T04:00:00+00:00", "x"],
        ["a", "2026-03-05T04:00:00+00:00", "9" * 30],
        ["a", "2026-03-05T04:00:00+00:00", None],
        ["a" * 11, "2026-03-05T04:00:00+00:00", "1"],
        ["a\0", "2026-03-05T04:00:00+00:00", "1"],
        ["\ud800", "2026-03-05T04:00:00+00:00", "1"],
        [["a"], "2026-03-05T04:00:00+00:00", "1"],
        ["a", "1"],
        {"a": 1, "b": 2, "c": 3},
    ],
)
def test_forged_values_pass_the_column_or_give_the_first_page(Book, values):
    fill(Book, FEW)
    order = ("name", "at", "pk")
    first = paginate(Book.objects.all(), order=order, size=3)

    page = paginate(
        Book.objects.all(), order=order, cursor=forged(first.next_cursor, values), size=3
    )

    assert page == first


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_cursor_gives_a_page(Book, cursor):
    assert isinstance(paginate(Book.objects.all(), cursor=cursor), Page)


def test_cursor_of_another_order_gives_the_first_page(Book):
    fill(Book, FEW)
    other = paginate(Book.objects.all(), order=("pk",), size=3).next_cursor

    page = paginate(Book.objects.all(), order=("-pk",), cursor=other, size=3)

    assert not page.has_previous


def test_cursor_opens_nothing_the_queryset_hides(Book):
    fill(Book, FEW)
    cursor = paginate(Book.objects.all(), order=("pk",), size=1).next_cursor

    page = paginate(Book.objects.filter(name="a"), order=("pk",), cursor=cursor)

    assert {row.name for row in page} == {"a"}


def test_page_orders_by_an_annotation(Book):
    fill(Book, FEW)
    queryset = Book.objects.annotate(double=models.F("score") * 2)

    first = paginate(queryset, order=("-double", "pk"), size=6)
    second = paginate(queryset, order=("-double", "pk"), cursor=first.next_cursor, size=6)

    assert [row.double for row in [*first, *second]] == [2] * 3 + [0] * 3 + [None] * 4


@pytest.mark.parametrize(
    "order", [(), ("name",), ("name", "score"), ("shelf__pk",), ("secret", "pk"), ("nothing", "pk")]
)
def test_order_must_be_known_and_end_in_something_unique(Book, order):
    with pytest.raises(ValueError):
        paginate(Book.objects.all(), order=order)


@pytest.mark.parametrize("size, rows", [(0, 1), (-5, 1), (10_000, 10)])
def test_size_is_held_within_bounds(Book, size, rows):
    fill(Book, FEW)

    assert len(paginate(Book.objects.all(), size=size)) == rows


def test_moments_keep_their_instant_in_any_time_zone(Book):
    fill(Book, FEW)
    order = ("at", "pk")

    with timezone.override("America/New_York"):
        first = paginate(Book.objects.all(), order=order, size=5)
        second = paginate(Book.objects.all(), order=order, cursor=first.next_cursor, size=5)

    assert [row.pk for row in [*first, *second]] == whole(Book, order)
