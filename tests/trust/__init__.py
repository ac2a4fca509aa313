"""Attacks on the money: random hands, races, kills, a server knocked down."""

import pytest

pytest.register_assert_rewrite("tests.trust.invariants", "tests.trust.anybody", "tests.trust.means")
