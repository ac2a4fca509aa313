"""The pages of the household form: what stands on each, and what must be there to submit it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from base.masking import mask_phone
from base.money import format_fen
from cases.codes import Cause, Health


@dataclass(frozen=True)
class Page:
    """One page of the form. `fields` are columns of the dossier, or of the employee as a member;
    `starred` are those the union form marks as required. `officers`: none of the household's."""

    key: str
    title: Promise
    hint: Promise
    fields: tuple[str, ...]
    starred: tuple[str, ...] = ()
    officers: bool = False


PAGES = (
    Page(
        "person", _("About the employee"), _("Ethnic group, marital status, union card"),
        ("ethnicity", "political", "marital", "single_parent", "education", "model_worker",
         "union_member", "union_card", "honours"),
        starred=("ethnicity", "political", "marital", "model_worker"),
    ),
    Page(
        "health", _("Health of the employee"), _("Illness, disability, medical insurance"),
        ("health", "disability_kind", "disability_grade", "ill_this_year", "insurance"),
        starred=("insurance",),
    ),
    Page(
        "work", _("Work and income of the employee"), _("Post, employer, contract, wage"),
        ("occupation", "work_state", "workplace", "post", "employer_kind", "employer_state",
         "industry", "began_work_on", "contract_on", "contract_term", "monthly_income_fen"),
        starred=("work_state", "industry", "began_work_on"),
    ),
    Page(
        "home", _("Home and contact"), _("Address, phones, housing, household registration"),
        ("address", "postcode", "phone", "other_contact", "hukou", "hukou_place", "housing",
         "floor_area"),
        starred=("address", "phone", "other_contact", "hukou", "hukou_place", "housing"),
    ),
    Page(
        "economy", _("Other income and property"), _("Rent, allowance, help received, homes"),
        ("other_income_fen", "on_allowance", "allowance_fen", "allowance_number",
         "help_received", "self_help", "homes", "vehicles", "property_note"),
    ),
    Page(
        "causes", _("Cause of the hardship"), _("Main cause, other causes, in your own words"),
        ("main_cause", "side_causes", "story"),
        starred=("main_cause",),
    ),
    Page(
        "campaign", _("Kind of file and national campaign"), _("Filled in by the union"),
        ("kind", "standard", "key_group", "measure", "relieved_on"),
        officers=True,
    ),
)  # fmt: skip
BY_KEY = {page.key: page for page in PAGES}

# What is asked of each member of the household beside relation, name and ID number.
MEMBER_MAIN = ("occupation", "workplace", "monthly_income_fen", "health", "ill_this_year",
               "insurance")  # fmt: skip
MEMBER_MORE = (
    "disability_kind", "disability_grade", "school_level", "school_since", "school_years",
    "ethnicity", "political", "education", "marital", "hukou", "model_worker", "phone",
    "work_state", "post", "employer_kind", "employer_state", "contract_on", "contract_term", "note",
)  # fmt: skip
MEMBER_STARRED: tuple[str, ...] = ("insurance",)
DISABILITY = ("disability_kind", "disability_grade")


def owner(name, dossier, own):
    """The row that holds a column of the form: the employee as a member, else the dossier."""
    return own if hasattr(own, name) else dossier


def lacking(page, dossier, own):
    """The starred columns of a page that are still empty; `own` is the employee as a member."""
    names = page.starred
    if page.key == "health" and own is not None and own.health == Health.DISABLED:
        names += DISABILITY
    return [name for name in names if _empty(owner(name, dossier, own), name)]


def member_lacking(member):
    """The starred columns of another member that are still empty."""
    names = MEMBER_STARRED
    if member.health == Health.DISABLED:
        names += DISABILITY
    return [name for name in names if _empty(member, name)]


def begun(page, dossier, own):
    """Whether anything was entered on a page."""
    values = (getattr(owner(name, dossier, own), name) for name in page.fields)
    return any(value not in (None, "", 0, [], False) for value in values)


def _empty(row, name):
    return getattr(row, name) in (None, "")


# The form in words


def label(row, name):
    """What the form calls a column."""
    return capfirst(str(row._meta.get_field(name).verbose_name))


def said(row, name):
    """The value of a column in words; "" when nothing was said. A telephone is masked."""
    value = getattr(row, name)
    if value in (None, "", []):
        return ""
    if name == "side_causes":
        return gettext(", ").join(str(Cause(cause).label) for cause in value)
    if name == "phone":
        return mask_phone(value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name.endswith("_fen"):
        return gettext("%(amount)s yuan") % {"amount": format_fen(value)}
    if row._meta.get_field(name).choices:
        return str(getattr(row, f"get_{name}_display")())
    return str(value)


def told(page, dossier, own):
    """One page of the form in words: [(label, words, whether it must still be filled in)]."""
    missing = lacking(page, dossier, own)
    found = []
    for name in page.fields:
        row = owner(name, dossier, own)
        words = said(row, name)
        if words or name in missing:
            found.append((label(row, name), words, name in missing))
    return found
