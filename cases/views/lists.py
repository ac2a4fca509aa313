"""What every list of this room does: filter, page by position, export what was filtered."""

import io

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from base import keyset, xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 5000


def listing(
    request, template, *, rows, order, title, columns, cells, filters=None, shown=None, **context
):
    """One page of `rows` as HTML, or all of them as a workbook with `?export=xlsx`.

    `cells` makes the cells of one row of the workbook; `shown`, where given, makes of the page
    what its template shows as `shown`. More than 5,000 rows are not written in a
    request: the page comes instead, with `too_many` set, and asks to narrow the list.
    """
    too_many = False
    if request.GET.get("export") == "xlsx":
        found = list(rows.order_by(*order)[: MOST_ROWS + 1])
        too_many = len(found) > MOST_ROWS
        if not too_many:
            return workbook(title, columns, (cells(row) for row in found))
    page = keyset.paginate(rows, order=order, cursor=request.GET.get("cursor", ""))
    params = request.GET.copy()
    params.pop("cursor", None)
    params["export"] = "xlsx"
    places = {
        "page": page,
        "shown": shown(page) if shown else page,
        "filters": filters,
        "export_url": f"?{params.urlencode()}",
        "too_many": too_many,
        "most_rows": MOST_ROWS,
        "narrowed": bool(filters is not None and filters.chosen),
    }
    return render(request, template, places | context)


def workbook(title, columns, rows):
    """A workbook as a download."""
    target = io.BytesIO()
    xlsx.write_table(target, str(title), columns, rows)
    headers = {"Content-Disposition": content_disposition_header(True, f"{title}.xlsx")}
    return HttpResponse(target.getvalue(), content_type=XLSX, headers=headers)
