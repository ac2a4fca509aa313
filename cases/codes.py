"""The code lists of the household form (union dossier form, paper facts 1.4, 2.6, 2.8)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Category(TextChoices):
    """The three classes of hardship used for reporting upward."""

    DEEP = "DEEP", _("Deep hardship")
    RELATIVE = "RELATIVE", _("Relative hardship")
    SUDDEN = "SUDDEN", _("Sudden hardship")


class Level(TextChoices):
    """The company's own three levels."""

    SPECIAL = "SPECIAL", _("Special hardship")
    HEAVY = "HEAVY", _("Heavy hardship")
    GENERAL = "GENERAL", _("General hardship")


class Cause(TextChoices):
    """Why the household is in hardship; one main, up to three side causes (fact 1.4)."""

    OWN_ILLNESS = "OWN_ILLNESS", _("serious illness of the employee")
    FAMILY_ILLNESS = "FAMILY_ILLNESS", _("serious illness of a direct relative")
    SCHOOLING = "SCHOOLING", _("children in school")
    FEW_EARNERS = "FEW_EARNERS", _("few members in steady work")
    DISABILITY = "DISABILITY", _("disability")
    UNEMPLOYMENT = "UNEMPLOYMENT", _("unemployment")
    DISASTER = "DISASTER", _("natural disaster")
    ACCIDENT = "ACCIDENT", _("accident")
    OTHER = "OTHER", _("other cause")


MAIN_CAUSES = (Cause.OWN_ILLNESS, Cause.FAMILY_ILLNESS, Cause.SCHOOLING, Cause.FEW_EARNERS)


class Health(TextChoices):
    """Health on the form; `cases.scoring` maps it to a severity by the policy."""

    GOOD = "GOOD", _("good")
    CANCER = "CANCER", _("malignant tumour")
    HEART = "HEART", _("heart disease")
    STROKE = "STROKE", _("cerebrovascular disease")
    KIDNEY = "KIDNEY", _("end-stage kidney disease")
    MENTAL = "MENTAL", _("mental illness")
    LIVER = "LIVER", _("liver disease")
    BLOOD = "BLOOD", _("blood disease")
    DIABETES = "DIABETES", _("diabetes")
    SPINE = "SPINE", _("spinal disease")
    HYPERTENSION = "HYPERTENSION", _("high blood pressure")
    LUNG = "LUNG", _("lung disease")
    MINOR = "MINOR", _("common illness")
    PARALYSIS = "PARALYSIS", _("permanent paralysis")
    DEMENTIA = "DEMENTIA", _("severe dementia")
    TUMOUR = "TUMOUR", _("other tumour")
    COMA = "COMA", _("deep coma")
    PARKINSON = "PARKINSON", _("severe Parkinson's disease")
    MOTOR_NEURON = "MOTOR_NEURON", _("severe motor neuron disease")
    DISABLED = "DISABLED", _("disabled")


class Occupation(TextChoices):
    """What a member of the household does."""

    WORKING = "WORKING", _("in steady work")
    CASUAL = "CASUAL", _("in casual work")
    UNEMPLOYED = "UNEMPLOYED", _("out of work")
    RETIRED = "RETIRED", _("retired")
    STUDENT = "STUDENT", _("in school")
    PRESCHOOL = "PRESCHOOL", _("under school age")
    UNABLE = "UNABLE", _("unable to work")


class SchoolLevel(TextChoices):
    NONE = "", _("not in school")
    COMPULSORY = "COMPULSORY", _("compulsory schooling")
    HIGH_SCHOOL = "HIGH_SCHOOL", _("high school or vocational school")
    COLLEGE = "COLLEGE", _("junior college")
    BACHELOR = "BACHELOR", _("undergraduate")
    MASTER = "MASTER", _("postgraduate")


class ExpenseKind(TextChoices):
    """The heads of unavoidable expenses (刚性支出)."""

    ILLNESS = "ILLNESS", _("illness")
    DISABILITY = "DISABILITY", _("disability care")
    SCHOOLING = "SCHOOLING", _("schooling")
    HOUSING = "HOUSING", _("housing")
    DISASTER = "DISASTER", _("accident or disaster")
    WORK = "WORK", _("necessary cost of work")
    OTHER = "OTHER", _("other")


class First(TextChoices):
    """What decides who comes first when the money does not reach everybody (facts 2.10, 4.6)."""

    SELF = "SELF", _("the employee's own illness before spouse and child, these before parents")
    SCORE = "SCORE", _("the higher need score")
    INCOME = "INCOME", _("the lower net income a head")
    WAITING = "WAITING", _("the earlier application")


class Gate(TextChoices):
    """The questions that keep a household off the file (fact 2.8, policy gates)."""

    LUXURY = "LUXURY", _("Luxury goods")
    HOMES = "HOMES", _("Two or more homes")
    VEHICLE = "VEHICLE", _("Motor vehicle")
    BUSINESS = "BUSINESS", _("Company, shop or employees of its own")
    SCHOOL_ABROAD = "SCHOOL_ABROAD", _("High-fee school or study abroad")
    VIOLATION = "VIOLATION", _("Breach of law or discipline by the applicant")


class Question(TextChoices):
    """The six screening questions of the grassroots review (fact 2.8)."""

    EARNERS = "EARNERS", _("Employed members of the household")
    INCOME = "INCOME", _("Income of the household")
    SEVERITY = "SEVERITY", _("Severity of the illness")
    LUXURY = "LUXURY", _("Luxury goods")
    ILL_THIS_YEAR = "ILL_THIS_YEAR", _("Ill this year")
    VIOLATION = "VIOLATION", _("Breach of law or discipline")


class Event(TextChoices):
    """What an emergency grant, or a visit gift in cash, is asked for."""

    ILLNESS = "ILLNESS", _("serious illness")
    ACCIDENT = "ACCIDENT", _("accident")
    DISASTER = "DISASTER", _("disaster")
    BEREAVEMENT = "BEREAVEMENT", _("death in the family")
    HOLIDAY = "HOLIDAY", _("holiday visit")


EMERGENCIES = (Event.ILLNESS, Event.ACCIDENT, Event.DISASTER)


class Festival(TextChoices):
    """The rounds of the regular subsidy (fact 2.12)."""

    SPRING = "SPRING", _("Spring Festival")
    AUTUMN = "AUTUMN", _("Mid-Autumn")


class ReturnReason(TextChoices):
    """Why an application is returned for correction."""

    PROOF_MISSING = "PROOF_MISSING", _("a proof is missing")
    UNREADABLE = "UNREADABLE", _("a proof cannot be read")
    INCOME_UNCLEAR = "INCOME_UNCLEAR", _("the income is not clear")
    MEMBERS_UNCLEAR = "MEMBERS_UNCLEAR", _("the members of the household are not clear")
    EXPENSE_UNCLEAR = "EXPENSE_UNCLEAR", _("the expenses are not clear")
    OTHER = "OTHER", _("another reason")
