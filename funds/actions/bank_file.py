"""The way to the bank: a file is made once, sent once, and answered payment by payment."""

import io
import json
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from base import canonical
from base.crypto import DecryptionError
from base.uploads import clean_name
from base.workdays import day_of
from funds import bank_formats, bank_results
from funds.actions.payment import bounce, why_not_file
from funds.models import (
    Answer,
    BankFile,
    BankFileSent,
    BankFormat,
    BankResult,
    Payment,
    PaymentAnswer,
    PaymentRun,
    require_open,
)
from people.actions import disclose
from people.importing import keep_file, keep_problems, set_running, throw_away
from people.models import DisclosureSubject
from people.roles import NotAllowed, Role

SHOWN = ["account", "bank_file"]  # what a download of the file is recorded as
CHUNK = 500

# Formats


def why_not_format(company_id, actor):
    """Why the actor may not change the formats of a company; "" when they may."""
    if company_id in actor.companies(Role.ACCOUNTANT):
        return ""
    return _("Only the accountant says how the file for the bank looks.")


@transaction.atomic
def save_bank_format(*, company, name, layout, by, at, bank_format=None):
    """Keep a new format, or change one; files made before keep the layout they were made by."""
    if reason := why_not_format(company.pk, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if wrong := bank_formats.wrong(layout):
        raise NotAllowed(wrong[0])
    row = BankFormat.objects.lock(bank_format.pk) if bank_format else BankFormat(company=company)
    row.name, row.layout, row.changed_at, row.changed_by = name, layout, at, by
    row.save()
    return row


# The file


def why_not_make_file(run, actor):
    """Why the actor may not make the file for the bank; "" when they may."""
    if run.company_id not in actor.companies(Role.CASHIER):
        return _("Only the cashier makes the file for the bank.")
    if run.status == PaymentRun.Status.VOID:
        return _("This payment was given up.")
    if run.status == PaymentRun.Status.PREPARED:
        return _("The accountant posts the payment first; then the file is made.")
    if BankFileSent.objects.filter(run=run).exists():
        return _("The file of this payment was sent to the bank; there is no other.")
    if run.payments.through_bank().filter(status=Payment.Status.RETURNED).exists():
        return _(
            "A payment of it came back without this file; a file made now would pay it again. Have"
            " the accountant record the others as returned, too, and prepare them again."
        )
    return ""


def make_bank_file(*, run, name, layout, by, at):
    """Make the file of a posted payment and keep its hash; the same layout again adds nothing.

    The bytes are made before anything is locked.
    """
    if wrong := bank_formats.wrong(layout):
        raise NotAllowed(wrong[0])
    text = canonical.dumps(layout)
    rows = _told(run)
    content = bank_formats.workbook(layout, rows)
    with transaction.atomic():
        run = PaymentRun.objects.lock(run.pk)
        require_open([run.company_id])
        if reason := why_not_make_file(run, by.actor(day_of(at))):
            raise NotAllowed(reason)
        if not rows:
            raise NotAllowed(_("Nothing of this payment goes through the bank."))
        last = run.files.order_by("-no").first()
        if last and last.layout == text:
            return last
        return BankFile.objects.create(
            run=run, no=last.no + 1 if last else 1, format_name=name, layout=text,
            file_name=bank_formats.file_name(layout, run.number), lines_count=len(rows),
            total_fen=sum(row.told_fen for row in rows), sha256=sha256(content).hexdigest(),
            size=len(content), made_at=at, made_by=by,
        )  # fmt: skip


def _told(run):
    """The payments of a run as its file tells them; where nothing is left there is no line."""
    return told(run, run.payments.through_bank().select_related("case").order_by("seq"))


def told(run, payments):
    """Payments of a run, in the order of their numbers, as the file tells them. No query when
    `case` is loaded."""
    return [
        bank_formats.Told(
            row.seq, row.account_name, row.account, row.bank, row.branch, row.told_fen, run.number,
            row.case.number,
        )
        for row in payments
        if row.told_fen
    ]  # fmt: skip


def fingerprint(file, rows):
    """SHA-256 of a file made again of what is told now."""
    return sha256(bank_formats.workbook(json.loads(file.layout), rows)).hexdigest()


def remake(file):
    """The bytes of a file that was made; refused when they are no longer those of its hash."""
    try:
        content = bank_formats.workbook(json.loads(file.layout), _told(file.run))
    except DecryptionError:
        content = b""
    if sha256(content).hexdigest() != file.sha256:
        raise NotAllowed(
            _(
                "The file made again is not the one of %(day)s: its fingerprint differs. Nothing is"
                " handed out; tell the auditor, and do not pay from another file."
            )
            % {"day": day_of(file.made_at).isoformat()}
        )
    return content


def download_bank_file(*, file, purpose, by, at):
    """The bytes of a file for one who may have it; recorded with the purpose before."""
    actor = by.actor(day_of(at))
    require_open([file.run.company_id])
    if reason := why_not_file(file.run, actor):
        raise NotAllowed(reason)
    content = remake(file)
    disclose(
        by=by, at=at, company=file.run.company, subject=DisclosureSubject.PAYMENTS,
        subject_pk=file.run_id, fields=SHOWN, purpose=purpose,
    )  # fmt: skip
    return content


def why_not_send(run, actor):
    """Why the actor may not record that the file went to the bank; "" when they may."""
    if run.company_id not in actor.companies(Role.CASHIER):
        return _("Only the cashier hands the file to the bank.")
    if run.status != PaymentRun.Status.POSTED:
        return _("The accountant posts the payment first; then the file is made.")
    if not run.files.exists():
        return _("Make the file first.")
    return ""


@transaction.atomic
def send_bank_file(*, file, by, at):
    """The newest file was handed to the bank; clicked twice, it was sent once.

    What becomes of it is not known until the bank answers; nothing is sent again by itself.
    """
    run = PaymentRun.objects.lock(file.run_id)
    require_open([run.company_id])
    if reason := why_not_send(run, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if done := BankFileSent.objects.filter(run=run).first():
        if done.file_id != file.pk:
            raise NotAllowed(_("Another file of this payment was sent to the bank."))
        return done
    if run.files.order_by("-no").first() != file:
        raise NotAllowed(_("A newer file was made since; look at it first."))
    return BankFileSent.objects.create(file=file, run=run, at=at, by=by)


# The answer


def why_not_answer(run, actor):
    """Why the actor may not import the answer of the bank; "" when they may."""
    if run.company_id not in actor.companies(Role.ACCOUNTANT):
        return _("Only the accountant imports the answer of the bank.")
    if not BankFileSent.objects.filter(run=run).exists():
        return _("The cashier has not recorded that the file was sent to the bank.")
    return ""


def layout_sent(run):
    """The layout of the file that was sent."""
    return json.loads(BankFileSent.objects.select_related("file").get(run=run).file.layout)


@transaction.atomic
def receive_result(*, reading, file, run, by, at):
    """Keep an uploaded answer with what the dry run found. Nothing is booked."""
    if reason := why_not_answer(run, by.actor(day_of(at))):
        raise NotAllowed(reason)
    statuses = BankResult.Status
    upload = BankResult(
        company_id=run.company_id, run=run, file_name=clean_name(file.name),
        sha256=reading.sha256, rows=reading.count, added=reading.counted(Answer.PAID),
        changed=reading.counted(Answer.RETURNED), unchanged=len(reading.said) - len(reading.new),
        uploaded_at=at, uploaded_by=by,
        status=statuses.REFUSED if reading.problems else statuses.CHECKED,
    )  # fmt: skip
    keep_problems(upload, reading.problems)
    if not reading.problems:
        keep_file(upload, file)
    upload.save()
    return upload


@transaction.atomic
def confirm_result(*, upload, by, at):
    """Let a checked answer run; one that was interrupted goes on in the name of who says so."""
    upload = BankResult.objects.lock(upload.pk)
    require_open([upload.company_id])
    if reason := why_not_answer(upload.run, by.actor(day_of(at))):
        raise NotAllowed(reason)
    if upload.status == BankResult.Status.DONE:
        return upload
    found = upload.added, upload.changed, upload.unchanged
    set_running(upload, by=by, at=at)
    upload.added, upload.changed, upload.unchanged = found
    upload.confirmed_at, upload.confirmed_by = at, by
    upload.save()
    return upload


def take_result(*, upload, at):
    """Take a running answer over: what was credited is marked, what came back is bounced.

    Each return is booked by itself, so that no lock is held for the whole file; interrupted, it is
    begun again and adds what is lacking. An answer that no longer fits is refused with its rows.
    """
    upload, content = _content(upload)
    if content is None:
        return upload
    run, by = upload.run, upload.confirmed_by
    reading = bank_results.read(file=io.BytesIO(content), run=run, layout=layout_sent(run))
    if reading.problems:
        return _refused(upload, reading.problems)
    new = reading.new
    paid = [said for said in new if said.answer == Answer.PAID]
    for start in range(0, len(paid), CHUNK):
        _credited(upload, paid[start : start + CHUNK], by, at)
    payments = Payment.objects.select_related("run__batch__budget__fund", "case", "line")
    for said in new:
        if said.answer == Answer.RETURNED:
            _came_back(upload, payments.get(pk=said.payment_pk), said.reason, by, at)
    return _done(upload, at)


@transaction.atomic
def _content(upload):
    """(the answer as it is now, the bytes of its file); no bytes when another has finished it."""
    upload = BankResult.objects.lock(upload.pk)
    if upload.status != BankResult.Status.RUNNING:
        return upload, None
    with upload.file.open("rb") as file:
        return upload, file.read()


@transaction.atomic
def _credited(upload, paid, by, at):
    """Mark some as credited; those another run of the same answer has marked since are left."""
    PaymentRun.objects.lock(upload.run_id)
    pks = [said.payment_pk for said in paid]
    marked = PaymentAnswer.objects.filter(payment__in=pks, answer=Answer.PAID)
    rest = set(pks) - set(marked.values_list("payment", flat=True))
    PaymentAnswer.objects.bulk_create(
        PaymentAnswer(payment_id=pk, answer=Answer.PAID, result=upload, at=at, by=by)
        for pk in sorted(rest)
    )
    _count(upload, len(paid))


@transaction.atomic
def _came_back(upload, payment, reason, by, at):
    bounce(payment=payment, by=by, at=at, reason=reason)
    PaymentAnswer.objects.get_or_create(
        payment=payment, answer=Answer.RETURNED, defaults={"result": upload, "at": at, "by": by}
    )
    _count(upload, 1)


def _count(upload, number):
    upload.done = min(upload.done + number, upload.rows)
    upload.save(update_fields=["done"])


@transaction.atomic
def _refused(upload, problems):
    """What was written down since the check contradicts it: nothing more of it is taken."""
    upload = BankResult.objects.lock(upload.pk)
    if upload.status == BankResult.Status.RUNNING:
        upload.status = BankResult.Status.REFUSED
        keep_problems(upload, problems)
        throw_away(upload)
        upload.save()
    return upload


@transaction.atomic
def _done(upload, at):
    upload = BankResult.objects.lock(upload.pk)
    if upload.status == BankResult.Status.RUNNING:
        upload.status, upload.finished_at, upload.done = BankResult.Status.DONE, at, upload.rows
        throw_away(upload)
        upload.save()
    return upload
