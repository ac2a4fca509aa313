"""A small company with everybody in it, and the way of a case taken through the real actions."""

from datetime import date, timedelta
from functools import cached_property

from cases import actions as cases
from cases.codes import Category, Gate, Level, Question
from cases.evidence import Mark, of_household
from cases.models import Basis, Case, Screening, Visit
from cases.workflow import Programme, Status
from funds import actions as funds
from funds.models import Account, Transfer, Vote
from people.models import Relation, Standing
from people.roles import Role
from tests.factories import NOON, PersonFactory, UnitFactory, UserFactory, appoint, id_number

DAY = timedelta(days=1)
FUND_FEN = 600_000_00
BUDGET_FEN = 200_000_00

# What the household form asks for before it may be submitted.
HEADER = {
    "address": "示例街道1号", "hukou_place": "示例市示例区示例街道", "other_contact": "示例邻居",
    "housing": "OF_UNIT", "industry": "C", "began_work_on": date(1985, 7, 1),
}  # fmt: skip
PERSONAL = {
    "ethnicity": "HA", "political": "MASSES", "marital": "MARRIED", "hukou": "URBAN",
    "insurance": "EMPLOYEE", "model_worker": "NONE", "work_state": "RETIRED",
}  # fmt: skip


class World:
    """One company, one grassroots union, one person for each role, the seed policy in force.

    Every method moves `now` a little; nothing here writes a row that an action would write.
    """

    def __init__(self, now=NOON):
        self.now = now
        self.company = UnitFactory(company=True)
        self.unit = UnitFactory(parent=self.company)
        self.other_unit = UnitFactory(parent=self.company)
        self.officer = appoint(Role.UNIT_OFFICER, self.unit)
        self.chair = appoint(Role.UNIT_CHAIR, self.unit)
        self.informant = appoint(Role.INFORMANT, self.unit)
        self.company_officer = appoint(Role.COMPANY_OFFICER, self.company)
        self.company_chair = appoint(Role.COMPANY_CHAIR, self.company)
        self.secretary = appoint(Role.SECRETARY, self.company)
        self.leaders = [appoint(Role.LEADER, self.company) for _n in range(3)]
        self.cashier = appoint(Role.CASHIER, self.company)
        self.accountant = appoint(Role.ACCOUNTANT, self.company)
        self.discipline = appoint(Role.DISCIPLINE, self.company)
        self.auditor = appoint(Role.AUDITOR, self.company)
        self.admin = appoint(Role.ADMIN, self.company)
        self.policy = cases.seed(
            company=self.company, drafted_by=self.company_officer,
            enacted_by=self.company_chair, at=self.tick(),
        )  # fmt: skip

    def tick(self, **by):
        """The next moment; `tick(days=7)` lets time pass."""
        self.now += timedelta(**by) if by else timedelta(minutes=1)
        return self.now

    @property
    def today(self):
        return self.now.date()

    # Households

    def employee(self, **columns):
        """An employee of the unit with an account."""
        return UserFactory(person=PersonFactory(unit=self.unit, **columns))

    def household(self, user=None, **member):
        """A pending dossier of an employee, filled in, and its draft recognition case."""
        user = user or self.employee(standing=Standing.RETIRED, monthly_income_fen=1500_00)
        dossier = cases.start_dossier(head=user.person, by=user, at=self.tick())
        cases.describe(
            dossier=dossier, by=user, at=self.tick(), main_cause="OWN_ILLNESS",
            story="家中有人患病。", **HEADER,
        )  # fmt: skip
        head = dossier.members.get()
        columns = {
            "relation": Relation.SELF, "name": head.name, "sex": head.sex,
            "born_on": head.born_on, "id_number": head.id_number, "occupation": "RETIRED",
            "health": "CANCER", "ill_this_year": True, "monthly_income_fen": 1500_00,
            "phone": user.person.phone, **PERSONAL,
        }  # fmt: skip
        cases.save_member(dossier=dossier, by=user, at=self.tick(), member=head, **columns | member)
        cases.save_member(
            dossier=dossier, by=user, at=self.tick(), relation=Relation.SPOUSE, name="配偶",
            sex="FEMALE", born_on=date(1960, 1, 1), occupation="UNABLE", monthly_income_fen=0,
            insurance="RESIDENT",
            id_number=id_number(head.pk % 400 + 20, born=date(1960, 1, 1), sex="FEMALE"),
        )  # fmt: skip
        cases.save_expense(
            dossier=dossier, by=user, at=self.tick(), kind="ILLNESS", spent_on=date(2026, 1, 5),
            gross_fen=20_000_00, reimbursed_fen=12_000_00, vouchers=3,
        )  # fmt: skip
        cases.answer_gates(
            dossier=dossier, by=user, at=self.tick(), answers={g: (False, "") for g in Gate}
        )
        case = cases.open_case(
            dossier=dossier, programme=Programme.RECOGNITION, by=user, at=self.tick()
        )
        return self.sign(case, user)

    def sign(self, case, user):
        return cases.describe_case(
            case=case, by=user, at=self.tick(), true_statement=True, may_verify=True,
            may_publish=True,
        )  # fmt: skip

    def applicant(self, case):
        return case.applicant.user

    # The way of one case

    def submit(self, case):
        return cases.submit(case=case, by=self.applicant(case), at=self.tick())

    def review(self, case, by=None):
        answers = {q: (Screening.Answer.FITS, "") for q in Question}
        return cases.review(
            case=case, by=by or self.officer, at=self.tick(), answers=answers, unrelated=True,
            words="情况属实。",
        )  # fmt: skip

    def visit(self, case, visited_on=None, visitors=None, **given):
        """A visit of half a minute that has just ended, or ended at this hour of another day."""
        at = self.tick()
        ended_at = at - (self.today - visited_on) if visited_on else at
        columns = {"match": Visit.Match.SAME, "advice": Visit.Advice.HELP, "signed": True} | given
        return cases.record_visit(
            dossier=case.dossier, visitors=visitors or [self.officer, self.company_officer],
            started_at=ended_at - timedelta(seconds=30), ended_at=ended_at,
            by=self.company_officer, at=at, met="本人", **columns,
        )  # fmt: skip

    def mark(self, case, basis=Basis.VISITED):
        """Mark every fact of the household with one basis."""
        cases.mark_facts(
            dossier=case.dossier, by=self.company_officer, at=self.tick(),
            marks={fact.key: Mark(basis) for fact in of_household(case.dossier)},
        )  # fmt: skip

    def assess(self, case):
        return cases.assess(case=case, by=self.company_officer, at=self.tick())

    def verify(self, case, **given):
        case.refresh_from_db()
        if case.programme == Programme.RECOGNITION:
            given = {"category": Category.DEEP, "level": Level.SPECIAL, **given}
            given.setdefault("deviation_reason", "入户情况")
        else:
            given = {"proposed_fen": case.reference_fen, **given}
        return cases.verify(case=case, by=self.company_officer, at=self.tick(), **given)

    def to_verified(self, case):
        """From draft to ready for the meeting."""
        self.submit(case)
        self.review(case)
        self.visit(case)
        self.mark(case)
        self.assess(case)
        return self.verify(case)

    # Money and meeting

    @cached_property
    def fund(self):
        fund = funds.create_fund(
            company=self.company, code="A", name="集团帮扶款", programmes=list(Programme.values),
            standings=list(Standing.values), ceiling_fen=None, by=self.accountant, at=self.tick(),
        )  # fmt: skip
        again = Transfer.objects.filter(key="grant").exists()  # another world beside this one
        funds.receive(
            fund=fund, amount_fen=FUND_FEN, by=self.cashier, at=self.tick(),
            key=f"grant {self.company.pk}" if again else "grant",
        )  # fmt: skip
        first = (Programme.EMERGENCY, Programme.REGULAR)
        self.appropriate(*((programme, BUDGET_FEN) for programme in first), fund=fund)
        return fund

    def draft(self, *lines, fund=None, year=2026, by=None, key="", kind=""):
        """A decision about the budget for the chair to confirm: the first of its year, or a
        change. Each line is a Planned, or a programme and an amount."""
        fund = fund or self.fund
        begun = Account.objects.budgets().filter(fund=fund, year=year).exists()
        return funds.draft_budget(
            fund=fund, year=year, kind=kind or ("CHANGE" if begun else "FIRST"), reason="年度预算",
            basis="主席办公会纪要第1号", basis_on=self.today, by=by or self.accountant,
            at=self.tick(), key=key or f"decision {self.now}",
            lines=[line if isinstance(line, funds.Planned) else funds.Planned(*line)
                   for line in lines],
        )  # fmt: skip

    def appropriate(self, *lines, **given):
        """A decision about the budget, drafted and confirmed."""
        decision = self.draft(*lines, **given)
        return funds.decide_budget(decision=decision, by=self.company_chair, at=self.tick())

    def take_back(self, budget, fen):
        """Give back to the pool what a budget does not need."""
        return self.appropriate((budget.programme, -fen), fund=budget.fund, year=budget.year)

    def budget(self, programme):
        """The budget of a programme, made when there is none yet."""
        there = Account.objects.budgets().filter(fund=self.fund, year=2026)
        if not there.filter(programme=programme).exists():
            self.appropriate((programme, 20_000_00))
        return Account.objects.select_related("fund").get(
            fund=self.fund, kind=Account.Kind.BUDGET, programme=programme, year=2026
        )

    def batch(self, listed, programme=None):
        """A list with these cases on it, not yet locked."""
        programme = programme or listed[0].programme
        budget = None if programme == Programme.RECOGNITION else self.budget(programme)
        batch = funds.create_batch(
            company=self.company, title="示例名单", programme=programme, budget=budget,
            by=self.company_officer, at=self.tick(), round=listed[0].round if listed else None,
        )  # fmt: skip
        funds.add_lines(batch=batch, cases=listed, by=self.company_officer, at=self.tick())
        batch.refresh_from_db()
        return batch

    def lock(self, batch):
        return funds.lock(batch=batch, by=self.company_chair, at=self.tick())

    def meeting(self, batch, present=None):
        """A meeting with the list on its agenda and these leaders there."""
        meeting = funds.open_meeting(
            company=self.company, held_on=self.today, chair=self.leaders[0], by=self.secretary,
            at=self.tick(), place="第一会议室",
        )  # fmt: skip
        funds.put_on_agenda(meeting=meeting, batch=batch, by=self.secretary, at=self.tick())
        there = self.leaders if present is None else present
        funds.attend(
            meeting=meeting, present={u.pk for u in there}, by=self.secretary, at=self.tick()
        )
        batch.refresh_from_db()
        return meeting

    def vote(self, batch, rest=Vote.Choice.FOR, by=None, lines=None):
        """Everybody votes alike, on each individual item too."""
        singles = {line.pk: rest for line in batch.lines.filter(single=True)}
        for leader in by or self.leaders:
            funds.vote(
                batch=batch, by=leader, at=self.tick(), rest=rest, version=batch.version,
                lines=singles | (lines or {}),
            )  # fmt: skip

    def decide(self, batch, rest=Vote.Choice.FOR, lines=None):
        """Lock, meet, vote, record, confirm."""
        self.lock(batch)
        meeting = self.meeting(batch)
        self.vote(batch, rest, lines=lines)
        funds.record(meeting=meeting, by=self.secretary, at=self.tick())
        funds.confirm(meeting=meeting, by=self.leaders[0], at=self.tick())
        batch.refresh_from_db()
        return meeting

    def publish(self, batch):
        return funds.publish(batch=batch, by=self.company_officer, at=self.tick())

    def clear(self):
        """Let the notice period pass and run the daily command."""
        self.tick(days=12)
        return cases.clear_ended(at=self.now)

    def prepare(self, batch):
        return funds.prepare(batch=batch, by=self.cashier, at=self.tick())

    def post(self, run):
        return funds.post(run=run, by=self.accountant, at=self.tick())

    # The urgent advance

    def decide_advance(self, case, fen=2000_00, **given):
        """The chair decides an advance on a case that is in hand."""
        columns = {"account": self.budget(Programme.EMERGENCY), "reason": "等待手术。"} | given
        return funds.decide_advance(
            case=case, amount_fen=fen, **{"by": self.company_chair} | columns, at=self.tick()
        )

    def advance(self, case, fen=2000_00):
        """An advance decided, prepared and posted."""
        advance = self.decide_advance(case, fen)
        funds.prepare_advance(advance=advance, by=self.cashier, at=self.tick())
        return funds.post_advance(advance=advance, by=self.accountant, at=self.tick())

    # Shortcuts

    def on_file(self, user=None):
        """A household taken all the way onto the file; returns its dossier."""
        case = self.to_verified(self.household(user))
        batch = self.batch([case])
        self.decide(batch)
        self.publish(batch)
        self.clear()
        case.dossier.refresh_from_db()
        return case.dossier

    def emergency(self, dossier=None, spent_fen=20_000_00, reimbursed_fen=8_000_00):
        """A draft application for an emergency grant, filled in and signed."""
        dossier = dossier or self.on_file()
        user = dossier.head.user
        case = cases.open_case(
            dossier=dossier, programme=Programme.EMERGENCY, by=user, at=self.tick()
        )
        cases.describe_case(
            case=case, by=user, at=self.tick(), event="ILLNESS", event_on=self.today,
            patient=dossier.members.get(relation=Relation.SELF), spent_fen=spent_fen,
            reimbursed_fen=reimbursed_fen, asked_fen=10_000_00, reason="住院治疗。",
        )  # fmt: skip
        return self.sign(case, user)

    def grant(self, programme, dossier=None):
        """A draft application for a programme, signed, its own form not filled in."""
        dossier = dossier or self.on_file()
        user = dossier.head.user
        case = cases.open_case(dossier=dossier, programme=programme, by=user, at=self.tick())
        return self.sign(case, user)

    def student(self, dossier, number=300, **columns):
        """A child of the household at university."""
        given = {
            "relation": Relation.SON, "name": "学子", "sex": "MALE", "born_on": date(2007, 5, 1),
            "id_number": id_number(number, born=date(2007, 5, 1)), "occupation": "STUDENT",
            "school_level": "BACHELOR",
        } | columns  # fmt: skip
        return cases.save_member(dossier=dossier, by=self.officer, at=self.tick(), **given)

    def tuition(self, dossier=None, student=None, **given):
        """A draft application for tuition aid, filled in and signed."""
        dossier = dossier or self.on_file()
        student = student or self.student(dossier)
        case = self.grant(Programme.TUITION, dossier)
        columns = {
            "student": student, "school_year": 2026, "fresh": True, "level": "BACHELOR",
            "school": "示例大学", "course_years": 4, "admitted_on": date(2026, 8, 1),
            "graduates_on": date(2030, 6, 30), "tuition_fen": 6000_00, "loan": False,
            "promise": True,
        } | given  # fmt: skip
        cases.save_tuition(case=case, by=dossier.head.user, at=self.tick(), **columns)
        return self.fresh(case)

    def medical(self, dossier=None, **given):
        """A draft application for medical aid of the employee, filled in and signed."""
        dossier = dossier or self.on_file()
        case = self.grant(Programme.MEDICAL, dossier)
        columns = {
            "patient": dossier.members.get(relation=Relation.SELF), "illness": "CANCER",
            "stays": 2, "hospital": "示例医院", "bills_from": self.today - 60 * DAY,
            "bills_until": self.today, "total_fen": 30_000_00, "insurance_fen": 18_000_00,
            "social_aid_fen": 1000_00, "asked_fen": 5000_00, "promise": True,
        } | given  # fmt: skip
        cases.save_medical(case=case, by=dossier.head.user, at=self.tick(), **columns)
        return self.fresh(case)

    def gift(self, dossier=None, event="BEREAVEMENT", **given):
        """A draft application for a visit gift in cash, filled in and signed."""
        dossier = dossier or self.on_file()
        case = self.grant(Programme.VISIT_GIFT, dossier)
        columns = {
            "event": event, "event_on": self.today,
            "patient": dossier.members.get(relation=Relation.SELF),
        } | given  # fmt: skip
        cases.describe_case(case=case, by=dossier.head.user, at=self.tick(), **columns)
        return self.fresh(case)

    def case_in(self, status, programme=Programme.EMERGENCY):
        """A case taken through the actions until it has a status."""
        ways = {
            Programme.EMERGENCY: self.emergency, Programme.MEDICAL: self.medical,
            Programme.TUITION: self.tuition, Programme.VISIT_GIFT: self.gift,
        }  # fmt: skip
        case = ways.get(programme, self.household)()
        return self._onward(case, Status(status))

    def _onward(self, case, status):
        if status == Status.DRAFT:
            return case
        self.submit(case)
        if status == Status.RETURNED:
            return cases.give_back(
                case=case, by=self.officer, at=self.tick(), reason="PROOF_MISSING", words="缺证明"
            )
        if status == Status.WITHDRAWN:
            return cases.withdraw(case=case, by=self.applicant(case), at=self.tick())
        if status == Status.SUBMITTED:
            return self.fresh(case)
        self.review(case)
        if status == Status.DECLINED:
            return cases.decline(
                case=case, by=self.company_officer, at=self.tick(), clause="第八条", words="不符合"
            )
        if status == Status.REVIEWED:
            return self.fresh(case)
        self.visit(case)
        self.mark(case)
        self.assess(case)
        self.verify(case)
        if status == Status.VERIFIED:
            return self.fresh(case)
        batch = self.batch([self.fresh(case)])
        if status == Status.TABLED:
            self.lock(batch)
            return self.fresh(case)
        self.decide(batch)
        if status == Status.APPROVED:
            return self.fresh(case)
        notice = self.publish(batch)
        if status == Status.HELD:
            self.tick(days=1)
            objection = self.object_to(notice.lines.get())
            cases.hold(objection=objection, by=self.discipline, at=self.tick())
        if status in (Status.PUBLISHED, Status.HELD):
            return self.fresh(case)
        self.clear()
        if status == Status.PAID:
            self.post(self.prepare(batch))
        return self.fresh(case)

    def object_to(self, line):
        return cases.object_to(line=line, words="据我所知有房两套。", at=self.tick())

    def fresh(self, case):
        return Case.objects.select_related("dossier", "applicant__user", "unit", "round").get(
            pk=case.pk
        )
