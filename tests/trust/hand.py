"""Which hand is played: the one asked for, in CI always the same, else another each time."""

import os
from random import randrange

IN_CI = 20261130  # a change is not blamed for what another hand would have found before it


def seed():
    """The seed of a run, printed so that a failure can be played again."""
    other = IN_CI if os.environ.get("CI") else randrange(10**9)
    found = int(os.environ.get("TRUST_SEED", other))
    print(f"TRUST_SEED={found}")  # shown when it fails
    return found
