"""Which line is which entry: every rule, and that nothing unclear is decided. No database."""

from datetime import date, timedelta

import pytest

from funds import matching
from funds.matching import Entry, Line, Pair, match, nature

DAY = date(2026, 3, 10)


def line(pk, fen, after=0, **more):
    return Line(pk=pk, on=DAY + timedelta(days=after), fen=fen, **more)


def entry(pk, fen, after=0, kind="PAY", **more):
    return Entry(pk=pk, on=DAY + timedelta(days=after), fen=fen, kind=kind, **more)


def paid(pk, fen, account, after=0, run="2026-付-001", name=""):
    return entry(pk, -fen, after, account_index=account, run=run, name=name)


def pairs(lines, entries):
    return match(lines, entries).pairs


# Payments


def test_run_named_by_the_bank_is_matched_as_one_sum():
    run = [paid(1, 500, "a"), paid(2, 700, "b")]

    found = pairs([line(9, -1200, 1, text="批量代发 2026-付-001")], run)

    assert found == [Pair("RUN", (9,), (1, 2))]


def test_run_named_in_the_reference_is_matched():
    run = [paid(1, 500, "a"), paid(2, 700, "b")]

    assert pairs([line(9, -1200, reference="2026-付-001")], run)[0].rule == "RUN"


def test_run_in_two_sums_is_matched_as_one():
    run = [paid(1, 500, "a"), paid(2, 700, "b"), paid(3, 300, "c")]
    two = [line(8, -800, text="2026-付-001"), line(9, -700, 1, text="2026-付-001")]

    assert pairs(two, run) == [Pair("RUN", (8, 9), (1, 2, 3))]


def test_run_named_with_another_total_is_left():
    run = [paid(1, 500, "a"), paid(2, 700, "b")]

    assert pairs([line(9, -1199, text="2026-付-001")], run) == []


def test_run_line_by_line_is_matched_by_payee():
    run = [paid(1, 500, "a"), paid(2, 500, "b")]
    two = [line(8, -500, 1, account_index="b"), line(9, -500, 1, account_index="a")]

    found = pairs(two, run)

    assert sorted((p.rule, p.lines, p.entries) for p in found) == [
        ("PAYEE", (8,), (2,)), ("PAYEE", (9,), (1,)),
    ]  # fmt: skip


def test_run_line_by_line_without_payees_is_matched_by_its_number():
    run = [paid(1, 500, "a"), paid(2, 500, "b")]
    two = [line(8, -500, text="2026-付-001"), line(9, -500, text="2026-付-001")]

    assert pairs(two, run) == [Pair("RUN", (8, 9), (1, 2))]


def test_only_payment_with_this_total_is_matched():
    run = [paid(1, 500, "a"), paid(2, 700, "b")]

    assert pairs([line(9, -1200, 3)], run) == [Pair("TOTAL", (9,), (1, 2))]


def test_two_payments_with_one_total_are_left_with_both_as_candidates():
    runs = [paid(1, 1200, "a"), paid(2, 1200, "b", run="2026-付-002")]

    found = match([line(9, -1200)], runs)

    assert found.pairs == []
    assert found.unclear == {9: [(1,), (2,)]}


def test_name_of_the_payee_is_enough_when_the_bank_gives_no_account():
    run = [paid(1, 500, "a", name="王 建国"), paid(2, 500, "b", name="李秀英")]

    assert pairs([line(9, -500, name="王建国")], run) == [Pair("NAME", (9,), (1,))]


@pytest.mark.parametrize(("after", "count"), [(-7, 1), (7, 1), (8, 0), (-8, 0)])
def test_payee_is_looked_for_within_a_week(after, count):
    assert len(pairs([line(9, -500, after, account_index="a")], [paid(1, 500, "a")])) == count


def test_one_entry_with_two_lines_is_left():
    two = [line(8, -500, 0, account_index="a"), line(9, -500, 1, account_index="a")]

    found = match(two, [paid(1, 500, "a", run="")])

    assert found.pairs == []
    assert found.unclear == {8: [(1,)], 9: [(1,)]}


def test_amount_that_differs_by_a_fen_is_not_matched():
    assert pairs([line(9, -501, account_index="a")], [paid(1, 500, "a")]) == []


# What came in


def test_return_is_matched_with_its_entry_weeks_later():
    back = entry(1, 500, 40, kind="BOUNCE", account_index="a")

    assert pairs([line(9, 500, account_index="a", text="退汇")], [back]) == [
        Pair("RETURN", (9,), (1,))
    ]


def test_return_by_name_is_matched():
    back = entry(1, 500, kind="BOUNCE", name="王建国")

    assert pairs([line(9, 500, name="王建国")], [back]) == [Pair("RETURN", (9,), (1,))]


def test_return_does_not_take_the_payment_made_again():
    entries = [paid(1, 500, "a"), entry(2, 500, 9, kind="BOUNCE", account_index="a"),
               paid(3, 500, "a", 12, run="2026-付-002")]  # fmt: skip
    lines = [line(7, -500, 1, account_index="a"), line(8, 500, 8, account_index="a"),
             line(9, -500, 13, account_index="a")]  # fmt: skip

    found = {p.lines: (p.rule, p.entries) for p in pairs(lines, entries)}

    assert found == {(7,): ("PAYEE", (1,)), (8,): ("RETURN", (2,)), (9,): ("PAYEE", (3,))}


@pytest.mark.parametrize("kind", ["RECEIVE", "DONATION"])
def test_receipt_is_matched_by_amount_and_day(kind):
    assert pairs([line(9, 500, 2, text="拨款")], [entry(1, 500, kind=kind)]) == [
        Pair("RECEIPT", (9,), (1,))
    ]


def test_interest_is_matched_with_interest_only():
    both = [entry(1, 500, kind="RECEIVE"), entry(2, 500, kind="INTEREST")]

    assert pairs([line(9, 500, text="结息")], both) == [Pair("INTEREST", (9,), (2,))]


def test_receipt_is_not_taken_for_interest():
    assert pairs([line(9, 500, text="利息")], [entry(1, 500, kind="RECEIVE")]) == []


def test_entry_booked_twice_is_left_to_a_person():
    twice = [entry(1, 500, kind="DONATION"), entry(2, 500, kind="DONATION")]

    found = match([line(9, 500)], twice)

    assert found.pairs == []
    assert found.unclear == {9: [(1,), (2,)]}


# Corrections


def test_entry_booked_twice_and_reversed_leaves_one_for_the_line():
    twice = [
        entry(1, 500, kind="DONATION"), entry(2, 500, kind="DONATION"),
        entry(3, -500, 30, kind="REVERSE", reverses=2),
    ]  # fmt: skip

    assert pairs([line(9, 500)], twice) == [
        Pair("REVERSED", (), (2, 3)), Pair("RECEIPT", (9,), (1,)),
    ]  # fmt: skip


def test_reversed_entry_that_the_bank_has_is_left():
    entries = [entry(1, 500, kind="DONATION"), entry(3, -500, 30, kind="REVERSE", reverses=1)]

    assert [p.rule for p in pairs([line(9, 500)], entries)] == ["RECEIPT"]


def test_correction_of_the_bank_cancels_its_own_line():
    lines = [line(8, -500, name="王建国"), line(9, 500, 3, name="王建国", text="冲正")]

    assert pairs(lines, []) == [Pair("CORRECTED", (8, 9), ())]


def test_correction_with_two_possible_lines_is_left():
    lines = [line(7, -500), line(8, -500), line(9, 500, 3, text="冲正")]

    assert pairs(lines, []) == []


@pytest.mark.parametrize(
    ("text", "fen", "found"),
    [
        ("结息", 5, "INTEREST"), ("利息税", -5, ""), ("退汇 户名不符", 5, "RETURN"),
        ("退汇", -5, ""), ("跨行汇款手续费", -5, "CHARGE"), ("手续费退回", 5, "RETURN"),
        ("冲正", 5, "CORRECTION"), ("冲正", -5, "CORRECTION"), ("拨款", 5, ""),
    ],
)  # fmt: skip
def test_nature_of_a_line_is_read_from_the_words_of_the_bank(text, fen, found):
    assert nature(line(1, fen, text=text)) == found


def test_ten_thousand_payments_are_matched_quickly():
    run = [paid(n, 500, f"a{n}") for n in range(10_000)]
    lines = [line(n, -500, 1, account_index=f"a{n}") for n in range(10_000)]

    assert len(pairs(lines, run)) == 10_000


def test_each_thing_stands_in_one_pair_only():
    run = [paid(n, 500, "ab"[n % 2], after=n) for n in range(12)]
    lines = [line(n, -500, n, account_index="ab"[n % 2]) for n in range(12)]

    found = pairs(lines, run)

    taken = [pk for pair in found for pk in pair.entries]
    assert len(taken) == len(set(taken))


def test_days_between_bank_and_books_are_a_week():
    assert matching.DAYS == 7
