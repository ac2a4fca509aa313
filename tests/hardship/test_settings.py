"""A bad value in the environment stops the start with a sentence."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured

from hardship import settings

ONE = base64.b64encode(b"1" * 32).decode()
TWO = base64.b64encode(b"2" * 32).decode()


def test_keys_come_as_number_and_bytes():
    assert settings.keys("FIELD_KEYS", f"1:{ONE}, 2:{TWO}") == {1: b"1" * 32, 2: b"2" * 32}


@pytest.mark.parametrize(
    "text", ["", ONE, f"x:{ONE}", f"1:{ONE},1:{TWO}", "1:c2hvcnQ=", "1:no base64", f"1:{ONE},"]
)
def test_keys_refuse_what_cannot_encrypt(text):
    with pytest.raises(ImproperlyConfigured):
        settings.keys("FIELD_KEYS", text)


def test_database_is_sqlite_that_waits_and_loses_nothing():
    options = settings.database("")["OPTIONS"]

    assert options == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    }


def test_database_is_postgresql_when_the_address_says_so():
    config = settings.database("postgres://anna:secret@db.example:5433/relief")

    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert (config["USER"], config["HOST"], config["PORT"], config["NAME"]) == (
        "anna",
        "db.example",
        5433,
        "relief",
    )


@pytest.mark.parametrize("url", ["mysql://db/relief", "sqlite:///x", "relief"])
def test_database_refuses_what_was_never_tried(url):
    with pytest.raises(ImproperlyConfigured):
        settings.database(url)
