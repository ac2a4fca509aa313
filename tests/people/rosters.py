"""Workbooks of rosters for the tests."""

import io
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from tests.factories import id_number

BORN = date(1960, 1, 1)  # a day on which no person of the factories is born

HEADINGS = (
    "职工编号 姓名 性别 身份证号 所属基层工会 人员类别 月收入 手机 开户行 支行 户名 账号 "
    "入职日期 离职日期 去世日期"
).split()


def workbook(rows, headings=HEADINGS):
    """The bytes of an .xlsx with these rows; a row is a sequence or {heading: value}."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名册")
    sheet.append(list(headings))
    for row in rows:
        sheet.append([row.get(h) for h in headings] if isinstance(row, dict) else list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def upload(rows, headings=HEADINGS, name="名册.xlsx"):
    return SimpleUploadedFile(name, workbook(rows, headings))


def number(n, **kwargs):
    """An ID number that no person of the factories has."""
    return id_number(n, **{"born": BORN} | kwargs)
