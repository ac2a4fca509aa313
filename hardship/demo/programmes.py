"""Tuition aid, medical aid and visit gifts in the story: those of one autumn, and today's."""

from datetime import date, timedelta

from cases import actions as cases
from cases.models import Dossier
from cases.workflow import Programme
from people.models import Relation

STUDENTS = 4  # households with a child at high school that are helped in the autumn
PATIENTS = (12, 16)  # heads whose household has medical bills of a year
VISITED = {14: "BEREAVEMENT", 18: "ILLNESS"}


class Programmes:
    """Applications of households on file, each on the form of its programme."""

    def __init__(self, story):
        self.story, self.clock = story, story.clock

    def autumn(self):
        """One list of each programme: decided, published, paid."""
        year = self.clock.today.year
        dossiers = self.story.dossiers
        students = [n for n in sorted(dossiers) if self._student(dossiers[n])][:STUDENTS]
        verify = self.story.verify_grant
        lists = (
            (Programme.TUITION, f"{year}年金秋助学",
             [verify(self.tuition(n, year), 0) for n in students]),
            (Programme.MEDICAL, f"{year}年医疗救助",
             [verify(self.medical(n), 0) for n in PATIENTS]),
            (Programme.VISIT_GIFT, f"{year}年10月走访慰问",
             [verify(self.gift(n, event), 0) for n, event in VISITED.items()]),
        )  # fmt: skip
        batches = [self.story.decide(*given) for given in lists]
        notice = [self.story.publish(batch) for batch in batches][-1]
        self.clock.go_to(notice.ends_on + timedelta(days=1))
        cases.clear_ended(at=self.clock.tick())
        for batch in batches:
            self.story.pay(batch)

    def today(self, numbers):
        """Something of each programme on its way, asked for by these households."""
        dossiers = self.story.dossiers
        schooling = [n for n in sorted(dossiers) if self._student(dossiers[n])]
        self.tuition(schooling[STUDENTS], self.clock.today.year)
        self.story.review(self.medical(numbers[0]), by=self.story.users["unit-chair"])
        self.story.verify_grant(self.gift(numbers[1], "ILLNESS"), 0)
        self._begin(numbers[2], Programme.MEDICAL)

    def tuition(self, number, year):
        case, user = self._begin(number, Programme.TUITION)
        cases.save_tuition(
            case=case, by=user, at=self.clock.tick(), student=self._student(case.dossier),
            school_year=year, fresh=False, level="HIGH_SCHOOL", school="示例高级中学",
            course_years=3, admitted_on=date(year - 1, 8, 20), graduates_on=date(year + 2, 6, 30),
            tuition_fen=3600_00, loan=False, promise=True, reason="学费和住宿费负担较重。",
        )  # fmt: skip
        return self.story.sign_and_submit(case, user)

    def medical(self, number):
        case, user = self._begin(number, Programme.MEDICAL)
        today, total = self.clock.today, (20 + number % 7 * 3) * 1000_00
        cases.save_medical(
            case=case, by=user, at=self.clock.tick(), illness="CANCER", stays=3,
            patient=case.dossier.members.get(relation=Relation.SELF), hospital="示例肿瘤医院",
            bills_from=today - timedelta(days=300), bills_until=today - timedelta(days=10),
            total_fen=total, insurance_fen=total * 55 // 100, social_aid_fen=1000_00,
            asked_fen=5000_00, promise=True, treatment="术后定期化疗，仍需继续治疗。",
            reason="长期治疗，自付费用高。",
        )  # fmt: skip
        return self.story.sign_and_submit(case, user)

    def gift(self, number, event):
        case, user = self._begin(number, Programme.VISIT_GIFT)
        return self.story.sign_and_submit(
            case, user, event=event, event_on=self.clock.today - timedelta(days=3),
            patient=case.dossier.members.get(relation=Relation.SELF), reason="请工会走访慰问。",
        )  # fmt: skip

    def _begin(self, number, programme):
        """A new draft, and the sign-in of its applicant."""
        dossiers = Dossier.objects.select_related("head__user", "unit")
        dossier = dossiers.get(pk=self.story.dossiers[number].pk)
        user = dossier.head.user
        case = cases.open_case(dossier=dossier, programme=programme, by=user, at=self.clock.tick())
        return case, user

    def _student(self, dossier):
        return dossier.members.filter(occupation="STUDENT").order_by("pk").first()
