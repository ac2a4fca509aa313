"""The commands of this room, as run on a server."""

import pytest
from django.core.management import CommandError, call_command

from people.management.commands import create_admin
from people.models import Person, Unit, User
from people.roles import Role
from tests.factories import TODAY, UnitFactory, UserFactory, appoint
from tests.people.rosters import number, workbook

pytestmark = pytest.mark.django_db
PASSWORD = "Korrekt-9-Pferd"


@pytest.fixture
def typed(monkeypatch):
    """What is typed when a password is asked for."""
    answers = [PASSWORD, PASSWORD]
    monkeypatch.setattr(create_admin, "getpass", lambda prompt: answers.pop(0))
    return answers


def test_create_admin_makes_group_company_and_account(typed):
    call_command(
        *("create_admin", "chief", "--company", "石化公司工会", "--code", "hsh"),
        *("--group", "集团工会", "--group-code", "grp", "--name", "赵管理"),
    )

    user = User.objects.get()
    company = Unit.objects.companies().get()
    assert (company.path, company.parent.name) == ("/GRP/HSH/", "集团工会")
    assert (user.name, user.check_password(PASSWORD)) == ("赵管理", True)
    assert user.actor(TODAY.replace(year=2030)).companies(Role.ADMIN) == [company.pk]


def test_create_admin_takes_the_company_that_is_there(typed):
    company = UnitFactory(company=True, name="石化公司工会")

    call_command("create_admin", "chief", "--company", "石化公司工会")

    assert User.objects.get().appointments.get().unit == company


@pytest.mark.parametrize(
    ("answers", "options"),
    [
        ([PASSWORD, "other"], ["--code", "A"]),
        (["12345678", "12345678"], ["--code", "A"]),
        ([PASSWORD, PASSWORD], []),
        ([PASSWORD, PASSWORD], ["--code", "TAKEN"]),
    ],
)
def test_create_admin_refuses_and_leaves_nothing(typed, answers, options):
    UnitFactory(company=True, code="TAKEN")
    typed[:] = answers

    with pytest.raises(CommandError):
        call_command("create_admin", "chief", "--company", "新公司", *options)

    assert not User.objects.exists()
    assert Unit.objects.count() == 1


def test_create_admin_refuses_a_user_name_that_is_taken(typed):
    UserFactory(username="chief")

    with pytest.raises(CommandError):
        call_command("create_admin", "CHIEF", "--company", "新公司", "--code", "A")


@pytest.fixture
def company():
    company = UnitFactory(company=True, code="HSH")
    UnitFactory(parent=company, name="一车间")
    appoint(Role.ADMIN, company, username="chief")
    return company


def _file(tmp_path, **changes):
    row = {
        "职工编号": "1",
        "姓名": "王建国",
        "身份证号": number(1),
        "所属基层工会": "一车间",
        "人员类别": "在职",
    }
    path = tmp_path / "名册.xlsx"
    path.write_bytes(workbook([row | changes]))
    return str(path)


def test_import_roster_imports_and_says_what_came_of_it(company, tmp_path, capsys):
    call_command("import_roster", _file(tmp_path), "--company", "HSH", "--by", "chief")
    call_command("import_roster", _file(tmp_path), "--company", "HSH", "--by", "chief")

    assert capsys.readouterr().out.splitlines() == [
        "1 rows: 1 new, 0 changed, 0 unchanged.",
        "1 rows: 0 new, 0 changed, 1 unchanged.",
    ]
    assert Person.objects.count() == 1


def test_import_roster_names_the_mistakes_and_stops(company, tmp_path, capsys):
    path = _file(tmp_path, 人员类别="?")

    with pytest.raises(CommandError):
        call_command("import_roster", path, "--company", "HSH", "--by", "chief")

    assert "人员类别" in capsys.readouterr().err
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    "changed",
    [{"--company": "XXX"}, {"--by": "nobody"}, {"file": "/nowhere.xlsx"}],
)
def test_import_roster_says_what_it_does_not_find(company, tmp_path, changed):
    options = {"file": _file(tmp_path), "--company": "HSH", "--by": "chief"} | changed
    file = options.pop("file")

    with pytest.raises(CommandError):
        call_command("import_roster", file, *[x for pair in options.items() for x in pair])
