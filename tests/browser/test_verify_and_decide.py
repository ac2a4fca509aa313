"""In the browser, in English and on a phone: the visit, the verification, the list, the meeting."""

import pytest
from django.utils.translation import override

from cases import actions as cases
from cases.evidence import of_household
from cases.models import Basis
from cases.workflow import Programme, Status
from funds import actions as funds
from funds.models import Batch, Meeting, Vote

pytestmark = pytest.mark.browser

DEVIATING = "8000"


def confirm_password(seat):
    assert "/reauthenticate/" in seat.path
    seat.send(password="demo")


@pytest.mark.django_db
def test_the_company_verifies_at_the_door_and_the_leadership_decides(sit_down, world, catch_up):
    """The company's officer records a visit, marks the facts, assesses, and proposes an amount
    with a reason; the chair locks the list; the secretary calls the meeting; three leaders vote
    with their passwords, nobody twice; the secretary records, the chair of the meeting confirms."""
    case = world.case_in(Status.REVIEWED)
    budget = world.budget(Programme.EMERGENCY)
    catch_up()

    def phone(user):
        return sit_down(user, lang="en", width=390)

    # At the door
    officer = phone(world.company_officer)
    officer.open("home")
    officer.to("cases:verify", case.pk)
    officer.to("cases:dossier_detail", case.dossier_id)
    officer.to("cases:visit_new", case.dossier_id)
    officer.fill({"visitors": world.officer.pk})
    officer.fill({"visitors": world.company_officer.pk})
    officer.send(
        visited_on=world.today.isoformat(), started="08:30", ended="09:10", match="SAME",
        met="The employee and the spouse", advice="HELP", notes="𠮷",
        unsigned_reason="The hand is broken.",
    )  # fmt: skip
    visit = case.dossier.visits.latest("pk")
    assert officer.path == visit.get_absolute_url()

    # How each fact is known
    officer.open("cases:dossier_detail", case.dossier_id)
    officer.to("cases:dossier_mark", case.dossier_id)
    marks = {f"{fact.key}.basis": Basis.VISITED for fact in of_household(case.dossier)}
    officer.send(**marks)
    officer.open("cases:verify", case.pk)
    officer.to("cases:assess", case.pk)
    officer.send()
    case.refresh_from_db()

    # An amount far from the reference needs a reason; what was typed stays
    officer.send(proposed=DEVIATING, words="Verified at home.", deviation_reason="")
    policy = cases.policy_in_force(world.company.pk, world.today)
    with override("en"):
        why = str(cases.why_not_amount(case, policy, 8000_00, ""))
    assert officer.complaints() == [why]
    assert (officer.value("proposed"), officer.value("words")) == (DEVIATING, "Verified at home.")
    officer.send(deviation_reason="Two hospitals in one year.")
    case.refresh_from_db()
    assert (case.status, case.proposed_fen) == (Status.VERIFIED, 8000_00)

    # On a list, which its author cannot lock
    officer.open("home")
    officer.to("funds:batch_new")
    officer.send(title="March emergency grants", programme="EMERGENCY", budget=budget.pk)
    batch = Batch.objects.get(title="March emergency grants")
    officer.to("funds:add_lines", batch.pk)
    with officer.page.expect_response(lambda r: "cases=" in r.url):
        officer.fill({"cases": case.pk})
    officer.page.locator("#totals", has_text="8,000.00").wait_for()
    officer.send()
    officer.open("funds:lock", batch.pk)
    batch.refresh_from_db()
    with override("en"):
        why = str(funds.why_not_lock(batch, world.company_officer.actor(world.today)))
    assert officer.refusal() == why
    chair = phone(world.company_chair)
    chair.open("home")
    chair.to("funds:lock", batch.pk)
    chair.send()
    batch.refresh_from_db()
    assert batch.status == Batch.Status.LOCKED

    # The secretary calls the meeting
    secretary = phone(world.secretary)
    secretary.open("home")
    secretary.to("funds:batch_detail", batch.pk)
    secretary.open("funds:meeting_new")
    secretary.send(place="Room 1", chair=world.leaders[0].pk)
    meeting = Meeting.objects.latest("pk")
    secretary.to("funds:agenda", meeting.pk)
    secretary.send(batch=batch.pk)
    secretary.to("funds:attend", meeting.pk)
    for leader in world.leaders:
        secretary.fill({"present": leader.pk})
    secretary.send()

    # Three leaders decide, each with the password; the second tries again in another tab
    line = batch.lines.get()
    seats = [phone(leader) for leader in world.leaders]
    for seat in seats:
        seat.open("home")
        seat.to("funds:decide", batch.pk)
        other = seat.again()
        other.open("funds:decide", batch.pk)
        seat.send(**{f"line-{line.pk}": "FOR"})
        confirm_password(seat)
        seat.send()
        assert seat.path == batch.get_absolute_url()
        other.send(**{f"line-{line.pk}": "AGAINST"})
        assert other.path == batch.get_absolute_url()
    votes = Vote.objects.filter(batch=batch, line=line).values_list("choice", flat=True)
    assert list(votes) == ["FOR"] * 3

    # The secretary records, the chair confirms, the minutes can be read
    secretary.open("home")
    secretary.to("funds:meeting_detail", meeting.pk)
    secretary.to("funds:record", meeting.pk)
    secretary.send()
    first = seats[0]
    first.open("home")
    first.to("funds:meeting_detail", meeting.pk)
    first.to("funds:confirm", meeting.pk)
    first.send()
    case.refresh_from_db()
    assert (case.status, case.granted_fen) == (Status.APPROVED, 8000_00)
    first.to("funds:minutes", meeting.pk)
    assert "8,000.00" in first.main.inner_text()
