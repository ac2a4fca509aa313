"""The company of the demonstration: units, roster, accounts, policy, funds, the year's money."""

from datetime import date, datetime, time, timedelta
from io import BytesIO

from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from base import xlsx
from cases import actions as cases
from cases.workflow import Programme
from funds import actions as funds
from funds.models import Account
from hardship.demo.roster import UNITS, Roster
from people import actions as people
from people import imports
from people.demo_accounts import ACCOUNTS, PASSWORD
from people.models import HolidayKind, Person, Relation, Standing, User
from people.roles import GRASSROOTS_ROLES, Role, UnitKind

HOME_UNIT = "检维修中心工会"  # where the grassroots sign-ins of the demonstration belong
FIXED_HOLIDAYS = ((1, 1, "元旦"), (5, 1, "劳动节"), (5, 2, "劳动节"), (10, 1, "国庆节"),
                  (10, 2, "国庆节"), (10, 3, "国庆节"))  # fmt: skip
STAFF_NAMES = {
    "informant": "信息员甲", "unit-officer": "干事乙", "unit-chair": "主席丙",
    "company-officer": "专干丁", "company-chair": "主席戊", "secretary": "秘书己",
    "leader-1": "班子成员一", "leader-2": "班子成员二", "leader-3": "班子成员三",
    "leader-4": "班子成员四", "leader-5": "班子成员五", "discipline": "纪检员庚",
    "cashier": "出纳辛", "accountant": "会计壬", "auditor": "审计员癸", "admin": "系统管理员",
}  # fmt: skip


class Clock:
    """The moment of the story; office hours, a minute between two acts."""

    def __init__(self, on):
        self.now = timezone.make_aware(datetime.combine(on, time(8, 0)))
        self.go_to(on)

    def go_to(self, on):
        """Nine in the morning of the next weekday from `on`; the story never goes back."""
        while on.weekday() > 4:
            on += timedelta(days=1)
        self.now = max(self.now, timezone.make_aware(datetime.combine(on, time(9, 0))))

    def tick(self):
        self.now += timedelta(seconds=40)
        return self.now

    @property
    def today(self):
        return timezone.localtime(self.now).date()

    def morning(self):
        """The first moment of this day."""
        return timezone.localtime(self.now).replace(hour=0, minute=0, second=0, microsecond=0)


class Company:
    """Everybody and everything that is there before the first household applies."""

    def __init__(self, random, on, start):
        self.random, self.on = random, on
        self.clock = Clock(start)
        self.units, self.users, self.officers, self.chairs = {}, {}, {}, {}
        self.start_year = start.year

    def found(self):
        self._make_units()
        self._import_roster()
        self._make_accounts()
        self._set_holidays()
        self.policy = cases.seed(
            company=self.company, drafted_by=self.users["company-officer"],
            enacted_by=self.users["company-chair"], at=self.clock.tick(),
        )  # fmt: skip
        self._open_funds()

    def _make_units(self):
        at = self.clock.tick()
        group = people.create_unit(
            kind=UnitKind.GROUP, code="G", name="石化集团工会（示例）", parent=None, by=None, at=at
        )
        self.company = people.create_unit(
            kind=UnitKind.COMPANY, code="HP", name="哈尔滨石化公司工会（示例）", parent=group,
            by=None, at=at,
        )  # fmt: skip
        admin = people.create_user(
            username="admin", name=STAFF_NAMES["admin"], password=None, by=None, at=at
        )
        people.appoint(
            user=admin, role=Role.ADMIN, unit=self.company, since=self.clock.today, by=None, at=at
        )
        self.users["admin"] = admin
        for code, name in UNITS:
            self.units[name] = people.create_unit(
                kind=UnitKind.GRASSROOTS, code=code, name=name, parent=self.company, by=admin, at=at
            )

    def _import_roster(self):
        """The roster goes in as an officer would bring it in: one workbook, checked, confirmed."""
        roster = Roster(self.random, self.on)
        everybody = roster.fill()
        workbook = BytesIO()
        labels = {"IN_SERVICE": "在职", "RETIRED": "离退休", "PAID_OFF": "有偿解除劳动合同"}
        rows = (
            {
                "staff_no": p.staff_no, "name": p.name, "id_number": p.id_number, "unit": p.unit,
                "standing": labels[p.standing], "monthly_income_fen": p.income_fen,
                "phone": p.phone, "bank": p.bank, "branch": "示例支行", "account_name": p.name,
                "account": p.account,
            }
            for p in everybody
        )  # fmt: skip
        xlsx.write_table(workbook, "职工名册", imports.COLUMNS, rows)
        file = SimpleUploadedFile("职工名册.xlsx", workbook.getvalue())
        admin, at = self.users["admin"], self.clock.tick()
        reading = imports.read(file=file, company=self.company, on=self.clock.today)
        kept = imports.receive(reading=reading, file=file, company=self.company, by=admin, at=at)
        kept = imports.confirm(roster=kept, by=admin, at=at)
        values = [row for _number, row in reading.rows]
        while imports.take(roster=kept, rows=values, at=at):
            pass
        numbers = {p.staff_no: p.head for p in everybody if p.head is not None}
        found = Person.objects.filter(staff_no__in=numbers).select_related("unit", "company")
        self.heads = {numbers[person.staff_no]: person for person in found}

    def _make_accounts(self):
        """One sign-in a role, an officer and a chair in every unit, one for each head."""
        admin, at = self.users["admin"], self.clock.tick()
        secret = make_password(PASSWORD)
        for username, role in ACCOUNTS:
            if role not in (Role.EMPLOYEE, Role.ADMIN):
                unit = self.units[HOME_UNIT] if role in GRASSROOTS_ROLES else self.company
                self.users[username] = self._account(
                    username, STAFF_NAMES[username], role, unit, admin, at
                )
        home = self.units[HOME_UNIT].pk
        self.officers[home] = self.users["unit-officer"]
        self.chairs[home] = self.users["unit-chair"]
        for code, name in UNITS:
            unit = self.units[name]
            if unit.pk != home:
                self.officers[unit.pk] = self._account(
                    f"officer-{code}", f"干事{code}", Role.UNIT_OFFICER, unit, admin, at
                )
                self.chairs[unit.pk] = self._account(
                    f"chair-{code}", f"主席{code}", Role.UNIT_CHAIR, unit, admin, at
                )
        self.users["employee"] = self._applicants(at)
        signing_in = [name for name, _role in ACCOUNTS]
        User.objects.filter(username__in=signing_in).update(password=secret)

    def _account(self, username, name, role, unit, admin, at):
        user = people.create_user(username=username, name=name, password=None, by=admin, at=at)
        people.appoint(user=user, role=role, unit=unit, since=self.clock.today, by=admin, at=at)
        return user

    def _applicants(self, at):
        """An account for every head; the one of the demonstration is somebody of the home unit."""
        admin = self.users["admin"]
        chosen = None
        for number, person in sorted(self.heads.items()):
            first = (
                chosen is None
                and person.unit.name == HOME_UNIT
                and person.standing == Standing.IN_SERVICE
            )
            username = "employee" if first else f"p{person.staff_no}"
            user = people.create_user(
                username=username, name=person.name, password=None, by=admin, at=at, person=person
            )
            if first:
                chosen, self.employee_head = user, number
        return chosen

    def _set_holidays(self):
        admin, at = self.users["admin"], self.clock.tick()
        for year in range(self.start_year, self.on.year + 2):
            for month, day, name in FIXED_HOLIDAYS:
                people.set_holiday(
                    on=date(year, month, day), kind=HolidayKind.OFF, name=name, by=admin, at=at
                )

    def _open_funds(self):
        """The group's grant for every programme, and the union's own dues for those in service."""
        by = self.users["accountant"]
        programmes = [p for p in Programme if p != Programme.RECOGNITION]
        self.fund = funds.create_fund(
            company=self.company, code="A", name="集团帮扶款", programmes=programmes,
            standings=Standing.values, ceiling_fen=None, by=by, at=self.clock.tick(),
        )  # fmt: skip
        funds.create_fund(
            company=self.company, code="B", name="工会经费", programmes=[Programme.EMERGENCY],
            standings=[Standing.IN_SERVICE], ceiling_fen=2000_00, by=by, at=self.clock.tick(),
        )  # fmt: skip
        self.receive(self.start_year, 300_000_00, "集团年度拨款（余下部分）")
        self.appropriate(self.start_year, {Programme.EMERGENCY: 20_000_00})

    def receive(self, year, fen, note):
        funds.receive(
            fund=self.fund, amount_fen=fen, by=self.users["cashier"], at=self.clock.tick(),
            key=f"demo grant {year}", note=note,
        )  # fmt: skip

    def appropriate(self, year, amounts, reason="年度预算安排"):
        """A decision about the budget of a year: {programme: fen}, or lines as planned. The
        accountant drafts it, the chair of the company union confirms it."""
        lines = amounts
        if isinstance(amounts, dict):
            lines = [funds.Planned(programme, fen) for programme, fen in amounts.items()]
        begun = Account.objects.budgets().filter(fund=self.fund, year=year).exists()
        day = self.clock.today
        draft = funds.draft_budget(
            fund=self.fund, year=year, kind="CHANGE" if begun else "FIRST", lines=lines,
            reason=reason, basis=f"公司党政联席会议纪要〔{day.year}〕{day.month}号", basis_on=day,
            by=self.users["accountant"], at=self.clock.tick(), key=f"demo {self.clock.now}",
        )  # fmt: skip
        return self.confirm_budget(draft)

    def confirm_budget(self, draft):
        return funds.decide_budget(
            decision=draft, by=self.users["company-chair"], at=self.clock.tick()
        )

    def budget(self, programme):
        """The newest budget of a programme."""
        budgets = Account.objects.budgets().filter(fund=self.fund, programme=programme)
        return budgets.select_related("fund").order_by("-year").first()

    def shorten_budget(self, batch):
        """Give back so much of the budget that it no longer covers a list being drawn up."""
        budget = Account.objects.get(pk=batch.budget_id)
        excess = budget.available_fen - batch.total_fen + 1000_00
        if excess > 0:
            lines = {budget.programme: -excess}
            self.appropriate(budget.year, lines, "本年度收入少于预期，调减预算")

    def without_file(self, count):
        """People of the home unit who have no file, with an account each."""
        people_there = Person.objects.filter(
            unit=self.units[HOME_UNIT], standing=Standing.IN_SERVICE, user=None
        ).select_related("unit", "company").order_by("pk")[:count]  # fmt: skip
        for person in people_there:
            people.create_user(
                username=f"p{person.staff_no}", name=person.name, password=None,
                by=self.users["admin"], at=self.clock.tick(), person=person,
            )  # fmt: skip
        return list(people_there)

    def note_death(self, person, on):
        """The roster says that somebody died; a list still names them."""
        Person.objects.filter(pk=person.pk).update(died_on=on)

    def register_kin(self, member):
        """A leader registers one member of a household as a near relative."""
        people.register_relative(
            relation=Relation.SIBLING, name=member.name, id_number=member.id_number,
            by=self.users["leader-2"], at=self.clock.tick(),
        )  # fmt: skip
