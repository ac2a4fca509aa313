"""What the tests of a dossier's life share: a household that recovered, and a signed paper."""

import io
from datetime import date

from django.core.files.base import ContentFile
from PIL import Image

from base.uploads import check_upload
from cases import actions
from people.models import Relation

SINCE = date(2025, 1, 1)


def png(grey=0):
    """The bytes of a small picture; different for each shade."""
    target = io.BytesIO()
    Image.new("L", (2, 2), grey).save(target, "PNG")
    return target.getvalue()


def paper(grey=0):
    """The arguments for a paper the household signed."""
    file = ContentFile(png(grey), "paper.png")
    return {"upload": check_upload(file), "file": file}


def recovered(world, dossier=None):
    """A household on file whose facts show an income above the line, visited today."""
    dossier = dossier or world.on_file()
    head = dossier.members.get(relation=Relation.SELF)
    names = ("relation", "name", "sex", "born_on", "id_number", "occupation", "health")
    columns = {name: getattr(head, name) for name in names}
    actions.save_member(
        dossier=dossier, by=world.officer, at=world.tick(), member=head,
        monthly_income_fen=9000_00, **columns,
    )  # fmt: skip
    world.visit(dossier.cases.first())
    dossier.refresh_from_db()
    return dossier


def propose(world, dossier, by=None, **given):
    """The exit of a recovered household, proposed by its unit with the signed paper."""
    given = {
        "kind": "RECOVERED", "cause_gone": "病情痊愈，重新就业。", "above_since": SINCE,
        "told_on": world.today, "told_how": "VISIT", **paper(), **given,
    }  # fmt: skip
    return actions.propose_exit(dossier=dossier, by=by or world.officer, at=world.tick(), **given)


def exited(world, dossier=None, **given):
    """A household taken off the file through proposal and confirmation."""
    dossier = dossier or recovered(world)
    propose(world, dossier, **given)
    actions.confirm_exit(dossier=dossier, by=world.company_officer, at=world.tick())
    dossier.refresh_from_db()
    return dossier
