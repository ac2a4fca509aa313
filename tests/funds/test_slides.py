"""Which slides a meeting has, in which order."""

from funds import slides


def keys(found):
    return [slide.key for slide in found]


def test_of_meeting_goes_through_every_list():
    found = slides.of_meeting([(7, [71, 72], 11), (8, [], 1)])

    assert keys(found) == [
        "attendance", "agenda",
        "list-7", "list-7-item-71", "list-7-item-72", "list-7-page-1", "list-7-page-2",
        "list-7-result",
        "list-8", "list-8-page-1", "list-8-result",
    ]  # fmt: skip


def test_of_meeting_counts_items_and_pages():
    found = slides.of_meeting([(7, [71, 72], 11)])

    assert [(s.number, s.count) for s in found[3:7]] == [(1, 2), (2, 2), (1, 2), (2, 2)]


def test_find_falls_back_to_the_list_and_then_to_the_first():
    found = slides.of_meeting([(7, [71], 0)])

    assert [slides.find(found, key) for key in ("list-7-item-71", "list-7-item-99", "", "x")] == [
        3, 2, 0, 0]  # fmt: skip
