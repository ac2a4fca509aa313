"""Seals: what they cover, how they chain, and that nothing sealed changes unnoticed."""

import hashlib
import json
import os
import sqlite3
import struct
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import translation

from audits import actions, pages, verify
from audits.models import Seal, SealPage
from audits.templatetags import proof
from base import guards
from cases.signals import published
from funds.models import Account, Fund, Transfer
from funds.signals import decided
from people.models import Disclosure, Unit
from tests.factories import NOON, UnitFactory, UserFactory

LATER = NOON + timedelta(hours=1)


def disclose(count=1, **fields):
    """So many sealed rows, the cheapest there are."""
    company = Unit.objects.companies().first() or UnitFactory(company=True)
    by = UserFactory()
    rows = [
        Disclosure(
            company=company, by=by, at=NOON, subject="PERSON", subject_pk=number,
            fields="id_number", purpose="REVIEW", **fields,
        )
        for number in range(count)
    ]  # fmt: skip
    return Disclosure.objects.bulk_create(rows)


def transfer(amount_fen=1000_00, note=""):
    """Money received into the pool of a fund of its own."""
    fund = Fund.objects.create(company=UnitFactory(company=True), code="G", name="拨款")
    source = Account.objects.create(fund=fund, kind="SOURCE", balance_fen=-amount_fen)
    pool = Account.objects.create(fund=fund, kind="POOL", balance_fen=amount_fen)
    return Transfer.objects.create(
        fund=fund, kind="RECEIVE", debit=pool, credit=source, amount_fen=amount_fen, voucher="1",
        value_on=NOON.date(), key=f"key-{fund.pk}", at=NOON, by=UserFactory(), note=note,
    )  # fmt: skip


def seal(at=NOON, reason="DAILY"):
    return actions.seal(reason=reason, at=at)


def found(**options):
    with translation.override("en"):
        return [(problem.place, str(problem.words)) for problem in verify.problems(**options)]


def settle():
    """PostgreSQL changes no table that has foreign keys still to check."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def tamper(sql, *params):
    """Change the database as its owner could: with the guards off."""
    settle()
    guards.remove(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
        settle()
    finally:
        guards.install(connection)


@pytest.mark.django_db
def test_seal_covers_every_row_written_before_it():
    disclose(3)

    first = seal()

    page = first.pages.get()
    assert (first.number, first.before, first.rows, page.table) == (1, "", 3, "people_disclosure")
    ids = list(Disclosure.objects.order_by("pk").values_list("pk", flat=True))
    assert [pk for pk, _digest in pages.read_leaves(page.leaves)] == ids


@pytest.mark.django_db
def test_seal_takes_only_what_is_new_and_follows_from_the_one_before():
    disclose(2)
    first = seal()
    transfer()

    second = seal(LATER)

    assert (second.number, second.before, second.rows) == (2, first.hash, 1)
    assert [page.table for page in second.pages.all()] == ["funds_transfer"]


@pytest.mark.django_db
def test_seal_with_nothing_new_returns_the_last():
    assert seal() is None
    disclose()
    first = seal()

    assert seal(LATER) == first
    assert Seal.objects.count() == 1


@pytest.mark.django_db
def test_seal_writes_pages_of_a_thousand_rows():
    disclose(1001)

    first = seal()

    assert [len(pages.read_leaves(p.leaves)) for p in first.pages.order_by("seq")] == [1000, 1]
    assert found() == []


@pytest.mark.django_db
def test_seal_is_what_the_standard_library_makes_of_the_rows():
    row = disclose()[0]

    first = seal()

    values = [row.pk, row.company_id, row.by_id, "2026-03-02T04:00:00.000000Z", "PERSON", 0,
              "id_number", "REVIEW"]  # fmt: skip
    text = "17:people_disclosure," + "".join(f"{len(str(v))}:{v}," for v in values)
    leaf = struct.pack(">q", row.pk) + hashlib.sha256(text.encode()).digest()[:16]
    columns = "id,company_id,by_id,at,subject,subject_pk,fields,purpose"
    head = f"17:people_disclosure,{len(columns)}:{columns},"
    page = hashlib.sha256(head.encode() + leaf).hexdigest()
    told = {"at": "2026-03-02T04:00:00.000000Z", "before": "", "number": 1, "pages": [page],
            "reason": "DAILY", "rows": 1}  # fmt: skip
    bytes_ = json.dumps(told, separators=(",", ":"), sort_keys=True).encode()
    assert first.hash == hashlib.sha256(bytes_).hexdigest()


@pytest.mark.django_db
def test_fingerprint_is_found_however_it_is_typed():
    disclose()
    first = seal()

    for typed in (first.fingerprint, first.fingerprint.lower(), first.hash,
                  first.fingerprint.replace("-", "－").replace("1", "１"),
                  first.fingerprint.replace("-", " ")):  # fmt: skip
        assert Seal.objects.matching(typed).get() == first
    assert not Seal.objects.matching(first.fingerprint[:12]).exists()
    assert not Seal.objects.matching("not a fingerprint").exists()


@pytest.mark.django_db
def test_seal_over_a_row_is_found_once_it_is_sealed():
    row = disclose()[0]
    before = Seal.objects.over(row).exists()

    first = seal()

    assert (before, Seal.objects.over(row).get()) == (False, first)


@pytest.mark.django_db
def test_paper_can_carry_the_seal_of_a_row_or_of_a_moment():
    row = disclose()[0]
    before = (proof.seal_over(row), proof.seal_after(NOON), proof.seal_after(None))

    first = seal(NOON)
    disclose()
    second = seal(LATER)

    assert before == (None, None, None)
    assert proof.seal_over(row) == proof.seal_after(NOON) == first
    assert proof.seal_after(NOON + timedelta(seconds=1)) == second


@pytest.mark.django_db
@pytest.mark.parametrize(("signal", "reason"), [(published, "NOTICE"), (decided, "DECISION")])
def test_signal_of_a_lower_room_makes_a_seal(signal, reason):
    disclose()

    signal.send(sender=None, at=NOON)

    assert Seal.objects.get().reason == reason


@pytest.mark.django_db
def test_seal_that_fails_does_not_undo_what_was_decided(monkeypatch, caplog):
    def fail(**_options):
        raise OperationalError("lock timeout")

    monkeypatch.setattr(actions, "seal", fail)

    decided.send(sender=None, at=NOON)

    assert "no seal could be made" in caplog.text


@pytest.mark.django_db
def test_verify_finds_nothing_while_nothing_was_changed():
    disclose(2)
    transfer()
    first = seal()

    assert found(anchors=[first.fingerprint]) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    ["amount_fen = amount_fen + 1", "note = 'x'", "value_on = '2026-03-03'", "voucher = '01'",
     "at = '2026-03-02 04:00:00.000001+00:00'", "case_id = NULL, key = 'other'"],
)  # fmt: skip
def test_verify_names_the_row_that_was_changed(change):
    row = transfer()
    seal()

    tamper(f"UPDATE funds_transfer SET {change} WHERE id = %s", row.pk)

    sentence = f"funds_transfer row {row.pk} was changed after it was sealed."
    assert (f"funds_transfer {row.pk}", sentence) in found()


@pytest.mark.django_db
def test_verify_names_the_row_that_was_removed():
    rows = disclose(3)
    seal()

    tamper("DELETE FROM people_disclosure WHERE id = %s", rows[1].pk)

    assert found() == [
        (
            f"people_disclosure {rows[1].pk}",
            f"people_disclosure row {rows[1].pk} was removed after it was sealed.",
        )
    ]


@pytest.mark.django_db
def test_verify_names_the_row_that_was_inserted():
    first = disclose(1)[0]
    tamper("UPDATE people_disclosure SET id = id + 5 WHERE id = %s", first.pk)
    seal()
    late = disclose(1)[0]

    tamper("UPDATE people_disclosure SET id = %s WHERE id = %s", first.pk + 1, late.pk)

    assert found() == [
        (
            f"people_disclosure {first.pk + 1}",
            f"people_disclosure row {first.pk + 1} was inserted among rows already sealed.",
        )
    ]


@pytest.mark.django_db
def test_verify_names_two_rows_that_changed_places():
    one, other = disclose(2)
    seal()

    for old, new in ((one.pk, -1), (other.pk, one.pk), (-1, other.pk)):
        tamper("UPDATE people_disclosure SET id = %s WHERE id = %s", new, old)

    assert [place for place, _words in found()] == [
        f"people_disclosure {one.pk}",
        f"people_disclosure {other.pk}",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", ["rows = rows + 1", "reason = 'BY_HAND'", "at = '2026-03-02 04:00:01+00:00'"]
)
def test_verify_names_the_seal_that_was_changed(change):
    disclose()
    first = seal()

    tamper(f"UPDATE audits_seal SET {change} WHERE id = %s", first.pk)

    assert found() == [(f"audits_seal {first.pk}", "Seal 1 or one of its pages was changed.")]


@pytest.mark.django_db
def test_verify_names_the_page_that_was_changed_to_hide_a_changed_row():
    row = transfer()
    first = seal()
    page = first.pages.get()
    tamper("UPDATE funds_transfer SET note = 'x' WHERE id = %s", row.pk)
    model, columns = Transfer, page.columns.split(",")
    text = dict(verify.rows.stream(connection, model, after=0, upto=row.pk, names=columns))
    leaves = pages.write_leaves(text.items())

    tamper("UPDATE audits_sealpage SET leaves = %s", leaves)
    half = found()
    tamper(
        "UPDATE audits_sealpage SET hash = %s", pages.page_hash(page.table, page.columns, leaves)
    )
    whole = found()

    assert half == [(f"audits_sealpage {page.pk}", "Page 1 of seal 1 was changed.")]
    assert whole == [(f"audits_seal {first.pk}", "Seal 1 or one of its pages was changed.")]


@pytest.mark.django_db
def test_verify_sees_that_the_last_seals_were_cut_off_only_by_an_anchor():
    disclose()
    seal()
    disclose()
    printed = seal(LATER).fingerprint

    tamper("DELETE FROM audits_sealpage WHERE seal_id IN (SELECT id FROM audits_seal WHERE number"
           " = 2)")  # fmt: skip
    tamper("DELETE FROM audits_seal WHERE number = 2")

    assert found() == []
    assert [place for place, _words in found(anchors=[printed])] == [f"anchor {printed}"]


@pytest.mark.django_db
def test_verify_sees_that_a_seal_in_the_middle_is_gone():
    for hour in range(3):
        disclose()
        seal(NOON + timedelta(hours=hour))

    tamper("DELETE FROM audits_sealpage WHERE seal_id IN (SELECT id FROM audits_seal WHERE number"
           " = 2)")  # fmt: skip
    tamper("DELETE FROM audits_seal WHERE number = 2")

    assert "Seals 2 to 2 are missing from the chain." in [words for _place, words in found()]


@pytest.mark.django_db
def test_verify_sees_a_seal_made_again_from_another_past():
    disclose()
    first = seal()
    disclose()
    seal(LATER)
    other = pages.seal_hash(
        before="", number=1, reason="BY_HAND", at=NOON, rows=1,
        pages=[page.hash for page in first.pages.all()],
    )  # fmt: skip

    tamper("UPDATE audits_seal SET hash = %s, reason = 'BY_HAND' WHERE number = 1", other)

    assert [words for _place, words in found()] == ["Seal 2 does not follow from the one before."]


@pytest.mark.django_db
def test_verify_names_a_missing_guard():
    guard = next(g for g in guards.guards(connection) if g.name == "funds_transfer_ao_update")
    with connection.cursor() as cursor:
        for sql in guard.drop:
            cursor.execute(sql)

    assert found() == [
        (
            "funds_transfer_ao_update",
            "The database guard funds_transfer_ao_update is missing or altered.",
        )
    ]


@pytest.mark.django_db
def test_column_added_later_leaves_older_seals_true():
    disclose(2)
    seal()

    tamper("ALTER TABLE people_disclosure ADD COLUMN later varchar(9) DEFAULT 'x' NOT NULL")

    assert found() == []


@pytest.mark.django_db
def test_verify_reads_pages_with_other_columns_apart():
    disclose()
    first = seal()
    page = first.pages.get()
    shorter = page.columns.removesuffix(",purpose")
    names = shorter.split(",")
    text = verify.rows.stream(connection, Disclosure, after=0, upto=page.last_id, names=names)
    leaves = pages.write_leaves(text)
    hash_ = pages.page_hash(page.table, shorter, leaves)
    seal_ = pages.seal_hash(before="", number=1, reason="DAILY", at=NOON, rows=1, pages=[hash_])
    tamper(
        "UPDATE audits_sealpage SET columns = %s, leaves = %s, hash = %s", shorter, leaves, hash_
    )
    tamper("UPDATE audits_seal SET hash = %s", seal_)
    disclose()

    seal(LATER)

    assert found() == []


@pytest.mark.django_db
def test_seal_command_says_what_it_did(capsys):
    with translation.override("en"):
        call_command("seal")
        disclose()
        call_command("seal", reason="DAILY")
        call_command("seal")

    mark = Seal.objects.get().fingerprint
    assert capsys.readouterr().out.splitlines() == [
        "There is nothing to seal yet.",
        f"Seal 1 over 1 rows: {mark}",
        f"Nothing new since seal 1: {mark}",
    ]


@pytest.mark.django_db
def test_verify_command_prints_each_difference_and_fails():
    row = transfer()
    seal()
    quiet, loud = StringIO(), StringIO()

    with translation.override("en"):
        call_command("verify", stdout=quiet)
        tamper("UPDATE funds_transfer SET note = 'x' WHERE id = %s", row.pk)
        with pytest.raises(CommandError, match="1 difference found") as error:
            call_command("verify", stdout=loud)

    assert error.value.returncode == 1
    assert quiet.getvalue().startswith("Nothing differs. 1 sealed rows, last seal 1: ")
    assert loud.getvalue() == (
        f"funds_transfer row {row.pk} was changed after it was sealed. (funds_transfer {row.pk})\n"
    )


@pytest.mark.django_db
def test_verify_command_takes_anchors():
    disclose()
    mark = seal().fingerprint

    call_command("verify", "--anchor", mark, stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("verify", "--anchor", "0000-0000-0000-0000", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_one_byte_flipped_in_the_database_file_is_named(tmp_path):
    disclose(3)
    row = transfer(note="集团拨款 2026")
    seal()
    path = tmp_path / "copy.sqlite3"
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
    whole = path.read_bytes()
    untouched = verify_file(path)
    place = whole.index("集团拨款 2026".encode())

    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    flipped = verify_file(path)

    assert (untouched.returncode, flipped.returncode) == (0, 1)
    named = [line.rpartition("(")[2] for line in flipped.stdout.splitlines()]
    assert named == [f"funds_transfer {row.pk})"]


def verify_file(path):
    """`manage.py verify` on a database file, as an operator runs it."""
    return subprocess.run(
        [sys.executable, "manage.py", "verify"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"SQLITE": str(path), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.django_db
@pytest.mark.postgres
def test_row_changed_in_the_replica_role_is_named():
    row = transfer()
    seal()
    settle()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Transfer.objects.filter(pk=row.pk)._raw_delete(connection.alias)
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE funds_transfer DISABLE TRIGGER "funds_transfer_ao_update"')
        cursor.execute("UPDATE funds_transfer SET note = 'x'")
        cursor.execute("SET LOCAL session_replication_role = origin")

    assert found() == [
        (
            "funds_transfer_ao_update",
            "The database guard funds_transfer_ao_update is missing or altered.",
        ),
        (
            f"funds_transfer {row.pk}",
            f"funds_transfer row {row.pk} was changed after it was sealed.",
        ),
    ]


def in_threads(*acts):
    """Run each act in a thread of its own, all past one line together; errors come back."""
    barrier, errors = Barrier(len(acts)), []

    def run(act):
        try:
            connection.ensure_connection()
            barrier.wait(10)
            act()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return errors


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_sealers_at_once_make_one_chain():
    disclose(1500)

    errors = in_threads(*[seal] * 4)

    assert errors == []
    assert [s.rows for s in Seal.objects.all()] == [1500]
    assert found() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_row_with_a_lower_id_committed_late_is_not_missed():
    UnitFactory(company=True)
    by = UserFactory()
    written, sealing = Barrier(2), Barrier(2)

    def slow():
        with transaction.atomic():
            _one(by)
            written.wait(10)
            sealing.wait(10)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.5)")

    def quick():
        written.wait(10)
        _one(by)
        sealing.wait(10)
        seal()

    errors = in_threads(slow, quick)

    assert errors == []
    assert Seal.objects.get().rows == 2
    assert found() == []


def _one(by):
    Disclosure.objects.create(
        company=Unit.objects.companies().first(), by=by, at=datetime.now(UTC), subject="PERSON",
        subject_pk=1, fields="phone", purpose="VISIT",
    )  # fmt: skip


@pytest.mark.django_db
def test_pages_of_a_seal_are_kept_with_it():
    disclose()
    first = seal()

    assert SealPage.objects.get().seal == first
