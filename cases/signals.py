"""What the rooms above are told about cases; this room knows none of them."""

from django.dispatch import Signal

# Sent after commit when a notice went public, with `at`.
published = Signal()

# Sent inside the transaction before a case is locked for reopening, with `case_id`, `by`, `at`:
# whoever keeps money for the case lets it go now, in the order fund before case.
reopening = Signal()
