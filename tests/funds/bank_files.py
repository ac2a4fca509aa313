"""Files for the bank and its answers in tests: made, sent and answered by the real actions."""

import copy

from django.core.files.uploadedfile import SimpleUploadedFile

from cases.workflow import Status
from funds import actions, bank_results, tasks
from funds.bank_formats import SEEDS
from tests.funds.bank import csv_file, xlsx_file

HEADINGS = ("序号", "处理结果", "失败原因")


def layout(seed="GENERAL", **changed):
    return copy.deepcopy(SEEDS[seed][1]) | changed


def prepared(world, count=1):
    """A payment of several lines that waits for the accountant."""
    if count == 1:
        case = world.case_in(Status.CLEARED)
        return world.prepare(case.batch_lines.get(current=True).batch)
    assert world.fund
    listed = [world.fresh(world.to_verified(world.emergency())) for _n in range(count)]
    batch = world.batch(listed)
    world.decide(batch)
    world.publish(batch)
    world.clear()
    return world.prepare(batch)


def posted(world, count=1):
    return world.post(prepared(world, count))


def make(world, run, seed="GENERAL", by=None, **changed):
    return actions.make_bank_file(
        run=run, name=seed, layout=layout(seed, **changed), by=by or world.cashier,
        at=world.tick(),
    )  # fmt: skip


def send(world, file, by=None):
    return actions.send_bank_file(file=file, by=by or world.cashier, at=world.tick())


def sent(world, count=1, **how):
    """A payment whose file was made and sent."""
    run = posted(world, count)
    send(world, make(world, run, **how))
    return run


def bounce(world, payment, by=None, reason="户名不符"):
    return actions.bounce(
        payment=payment, by=by or world.accountant, at=world.tick(), reason=reason
    )


def check(world, payment, by=None, words="银行称账户正常。", **given):
    return actions.check_payee(
        payment=payment, words=words, by=by or world.accountant, at=world.tick(), **given
    )


def came_back(world, payment):
    """A payment that came back, its account checked with the bank."""
    bounce(world, payment)
    return check(world, payment)


# The answer of the bank


def answer(*rows, headings=HEADINGS, name="回单.csv", **how):
    return csv_file([list(row) for row in rows], headings=headings, name=name, **how)


def sheet(*rows, headings=HEADINGS, before=()):
    return xlsx_file([list(row) for row in rows], headings=headings, before=before)


def read(run, file):
    return bank_results.read(file=file, run=run, layout=actions.layout_sent(run))


def upload(world, run, *rows, file=None, by=None):
    """An answer that was uploaded and checked."""
    file = file or answer(*rows)
    return actions.receive_result(
        reading=read(run, file), file=file, run=run, by=by or world.accountant, at=world.tick()
    )


def take(world, run, *rows, **given):
    """An answer that was imported."""
    kept = upload(world, run, *rows, **given)
    assert kept.problems == [], kept.problems
    return tasks.start_result(upload=kept, by=world.accountant, at=world.tick())


def again(file):
    """The same file once more, as the browser sends it."""
    file.seek(0)
    return SimpleUploadedFile(file.name, file.read())
