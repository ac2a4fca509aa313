"""This room seals what the rooms below have decided and published."""

import logging

from django.apps import AppConfig
from django.db import DatabaseError

log = logging.getLogger(__name__)


class AuditsConfig(AppConfig):
    name = "audits"

    def ready(self):
        from cases.signals import published  # noqa: PLC0415 - the rooms are loaded by now
        from funds.signals import decided  # noqa: PLC0415

        decided.connect(seal_decision, dispatch_uid="audits.seal_decision")
        published.connect(seal_notice, dispatch_uid="audits.seal_notice")


def seal_decision(at, **kwargs):
    """A batch was decided: its fingerprint will stand on the minutes."""
    _seal("DECISION", at)


def seal_notice(at, **kwargs):
    """A notice was published: its fingerprint will stand on it."""
    _seal("NOTICE", at)


def _seal(reason, at):
    """The decision stands already, so a seal that cannot be made now is left to the daily one."""
    from audits import actions  # noqa: PLC0415 - needs the models loaded

    try:
        actions.seal(reason=reason, at=at)
    except DatabaseError:
        log.exception("no seal could be made; the daily run makes it")
