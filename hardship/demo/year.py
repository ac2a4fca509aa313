"""The year of the money: grant, budget, a change, a donation with a wish, what is carried over."""

from cases.workflow import Programme
from funds import actions as funds
from funds.models import BudgetPeriod, Donation, Kind
from hardship.demo.bank import Move

GRANT_FEN, GIFT_FEN = 600_000_00, 20_000_00
PLAN = (
    (Programme.REGULAR, 240_000_00, BudgetPeriod.FIRST),
    (Programme.REGULAR, 125_000_00, BudgetPeriod.SECOND),
    (Programme.EMERGENCY, 170_000_00, BudgetPeriod.YEAR),
    (Programme.TUITION, 36_000_00, BudgetPeriod.SECOND),
    (Programme.MEDICAL, 18_000_00, BudgetPeriod.YEAR),
    (Programme.VISIT_GIFT, 8000_00, BudgetPeriod.YEAR),
)
MOVED_FEN = 6000_00


class Year:
    """Every decision about the budget is drafted by the accountant and confirmed by the chair."""

    def __init__(self, story):
        self.story, self.company = story, story.company
        self.clock, self.users = self.company.clock, self.company.users

    def begin(self, year):
        """The grant of the year and the budgets made of it."""
        self.company.receive(year, GRANT_FEN, f"{year}年集团帮扶款")
        lines = [funds.Planned(programme, fen, period) for programme, fen, period in PLAN]
        self.company.appropriate(year, lines, f"{year}年度帮扶资金预算")

    def change(self, year):
        """A change in summer: fewer children go to school than planned, more are ill."""
        self.company.appropriate(
            year, {Programme.TUITION: -MOVED_FEN, Programme.MEDICAL: MOVED_FEN},
            "今年升学人数少于预计，医疗支出增加，在项目之间调剂",
        )  # fmt: skip

    def donation(self, year):
        """A donation for medical aid, and the decision that gives it to that programme."""
        gift = funds.receive(
            fund=self.company.fund, kind=Kind.DONATION, amount_fen=GIFT_FEN,
            by=self.users["cashier"], at=self.clock.tick(), key=f"demo wish {year}",
            note="爱心企业定向捐款", donor="示例爱心企业", anonymous=False,
            wish="用于患大病职工的医疗救助", programme=Programme.MEDICAL,
        )  # fmt: skip
        self.story.bank.own.append(
            Move(gift.value_on, GIFT_FEN, "示例爱心企业", "", "定向捐款 医疗救助")
        )
        line = funds.Planned(
            Programme.MEDICAL, GIFT_FEN, donation=Donation.objects.get(transfer=gift)
        )
        self.company.appropriate(year, [line], "按捐赠人意愿安排定向捐款")

    def carry(self, year):
        """What is left of a year that is over returns to the pool of the same fund."""
        day = self.clock.today
        draft = funds.draft_carry(
            fund=self.company.fund, year=year, reason=f"{year}年度预算结余结转",
            basis=f"公司党政联席会议纪要〔{day.year}〕{day.month}号", basis_on=day,
            by=self.users["accountant"], at=self.clock.tick(), key=f"demo carry {year}",
        )  # fmt: skip
        self.company.confirm_budget(draft)
