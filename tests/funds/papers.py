"""Papers to upload in tests, and a line that is handed over in cash or to a proxy."""

import io
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from base.uploads import check_upload
from cases.workflow import Status
from funds import actions
from people.models import Kinship
from tests.factories import id_number

PROXY = {"name": "示例代领人", "relation": "SON", "phone": "13800001111",
         "id_number": id_number(77, born=date(1951, 7, 7))}  # fmt: skip
ACCOUNT = {"bank": "示例银行", "branch": "示例支行", "account": "6222020200001234567"}


def picture(shade=0):
    """The photo of a paper as a browser sends it; another shade is another paper."""
    target = io.BytesIO()
    Image.new("RGB", (60, 40), (shade, 90, 90)).save(target, "PNG")
    return SimpleUploadedFile("paper.png", target.getvalue(), "image/png")


def paper(shade=0):
    """{upload, file} for an action."""
    file = picture(shade)
    return {"upload": check_upload(file), "file": file}


def cleared(world):
    """The line of a case that may be paid now."""
    return world.case_in(Status.CLEARED).batch_lines.get(current=True)


def approved_line(world):
    """The line of a case that the meeting approved and nobody has published."""
    return world.case_in(Status.APPROVED).batch_lines.get(current=True)


def ask(world, line, way="CASH", by=None, reason="没有银行账户。", **given):
    parts = {"proxy": PROXY if way != "CASH" else None,
             "account": ACCOUNT if way == "PROXY_ACCOUNT" else None} | given  # fmt: skip
    return actions.ask_hand_over(
        line=line, way=way, reason=reason, by=by or world.cashier, at=world.tick(), **parts
    )


def decide(world, hand_over, approve=True, by=None, words=""):
    return actions.decide_hand_over(
        hand_over=hand_over, approve=approve, words=words, by=by or world.company_chair,
        at=world.tick(),
    )  # fmt: skip


def approved(world, line, way="CASH", **given):
    return decide(world, ask(world, line, way, **given))


def again_to_proxy(world, hand_over):
    """The exception called off and asked for once more, to the account of a proxy."""
    actions.call_off(hand_over=hand_over, by=world.cashier, at=world.tick())
    return ask(world, hand_over.line, "PROXY_ACCOUNT")


def relative(world, user, id_index):
    """Register somebody as a near relative of a user."""
    Kinship.objects.create(
        user=user, relation="SIBLING", name="示例", id_index=id_index, registered_at=world.now,
        registered_by=user,
    )  # fmt: skip


def put_id_copy(world, hand_over, shade=1):
    return actions.keep_id_copy(
        hand_over=hand_over, by=world.cashier, at=world.tick(), **paper(shade)
    )


def paid(world, way="CASH"):
    """A payment by another way than the bank, posted; its hand-over is `payment.hand_over`."""
    line = cleared(world)
    hand_over = approved(world, line, way)
    if hand_over.by_proxy:
        put_id_copy(world, hand_over)
    run = world.prepare(line.batch)
    world.post(run)
    return run.payments.select_related("run__batch__budget__fund", "hand_over").get()


def sign(world, payment, by=None, on=None, shade=2):
    return actions.sign_receipt(
        payment=payment, received_on=on or world.today, by=by or world.cashier, at=world.tick(),
        **paper(shade),
    )  # fmt: skip
