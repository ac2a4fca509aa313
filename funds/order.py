"""Who comes first when the money does not reach everybody: the order of the policy over cases.

The clause `order.when_short` says what decides first (self before family, need: facts 2.10, 4.6).
Everything here is asked of the database in sets, and each case can say its place in words.
"""

from django.db.models import Case as Choice
from django.db.models import F, IntegerField, Q, Sum, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from base.money import format_fen
from base.workdays import day_of
from cases.codes import First
from cases.workflow import Programme
from people.models import Relation

NEAR = (Relation.SPOUSE, Relation.SON, Relation.DAUGHTER, Relation.GRANDCHILD)
CLAUSE = "order.when_short"


def criteria(rules):
    """What decides, the weightiest first."""
    places = rules[CLAUSE]
    return sorted(First, key=lambda first: places[first])


def _terms(rules):
    """What the database orders by; the key of the case at the end, so that no two are alike."""
    kin = Choice(
        When(patient=None, then=Value(0)),
        When(patient__relation=Relation.SELF, then=Value(0)),
        When(patient__relation__in=NEAR, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    terms = {
        First.SELF: kin.asc(),
        First.SCORE: F("assessment__score").desc(nulls_last=True),
        First.INCOME: F("assessment__net_income_fen").asc(nulls_last=True),
        First.WAITING: F("entered_at").asc(),
    }
    return [*(terms[first] for first in criteria(rules)), F("pk").asc()]


def ordered(cases, rules):
    """The cases, who comes first at the head."""
    return cases.order_by(*_terms(rules))


def placed(cases, rules):
    """The cases in order with their `place` from 1 on and `reach_fen`: what all up to it need."""
    terms = _terms(rules)
    return ordered(cases, rules).annotate(
        place=Window(RowNumber(), order_by=terms),
        reach_fen=Window(Sum("proposed_fen"), order_by=terms),
    )


def among_all(cases, condition):
    """Of placed cases those for whom `condition` holds, with their places among all of them."""
    return cases.filter(Q(place=0) | condition)  # asked after the places, as one of the two is one


def to_show(cases):
    """With all that a row of a page reads, without what is encrypted."""
    return (
        cases.select_related("applicant", "unit", "assessment")
        .defer(
            "reason", "applicant__id_number", "applicant__phone", "applicant__account",
            "assessment__result",
        )
        .annotate(relation=F("patient__relation"))
    )  # fmt: skip


def why(case, relation, rules):
    """Why a case stands where it does, in words; `case` has its assessment loaded, `relation` is
    that of the patient, "" without one."""
    judged = case.assessment
    words = {}
    if case.programme != Programme.REGULAR:  # which nobody applies for
        words[First.WAITING] = _("applied %(day)s") % {"day": day_of(case.entered_at).isoformat()}
    if relation:
        words[First.SELF] = _kin(relation)
    if judged:
        words[First.SCORE] = _("need score %(score)s") % {"score": judged.score}
        words[First.INCOME] = _("%(amount)s yuan a head and month") % {
            "amount": format_fen(judged.net_income_fen)}  # fmt: skip
    return _("; ").join(words[first] for first in criteria(rules) if first in words)


def _kin(relation):
    if relation == Relation.SELF:
        return _("the employee is ill")
    return _("spouse or child is ill") if relation in NEAR else _("parent or other relative is ill")
