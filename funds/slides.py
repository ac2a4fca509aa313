"""The meeting on a projector: which slides there are, in which order. No database."""

from dataclasses import dataclass

ROWS = 10  # routine items on one slide


@dataclass(frozen=True)
class Slide:
    """One thing at a time. `batch` and `line` are pks; `page` counts from 0."""

    key: str
    kind: str
    batch: int | None = None
    line: int | None = None
    page: int = 0
    number: int = 0
    count: int = 0


def of_meeting(lists):
    """Every slide of a meeting; `lists` are (batch pk, pks of its individual items, routine count).

    Attendance, agenda, then for each list its headline, its individual items one by one, the
    routine items in pages, and what came of it.
    """
    found = [Slide("attendance", "attendance"), Slide("agenda", "agenda")]
    for batch, singles, routine in lists:
        name = f"list-{batch}"
        found.append(Slide(name, "headline", batch))
        found += [
            Slide(f"{name}-item-{line}", "item", batch, line, number=n, count=len(singles))
            for n, line in enumerate(singles, start=1)
        ]
        pages = -(-routine // ROWS)
        found += [
            Slide(f"{name}-page-{page + 1}", "page", batch, page=page, number=page + 1, count=pages)
            for page in range(pages)
        ]
        found.append(Slide(f"{name}-result", "result", batch))
    return found


def find(slides, key):
    """(place of the slide with this key, from 0); of its list when it is gone, else the first."""
    places = {slide.key: place for place, slide in enumerate(slides)}
    name = "-".join(key.split("-")[:2])
    return places.get(key, places.get(name, 0))
