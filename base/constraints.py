"""The three shapes of CHECK constraint that the database repeats after the code."""

from django.db.models import CheckConstraint, Q


def _full(names):
    return Q(**{f"{name}__isnull": False for name in names})


def _empty(names):
    return Q(**{f"{name}__isnull": True for name in names})


def iff(condition, *names, name):
    """``condition`` holds exactly when all these columns are filled in, else all are NULL.

    The columns in ``condition`` must not be nullable (a CHECK that comes out NULL passes),
    and "filled in" means NOT NULL, so an empty string counts as filled in.
    """
    return CheckConstraint(
        condition=(condition & _full(names)) | (~condition & _empty(names)), name=name
    )


def all_or_none(*names, name):
    """These columns are filled in together or not at all (who, when, why)."""
    return CheckConstraint(condition=_full(names) | _empty(names), name=name)


def known(field, choices, *, name, blank=False):
    """``field`` holds one of ``choices`` (a Choices class or a sequence of values).

    A nullable field may still be NULL; an empty string passes when ``blank`` says so.
    """
    values = list(getattr(choices, "values", choices)) + ([""] if blank else [])
    return CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)
