"""The urgent advance: three persons pay it, the meeting ratifies it, the grant is paid less it."""

import pytest
from django.utils import translation

from audits import verify
from cases import actions as cases
from cases.models import CaseDuty
from cases.workflow import Duty, Programme, Status
from funds import actions
from funds.models import Account, Advance, PaymentRun, Transfer
from people.actions import change_payee
from people.models import Kinship, Relation
from people.roles import NotAllowed, Role
from tests.factories import NOON, AppointmentFactory, UnitFactory, appoint
from tests.funds import bank
from tests.funds.bank_files import came_back
from tests.world import BUDGET_FEN, DAY, World

AWARD = 5500_00
CAP = 2000_00


@pytest.fixture(autouse=True)
def english():
    """Refusals are read here in the language they are written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def case(world):
    return world.case_in(Status.SUBMITTED)


def differences():
    return [str(problem.words) for problem in verify.problems()]


def budget(world):
    account = world.budget(Programme.EMERGENCY)
    return account.balance_fen, account.held_fen


def spent(world):
    return Account.objects.get(fund=world.fund, kind=Account.Kind.SPENT).balance_fen


def void(world, advance, by=None):
    return actions.void_advance(
        advance=advance, reason="改走正常程序", by=by or world.company_chair, at=world.tick()
    )


def note(world, advance, by=None, on=None):
    return actions.note_recovery(
        advance=advance, came_back_on=on or world.today, by=by or world.cashier, at=world.tick()
    )


def recover(world, advance, by=None):
    return actions.recover_advance(advance=advance, by=by or world.accountant, at=world.tick())


def ratify(world, meeting, answer=True, by=None):
    answers = {advance.pk: answer for advance in actions.to_ratify(meeting)}
    actions.ratify_advances(
        meeting=meeting, answers=answers, by=by or world.secretary, at=world.tick()
    )


def onward(world, case, *, fen=None, answer=True):
    """From a submitted case with its advance to the end of the notice period; returns the list."""
    world.review(case)
    world.visit(case)
    world.mark(case)
    world.assess(case)
    given = {"proposed_fen": fen, "deviation_reason": "少发"} if fen else {}
    world.verify(world.fresh(case), **given)
    batch = world.batch([world.fresh(case)])
    world.lock(batch)
    meeting = world.meeting(batch)
    ratify(world, meeting, answer)
    world.vote(batch)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    actions.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())
    batch.refresh_from_db()
    world.publish(batch)
    world.clear()
    return batch


# The happy way


def test_the_grant_is_paid_less_the_advance(world, case):
    advance = world.decide_advance(case)
    reserved = budget(world)
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    actions.post_advance(advance=advance, by=world.accountant, at=world.tick())
    ahead = budget(world), spent(world)
    assert differences() == []
    run = world.prepare(onward(world, case))
    told = run.payments.get().told_fen
    world.post(run)

    advance.refresh_from_db()
    assert reserved == (BUDGET_FEN, CAP)
    assert ahead == ((BUDGET_FEN - CAP, 0), CAP)
    assert (told, budget(world), spent(world)) == (AWARD - CAP, (BUDGET_FEN - AWARD, 0), AWARD)
    assert (advance.ending, advance.ended_by) == ("SET_OFF", world.accountant)
    assert world.fresh(case).status == Status.PAID
    kinds = list(Transfer.objects.filter(case=case).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["ADVANCE", "PAY", "SET_OFF"]
    assert differences() == []


def test_the_leadership_ratifies_and_its_chair_confirms(world, case):
    advance = world.advance(case)

    onward(world, case)

    advance.refresh_from_db()
    assert advance.ratified is True
    assert advance.ratified_by == world.leaders[0]
    assert advance.meeting.advances.get() == advance


def test_the_parts_in_an_advance_are_duties_on_the_case(world, case):
    world.advance(case)

    duties = dict(CaseDuty.objects.filter(case=case).values_list("user", "duty"))
    assert duties[world.company_chair.pk] == Duty.ADVANCE
    assert duties[world.cashier.pk] == Duty.PREPARE
    assert duties[world.accountant.pk] == Duty.POST


def test_the_full_procedure_is_due_in_fifteen_working_days(world, case):
    advance = world.decide_advance(case)

    assert 15 < (advance.due_on - world.today).days <= 26
    assert list(Advance.objects.overdue(advance.due_on + DAY)) == []
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    actions.post_advance(advance=advance, by=world.accountant, at=world.tick())
    assert list(Advance.objects.overdue(advance.due_on)) == []
    assert list(Advance.objects.overdue(advance.due_on + DAY)) == [advance]


def test_sent_twice_everything_happens_once(world, case):
    advance = world.decide_advance(case)
    assert world.decide_advance(case) == advance
    for _n in range(2):
        actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    for _n in range(2):
        actions.post_advance(advance=advance, by=world.accountant, at=world.tick())
    note(world, advance)
    for _n in range(2):
        recover(world, advance)

    assert Advance.objects.count() == 1
    assert Transfer.objects.filter(case=case).count() == 2
    assert budget(world) == (BUDGET_FEN, 0)
    assert differences() == []


# Deciding


@pytest.mark.parametrize(
    ("fen", "why"),
    [(CAP + 1, "at most 2,000.00"), (0, "at most"), (-5, "at most")],
)
def test_an_advance_is_within_the_cap(world, case, fen, why):
    with pytest.raises(NotAllowed, match=why):
        world.decide_advance(case, fen)

    assert budget(world) == (BUDGET_FEN, 0)


def test_an_advance_is_not_above_what_the_household_paid(world):
    case = world.emergency(spent_fen=1500_00, reimbursed_fen=600_00)
    world.submit(case)

    with pytest.raises(NotAllowed, match="at most 900.00"):
        world.decide_advance(world.fresh(case), 900_01)

    assert world.decide_advance(world.fresh(case), 900_00).amount_fen == 900_00


def test_an_advance_needs_a_reason(world, case):
    with pytest.raises(NotAllowed, match="why it cannot wait"):
        world.decide_advance(case, reason=" ")


def test_an_advance_is_not_above_what_the_budget_has(world, case):
    account = world.budget(Programme.EMERGENCY)
    world.take_back(account, BUDGET_FEN - CAP + 1)

    with pytest.raises(NotAllowed, match="Only 1,999.99 yuan of this budget"):
        world.decide_advance(case)


def test_an_advance_comes_from_an_emergency_budget(world, case):
    with pytest.raises(NotAllowed, match="another programme"):
        world.decide_advance(case, account=world.budget(Programme.REGULAR))


def test_an_advance_is_within_what_the_fund_serves(world, case):
    fund = world.fund
    account = world.budget(Programme.EMERGENCY)
    type(fund).objects.filter(pk=fund.pk).update(ceiling_fen=CAP - 1)
    with pytest.raises(NotAllowed, match="above the ceiling"):
        world.decide_advance(case, account=account)
    type(fund).objects.filter(pk=fund.pk).update(ceiling_fen=None, standings=["ACTIVE"])
    with pytest.raises(NotAllowed, match="may not be used"):
        world.decide_advance(case, account=account)


def test_a_budget_of_another_company_pays_no_advance(world, case):
    company = UnitFactory(company=True)
    accountant = appoint(Role.ACCOUNTANT, company)
    fund = actions.create_fund(
        company=company, code="B", name="别的公司", programmes=["EMERGENCY"],
        standings=["RETIRED"], ceiling_fen=None, by=accountant, at=world.tick(),
    )  # fmt: skip
    account = fund.accounts.create(kind="BUDGET", year=2026, programme="EMERGENCY")

    with pytest.raises(NotAllowed, match="another company"):
        world.decide_advance(case, account=account)


@pytest.mark.parametrize(
    "status", [s for s in Status if s not in ("SUBMITTED", "RETURNED", "REVIEWED", "VERIFIED")]
)
def test_no_advance_outside_the_procedure(world, status):
    case = world.case_in(status)

    with pytest.raises(NotAllowed, match="before the meeting"):
        world.decide_advance(case)


@pytest.mark.parametrize("status", ["SUBMITTED", "RETURNED", "REVIEWED", "VERIFIED"])
def test_an_advance_while_the_case_is_in_hand(world, status):
    assert world.decide_advance(world.case_in(status)).number == "2026-先-001"


def test_an_advance_is_only_for_an_emergency(world):
    case = world.household()
    world.submit(case)

    with pytest.raises(NotAllowed, match="only for an emergency"):
        world.decide_advance(world.fresh(case))


def test_no_advance_under_a_policy_that_knows_none(world, case):
    reader = type(world.policy).rules
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            type(world.policy), "rules",
            property(lambda self: reader.__get__(self) | {"advance.cap": 0}),
        )  # fmt: skip
        with pytest.raises(NotAllowed, match="knows no advance"):
            world.decide_advance(case)


def test_nobody_who_left_is_given_an_advance(world, case):
    person = case.applicant
    for column in ("left_on", "died_on"):
        type(person).objects.filter(pk=person.pk).update(**{column: world.today})
        with pytest.raises(NotAllowed, match="no longer on the roster"):
            world.decide_advance(world.fresh(case))
        type(person).objects.filter(pk=person.pk).update(**{column: None})


def test_no_advance_without_an_account(world, case):
    type(case.applicant).objects.filter(pk=case.applicant_id).update(account="", account_index="")

    with pytest.raises(NotAllowed, match="Enter the payee account"):
        world.decide_advance(world.fresh(case))


def test_one_advance_on_one_case(world, case):
    void(world, world.decide_advance(case))

    with pytest.raises(NotAllowed, match="decided on this case already"):
        world.decide_advance(case)


def test_only_the_chair_of_the_company_decides(world, case):
    elsewhere = appoint(Role.COMPANY_CHAIR, UnitFactory(company=True))
    for by in (elsewhere, world.company_officer, world.chair, world.cashier):
        with pytest.raises(NotAllowed, match="Only the company union chair"):
            world.decide_advance(case, by=by)


def kin(world, user, case):
    member = case.dossier.members.get(relation=Relation.SELF)
    Kinship.objects.create(
        user=user, name=member.name, relation=Relation.OTHER, id_index=member.id_index,
        registered_at=NOON, registered_by=user,
    )  # fmt: skip


@pytest.mark.parametrize("who", ["company_chair", "cashier", "accountant"])
def test_no_relative_takes_part(world, case, who):
    user = getattr(world, who)

    with pytest.raises(NotAllowed, match="relative"):
        kin(world, user, case)
        world.advance(case)

    assert not Transfer.objects.filter(case=case).exists()


def test_who_has_another_duty_takes_no_part(world, case):
    world.review(case)
    for role in (Role.COMPANY_CHAIR, Role.CASHIER, Role.ACCOUNTANT):
        AppointmentFactory(role=role, unit=world.company, user=world.officer)

    with pytest.raises(NotAllowed, match="two parts"):
        world.decide_advance(world.fresh(case), by=world.officer)
    advance = world.decide_advance(world.fresh(case))
    with pytest.raises(NotAllowed, match="two parts"):
        actions.prepare_advance(advance=advance, by=world.officer, at=world.tick())
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    with pytest.raises(NotAllowed, match="two parts"):
        actions.post_advance(advance=advance, by=world.officer, at=world.tick())


def test_three_persons_pay_an_advance(world, case):
    for user in (world.company_chair, world.cashier):
        for role in (Role.CASHIER, Role.ACCOUNTANT):
            if not user.actor(world.today).has(role, world.company.path):
                AppointmentFactory(role=role, unit=world.company, user=user)
    advance = world.decide_advance(case)

    with pytest.raises(NotAllowed, match="Only the cashier"):
        actions.prepare_advance(advance=advance, by=world.accountant, at=world.tick())
    with pytest.raises(NotAllowed, match="Somebody other than who decided"):
        actions.prepare_advance(advance=advance, by=world.company_chair, at=world.tick())
    with pytest.raises(NotAllowed, match="must prepare"):
        actions.post_advance(advance=advance, by=world.accountant, at=world.tick())
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    advance.refresh_from_db()
    for by in (world.company_chair, world.cashier):
        with pytest.raises(NotAllowed, match="who decided and who prepared"):
            actions.post_advance(advance=advance, by=by, at=world.tick())
    with pytest.raises(NotAllowed, match="Only the accountant"):
        actions.post_advance(advance=advance, by=world.secretary, at=world.tick())


def test_a_changed_account_is_confirmed_before_the_advance_is_prepared(world, case):
    advance = world.decide_advance(case)
    person = change_payee(
        person=case.applicant, bank="建设银行", branch="", account_name=case.applicant.name,
        account="6222000000000009999", by=world.officer, at=world.tick(),
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="somebody must confirm it first"):
        actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    actions.confirm_payee(person=person, by=world.company_officer, at=world.tick())

    advance = actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())

    assert advance.payee_account == "6222000000000009999"


def test_an_advance_is_not_paid_once_the_case_has_gone_on(world, case):
    advance = world.decide_advance(case)
    cases.withdraw(case=case, by=world.applicant(case), at=world.tick())

    with pytest.raises(NotAllowed, match="before the meeting"):
        actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())


def test_a_prepared_advance_is_not_posted_once_the_case_has_gone_on(world, case):
    advance = world.decide_advance(case)
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    cases.withdraw(case=case, by=world.applicant(case), at=world.tick())

    with pytest.raises(NotAllowed, match="before the meeting"):
        actions.post_advance(advance=advance, by=world.accountant, at=world.tick())


# Voiding


def test_a_voided_advance_frees_its_reservation(world, case):
    advance = world.decide_advance(case)

    for _n in range(2):
        void(world, advance)

    advance.refresh_from_db()
    assert (advance.ending, advance.ending_reason) == ("VOIDED", "改走正常程序")
    assert budget(world) == (BUDGET_FEN, 0)
    assert differences() == []
    with pytest.raises(NotAllowed, match="has ended"):
        actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    with pytest.raises(NotAllowed, match="has ended"):
        actions.post_advance(advance=advance, by=world.accountant, at=world.tick())


def test_only_the_chair_voids_and_only_before_it_is_paid(world, case):
    advance = world.decide_advance(case)
    with pytest.raises(NotAllowed, match="Only the company union chair voids"):
        void(world, advance, by=world.cashier)
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    actions.post_advance(advance=advance, by=world.accountant, at=world.tick())

    with pytest.raises(NotAllowed, match="only be paid back"):
        void(world, advance)


# Paying back


def test_a_declined_case_has_its_advance_paid_back(world, case):
    advance = world.advance(case)
    cases.decline(case=case, by=world.officer, at=world.tick(), clause="第八条", words="不符合")
    waiting = list(Advance.objects.to_be_paid_back())

    note(world, advance)
    recover(world, advance)

    advance.refresh_from_db()
    assert waiting == [advance]
    assert advance.ending == "RECOVERED"
    assert (budget(world), spent(world)) == ((BUDGET_FEN, 0), 0)
    assert not Advance.objects.to_be_paid_back().exists()
    assert differences() == []


def test_an_advance_is_paid_back_by_two_persons(world, case):
    advance = world.decide_advance(case)
    with pytest.raises(NotAllowed, match="has not been paid"):
        note(world, advance)
    actions.prepare_advance(advance=advance, by=world.cashier, at=world.tick())
    actions.post_advance(advance=advance, by=world.accountant, at=world.tick())
    with pytest.raises(NotAllowed, match="Only the cashier records"):
        note(world, advance, by=world.accountant)
    with pytest.raises(NotAllowed, match="must record first"):
        recover(world, advance)
    for day in (world.today - DAY, world.today + DAY):
        with pytest.raises(NotAllowed, match="not later than today"):
            note(world, advance, on=day)
    note(world, advance)
    with pytest.raises(NotAllowed, match="Only the accountant posts"):
        recover(world, advance, by=world.cashier)
    AppointmentFactory(role=Role.ACCOUNTANT, unit=world.company, user=world.cashier)
    with pytest.raises(NotAllowed, match="Somebody other than who recorded"):
        recover(world, advance, by=world.cashier)
    recover(world, advance)
    with pytest.raises(NotAllowed, match="has ended"):
        note(world, Advance.objects.get())


def test_an_advance_the_meeting_does_not_ratify_is_to_be_paid_back(world, case):
    advance = world.advance(case)

    onward(world, case, answer=False)

    assert list(Advance.objects.to_be_paid_back()) == [advance]
    assert Advance.objects.select_related("case").get().state == "BACK"


# With the grant


def test_a_grant_below_the_advance_waits_until_it_is_paid_back(world, case):
    advance = world.advance(case)
    batch = onward(world, case, fen=1000_00)
    with pytest.raises(NotAllowed, match="must be paid back first"):
        world.prepare(batch)
    (line,) = actions.unready_lines(batch)
    assert "must be paid back first" in actions.why_not_ready(line)
    assert list(actions.waiting([world.company.pk])) == []
    assert list(Advance.objects.to_be_paid_back()) == [advance]
    note(world, advance)
    recover(world, advance)

    run = world.post(world.prepare(batch))

    assert run.payments.get().told_fen == 1000_00
    assert budget(world) == (BUDGET_FEN - 1000_00, 0)
    assert differences() == []


def test_a_grant_as_large_as_the_advance_tells_the_bank_nothing(world, case):
    world.advance(case, 1000_00)
    run = world.post(world.prepare(onward(world, case, fen=1000_00)))
    payment = run.payments.get()

    assert payment.told_fen == 0
    with pytest.raises(NotAllowed, match="Nothing was sent to the bank"):
        actions.bounce(payment=payment, by=world.accountant, at=world.tick(), reason="退")


def test_an_advance_paid_back_meanwhile_stops_the_prepared_payment(world, case):
    advance = world.advance(case)
    batch = onward(world, case)
    run = world.prepare(batch)
    note(world, advance)
    recover(world, advance)

    with pytest.raises(NotAllowed, match="does not add up"):
        world.post(run)

    actions.give_up(run=run, by=world.cashier, at=world.tick())
    assert world.post(world.prepare(batch)).payments.get().told_fen == AWARD
    assert differences() == []


def test_after_a_bank_return_the_advance_is_taken_off_again(world, case):
    advance = world.advance(case)
    batch = onward(world, case)
    run = world.post(world.prepare(batch))

    came_back(world, run.payments.get())

    advance.refresh_from_db()
    assert advance.ending == ""
    assert (budget(world), spent(world)) == ((BUDGET_FEN - CAP, AWARD), CAP)
    assert differences() == []
    world.post(world.prepare(batch))
    assert (budget(world), spent(world)) == ((BUDGET_FEN - AWARD, 0), AWARD)
    assert differences() == []


def test_a_posted_run_counts_the_same_afterwards(world, case):
    world.advance(case)
    run = world.post(world.prepare(onward(world, case)))

    run = PaymentRun.objects.get(pk=run.pk)

    assert actions.recount(run) == (run.payments_count, run.total_fen, run.digest)


def test_the_bank_statement_is_matched_with_what_the_bank_was_told(world, case):
    advance = world.advance(case)
    run = world.post(world.prepare(onward(world, case)))
    account = bank.register(world.company, world.accountant, [world.fund], world.now)
    grant = Transfer.objects.get(kind="RECEIVE")
    name = advance.payee_name
    rows = [
        bank.row(grant.value_on, grant.amount_fen, text="拨款"),
        bank.row(advance.posted_at.date(), -CAP, name=name),
        bank.row(run.posted_at.date(), CAP - AWARD, name=name, text=run.number),
    ]
    days = (grant.value_on.replace(day=1), world.today)

    kept = bank.take(account, rows, by=world.cashier, at=world.tick(), days=days)

    assert not kept.lines.unmatched().exists()
    assert not actions.unmatched_entries(account).exists()
    assert differences() == []


# The meeting


def test_nothing_is_recorded_before_the_advances_are_answered(world, case):
    world.advance(case)
    meeting = actions.open_meeting(
        company=world.company, held_on=world.today, chair=world.leaders[0], by=world.secretary,
        at=world.tick(),
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="The quorum is"):
        ratify(world, meeting)
    actions.attend(
        meeting=meeting, present={u.pk for u in world.leaders}, by=world.secretary,
        at=world.tick(),
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="whether the meeting ratifies"):
        actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    with pytest.raises(NotAllowed, match="Only the meeting secretary"):
        ratify(world, meeting, by=world.company_chair)

    ratify(world, meeting)
    actions.record(meeting=meeting, by=world.secretary, at=world.tick())
    actions.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())

    advance = Advance.objects.get()
    assert (advance.ratified, advance.ratified_by) == (True, world.leaders[0])
    assert not actions.to_ratify(meeting).exists()
    with pytest.raises(NotAllowed, match="has been recorded"):
        ratify(world, meeting)


# Verification


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE funds_advance SET ended_at = NULL, ended_by_id = NULL, ending = ''",
         "was not taken off"),
        ("UPDATE funds_advance SET amount_fen = amount_fen - 100", "is not in the ledger"),
        ("UPDATE funds_payment SET advance_fen = advance_fen - 100", "took another advance off"),
        ("UPDATE funds_payment SET advance_fen = advance_fen - 100", "was prepared for the bank"),
    ],
)  # fmt: skip
def test_verify_names_what_was_changed(world, case, change, words):
    from tests.audits.test_verify import force  # noqa: PLC0415

    world.advance(case)
    world.post(world.prepare(onward(world, case)))

    force(Advance, change)

    assert any(words in said for said in differences())


def test_verify_counts_what_is_held_for_an_advance(world, case):
    from tests.audits.test_verify import force  # noqa: PLC0415

    world.decide_advance(case)

    force(Advance, "UPDATE funds_account SET held_fen = held_fen - 100 WHERE held_fen > 0")

    assert any("are reserved, but" in said for said in differences())
