"""Two years of relief: households filed, rounds opened, meetings held, money paid; and today."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from audits import actions as audits
from audits.models import Seal
from base.uploads import check_upload
from cases import actions as cases
from cases import checklist, facts
from cases.codes import Gate, Question
from cases.evidence import Mark, of_household
from cases.models import Basis, Dossier, Member, Screening, Visit
from cases.workflow import Programme
from funds import actions as funds
from funds.models import Vote
from hardship.demo.bank import Bank
from hardship.demo.company import Company
from hardship.demo.everyday import Everyday
from hardship.demo.pictures import blank_png
from hardship.demo.programmes import Programmes
from hardship.demo.roster import IdNumbers, heads, household, personal
from hardship.demo.trouble import Trouble
from hardship.demo.year import Year
from people.models import Relation, Sex, Standing

SEED = 2016
LINE_FEN = 732_00
FIRST_HEADS = 150  # the others are recognised half a year later
PAST = timedelta(days=41)  # what lies further back is history
DRAWN_UP = (30, 33, 36, 42, 44)  # heads on the list that the budget does not cover
STALE = 21  # a household whose file nobody has updated for more than a year
RATIO = {"SPECIAL": 620, "HEAVY": 1250, "GENERAL": 1750}  # net income, permille of the line
OCCUPATION = {"RETIRED": "RETIRED", "PAID_OFF": "UNEMPLOYED", "IN_SERVICE": "WORKING"}
ILLNESS = {
    "SPECIAL": ("CANCER", "KIDNEY", "STROKE"),
    "HEAVY": ("HEART", "LIVER", "LUNG"),
    "GENERAL": ("DIABETES", "HYPERTENSION", "SPINE"),
}


class Story:
    """Tells the story in the order of time, each act by whoever does it."""

    def __init__(self, on):
        self.on = on
        self.random = Random(SEED)
        year = on.year if on >= date(on.year, 3, 1) else on.year - 1
        self.company = Company(self.random, on, date(year - 2, 10, 8))
        self.clock = self.company.clock
        self.year = year
        self.ids = IdNumbers(first=400)  # apart from the numbers on the roster
        self.dossiers = {}
        self.visited_until = None
        self.stories = {head.number: head for head in heads()}
        self.money = Year(self)
        self.trouble = Trouble(self)
        self.programmes = Programmes(self)
        self.everyday = Everyday(self)

    def tell(self):
        """Everything in the order of time, in steps that are each one transaction."""
        self._take(self.company.found)
        self.bank = Bank(self.company, self.on)
        self._take(self.bank.register)
        for on, step in sorted(self._history(), key=lambda event: event[0]):
            if on <= self.on - PAST:
                self.clock.go_to(on)
                self._take(step)
        for step in (
            self.money_waits,
            self.on_notice,
            self.before_the_meeting,
            self.in_the_works,
            self.everyday.now,
        ):
            self._take(step)
        self._take(self.bank.catch_up)
        audits.seal(reason=Seal.Reason.DAILY, at=self.clock.tick())

    def _take(self, step):
        """One step; afterwards the planner learns how much the tables have grown meanwhile."""
        with transaction.atomic():
            step()
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")

    def _history(self):
        """(day, what happens) of the two years; days to come are left to the present."""
        first, last = self.year - 1, self.year
        yield self.clock.today, self.first_recognition
        yield date(first, 5, 12), self.second_recognition
        yield date(last, 5, 11), self.equal_shares
        for year in range(first, self.on.year + 1):
            yield date(year, 1, 5), partial(self.money.begin, year)
            for month in range(1, 13):
                yield date(year, month, 3), self.bank.catch_up
        yield date(last, 2, 10), partial(self.money.carry, first)
        yield date(last, 3, 18), partial(self.money.donation, last)
        yield date(last, 4, 27), self.trouble.false_facts
        yield date(last, 6, 18), partial(self.money.change, last)
        pay = {first: self.pay, last: self.trouble.pay}
        for year in (first, last):
            yield date(year, 1, 9), partial(self.festival, year, "SPRING", "春节")
            yield date(year, 3, 10), partial(self.relief, range(4, 84, 16), pay[year])
            yield date(year, 7, 6), partial(self.relief, range(9, 100, 18))
            yield date(year, 9, 4), partial(self.festival, year, "AUTUMN", "中秋")
            yield date(year, 4, 13), self.recheck
        yield date(first, 10, 12), self.recheck
        yield date(last, 6, 22), self.everyday.summer
        yield date(last, 8, 17), self.everyday.visits
        yield date(last, 10, 12), self.autumn_recheck
        yield date(first, 10, 20), self.programmes.autumn

    @property
    def users(self):
        return self.company.users

    # Recognition

    def first_recognition(self):
        self.recognise(range(FIRST_HEADS), f"{self.clock.today.year}年困难职工认定名单")

    def second_recognition(self):
        self.recognise(range(FIRST_HEADS, 165), f"{self.year - 1}年上半年新认定名单")

    def recognise(self, numbers, title):
        """Applications, reviews, visits, verification; then one meeting and one notice."""
        listed = []
        for number in numbers:
            case = self.apply_for_recognition(number)
            listed.append(self.verify_recognition(case, number))
        batch = self.decide(Programme.RECOGNITION, title, listed)
        self.publish_and_clear(batch)

    def apply_for_recognition(self, number):
        person = self.company.heads[number]
        user, at = person.user, self.clock.tick
        dossier = cases.start_dossier(head=person, by=user, at=at())
        self.dossiers[number] = dossier
        self._fill_in(dossier, number, user)
        case = cases.open_case(dossier=dossier, programme=Programme.RECOGNITION, by=user, at=at())
        return self.sign_and_submit(case, user)

    def sign_and_submit(self, case, user, **columns):
        cases.describe_case(
            case=case, by=user, at=self.clock.tick(), true_statement=True, may_verify=True,
            may_publish=True, **columns,
        )  # fmt: skip
        return cases.submit(case=case, by=user, at=self.clock.tick())

    def _fill_in(self, dossier, number, user):
        """Facts that lead to the level the story gives this household."""
        head, person = self.stories[number], dossier.head
        cases.describe(
            dossier=dossier, by=user, at=self.clock.tick(), main_cause=head.cause,
            side_causes=[], address=f"示例小区{number % 40 + 1}号楼{number % 9 + 1}单元",
            story="家庭收入减少，支出增加，生活困难，请求帮扶。", **household(number, person),
        )  # fmt: skip
        size = 2 + (head.cause == "SCHOOLING") + (number % 3 == 0)
        spent = {"SPECIAL": 36_000_00, "HEAVY": 15_000_00, "GENERAL": 4_000_00}[head.level]
        own = head.cause != "FAMILY_ILLNESS"
        ill = self._illness(head)
        needed = RATIO[head.level] * LINE_FEN // 1000 * size + spent // 12
        self_member = dossier.members.get()
        working = person.standing == Standing.IN_SERVICE
        cases.save_member(
            dossier=dossier, by=user, at=self.clock.tick(), member=self_member,
            id_number=self_member.id_number, relation=Relation.SELF, name=person.name,
            sex=person.sex, born_on=person.born_on,
            occupation=OCCUPATION[person.standing],
            monthly_income_fen=needed * (70 if working else 60) // 100,
            health=ill if own else "GOOD", ill_this_year=own and self._fresh(head),
            phone=person.phone, **personal(number, person),
        )  # fmt: skip
        self._add_family(
            dossier, head, user, size, needed * (30 if working else 40) // 100, ill, own
        )
        cases.save_expense(
            dossier=dossier, by=user, at=self.clock.tick(), kind="ILLNESS",
            spent_on=self.clock.today - timedelta(days=30 + number % 60),
            gross_fen=spent * 3, reimbursed_fen=spent * 2, vouchers=2 + number % 5,
        )  # fmt: skip
        cases.answer_gates(
            dossier=dossier, by=user, at=self.clock.tick(), answers={g: (False, "") for g in Gate}
        )

    def _illness(self, head):
        if head.cause in ("OWN_ILLNESS", "FAMILY_ILLNESS") or head.level != "GENERAL":
            return ILLNESS[head.level][head.number % 3]
        working = head.standing == Standing.IN_SERVICE
        return "MINOR" if working or head.number % 2 else "GOOD"

    def _fresh(self, head):
        """Whether the illness is of this year."""
        working = head.standing == Standing.IN_SERVICE
        return head.level == "SPECIAL" or head.level == "HEAVY" and working

    def _add_family(self, dossier, head, user, size, income, ill, own):
        """Spouse, then a child in school, then an old parent."""
        person = dossier.head
        kinds = [Relation.SPOUSE]
        kinds += [Relation.SON] if head.cause == "SCHOOLING" else []
        kinds += [Relation.PARENT] if size > len(kinds) + 1 else []
        for place, relation in enumerate(kinds):
            sex = Sex.FEMALE if person.sex == Sex.MALE else Sex.MALE
            years = {Relation.SPOUSE: 1, Relation.SON: -28, Relation.PARENT: 27}[relation]
            born_on = date(person.born_on.year - years, person.born_on.month, 15)
            if relation == Relation.SON:
                born_on = date(self.on.year - 16, 6, 15)
            sick = not own and place == 0
            cases.save_member(
                dossier=dossier, by=user, at=self.clock.tick(), relation=relation,
                name=self._relative_name(person, relation, sex), sex=sex, born_on=born_on,
                id_number=self.ids.next(born_on, sex),
                occupation={Relation.SON: "STUDENT", Relation.PARENT: "UNABLE"}.get(
                    relation, "CASUAL"
                ),
                school_level="HIGH_SCHOOL" if relation == Relation.SON else "",
                workplace="示例中学" if relation == Relation.SON else "",
                monthly_income_fen=income if place == 0 else 0,
                health=ill if sick else "GOOD", ill_this_year=sick and self._fresh(head),
                ethnicity="HA", political="MASSES", hukou="URBAN", insurance="RESIDENT",
                marital="SINGLE" if relation == Relation.SON else "MARRIED",
            )  # fmt: skip

    def _relative_name(self, person, relation, sex):
        given = self.random.choice("芳娜敏静丽艳兰英" if sex == Sex.FEMALE else "强军伟涛明刚")
        if relation == Relation.SON:
            return person.name[0] + given
        return self.random.choice("王李张刘陈杨赵周") + given

    def verify_recognition(self, case, number):
        """Review by the unit, a visit by two, the facts marked, the company's word."""
        self.review(case)
        self.visit(case.dossier)
        self.mark(case)
        found = cases.assess(case=case, by=self.users["company-officer"], at=self.clock.tick())
        head = self.stories[number]
        category = found.category or "RELATIVE"
        differs = (category, head.level) != (found.category, found.level)
        return cases.verify(
            case=case, by=self.users["company-officer"], at=self.clock.tick(), category=category,
            level=head.level, deviation_reason="入户核实家庭实际负担后调整。" if differs else "",
            words="材料齐全，入户情况与申报一致。",
        )  # fmt: skip

    def review(self, case, by=None):
        answers = {q: (Screening.Answer.FITS, "") for q in Question}
        return cases.review(
            case=case, by=by or self.company.officers[case.unit_id], at=self.clock.tick(),
            answers=answers, unrelated=True, words="经核实情况属实，同意上报。",
        )  # fmt: skip

    def visit(self, dossier):
        """Twenty-five minutes at the door, less where the company officer came from another."""
        officer = self.company.officers[dossier.unit_id]
        at = self.clock.tick()
        morning = self.clock.morning()
        started_at = max(at - timedelta(minutes=25), morning, self.visited_until or morning)
        self.visited_until = at
        members = list(dossier.members.values_list("pk", flat=True))
        seen = {
            **checklist.EMPTY, "present": members[:2], "absent": members[2:],
            "home": "OF_UNIT", "area": 58, "condition": "PLAIN", "things": ["TV", "FRIDGE"],
            "food": "SHORT", "clothing": "ENOUGH", "papers": ["DIAGNOSIS", "INVOICES"],
            "utilities": "水电费按月缴纳，冬季集中供暖。", "income": "查看存折，与申报一致。",
            "neighbours": "邻居反映该户长期看病，生活节俭。",
            "gates": dict.fromkeys(Gate, "NOT_SEEN"),
        }  # fmt: skip
        return cases.record_visit(
            dossier=dossier, visitors=[officer, self.users["company-officer"]],
            started_at=started_at, ended_at=at, by=self.users["company-officer"], at=at,
            met="本人及配偶", match=Visit.Match.SAME, advice=Visit.Advice.HELP, signed=True,
            checks=["MEMBERS", "ADDRESS", "INCOME", "ILLNESS", "WORK", "SCHOOL"], seen=seen,
            needs=["MONEY"], notes="住房简朴，无高档消费品，病历和票据齐全。",
        )  # fmt: skip

    def mark(self, case):
        """Wages and pensions agree with the payroll; the rest was seen at the door."""
        cases.mark_facts(
            dossier=case.dossier, by=self.users["company-officer"], at=self.clock.tick(),
            marks={
                fact.key: Mark(Basis.MATCHED if fact.key.endswith(".income") else Basis.VISITED)
                for fact in of_household(case.dossier)
            },
        )  # fmt: skip

    # Meeting, notice, payment

    def draw_up(self, programme, title, listed, round=None):
        budget = None
        if programme != Programme.RECOGNITION:
            budget = self.company.budget(programme)
        by = self.users["company-officer"]
        batch = funds.create_batch(
            company=self.company.company, title=title, programme=programme, budget=budget,
            round=round, by=by, at=self.clock.tick(),
        )  # fmt: skip
        funds.add_lines(batch=batch, cases=listed, by=by, at=self.clock.tick())
        batch.refresh_from_db()
        return batch

    def call_meeting(self, batch):
        """Lock the list and put it before a meeting with everybody there."""
        funds.lock(batch=batch, by=self.users["company-chair"], at=self.clock.tick())
        leaders = [self.users[f"leader-{n}"] for n in range(1, 6)]
        secretary = self.users["secretary"]
        meeting = funds.open_meeting(
            company=self.company.company, held_on=self.clock.today, chair=leaders[0],
            by=secretary, at=self.clock.tick(), place="公司第一会议室",
        )  # fmt: skip
        funds.put_on_agenda(meeting=meeting, batch=batch, by=secretary, at=self.clock.tick())
        funds.attend(
            meeting=meeting, present={u.pk for u in leaders}, by=secretary, at=self.clock.tick()
        )
        batch.refresh_from_db()
        return meeting

    def decide(self, programme, title, listed, round=None):
        batch = self.draw_up(programme, title, listed, round)
        meeting = self.call_meeting(batch)
        singles = {
            pk: Vote.Choice.FOR
            for pk in batch.lines.filter(single=True).values_list("pk", flat=True)
        }
        for n in range(1, 6):
            funds.vote(
                batch=batch, by=self.users[f"leader-{n}"], at=self.clock.tick(),
                rest=Vote.Choice.FOR, lines=singles, version=batch.version,
            )  # fmt: skip
        funds.record(meeting=meeting, by=self.users["secretary"], at=self.clock.tick())
        funds.confirm(meeting=meeting, by=self.users["leader-1"], at=self.clock.tick())
        batch.refresh_from_db()
        return batch

    def publish(self, batch):
        return funds.publish(batch=batch, by=self.users["company-officer"], at=self.clock.tick())

    def publish_and_clear(self, batch):
        notice = self.publish(batch)
        self.clock.go_to(notice.ends_on + timedelta(days=1))
        cases.clear_ended(at=self.clock.tick())
        return notice

    def prepare(self, batch):
        return funds.prepare(batch=batch, by=self.users["cashier"], at=self.clock.tick())

    def pay(self, batch, refused=()):
        """Prepare, post and send; `refused` is {line: why} of what the bank does not credit."""
        run = funds.post(run=self.prepare(batch), by=self.users["accountant"], at=self.clock.tick())
        self.bank.carry_out(run, dict(refused))
        return run

    # Rounds and emergency grants

    def festival(self, year, festival, words):
        title = f"{year}年{words}定期补助"
        opened = cases.open_round(
            company=self.company.company, title=title, year=year, festival=festival,
            by=self.users["company-officer"], at=self.clock.tick(),
        )  # fmt: skip
        batch = self.decide(Programme.REGULAR, title, list(opened.cases.all()), opened)
        self.publish_and_clear(batch)
        self.pay(batch)

    def recheck(self):
        """A survey in spring and one in autumn (fact 2.5); one household is forgotten each time."""
        stale = self.dossiers[STALE].pk
        due = Dossier.objects.active().filter(company=self.company.company).exclude(pk=stale)
        cases.recheck(list(due), by=self.users["company-officer"], at=self.clock.tick())

    def autumn_recheck(self):
        self.everyday.campaign(self.dossiers[STALE].pk)

    def relief(self, numbers, pay=None):
        """A batch of emergency grants, applied for, verified, decided, published and paid."""
        on = self.clock.today
        listed = [self.verify_grant(self.ask_for_grant(n), n) for n in numbers]
        batch = self.decide(Programme.EMERGENCY, f"{on.year}年{on.month}月临时救助", listed)
        self.publish_and_clear(batch)
        (pay or self.pay)(batch)

    def equal_shares(self):
        """One unit proposes the same amount for everybody, whatever the need (fact 3.1)."""
        on = self.clock.today
        unit = self.company.units["离退休一区工会"].pk
        there = [n for n, d in self.dossiers.items() if d.unit_id == unit and n < FIRST_HEADS][:8]
        reason = "本单位平衡后统一金额。"
        listed = [
            self.verify_grant(self.ask_for_grant(n), n, fen=3000_00, reason=reason) for n in there
        ]
        batch = self.decide(Programme.EMERGENCY, f"{on.year}年{on.month}月临时救助（二）", listed)
        self.publish_and_clear(batch)
        self.pay(batch)

    def ask_for_grant(self, number, *, submit=True, spent=None):
        dossier = Dossier.objects.select_related("head__user", "unit").get(
            pk=self.dossiers[number].pk
        )
        user, today = dossier.head.user, self.clock.today
        case = cases.open_case(
            dossier=dossier, programme=Programme.EMERGENCY, by=user, at=self.clock.tick()
        )
        patient = dossier.members.order_by("pk")[number % 2]
        gross = spent or (8 + number * 7 % 60) * 1000_00
        columns = {
            "event": "ILLNESS", "event_on": today - timedelta(days=20 + number % 30),
            "patient": patient, "spent_fen": gross, "reimbursed_fen": gross * 45 // 100,
            "asked_fen": min(gross * 30 // 100, 20_000_00), "reason": "住院治疗，自付费用较高。",
        }  # fmt: skip
        if submit:
            return self.sign_and_submit(case, user, **columns)
        return cases.describe_case(case=case, by=user, at=self.clock.tick(), **columns)

    def verify_grant(self, case, number, *, fen=None, reason="", no_visit_reason=""):
        self.review(case)
        if not no_visit_reason:
            self.visit(case.dossier)
        if facts.unmarked(case.dossier_id):  # something came into the file since it was verified
            self.mark(case)
        by = self.users["company-officer"]
        found = cases.assess(case=case, by=by, at=self.clock.tick())
        proposed = fen or found.reference_fen
        if not fen and number % 11 == 4:
            proposed = min(
                found.reference_fen * 13 // 10 // 100_00 * 100_00, 20_000_00, case.net_fen
            )
            reason = "另有尚未报销的自费药支出，有票据。"
        return cases.verify(
            case=case, by=by, at=self.clock.tick(), proposed_fen=proposed,
            deviation_reason=reason, no_visit_reason=no_visit_reason, words="票据齐全，情况属实。",
        )  # fmt: skip

    # Today: something waits for everybody

    def money_waits(self):
        """Something for the accountant to post and for the cashier to prepare."""
        on = self.on
        self.clock.go_to(on - timedelta(days=40))
        run = [self.verify_grant(self.ask_for_grant(n), n) for n in (101, 108)]
        ready = [self.verify_grant(self.ask_for_grant(n), n) for n in (110, 113)]
        prepared = self.decide(Programme.EMERGENCY, "临时救助（待会计过账）", run)
        waiting = self.decide(Programme.EMERGENCY, "临时救助（待出纳编制）", ready)
        self.publish(prepared)
        self.publish_and_clear(waiting)
        self.prepare(prepared)

    def on_notice(self):
        """A notice that runs, with an open objection and one that is being handled."""
        on = self.on
        self.clock.go_to(on - timedelta(days=5))
        listed = [self.verify_grant(self.ask_for_grant(n), n) for n in (116, 119, 123, 127)]
        batch = self.decide(Programme.EMERGENCY, f"{on.year}年{on.month}月临时救助", listed)
        lines = list(self.publish(batch).lines.order_by("seq"))
        words = "据了解，该户去年购置了第二套住房，请核实。"
        cases.object_to(line=lines[0], words=words, at=self.clock.tick(), name="", contact="")
        held = cases.object_to(
            line=lines[1], words="该户收入申报可能不全，请核实。", at=self.clock.tick()
        )
        cases.hold(objection=held, by=self.users["discipline"], at=self.clock.tick())

    def before_the_meeting(self):
        """A list before an open meeting, with exceptions; the leaders have not voted."""
        on = self.on
        self.clock.go_to(on - timedelta(days=4))
        kin = Member.objects.filter(dossier=self.dossiers[131].pk).order_by("pk")[1]
        self.company.register_kin(kin)
        listed = []
        for n in (131, 134, 136, 139, 141, 143, 146, 148):
            large = 130_000_00 if n == 134 else None
            odd = {"no_visit_reason": "家住外地，已由当地工会代访。"} if n == 143 else {}
            listed.append(self.verify_grant(self.ask_for_grant(n, spent=large), n, **odd))
        batch = self.draw_up(Programme.EMERGENCY, f"{on.year}年{on.month}月临时救助（二）", listed)
        self.call_meeting(batch)

    def in_the_works(self):
        """An over-budget list with somebody who died, and cases at every earlier stage."""
        on = self.on
        self.clock.go_to(on - timedelta(days=3))
        spare = [n for n in range(FIRST_HEADS) if self.stories[n].unit == "检维修中心工会"]
        listed = [self.verify_grant(self.ask_for_grant(n, spent=140_000_00), n) for n in DRAWN_UP]
        died = self.company.heads[33]
        self.company.note_death(died, self.clock.today)
        self.company.shorten_budget(self.draw_up(Programme.EMERGENCY, "临时救助（编制中）", listed))
        ours = [n for n in spare if n not in DRAWN_UP and n != self.company.employee_head]
        for n in ours[:3]:
            self.ask_for_grant(n)
        self.review(self.ask_for_grant(ours[3]), by=self.users["unit-chair"])
        self.ask_for_grant(ours[4], submit=False)
        self._new_households()
        mine = self.ask_for_grant(self.company.employee_head)
        cases.give_back(
            case=mine, by=self.users["unit-officer"], at=self.clock.tick(),
            reason="PROOF_MISSING", words="请补上出院记录和费用清单。",
        )  # fmt: skip
        self.programmes.today(ours[5:8])

    def _new_households(self):
        """Two households that ask to be put on file: one by themselves; one through the
        information officer with the signed paper, a relative of whom is on file elsewhere."""
        first, second = self.company.without_file(2)
        for number, person in ((165, first), (166, second)):
            self.stories[number] = replace(self.stories[40], number=number, level="HEAVY")
            self.company.heads[number] = person
        self.apply_for_recognition(165)
        by = self.users["informant"]
        dossier = cases.start_dossier(head=second, by=by, at=self.clock.tick())
        self._fill_in(dossier, 166, by)
        case = cases.open_case(
            dossier=dossier, programme=Programme.RECOGNITION, by=by, at=self.clock.tick()
        )
        paper = SimpleUploadedFile("申报表.png", blank_png(600, 848))
        cases.attach(
            dossier=dossier, case=case, kind="SIGNED_FORM", upload=check_upload(paper), file=paper,
            by=by, at=self.clock.tick(),
        )  # fmt: skip
        twice = Member.objects.filter(dossier=self.dossiers[7].pk).order_by("pk")[1]
        cases.save_member(
            dossier=dossier, by=by, at=self.clock.tick(), relation=Relation.SIBLING,
            name=twice.name, sex=twice.sex, born_on=twice.born_on, id_number=twice.id_number,
            occupation="UNABLE", insurance="RESIDENT", note="随本户共同生活，由职工供养。",
        )  # fmt: skip
