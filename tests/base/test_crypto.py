import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.db.models import F, Q, Value
from django.db.models.functions import Upper
from django.db.models.lookups import Exact
from hypothesis import given
from hypothesis import strategies as st

from base import crypto
from base.crypto import (
    DecryptionError,
    EncryptedTextField,
    blind_index,
    decrypt,
    encrypt,
    new_salt,
    rotate,
    salted_digest,
)

KEYS = {1: b"1" * 32, 2: b"2" * 32}
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture(autouse=True)
def keys(settings):
    settings.FIELD_KEYS = {1: KEYS[1]}
    settings.INDEX_KEY = b"i" * 32


@pytest.fixture
def Secret(transactional_db):
    """A table of its own, made and dropped around the test."""

    class Secret(models.Model):
        number = EncryptedTextField(blank=True, default="")
        note = EncryptedTextField(null=True)

        class Meta:
            app_label = "base"

        def __str__(self):
            return str(self.pk)

    with connection.schema_editor() as editor:
        editor.create_model(Secret)
    yield Secret
    with connection.schema_editor() as editor:
        editor.delete_model(Secret)
    Secret._meta.apps.all_models["base"].pop("secret")


def stored(column="number"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM base_secret ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


@given(TEXT)
def test_decrypt_reads_what_encrypt_writes(text):
    assert decrypt(encrypt(text, "a.b"), "a.b") == text


def test_encrypt_never_writes_the_same_bytes_twice():
    assert encrypt("x", "a.b") != encrypt("x", "a.b")


def test_decrypt_refuses_another_column_and_altered_bytes():
    sealed = encrypt("secret", "a.b")
    flipped = sealed[:-2] + ("A" if sealed[-2] != "A" else "B") + sealed[-1]

    for text, context in [(sealed, "a.c"), (flipped, "a.b"), ("1:", "a.b"), ("1:!!", "a.b")]:
        with pytest.raises(DecryptionError, match=context):
            decrypt(text, context)


@pytest.mark.parametrize("text", ["secret", "9:AAAA", ":AAAA", "x:AAAA", "²:AAAA"])
def test_decrypt_refuses_a_value_without_a_known_key(text):
    with pytest.raises(DecryptionError, match="no key"):
        decrypt(text, "a.b")


@pytest.mark.parametrize("bad", [{}, {1: b"short"}, {"one": b"1" * 32}])
def test_bad_keys_stop_the_work(settings, bad):
    settings.FIELD_KEYS = bad

    with pytest.raises(ImproperlyConfigured):
        encrypt("x", "a.b")


def test_highest_key_encrypts_by_number_not_by_spelling(settings):
    settings.FIELD_KEYS = {"9": KEYS[1], "10": KEYS[2]}

    assert encrypt("x", "a.b").startswith("10:")


def test_field_stores_ciphertext_and_gives_text(Secret):
    Secret.objects.create(number="230100", note=None)

    (raw,) = stored()
    row = Secret.objects.get()
    assert raw.startswith("1:") and "230100" not in raw
    assert (row.number, row.note) == ("230100", None)
    assert Secret.objects.values_list("number", flat=True).get() == "230100"


def test_field_keeps_empty_and_null_as_they_are(Secret):
    Secret.objects.create(number="", note=None)
    Secret.objects.create(number="", note="")

    assert stored("number") == ["", ""]
    assert stored("note") == [None, ""]
    assert [row.note for row in Secret.objects.order_by("pk")] == [None, ""]


def test_field_encrypts_in_every_kind_of_write(Secret):
    rows = Secret.objects.bulk_create([Secret(number="a"), Secret(number="b")])
    rows[0].number = "c"
    Secret.objects.bulk_update(rows, ["number"])
    Secret.objects.filter(pk=rows[1].pk).update(number="d", note="e")

    assert all(raw.startswith("1:") for raw in stored())
    assert list(Secret.objects.order_by("pk").values_list("number", "note")) == [
        ("c", None),
        ("d", "e"),
    ]


@pytest.mark.parametrize("expression", [F("note"), Value("plain"), Upper(F("note"))])
def test_field_refuses_expressions_that_would_write_plain_text(Secret, expression):
    Secret.objects.create(number="a", note="b")

    with pytest.raises(FieldError):
        Secret.objects.update(number=expression)


def test_field_refuses_a_ciphertext_moved_from_another_column(Secret):
    Secret.objects.create(number="a")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE base_secret SET note = number")

    with pytest.raises(DecryptionError, match="base_secret.note"):
        Secret.objects.get()


@pytest.mark.parametrize(
    "lookup",
    ["number", "number__exact", "number__in", "number__iexact", "number__contains"]
    + ["number__startswith", "number__gt", "number__regex", "number__lower__exact"],
)
def test_field_refuses_every_look_up(Secret, lookup):
    value = ["x"] if lookup.endswith("in") else "x"

    for ask in (Secret.objects.filter, Secret.objects.exclude, Secret.objects.get):
        with pytest.raises(FieldError):
            ask(**{lookup: value})


def test_field_refuses_comparisons_in_expressions(Secret):
    sealed = Value("x", output_field=Secret._meta.get_field("number"))

    with pytest.raises(FieldError):
        list(Secret.objects.filter(Exact(F("number"), sealed)))
    with pytest.raises(FieldError):
        list(Secret.objects.annotate(n=sealed))


def test_field_answers_isnull(Secret):
    Secret.objects.create(note="x")
    Secret.objects.create(note=None)

    assert Secret.objects.filter(note__isnull=True).count() == 1
    assert Secret.objects.filter(note__isnull=False).get().note == "x"


@pytest.mark.parametrize("note, passes", [("x", True), (None, False)])
def test_field_isnull_constraint_can_be_validated(Secret, note, passes):
    constraint = models.CheckConstraint(condition=Q(note__isnull=False), name="noted")

    try:
        constraint.validate(Secret, Secret(note=note))
        found = True
    except Exception as error:
        assert "noted" in str(error)
        found = False

    assert found is passes


def test_field_refuses_unique_and_index():
    class Wrong(models.Model):
        number = EncryptedTextField(unique=True)

        class Meta:
            app_label = "base"
            managed = False

        def __str__(self):
            return ""

    errors = Wrong._meta.get_field("number").check()
    Wrong._meta.apps.all_models["base"].pop("wrong")

    assert [error.id for error in errors] == ["base.E101"]


def test_rotate_brings_everything_under_the_highest_key(Secret, settings):
    for n in range(5):
        Secret.objects.create(number=str(n), note=None if n else "note")
    Secret.objects.create(number="")
    settings.FIELD_KEYS = KEYS
    Secret.objects.create(number="new")
    before = stored()[-1]

    assert rotate(Secret, batch_size=2) == 6
    assert rotate(Secret) == 0

    settings.FIELD_KEYS = {2: KEYS[2]}
    assert list(Secret.objects.order_by("pk").values_list("number", flat=True)) == [
        *("0", "1", "2", "3", "4"),
        "",
        "new",
    ]
    assert stored()[-1] == before


def test_rotate_goes_on_after_an_interruption(Secret, settings, monkeypatch):
    for n in range(4):
        Secret.objects.create(number=str(n))
    settings.FIELD_KEYS = KEYS
    real, calls = crypto.decrypt, []

    def power_cut(text, context):
        calls.append(text)
        if len(calls) == 4:
            raise RuntimeError("power cut")
        return real(text, context)

    monkeypatch.setattr(crypto, "decrypt", power_cut)
    with pytest.raises(RuntimeError):
        rotate(Secret, batch_size=2)
    monkeypatch.setattr(crypto, "decrypt", real)

    assert [raw[0] for raw in stored()] == ["2", "2", "1", "1"]
    assert rotate(Secret, batch_size=2) == 2
    assert [row.number for row in Secret.objects.order_by("pk")] == ["0", "1", "2", "3"]


def test_rotate_writes_a_batch_in_one_statement(Secret, settings, django_assert_max_num_queries):
    Secret.objects.bulk_create([Secret(number=str(n)) for n in range(10)])
    settings.FIELD_KEYS = KEYS

    with django_assert_max_num_queries(20) as asked:
        rotate(Secret)

    assert [q["sql"].split()[0] for q in asked.captured_queries].count("UPDATE") == 1


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002X",
        "11010519491231002x",
        " 110105-19491231 002x",
        "１１０１０５１９４９１２３１００２Ｘ",
    ],
)
def test_blind_index_is_equal_however_it_is_typed(typed):
    assert blind_index(typed, "id_number") == blind_index("11010519491231002X", "id_number")


def test_blind_index_shape_and_separation(settings):
    index = blind_index("1", "id_number")

    assert len(index) == 64 and int(index, 16)
    assert index != blind_index("2", "id_number")
    assert index != blind_index("1", "account")
    settings.INDEX_KEY = b"j" * 32
    assert index != blind_index("1", "id_number")


@pytest.mark.parametrize("nothing", ["", None, "  ", " - "])
def test_blind_index_of_nothing_is_nothing(nothing):
    assert blind_index(nothing, "id_number") == ""


def test_blind_index_refuses_a_short_key(settings):
    settings.INDEX_KEY = b"short"

    with pytest.raises(ImproperlyConfigured):
        blind_index("1", "id_number")


def test_salted_digest_depends_on_both():
    salt = new_salt()

    assert salted_digest(salt, "张三") == salted_digest(salt.encode(), "张三")
    assert salted_digest(salt, "张三") != salted_digest(new_salt(), "张三")
    assert salted_digest(salt, "张三") != salted_digest(salt, "李四")
    assert len(salted_digest(salt, "")) == 64


def test_salted_digest_refuses_a_salt_that_can_be_guessed():
    with pytest.raises(ValueError):
        salted_digest("short", "张三")
