"""What every list of this room does: filter, page by position, export what was filtered."""

import io

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from base import keyset, xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(name, content):
    """A workbook as a download."""
    headers = {"Content-Disposition": content_disposition_header(True, f"{name}.xlsx")}
    return HttpResponse(content, content_type=XLSX, headers=headers)


def listing(request, template, *, rows, order, title, columns, cells, filters=None, **context):
    """One page of `rows` as HTML, or all of them as a workbook with `?format=xlsx`.

    `cells` makes the cells of one row; it is what the page may show too, and no more.
    """
    if request.GET.get("format") == "xlsx":
        target = io.BytesIO()
        found = rows.order_by(*order).iterator(chunk_size=1000)
        xlsx.write_table(target, str(title), columns, (cells(row) for row in found))
        return workbook(title, target.getvalue())
    cursor = request.GET.get("after") or request.GET.get("before") or ""
    page = keyset.paginate(rows, order=order, cursor=cursor)
    places = {
        "page": page,
        "filters": filters,
        "previous_url": _url(request, before=page.previous_cursor) if page.has_previous else "",
        "next_url": _url(request, after=page.next_cursor) if page.has_next else "",
        "export_url": _url(request, format="xlsx"),
    }
    return render(request, template, places | context)


def _url(request, **place):
    """This page with its filters, elsewhere in the list."""
    params = request.GET.copy()
    for name in ("after", "before"):
        params.pop(name, None)
    for name, value in place.items():
        params[name] = value
    return f"?{params.urlencode()}"
