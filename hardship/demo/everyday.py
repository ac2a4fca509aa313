"""The everyday work of the unions in the story: visits, the re-check, must-visits, gifts."""

from datetime import date, timedelta
from itertools import groupby

from django.core.files.uploadedfile import SimpleUploadedFile

from base.uploads import check_upload
from cases import actions as cases
from cases.life import ChangeKind, ExitKind, How, RecheckResult, ToldHow, WatchKind
from cases.models import Dossier, Post, Recheck
from cases.models.gift import MoneySource, Occasion
from cases.models.incident import IncidentKind, IncidentOutcome
from cases.models.referral import ReferralKind, ReferralOutcome, Satisfaction
from cases.tasks import run as simulate
from hardship.demo.company import HOME_UNIT
from hardship.demo.pictures import blank_png
from people.models import Person, Relation, Standing

VISITS_A_DAY = 20
LEFT_OUT = 14  # every so manieth household was not visited this year
LATE_UNITS = ("储运车间工会", "质检中心工会")  # have not begun their re-check
GIFTS = 24  # front-line workers in one round


class Everyday:
    """What is done between the meetings, by the officers of the units."""

    def __init__(self, story):
        self.story, self.company, self.clock = story, story.company, story.clock

    @property
    def users(self):
        return self.company.users

    def on_file(self):
        """The households on file by union, in a fixed order."""
        active = Dossier.objects.active().filter(company=self.company.company)
        return list(active.select_related("unit", "head").order_by("unit__code", "pk"))

    # The year

    def visits(self):
        """Nearly every household is visited once in the summer."""
        for n, dossier in enumerate(self.on_file()):
            if n % VISITS_A_DAY == VISITS_A_DAY - 1:
                self.clock.go_to(self.clock.today + timedelta(days=1))
            if n % LEFT_OUT != LEFT_OUT - 1:
                self.story.visit(dossier)

    def summer(self):
        """Something cool for those who work in the heat of the plant."""
        on = self.clock.today
        unit = self.company.units[HOME_UNIT]
        opened = cases.open_gift_round(
            company=self.company.company, unit=unit, by=self.users["unit-officer"],
            at=self.clock.tick(), title=f"{on.year}年高温一线慰问", occasion=Occasion.HEAT,
            since=on, until=on + timedelta(days=14), responsible=self.users["unit-chair"],
            what="防暑降温用品一份", unit_fen=120_00, planned_fen=3000_00,
            source=MoneySource.DUES, voucher=f"{on.year}-06-0117",
        )  # fmt: skip
        workers = Person.objects.on_register().filter(unit=unit, standing=Standing.IN_SERVICE)
        gifts = cases.plan_gifts(
            round=opened, persons=list(workers.select_related("unit").order_by("pk")[:GIFTS]),
            by=self.users["unit-officer"], at=self.clock.tick(),
        )  # fmt: skip
        self.clock.go_to(on + timedelta(days=2))
        cases.give_gifts(
            gifts=gifts[:-2], givers=[self.users["unit-chair"], self.users["company-chair"]],
            given_on=self.clock.today, by=self.users["unit-officer"], at=self.clock.tick(),
            place="检修现场", signed=True,
        )  # fmt: skip

    def campaign(self, forgotten):
        """The autumn re-check by the unions; two of them have not begun, one household is
        forgotten."""
        on = self.clock.today
        opened = cases.open_campaign(
            company=self.company.company, title=f"{on.year}年困难职工集中复核", starts_on=on,
            ends_on=date(on.year, 11, 30), by=self.users["company-officer"], at=self.clock.tick(),
        )  # fmt: skip
        cases.fill_campaign(campaign=opened, at=self.clock.tick())
        rows = Recheck.objects.filter(campaign=opened).exclude(dossier=forgotten)
        rows = rows.exclude(unit__name__in=LATE_UNITS).select_related("dossier__unit")
        for unit_id, found in groupby(rows.order_by("unit__code", "pk"), lambda row: row.unit_id):
            some = list(found)
            officer = self.company.officers[unit_id]
            bills = some[::4]
            for row in bills:
                self._bill(row.dossier, officer)
            for result, ours in (
                (RecheckResult.CHANGED, bills),
                (RecheckResult.UNCHANGED, [row for row in some if row not in bills]),
            ):
                cases.record_rechecks(
                    ours, result=result, by=officer, at=self.clock.tick(), how=How.PAPERS
                )

    def _bill(self, dossier, by):
        """What the household paid this year comes into the file."""
        cases.save_expense(
            dossier=dossier, by=by, at=self.clock.tick(), kind="ILLNESS",
            spent_on=self.clock.today - timedelta(days=30), gross_fen=9_600_00,
            reimbursed_fen=5_200_00, vouchers=4,
        )  # fmt: skip

    # Today

    def now(self):
        """What waits on the desks: events, changes, an exit, a draft of the rules."""
        self.informants()
        self.incidents()
        self.changes()
        self.leaving()
        self.referrals()
        self.plans()
        self.new_rules()

    def informants(self):
        post = Post.objects.get(user=self.users["informant"])
        by = self.users["unit-officer"]
        cases.keep_informant(
            post=post, area="检修一班、二班", phone="13900000000", by=by, at=self.clock.tick()
        )
        cases.record_training(
            post=post, held_on=date(self.clock.today.year, 3, 18), subject="帮扶政策和三必访要求",
            by=by, at=self.clock.tick(),
        )  # fmt: skip

    def incidents(self):
        """One closed, one visited, one just told, one overdue, one that led to an application."""
        home = Person.objects.on_register().filter(unit=self.company.units[HOME_UNIT])
        persons = list(home.filter(dossiers=None).select_related("unit").order_by("pk")[:4])
        on, by = self.clock.today, self.users["informant"]
        told = (
            (persons[0], IncidentKind.HOSPITAL, 9, Relation.SELF, "示例医院"),
            (persons[1], IncidentKind.DEATH, 6, Relation.PARENT, ""),
            (persons[2], IncidentKind.SUDDEN, 1, "", "家中失火"),
            (persons[3], IncidentKind.HOSPITAL, 12, Relation.SPOUSE, "示例医院"),
        )
        closed, visited, _fresh, _open = (
            cases.report_incident(
                person=person, kind=kind, happened_on=on - timedelta(days=days), by=by,
                at=self.clock.tick(), concerns=concerns, place=place,
            )[0]
            for person, kind, days, concerns, place in told
        )  # fmt: skip
        for incident in (closed, visited):
            cases.visit_incident(
                incident=incident, by=self.users["unit-officer"], at=self.clock.tick(),
                visited_on=on, visitors=[self.users["unit-chair"], by],
                help_given="送去慰问，了解家庭需要。", needs="无其他需要。",
            )  # fmt: skip
        cases.close_incident(
            incident=closed, outcome=IncidentOutcome.NOTHING, by=self.users["unit-officer"],
            at=self.clock.tick(),
        )  # fmt: skip

    def changes(self):
        """Told by the households themselves; one of them more than a month late."""
        for n, (kind, days) in enumerate(((ChangeKind.ILLNESS, 8), (ChangeKind.INCOME, 45))):
            dossier = self.story.dossiers[self._home()[-1 - n]]
            cases.report_change(
                dossier=dossier, kind=kind, by=dossier.head.user, at=self.clock.tick(),
                happened_on=self.clock.today - timedelta(days=days), words="请更新档案。",
            )  # fmt: skip

    def _home(self):
        """Numbers of the heads in the union where the sign-ins belong."""
        stories = self.story.stories
        return [n for n in sorted(stories) if stories[n].unit == HOME_UNIT and n < 165]

    def leaving(self):
        """An exit that the company union has yet to confirm."""
        dossier, by = self.story.dossiers[self._general()], self.users["unit-officer"]
        self.story.visit(dossier)
        paper = SimpleUploadedFile("告知书.png", blank_png(600, 848))
        cases.propose_exit(
            dossier=dossier, kind=ExitKind.RECOVERED, by=by, at=self.clock.tick(),
            cause_gone="子女已就业，家庭收入稳定。", told_on=self.clock.today,
            told_how=ToldHow.VISIT,
            above_since=self.clock.today - timedelta(days=300), upload=check_upload(paper),
            file=paper,
        )  # fmt: skip

    def _general(self):
        """A household of that union whose income stands above the line, with nothing asked for."""
        stories = self.story.stories
        return next(
            n
            for n in self._home()
            if stories[n].level == "GENERAL"
            and not self.story.dossiers[n].cases.under_way().exists()
        )

    def referrals(self):
        person = self.company.heads[self._home()[0]]
        by = self.users["unit-officer"]
        told = (
            (ReferralKind.LEGAL, "工伤待遇争议，需要法律援助。"),
            (ReferralKind.JOB, "子女毕业待业，请介绍工作。"),
        )
        first, _second = (
            cases.pass_on(person=person, kind=kind, words=words, by=by, at=self.clock.tick())
            for kind, words in told
        )
        cases.answer_referral(
            referral=first, outcome=ReferralOutcome.HELPED, answered_on=self.clock.today, by=by,
            at=self.clock.tick(), answer="已受理，律师已联系本人。",
        )  # fmt: skip
        cases.close_referral(
            referral=first, by=by, at=self.clock.tick(), called_on=self.clock.today,
            satisfaction=Satisfaction.GOOD,
        )  # fmt: skip

    def plans(self):
        """Three visits of next week, and an answer to a hint of the watch list."""
        dossiers = [self.story.dossiers[n] for n in self._home()[5:8]]
        visitors = [self.users["unit-officer"], self.users["company-officer"]]
        cases.plan_visits(
            dossiers=dossiers, visitors=visitors, by=self.users["company-officer"],
            planned_on=self.clock.today + timedelta(days=6), at=self.clock.tick(),
        )  # fmt: skip
        cases.answer_watch(
            dossiers=[self.story.dossiers[33]], kind=WatchKind.HEAD_GONE,
            by=self.users["company-officer"], at=self.clock.tick(),
            words="户主刚去世，正与家属商量由配偶接户。",
        )  # fmt: skip

    def new_rules(self):
        """Next year's version: drafted, tried on the cases of this year, not yet in force."""
        by, at = self.users["company-officer"], self.clock.tick
        year = self.clock.today.year + 1
        draft = cases.start_draft(
            company=self.company.company, title=f"困难职工帮扶工作管理办法（{year}年修订稿，示例）",
            by=by, at=at(),
        )  # fmt: skip
        for key, value in (
            ("level.score", [["SPECIAL", 75], ["HEAVY", 55], ["GENERAL", 35]]),
            ("regular.SPRING", {"SPECIAL": 2400_00, "HEAVY": 1600_00, "GENERAL": 1000_00}),
        ):
            row = draft.clauses.get(key=key)
            cases.change_clause(
                policy=draft, key=key, value=value, clause=row.clause, source="修订稿", by=by,
                mark=row.mark, at=at(),
            )  # fmt: skip
        simulate(cases.ask_simulation(policy=draft, by=by, at=at()))
