"""Anybody at all with any act, while the books are frozen too; and somebody at the database."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction

from base.guards import sealed_models
from cases import actions as cases
from cases.codes import Question
from cases.models import Screening
from funds import actions as funds
from funds.models import Freeze, Vote
from tests.funds import bank_files
from tests.trust.means import BY_CASE, SMALL, WHO, Means, may

MONTH = timedelta(days=31)
TAMPER = (
    "UPDATE {table} SET id = id + 100000 WHERE id = {pk}",
    "DELETE FROM {table} WHERE id = {pk}",
)


def reviewed(_self, _case):
    answers = {q: (Screening.Answer.FITS, "") for q in Question}
    return {"answers": answers, "unrelated": True}


def voted(_self, batch):
    return {"rest": Vote.Choice.FOR, "lines": {}, "version": batch.version}


def part_of(self, recovery):
    return {"amount_fen": max(funds.open_fen(recovery) // 2, 1), "received_on": self.world.today}


def asked_back(self, case):
    most = funds.paid_net(case).get(self.world.fund.pk, 0)
    return {"fund": self.world.fund, "reason": "OVERPAID", "words": "多付。",
            "amount_fen": most // 2 + 1}  # fmt: skip


# What anybody may try: verb → (room, whose act it is, what it is about, what else is said).
ACTS = {
    "submit": (cases, "household", "case", None),
    "withdraw": (cases, "household", "case", None),
    "give_back": (cases, "officer", "case", {"reason": "PROOF_MISSING", "words": "缺证明"}),
    "review": (cases, "officer", "case", reviewed),
    "decline": (cases, "company_officer", "case", {"clause": "第八条", "words": "不符合"}),
    "verify": (cases, "company_officer", "case",
               lambda self, case: {"proposed_fen": case.reference_fen}),
    "assess": (cases, "company_officer", "case", None),
    "hold": (cases, "discipline", "objection", None),
    "release": (cases, "discipline", "objection", {"words": "答复"}),
    "reopen": (cases, "discipline", "objection", {"words": "答复"}),
    "lock": (funds, "company_chair", "batch", None),
    "recall": (funds, "company_chair", "batch", None),
    "remove_line": (funds, "company_officer", "line", None),
    "strike": (funds, "company_chair", "line", {"reason": "再议"}),
    "publish": (funds, "company_officer", "batch", None),
    "vote": (funds, "leader", "batch", voted),
    "record": (funds, "secretary", "meeting", None),
    "confirm": (funds, "leader", "meeting", None),
    "prepare": (funds, "cashier", "batch", None),
    "post": (funds, "accountant", "run", None),
    "give_up": (funds, "cashier", "run", None),
    "bounce": (funds, "accountant", "payment", {"reason": "退"}),
    "check_payee": (funds, "company_officer", "payment", {"words": "银行称正常"}),
    "confirm_payee": (funds, "company_officer", "person", None),
    "make_bank_file": (funds, "cashier", "run",
                       {"name": "示例", "layout": bank_files.layout("TITLED")}),
    "ask_hand_over": (funds, "cashier", "line", {"way": "CASH", "reason": "无账户"}),
    "decide_hand_over": (funds, "company_chair", "hand_over", {"approve": True}),
    "call_off": (funds, "company_officer", "hand_over", None),
    "decide_advance": (funds, "company_chair", "case", lambda self, case: {
        "account": self.world.budget(BY_CASE), "amount_fen": 2000_00, "reason": "等待手术。"}),
    "prepare_advance": (funds, "cashier", "advance", None),
    "post_advance": (funds, "accountant", "advance", None),
    "void_advance": (funds, "company_chair", "advance", {"reason": "改走正常程序"}),
    "note_recovery": (funds, "cashier", "advance",
                      lambda self, advance: {"came_back_on": self.world.today}),
    "recover_advance": (funds, "accountant", "advance", None),
    "open_recovery": (funds, "company_officer", "case", asked_back),
    "decide_recovery": (funds, "company_chair", "recovery", lambda self, recovery: {
        "pursue": True, "due_on": self.world.today + MONTH}),
    "note_receipt": (funds, "cashier", "recovery", part_of),
    "post_receipt": (funds, "accountant", "receipt", None),
    "strike_receipt": (funds, "cashier", "receipt", None),
    "waive_recovery": (funds, "company_chair", "recovery", {"words": "困难", "minutes": "第3号"}),
    "close": (funds, "accountant", "period", None),
}  # fmt: skip
MONEY = (
    "prepare", "post", "give_up", "bounce", "confirm", "decide_advance", "prepare_advance",
    "post_advance", "void_advance", "recover_advance", "post_receipt", "close",
)  # fmt: skip


class Anybody(Means):
    """Every act by whoever it is, and by everybody else."""

    def act(self, verb, target, by):
        """Try a verb of ACTS on something."""
        room, _right, what, more = ACTS[verb]
        given = more(self, target) if callable(more) else more or {}
        if verb == "bounce":
            return self.bounce(target, by)
        name = {"remove_line": "line"}.get(verb, what)
        try_it = self.twice if verb in MONEY else self.attempt
        return try_it(getattr(room, verb), by=by, **{name: target}, **given)

    @may(6, n=SMALL, who=WHO, verb=list(ACTS))
    def anybody(self, n, who, verb):
        self.try_anybody(n, who, verb)

    @may(4, n=SMALL, who=WHO, verb=MONEY)
    def anybody_with_money(self, n, who, verb):
        self.try_anybody(n, who, verb)

    def try_anybody(self, n, who, verb):
        _room, right, what, _more = ACTS[verb]
        target = self.find(what, n)
        if target is None:
            return
        named = {"leader": self.world.leaders}
        if right == "household":
            named["household"] = [target.applicant.user]
        people = named.get(right) or [getattr(self.world, right)]
        self.act(verb, target, self.somebody(who, people))

    @may(1, n=SMALL, who=WHO, verbs=list(product(MONEY, repeat=2)))
    def nothing_moves_while_frozen(self, n, who, verbs):
        """A verification found a difference: until the auditor lifts it, no money moves."""
        world = self.world
        freeze = funds.begin_freeze(
            company_id=world.company.pk, found=[["funds_account 1", {"en": "differs"}]], count=1,
            at=world.tick(),
        )  # fmt: skip
        before = self.money()
        for verb in verbs:
            self.try_anybody(n, 1, verb)
        self.book(1, 1000_00, n, "receive")
        assert self.money() == before
        lift = {"freeze": freeze, "reason": "已查明"}
        if not self.attempt(funds.lift_freeze, by=self.somebody(who, [world.auditor]), **lift):
            self.attempt(funds.lift_freeze, by=world.auditor, **lift)
        assert not Freeze.objects.running().exists()

    @may(1, n=range(100), sql=TAMPER)
    def sealed_rows_refuse(self, n, sql):
        """Somebody at the database itself changes what is sealed: the database refuses (IM5)."""
        models = sealed_models()
        model = models[n % len(models)]
        row = model.objects.order_by("pk").last()
        if row is None:
            return
        statement = sql.format(table=model._meta.db_table, pk=row.pk)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            connection.cursor().execute(statement)
