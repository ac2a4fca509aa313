"""The navigation of each role: one table; addresses that do not exist yet are left out."""

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from people.roles import Role

R = Role
OFFICERS = {R.UNIT_OFFICER, R.UNIT_CHAIR, R.COMPANY_OFFICER, R.COMPANY_CHAIR}
FIELD = OFFICERS | {R.INFORMANT}
MONEY = {R.CASHIER, R.ACCOUNTANT}
COMPANY = {R.COMPANY_OFFICER, R.COMPANY_CHAIR}
EVERYBODY = None  # strangers too
STRANGERS = frozenset()  # nobody who is signed in
SIGNED_IN = set(R)

# group: (label, name of the address, icon, roles that see it)
TABLE = (
    (
        "",
        (
            (_("Home"), "home", "layout-dashboard", SIGNED_IN),
            (_("Public notices"), "cases:notice_list", "megaphone", EVERYBODY),
            (_("Where is my case?"), "cases:progress", "scan-search", STRANGERS),
            (_("Apply for help"), "cases:apply", "file-plus", STRANGERS),
        ),
    ),
    (
        _("Applications and rules"),
        (
            (_("Cases"), "cases:case_list", "file-text", FIELD | {R.AUDITOR, R.DISCIPLINE}),
            (_("Objections"), "cases:objection_list", "scale", {R.DISCIPLINE, R.AUDITOR}),
            (_("Relief rounds"), "cases:round_list", "calendar-days", COMPANY),
            (_("Policies"), "cases:policy_list", "book-open", OFFICERS | {R.AUDITOR, R.LEADER}),
        ),
    ),
    (
        _("Households on file"),
        (
            (_("Dossiers"), "cases:dossier_list", "contact", OFFICERS | {R.AUDITOR}),
            (_("Reported changes"), "cases:change_list", "refresh-cw", FIELD | {R.AUDITOR}),
            (_("Yearly re-check"), "cases:campaign_list", "calendar-check", OFFICERS | {R.AUDITOR}),
            (_("Follow-up after exit"), "cases:follow_up_list", "phone", OFFICERS | {R.AUDITOR}),
            (_("Duplicate watch"), "cases:watch_list", "copy-check", OFFICERS | {R.AUDITOR}),
            (_("Past their retention"), "cases:retention_list", "archive", COMPANY | {R.AUDITOR}),
        ),
    ),
    (
        _("Visits and care"),
        (
            (_("Home visits"), "cases:visit_list", "footprints", FIELD | {R.AUDITOR}),
            (_("Visit plan"), "cases:visit_plan", "calendar-check", OFFICERS | {R.AUDITOR}),
            (
                _("Must-visit events"),
                "cases:incident_list",
                "message-square-warning",
                FIELD | {R.AUDITOR},
            ),
            (
                _("Information officers"),
                "cases:informant_list",
                "messages-square",
                FIELD | {R.AUDITOR},
            ),
            (_("Referrals"), "cases:referral_list", "send", OFFICERS | {R.AUDITOR}),
            (_("Gifts in kind"), "cases:gift_list", "gift", OFFICERS | {R.AUDITOR}),
        ),
    ),
    (
        _("Decisions and money"),
        (
            (
                _("Batches"),
                "funds:batch_list",
                "list-checks",
                COMPANY | {R.SECRETARY, R.LEADER, R.AUDITOR},
            ),
            (
                _("Meetings"),
                "funds:meeting_list",
                "gavel",
                {R.SECRETARY, R.LEADER, R.COMPANY_CHAIR, R.AUDITOR},
            ),
            (
                _("Urgent advances"),
                "funds:advance_list",
                "clock",
                MONEY | COMPANY | {R.SECRETARY, R.LEADER, R.AUDITOR},
            ),
            (_("Payments"), "funds:payment_list", "banknote", MONEY | {R.AUDITOR}),
            (
                _("Cash and proxies"),
                "funds:hand_over_list",
                "id-card",
                MONEY | COMPANY | {R.AUDITOR},
            ),
            (_("Recoveries"), "funds:recovery_list", "undo-2", MONEY | COMPANY | {R.AUDITOR}),
            (
                _("Bank statements"),
                "funds:statement_list",
                "file-spreadsheet",
                MONEY | {R.AUDITOR},
            ),
            (
                _("Months and closing"),
                "funds:period_list",
                "calendar-check",
                MONEY | {R.AUDITOR},
            ),
            (
                _("Budget"),
                "funds:budget",
                "wallet",
                MONEY | COMPANY | {R.SECRETARY, R.LEADER, R.AUDITOR},
            ),
            (
                _("Funds and ledger"),
                "funds:fund_list",
                "landmark",
                MONEY | COMPANY | {R.LEADER, R.AUDITOR},
            ),
            (
                _("Account books"),
                "funds:books_overview",
                "book-open",
                MONEY | COMPANY | {R.AUDITOR},
            ),
        ),
    ),
    (
        _("Oversight"),
        (
            (
                _("Statistics"),
                "audits:statistics",
                "chart-column",
                OFFICERS | {R.LEADER, R.AUDITOR, R.GROUP, R.DISCIPLINE},
            ),
            (_("Leads"), "audits:lead_list", "search", {R.AUDITOR}),
            (
                _("Proof of integrity"),
                "audits:proof",
                "shield-check",
                COMPANY | {R.AUDITOR, R.DISCIPLINE, R.ACCOUNTANT, R.LEADER},
            ),
            (_("Who looked at what"), "people:disclosure_list", "eye", {R.AUDITOR, R.ADMIN}),
        ),
    ),
    (
        _("People and units"),
        (
            (_("Units"), "people:unit_list", "network", {R.ADMIN}),
            (_("Accounts"), "people:user_list", "circle-user", {R.ADMIN}),
            (_("Appointments"), "people:appointment_list", "key-round", {R.ADMIN}),
            (_("Staff roster"), "people:person_list", "users", FIELD | {R.ADMIN, R.AUDITOR}),
            (
                _("Roster import"),
                "people:roster_import",
                "upload",
                {R.ADMIN, R.COMPANY_OFFICER},
            ),
            (
                _("Near relatives"),
                "people:kinship_list",
                "id-card",
                SIGNED_IN - {R.EMPLOYEE, R.GROUP},
            ),
            (_("Holidays"), "people:holiday_list", "calendar", {R.ADMIN}),
        ),
    ),
    (
        _("My own matters"),
        (
            (_("Apply for help"), "cases:apply", "file-plus", {R.EMPLOYEE}),
            (_("My applications"), "cases:my", "folder-open", {R.EMPLOYEE}),
            (_("Where is my case?"), "cases:progress", "scan-search", {R.EMPLOYEE}),
            (_("Who looked at my data"), "people:my_disclosures", "scan-eye", {R.EMPLOYEE}),
            (_("Security of my sign-in"), "mfa_index", "key-round", SIGNED_IN),
        ),
    ),
)


def navigation(actor):
    """Groups of {title, items: [{label, url, icon}]} for this actor; None is a stranger."""
    if actor is None:
        roles = frozenset()
    else:  # whoever is signed in is an employee first
        roles = actor.roles | {R.EMPLOYEE}
    groups = []
    for title, rows in TABLE:
        items = [
            {"label": label, "url": url, "icon": icon}
            for label, name, icon, seen_by in rows
            if _shown(roles, seen_by) and (url := _address(name))
        ]
        if items:
            groups.append({"title": title, "items": items})
    return groups


def _shown(roles, seen_by):
    if seen_by is EVERYBODY:
        return True
    return bool(roles & seen_by) if roles else seen_by is STRANGERS


def _address(name):
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
