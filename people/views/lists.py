"""What every list does, here and in the rooms above: filter, page by position, export.

One parameter for the place in a list (`cursor`) and one for the workbook (`export=xlsx`).
"""

import io

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from base import keyset, xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 5000


def listing(
    request, template, *, rows, order, title, columns, cells, filters=None, shown=None, **context
):
    """One page of `rows` as HTML, or all of them as a workbook with `?export=xlsx`.

    `cells` makes the cells of one row of the workbook: what the page may show too, and no more.
    `shown`, where given, makes of the page what its template shows.
    """
    if request.GET.get("export") == "xlsx":
        found = rows.order_by(*order)[: MOST_ROWS + 1]
        return export(request, title, columns, [cells(row) for row in found])
    page = keyset.paginate(rows, order=order, cursor=request.GET.get("cursor", ""))
    places = {
        "page": page,
        "shown": shown(page) if shown else page,
        "filters": filters,
        "narrowed": bool(filters is not None and filters.chosen),
        "export_url": place(request, export="xlsx"),
    }
    return render(request, template, places | context)


def export(request, title, columns, rows):
    """A list of rows as a workbook; more than 5,000 lead back to the page and ask to narrow it."""
    if len(rows) > MOST_ROWS:
        words = _("More than %(most)s rows: narrow the list and export again.")
        messages.error(request, words % {"most": f"{MOST_ROWS:,}"})
        return redirect(place(request, export=None))
    target = io.BytesIO()
    xlsx.write_table(target, str(title), columns, rows)
    return workbook(title, target.getvalue())


def workbook(title, content):
    """The bytes of a workbook as a download."""
    headers = {"Content-Disposition": content_disposition_header(True, f"{title}.xlsx")}
    return HttpResponse(content, content_type=XLSX, headers=headers)


def place(request, **changes):
    """This address with some parameters changed, from the first page on; None removes one."""
    params = request.GET.copy()
    params.pop("cursor", None)
    for name, value in changes.items():
        params.pop(name, None)
        if value is not None:
            params[name] = value
    return f"{request.path}?{params.urlencode()}"
