"""Rows that are written once: no update and no delete, in Python or in SQL."""

from django.db import models


class AppendOnlyError(TypeError):
    """An attempt to change or delete a sealed row."""


def _refuse(self, *args, **kwargs):
    raise AppendOnlyError(f"{self.__class__.__name__} is append-only")


class AppendOnlyQuerySet(models.QuerySet):
    update = delete = bulk_update = update_or_create = _refuse


class AppendOnly(models.Model):
    """A sealed row. `base.guards` repeats the refusal as database triggers.

    No personal data goes into a sealed row: it could not be erased. Ids, codes, amounts, masked
    names and salted digests only.
    """

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, **kwargs):
        if not self._state.adding:
            _refuse(self)
        super().save(**kwargs | {"force_insert": True})

    delete = _refuse
