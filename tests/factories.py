"""The smallest valid rows, and the moment at which every test stands."""

from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory, Password
from pypinyin import lazy_pinyin

from base.crypto import blind_index
from people.models import Appointment, Person, Sex, Standing, Unit, User
from people.roles import Role, UnitKind, kind_for

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai
TODAY = date(2026, 3, 2)
REGION = "230100"  # a whole city: never issued to a person
NAMES = ("王建国", "李秀英", "张伟", "欧阳明月", "赵丽", "刘洋", "陈静", "买买提·艾力")


def id_number(n, *, born=date(1970, 1, 1), sex=Sex.MALE):
    """A synthetic ID number that passes every check; different for each n below 500."""
    first = f"{REGION}{born:%Y%m%d}{2 * (n % 500) + (sex == Sex.MALE):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True))
    return first + "10X98765432"[total % 11]


class UnitFactory(DjangoModelFactory):
    """A grassroots union in a company of its own; or a company, or a group."""

    class Meta:
        model = Unit

    class Params:
        group = factory.Trait(kind=UnitKind.GROUP, parent=None)
        company = factory.Trait(kind=UnitKind.COMPANY, parent=None)
        grassroots = factory.Trait(kind=UnitKind.GRASSROOTS)

    kind = UnitKind.GRASSROOTS
    parent = factory.SubFactory("tests.factories.UnitFactory", company=True)
    code = factory.Sequence(lambda n: f"U{n}")
    name = factory.Sequence(lambda n: f"第{n}工会")
    path = factory.LazyAttribute(lambda o: f"{o.parent.path if o.parent else '/'}{o.code}/")


class PersonFactory(DjangoModelFactory):
    """An employee in service, with the encrypted columns and their blind indexes filled."""

    class Meta:
        model = Person

    class Params:
        n = factory.Sequence(lambda n: n)
        retired = factory.Trait(standing=Standing.RETIRED, born_on=date(1955, 1, 1))
        paid_off = factory.Trait(standing=Standing.PAID_OFF)
        woman = factory.Trait(sex=Sex.FEMALE)

    unit = factory.SubFactory(UnitFactory)
    company = factory.SelfAttribute("unit.parent")
    staff_no = factory.LazyAttribute(lambda o: f"{100_000 + o.n}")
    name = factory.LazyAttribute(lambda o: NAMES[o.n % len(NAMES)])
    name_pinyin = factory.LazyAttribute(lambda o: " ".join(lazy_pinyin(o.name)))
    sex = Sex.MALE
    born_on = factory.LazyAttribute(lambda o: date(1970 + o.n // 500 % 30, 1, 1))
    id_number = factory.LazyAttribute(lambda o: id_number(o.n, born=o.born_on, sex=o.sex))
    id_index = factory.LazyAttribute(lambda o: blind_index(o.id_number, "id_number"))
    standing = Standing.IN_SERVICE
    monthly_income_fen = 3000_00
    phone = factory.LazyAttribute(lambda o: f"138{o.n:08d}")
    phone_index = factory.LazyAttribute(lambda o: blind_index(o.phone, "phone"))
    bank = "工商银行"
    branch = "哈尔滨分行"
    account_name = factory.SelfAttribute("name")
    account = factory.LazyAttribute(lambda o: f"6222{o.n:015d}")
    account_index = factory.LazyAttribute(lambda o: blind_index(o.account, "account"))
    joined_on = date(1995, 7, 1)


class UserFactory(DjangoModelFactory):
    """Somebody who signs in with the password "demo"; with `employee` also a Person."""

    class Meta:
        model = User

    class Params:
        employee = factory.Trait(person=factory.SubFactory(PersonFactory))

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"用户{n}")
    password = Password("demo")


class AppointmentFactory(DjangoModelFactory):
    """A role held since 2020, in a new unit of the kind the role needs."""

    class Meta:
        model = Appointment

    user = factory.SubFactory(UserFactory)
    role = Role.UNIT_OFFICER
    unit = factory.LazyAttribute(lambda o: UnitFactory(**_shape(kind_for(o.role))))
    since = date(2020, 1, 1)
    appointed_at = NOON


def _shape(kind):
    return {"kind": kind} if kind == UnitKind.GRASSROOTS else {"kind": kind, "parent": None}


def appoint(role, unit, **user):
    """A new user who holds the role in the unit; for EMPLOYEE a person of that unit."""
    if role == Role.EMPLOYEE:
        return UserFactory(person=PersonFactory(unit=unit), **user)
    if unit.kind != kind_for(role):
        raise ValueError(f"{role} is held in a {kind_for(role)} unit, not in {unit.kind}.")
    return AppointmentFactory(role=role, unit=unit, user=UserFactory(**user)).user
