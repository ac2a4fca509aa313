"""What this room tells the rooms above it, which it must not import."""

from django.dispatch import Signal

# Sent after the commit when a batch was decided, with `at`.
decided = Signal()
