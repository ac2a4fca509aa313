"""The code lists of the household card that no rule reads: they are kept, printed and exported.

Values follow the union dossier form and its notes; the two-letter codes of the ethnic groups are
those of GB/T 3304, the sections of industry those of GB/T 4754.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DossierKind(TextChoices):
    """The three files of the national system; a temporary one carries one emergency alone."""

    HARDSHIP = "HARDSHIP", _("Hardship employee")
    MIGRANT = "MIGRANT", _("Migrant worker in hardship")
    TEMPORARY = "TEMPORARY", _("Temporary relief")


class Standard(TextChoices):
    """By whose standard the file is kept; a company's own file is of the grassroots level."""

    GRASSROOTS = "GRASSROOTS", _("grassroots (company)")
    DISTRICT = "DISTRICT", _("district or county")
    CITY = "CITY", _("city")
    PROVINCE = "PROVINCE", _("province")
    NATIONAL = "NATIONAL", _("national")


class Political(TextChoices):
    PARTY = "PARTY", _("Party member")
    PROBATION = "PROBATION", _("probationary Party member")
    LEAGUE = "LEAGUE", _("Youth League member")
    DEMOCRATIC = "DEMOCRATIC", _("member of a democratic party")
    MASSES = "MASSES", _("no party")
    OTHER = "OTHER", _("other affiliation")


class Marital(TextChoices):
    SINGLE = "SINGLE", _("unmarried")
    MARRIED = "MARRIED", _("married")
    WIDOWED = "WIDOWED", _("widowed")
    DIVORCED = "DIVORCED", _("divorced")


class Education(TextChoices):
    NONE = "NONE", _("no schooling")
    PRIMARY = "PRIMARY", _("primary school")
    JUNIOR = "JUNIOR", _("junior middle school")
    SENIOR = "SENIOR", _("senior middle or vocational school")
    COLLEGE = "COLLEGE", _("junior college degree")
    BACHELOR = "BACHELOR", _("bachelor's degree")
    MASTER = "MASTER", _("master's degree or higher")


class Hukou(TextChoices):
    URBAN = "URBAN", _("non-agricultural")
    RURAL = "RURAL", _("agricultural")
    CONVERTED = "CONVERTED", _("converted from agricultural")


class Insurance(TextChoices):
    """Medical insurance."""

    EMPLOYEE = "EMPLOYEE", _("employees' medical insurance")
    RESIDENT = "RESIDENT", _("residents' medical insurance")
    RURAL = "RURAL", _("rural cooperative medical scheme")
    PUBLIC = "PUBLIC", _("publicly funded care")
    NONE = "NONE", _("not insured")


class ModelWorker(TextChoices):
    NONE = "NONE", _("not a model worker")
    NATIONAL = "NATIONAL", _("national model worker")
    PROVINCE = "PROVINCE", _("provincial or ministerial model worker")
    CITY = "CITY", _("city model worker")
    OTHER = "OTHER", _("other model worker")


class DisabilityKind(TextChoices):
    SIGHT = "SIGHT", _("sight")
    HEARING = "HEARING", _("hearing")
    SPEECH = "SPEECH", _("speech")
    MIND = "MIND", _("intellect")
    LIMBS = "LIMBS", _("limbs")
    MENTAL = "MENTAL", _("mental disability")
    MULTIPLE = "MULTIPLE", _("several disabilities")


class DisabilityGrade(TextChoices):
    FIRST = "1", _("grade one (very severe)")
    SECOND = "2", _("grade two (severe)")
    THIRD = "3", _("grade three (moderate)")
    FOURTH = "4", _("grade four (slight)")


class WorkState(TextChoices):
    ON_POST = "ON_POST", _("at work")
    OFF_POST = "OFF_POST", _("laid off")
    JOBLESS = "JOBLESS", _("jobless")
    RETIRED = "RETIRED", _("in retirement")
    SICK_LEAVE = "SICK_LEAVE", _("on sick leave")
    EARLY = "EARLY", _("retired internally")
    VETERAN = "VETERAN", _("veteran cadre in retirement")


class EmployerKind(TextChoices):
    STATE_ORGAN = "STATE_ORGAN", _("state organ or public institution")
    STATE_COMPANY = "STATE_COMPANY", _("state-owned company")
    COLLECTIVE = "COLLECTIVE", _("collective company")
    PRIVATE = "PRIVATE", _("private company or self-employed")
    OTHER = "OTHER", _("other employer")


class EmployerState(TextChoices):
    NORMAL = "NORMAL", _("running normally")
    DIFFICULT = "DIFFICULT", _("in difficulties")
    STOPPED = "STOPPED", _("production stopped")
    BANKRUPT = "BANKRUPT", _("bankrupt")
    RESTRUCTURED = "RESTRUCTURED", _("restructured")


class ContractTerm(TextChoices):
    HALF_YEAR = "HALF_YEAR", _("within half a year")
    ONE_YEAR = "ONE_YEAR", _("half a year to one year")
    TWO_YEARS = "TWO_YEARS", _("two years")
    THREE_YEARS = "THREE_YEARS", _("three years")
    FOUR_YEARS = "FOUR_YEARS", _("four years")
    FIVE_YEARS = "FIVE_YEARS", _("five years or more")
    OPEN = "OPEN", _("without a term")


class Housing(TextChoices):
    SELF_BUILT = "SELF_BUILT", _("self-built house")
    BOUGHT = "BOUGHT", _("commercial flat")
    AFFORDABLE = "AFFORDABLE", _("affordable flat")
    CAPPED = "CAPPED", _("price-capped flat")
    OF_UNIT = "OF_UNIT", _("flat rented from the employer")
    LOW_RENT = "LOW_RENT", _("low-rent flat of the state")
    RENTED = "RENTED", _("rented flat")
    OTHER = "OTHER", _("other home")


class KeyGroup(TextChoices):
    """The groups of the national relief campaign (五类重点群体)."""

    UNDEREMPLOYED = "UNDEREMPLOYED", _("on subsistence allowance, able to work, not fully employed")
    OUTSIDE = "OUTSIDE", _("below the subsistence line, not on the allowance")
    EXPENDITURE = "EXPENDITURE", _("in hardship by expenditure")
    MIGRANT = "MIGRANT", _("urban migrant worker in hardship")
    REFORM = "REFORM", _("in hardship by structural reform")
    OTHER = "OTHER", _("another group")


class Measure(TextChoices):
    """What is to lead out of hardship (四个一批)."""

    WORK = "WORK", _("employment or starting a business")
    INSURANCE = "INSURANCE", _("joining the social insurance")
    ASSISTANCE = "ASSISTANCE", _("social assistance as the last resort")
    UNION = "UNION", _("relief by the union")


class Industry(TextChoices):
    A = "A", _("agriculture, forestry and fishing")
    B = "B", _("mining")
    C = "C", _("manufacturing")
    D = "D", _("electricity, heat, gas and water")
    E = "E", _("construction")
    F = "F", _("wholesale and retail")
    G = "G", _("transport, storage and post")
    H = "H", _("hotels and catering")
    I = "I", _("information and software")  # noqa: E741
    J = "J", _("finance")
    K = "K", _("real estate")
    L = "L", _("leasing and business services")
    M = "M", _("research and technical services")
    N = "N", _("water, environment and public facilities")
    O = "O", _("household and repair services")  # noqa: E741
    P = "P", _("teaching")
    Q = "Q", _("health and social work")
    R = "R", _("culture, sport and entertainment")
    S = "S", _("public administration and social organisations")
    T = "T", _("international organisations")


class Ethnicity(TextChoices):
    HA = "HA", _("Han")
    MG = "MG", _("Mongol")
    HU = "HU", _("Hui")
    ZA = "ZA", _("Tibetan")
    UG = "UG", _("Uyghur")
    MH = "MH", _("Miao")
    YI = "YI", _("Yi")
    ZH = "ZH", _("Zhuang")
    BY = "BY", _("Bouyei")
    CS = "CS", _("Korean")
    MA = "MA", _("Manchu")
    DO = "DO", _("Dong")
    YA = "YA", _("Yao")
    BA = "BA", _("Bai")
    TJ = "TJ", _("Tujia")
    HN = "HN", _("Hani")
    KZ = "KZ", _("Kazakh")
    DA = "DA", _("Dai")
    LI = "LI", _("Li")
    LS = "LS", _("Lisu")
    VA = "VA", _("Va")
    SH = "SH", _("She")
    GS = "GS", _("Gaoshan")
    LH = "LH", _("Lahu")
    SU = "SU", _("Sui")
    DX = "DX", _("Dongxiang")
    NX = "NX", _("Naxi")
    JP = "JP", _("Jingpo")
    KG = "KG", _("Kirgiz")
    TU = "TU", _("Tu")
    DU = "DU", _("Daur")
    ML = "ML", _("Mulao")
    QI = "QI", _("Qiang")
    BL = "BL", _("Blang")
    SL = "SL", _("Salar")
    MN = "MN", _("Maonan")
    GL = "GL", _("Gelao")
    XB = "XB", _("Xibe")
    AC = "AC", _("Achang")
    PM = "PM", _("Pumi")
    TA = "TA", _("Tajik")
    NU = "NU", _("Nu")
    UZ = "UZ", _("Uzbek")
    RS = "RS", _("Russian")
    EW = "EW", _("Ewenki")
    DE = "DE", _("Deang")
    BO = "BO", _("Bonan")
    YG = "YG", _("Yugur")
    GI = "GI", _("Gin")
    TT = "TT", _("Tatar")
    DR = "DR", _("Derung")
    OR = "OR", _("Oroqen")
    HZ = "HZ", _("Hezhen")
    MB = "MB", _("Monba")
    LB = "LB", _("Lhoba")
    JN = "JN", _("Jino")
