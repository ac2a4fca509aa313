"""Where a difference stands: the page that shows the row, and the company whose money it is."""

from dataclasses import dataclass

from django.apps import apps
from django.urls import NoReverseMatch, reverse

from cases.models import Case, Clearance, Member, Notice, NoticeLine, Step
from funds.models import (
    Account,
    Advance,
    BankFile,
    Batch,
    BatchLine,
    Fund,
    HandOver,
    Hold,
    HoldEnd,
    Match,
    Payment,
    PaymentRun,
    Period,
    PeriodBalance,
    Recovery,
    Statement,
    StatementLine,
    Transfer,
    Vote,
)


@dataclass(frozen=True)
class Place:
    """The address, the column that gives its argument (none: ""), the way to the company."""

    url: str
    argument: str
    company: str


PLACES = {
    Account: Place("funds:ledger", "fund", "fund__company"),
    Advance: Place("funds:advance_detail", "pk", "company"),
    BankFile: Place("funds:bank_file", "run", "run__company"),
    Batch: Place("funds:batch_detail", "pk", "company"),
    BatchLine: Place("funds:batch_detail", "batch", "batch__company"),
    Case: Place("cases:case_detail", "pk", "company"),
    Clearance: Place("cases:case_detail", "case", "case__company"),
    Fund: Place("funds:ledger", "pk", "company"),
    HandOver: Place("funds:hand_over_detail", "pk", "company"),
    Hold: Place("cases:case_detail", "case", "account__fund__company"),
    HoldEnd: Place("cases:case_detail", "hold__case", "hold__account__fund__company"),
    Match: Place("funds:statement_list", "", "bank_account__company"),
    Member: Place("cases:dossier_detail", "dossier", "dossier__company"),
    Notice: Place("cases:notice_detail", "code", "company"),
    NoticeLine: Place("cases:notice_detail", "notice__code", "notice__company"),
    Payment: Place("funds:payment_detail", "run", "run__company"),
    PaymentRun: Place("funds:payment_detail", "pk", "company"),
    Period: Place("funds:period_detail", "pk", "bank_account__company"),
    PeriodBalance: Place("funds:period_detail", "period", "period__bank_account__company"),
    Recovery: Place("funds:recovery_detail", "pk", "company"),
    Statement: Place("funds:statement_detail", "pk", "company"),
    StatementLine: Place("funds:statement_detail", "statement", "statement__company"),
    Step: Place("cases:case_detail", "case", "case__company"),
    Transfer: Place("funds:ledger", "fund", "fund__company"),
    Vote: Place("funds:batch_detail", "batch", "batch__company"),
}  # any other table: no page of its own, and whose money it is cannot be said


def links(places):
    """{place: address of the page that shows it}; one query for each table named."""
    found = {}
    for model, pks in _by_model(places).items():
        spot = PLACES[model]
        for pk, argument in _values(model, pks, spot.argument or "pk"):
            try:
                address = reverse(spot.url, args=[argument] if spot.argument else [])
            except NoReverseMatch:
                continue
            found[f"{model._meta.db_table} {pk}"] = address
    return found


def companies(places):
    """{place: company id} of those whose company can be said; one query for each table named."""
    found = {}
    for model, pks in _by_model(places).items():
        for pk, company in _values(model, pks, PLACES[model].company):
            found[f"{model._meta.db_table} {pk}"] = company
    return found


def _by_model(places):
    """{model: ids} of the places that stand in the table above."""
    tables = {model._meta.db_table: model for model in apps.get_models() if model in PLACES}
    found: dict = {}
    for place in places:
        table, _space, pk = place.partition(" ")
        if table in tables and pk.isdecimal():
            found.setdefault(tables[table], set()).add(int(pk))
    return found


_TOGETHER = 500


def _values(model, pks, path):
    ids = sorted(pks)
    for start in range(0, len(ids), _TOGETHER):
        rows = model._base_manager.filter(pk__in=ids[start : start + _TOGETHER])
        yield from rows.values_list("pk", path)
