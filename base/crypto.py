"""Personal data encrypted at rest, and the only ways to look for it again.

A stored value reads ``<key id>:<base64 of nonce and AES-256-GCM ciphertext>``. The table and
column are bound in as associated data, so a ciphertext moved to another column is refused.
Keys are in ``settings.FIELD_KEYS`` ({id: 32 bytes}, ids are whole numbers) and
``settings.INDEX_KEY`` (32 bytes), apart from SECRET_KEY. To rotate, add a key with a higher
id, run ``rotate`` on each model, then remove the old key.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core import checks
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models, transaction
from django.db.models.functions import Cast
from django.db.models.lookups import IsNull

_NONCE_BYTES = 12
_BATCH_SIZE = 500
_LEAST_SALT_BYTES = 16


class DecryptionError(ValueError):
    """A stored value cannot be read: key missing, altered bytes, or another column's value."""


def _keys():
    """{int id: key}; ImproperlyConfigured for a bad id or a key that is not 32 bytes."""
    found = {}
    for key_id, key in settings.FIELD_KEYS.items():
        if not str(key_id).isascii() or not str(key_id).isdigit():
            raise ImproperlyConfigured("FIELD_KEYS: every key id is a whole number.")
        if len(key) != 32:
            raise ImproperlyConfigured(f"FIELD_KEYS: key {key_id} is not 32 bytes long.")
        found[int(key_id)] = bytes(key)
    if not found:
        raise ImproperlyConfigured("FIELD_KEYS holds no key.")
    return found


def encrypt(text, context):
    """``text`` under the key with the highest id, bound to ``context`` ("table.column")."""
    keys = _keys()
    key_id = max(keys)
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(keys[key_id]).encrypt(nonce, text.encode(), context.encode())
    return f"{key_id}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored, context):
    """The text behind ``stored``, under whichever key it names. DecryptionError otherwise."""
    key_id, _colon, body = stored.partition(":")
    keys = _keys()
    if not (key_id.isascii() and key_id.isdigit()) or int(key_id) not in keys:
        raise DecryptionError(f"{context}: no key for this value; is FIELD_KEYS complete?")
    try:
        raw = base64.b64decode(body, validate=True)
        nonce, sealed = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
        return AESGCM(keys[int(key_id)]).decrypt(nonce, sealed, context.encode()).decode()
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise DecryptionError(f"{context}: this value was altered or moved.") from error


class _IsNull(IsNull):
    """IS NULL that also answers for a plain value, as asked when constraints are validated."""

    def as_sql(self, compiler, connection):
        if isinstance(self.lhs, models.Value):
            present = None if self.lhs.value is None else 1
            self.lhs = models.Value(present, output_field=models.IntegerField())
        return super().as_sql(compiler, connection)


class EncryptedTextField(models.TextField):
    """Text that is ciphertext in the database and plain in Python; "" stays "", NULL NULL.

    Every save writes new bytes, so nothing can be looked up, ordered or made unique:
    a filter other than ``isnull`` raises FieldError, and unique or indexed is a system
    check error. Keep a ``blind_index`` beside it for that. Renaming the table or column
    makes what is stored unreadable: decrypt first.
    """

    def check(self, **kwargs):
        errors = super().check(**kwargs)
        if self.unique or getattr(self, "db_index", False):  # a primary key is unique
            errors.append(
                checks.Error(
                    "An encrypted column cannot be unique or indexed.",
                    hint="Keep a blind_index() of the value in a column of its own.",
                    obj=self,
                    id="base.E101",
                )
            )
        return errors

    @property
    def context(self):
        """What a ciphertext of this column is bound to: "table.column"."""
        return f"{self.model._meta.db_table}.{self.column}"

    def _refusal(self):
        return FieldError(
            f"{self.context} is encrypted and cannot be looked up; filter on its blind index."
        )

    def get_lookup(self, lookup_name):
        if lookup_name == "isnull":
            return _IsNull
        raise self._refusal()

    def get_transform(self, lookup_name):
        raise self._refusal()

    def get_db_prep_value(self, value, connection, prepared=False):
        """Asked for by comparisons only (saving has its own way below), so refused."""
        if value is None:
            return None
        raise self._refusal()

    def get_db_prep_save(self, value, connection):
        if hasattr(value, "as_sql"):
            if not _is_sealed(value):
                raise FieldError(f"{self.context} is encrypted and takes no database expression.")
            return value  # each Value in it comes back here by itself
        text = self.to_python(value)
        return encrypt(text, self.context) if text else text

    def from_db_value(self, value, expression, connection):
        return decrypt(value, self.context) if value else value


def _is_sealed(expression):
    """Whether an expression writes only values of encrypted fields, as bulk_update's does."""
    if isinstance(expression, models.Case):
        results = [*(case.result for case in expression.cases), expression.default]
        return all(map(_is_sealed, results))
    if isinstance(expression, Cast):
        return all(map(_is_sealed, expression.get_source_expressions()))
    if not isinstance(expression, models.Value):
        return False
    return expression.value is None or isinstance(expression.output_field, EncryptedTextField)


def encrypted_fields(model):
    """The encrypted fields that ``model``'s own table holds."""
    return [f for f in model._meta.local_concrete_fields if isinstance(f, EncryptedTextField)]


def rotate(model, *, batch_size=_BATCH_SIZE):
    """Bring every encrypted value of ``model`` under the highest key; returns how many.

    Each batch is one transaction (a read that locks, one UPDATE) and takes only what is
    still under another key, so an interrupted run goes on where it stopped and a second
    run does nothing. A value that cannot be read raises DecryptionError and undoes its
    batch. Values are counted, so a row with two encrypted columns counts twice.
    """
    current = f"{max(_keys())}:"
    return sum(_rotate_field(model, f, current, batch_size) for f in encrypted_fields(model))


def _rotate_field(model, field, current, batch_size):
    stale = (
        model._base_manager.annotate(stored=Cast(field.name, models.TextField()))
        .exclude(stored__isnull=True)
        .exclude(stored="")
        .exclude(stored__startswith=current)
        .order_by("pk")
    )
    done = 0
    while True:
        with transaction.atomic():
            found = list(stale.select_for_update().values_list("pk", "stored")[:batch_size])
            rows = [
                model(pk=pk, **{field.attname: decrypt(stored, field.context)})
                for pk, stored in found
            ]
            model._base_manager.bulk_update(rows, [field.name])
        done += len(rows)
        if len(rows) < batch_size:
            return done


def normalise(value):
    """How a value is compared: NFKC, upper case, no spaces, no hyphens."""
    text = unicodedata.normalize("NFKC", str(value)).upper()
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) != "Pd")


def blind_index(value, purpose):
    """64 hex digits that are equal when the normalised values are; "" for nothing.

    HMAC-SHA-256 under a key of its own per ``purpose`` ("id_number", "account"), so that
    the same number in two columns does not show.
    """
    text = normalise(value or "")
    if not text:
        return ""
    if len(settings.INDEX_KEY) < 32:
        raise ImproperlyConfigured("INDEX_KEY is shorter than 32 bytes.")
    key = hmac.digest(settings.INDEX_KEY, purpose.encode(), "sha256")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def new_salt():
    """A random salt for ``salted_digest``, 32 hex digits; erase it to forget the text."""
    return secrets.token_hex(_LEAST_SALT_BYTES)


def salted_digest(salt, text):
    """HMAC-SHA-256 of ``text`` under ``salt`` (str or bytes), as 64 hex digits.

    For personal data in a sealed row: without the salt the digest tells nothing.
    ValueError for a salt shorter than 16 bytes, which could be guessed through.
    """
    key = salt.encode() if isinstance(salt, str) else bytes(salt)
    if len(key) < _LEAST_SALT_BYTES:
        raise ValueError("A salt has at least 16 bytes; use new_salt().")
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
