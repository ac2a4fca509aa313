"""Applications, lists, meetings and objections under random hands; and time, which passes."""

from itertools import product

from django.db.models import Q

from cases import actions as cases
from cases.models import Case, Dossier, NoticeLine, Objection
from cases.workflow import Status
from funds import actions as funds
from funds.models import Account, Batch, Meeting, PaymentRun, Vote
from people.actions import change_payee, register_relative
from people.models import Relation
from tests.trust.means import BOTH, BY_CASE, SMALL, WHO, Means, may

FREE = (Vote.Choice.FOR, Vote.Choice.AGAINST, Vote.Choice.ABSTAIN, Vote.Choice.DEFER)
DIVIDED = list(product(FREE, repeat=3))


class OnCases(Means):
    """From an application to the end of its notice."""

    # The right people, one step on

    @may(n=SMALL)
    def apply(self, n):
        dossier = Dossier.objects.select_related("head__user", "unit").get(
            pk=self.world.households[n % len(self.world.households)]
        )
        self.attempt(lambda at: self.world.emergency(dossier))

    @may(4, n=SMALL, far=range(1, 10))
    def onward(self, n, far):
        """The case goes on as it should, up to some steps."""
        case = self.find("case", n)
        for _step in range(far if case else 0):
            if not self.one_step(self.world.fresh(case)):
                break

    def one_step(self, case):
        world = self.world
        line = case.batch_lines.filter(current=True).first()
        if case.status in (Status.DRAFT, Status.RETURNED):
            return self.attempt(lambda at: world.submit(case))
        if case.status == Status.SUBMITTED:
            return self.attempt(lambda at: world.review(case))
        if case.status == Status.REVIEWED:
            return self.attempt(lambda at: self.verify(case))
        if case.status == Status.VERIFIED and line is None:
            return self.attempt(lambda at: self.enlist(case))
        if line is None:
            return False
        return self.list_on(Batch.objects.select_related("budget__fund").get(pk=line.batch_id))

    def verify(self, case):
        self.world.visit(case)
        self.world.mark(case)
        self.world.assess(case)
        self.world.verify(case)

    def enlist(self, case):
        building = Batch.objects.filter(status=Batch.Status.BUILDING, programme=BY_CASE).first()
        if building is None:
            self.world.batch([case])
        else:
            funds.add_lines(
                batch=building, cases=[case], by=self.world.company_officer, at=self.world.tick()
            )

    @may(n=SMALL)
    def list_onward(self, n):
        if batch := self.find("batch", n):
            self.list_on(batch)

    def list_on(self, batch, choice=Vote.Choice.FOR):
        """The next act on a list by whoever it is."""
        world = self.world
        if batch.status == Batch.Status.BUILDING:
            return self.attempt(lambda at: world.lock(batch))
        if batch.status == Batch.Status.LOCKED:
            return self.attempt(lambda at: self.meet(batch, choice))
        statuses = set(batch.lines.filter(current=True).values_list("case__status", flat=True))
        if Status.APPROVED in statuses:
            return self.attempt(lambda at: world.publish(batch))
        if statuses & {Status.PUBLISHED}:
            return bool(world.clear())
        run = batch.runs.filter(status=PaymentRun.Status.PREPARED).first()
        if run:
            return self.twice(funds.post, run=run, by=world.accountant)
        run = batch.runs.filter(status=PaymentRun.Status.POSTED).last()
        if run and self.run_on(run):
            return True
        if not funds.ready_lines(batch).exists():
            return False
        return self.twice(funds.prepare, batch=batch, by=world.cashier)

    def meet(self, batch, choice):
        world = self.world
        if batch.meeting_id is None:
            world.meeting(batch)
            return
        meeting = Meeting.objects.get(pk=batch.meeting_id)
        if meeting.status == Meeting.Status.RECORDED:
            funds.confirm(meeting=meeting, by=world.leaders[0], at=world.tick())
            return
        if advances := list(funds.to_ratify(meeting).filter(meeting=None)):
            answers = {advance.pk: choice == Vote.Choice.FOR for advance in advances}
            funds.ratify_advances(
                meeting=meeting, answers=answers, by=world.secretary, at=world.tick()
            )
        voted = batch.votes.filter(version=batch.version).values_list("user_id", flat=True)
        waiting = [leader for leader in world.leaders if leader.pk not in set(voted)]
        if waiting:
            world.vote(Batch.objects.select_related("meeting").get(pk=batch.pk), choice, waiting)
        else:
            funds.record(meeting=meeting, by=world.secretary, at=world.tick())

    @may(1, n=SMALL, choices=DIVIDED)
    def divided_vote(self, n, choices):
        """The leaders do not agree."""
        batch = self.pick(
            Batch.objects.select_related("meeting").filter(status="LOCKED", meeting__status="OPEN"),
            n,
        )
        if batch is None:
            return
        for leader, choice in zip(self.world.leaders, choices, strict=True):
            singles = {line.pk: choice for line in batch.lines.filter(single=True)}
            self.attempt(
                funds.vote, batch=batch, by=leader, rest=choice, lines=singles,
                version=batch.version,
            )  # fmt: skip

    # Time, objections, accounts, relatives

    @may(days=[1, 2, 5, 8, 12, 12, 31, 300])
    def time_passes(self, days):
        self.world.tick(days=days)

    @may(1)
    def daily_run(self):
        cases.clear_ended(at=self.world.tick())

    @may(n=SMALL, then=["", "hold", "release", "reopen"])
    def somebody_objects(self, n, then):
        """To any line there is; the handler takes it up, dismisses or upholds it."""
        line = self.pick(
            NoticeLine.objects.filter(
                Q(notice__ends_on__gte=self.world.today) | Q(seq=n), case__programme=BY_CASE
            ).select_related("notice"),
            n,
        )
        if line:
            self.attempt(cases.object_to, line=line, words="据我所知不符合。")
        objection = self.pick(Objection.objects.open(), n)
        if objection is None or not then:
            return
        by = self.world.discipline
        self.attempt(cases.hold, objection=objection, by=by)
        if then != "hold":
            act = {"release": cases.release, "reopen": cases.reopen}[then]
            self.attempt(act, objection=objection, by=by, words="已核实。")

    @may(n=SMALL, number=range(3), confirm=BOTH)
    def account_changes(self, n, number, confirm):
        person = self.find("person", n)
        if person is None:
            return
        self.attempt(
            change_payee, person=person, by=self.world.officer, bank="建设银行", branch="支行",
            account_name=person.name, account=f"62220000000000{number}9999",
        )  # fmt: skip
        if confirm:
            self.attempt(funds.confirm_payee, person=person, by=self.world.company_officer)

    @may(1, n=SMALL, who=WHO)
    def a_relative_is_registered(self, n, who):
        dossier = Dossier.objects.get(pk=self.world.households[n % len(self.world.households)])
        member = dossier.members.get(relation=Relation.SPOUSE)
        self.attempt(
            register_relative, relation=Relation.SIBLING, name=member.name,
            id_number=member.id_number, by=self.world.everybody[who % len(self.world.everybody)],
        )  # fmt: skip

    @may(n=SMALL)
    def list_on_a_fund_that_does_not_serve(self, n):
        """The officer takes the money of a fund that is not for these people (IM4)."""
        case = self.pick(Case.objects.filter(status=Status.VERIFIED, programme=BY_CASE), n)
        budget = Account.objects.budgets().get(fund=self.world.other_fund)
        if case:
            self.attempt(self.draw_up, case=case, budget=budget)

    def draw_up(self, case, budget, at):
        by = self.world.company_officer
        batch = funds.create_batch(
            company=self.world.company, title="示例名单", programme=BY_CASE, budget=budget, by=by,
            at=at,
        )  # fmt: skip
        funds.add_lines(batch=batch, cases=[case], by=by, at=at)
