"""The first system administrator of a company, with the company itself where it is new."""

from getpass import getpass

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from people import actions
from people.models import Unit, User
from people.roles import Role, UnitKind


class Command(BaseCommand):
    help = "Make the first system administrator of a company; asks for the password twice."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--company", required=True, help="name of the company union")
        parser.add_argument("--code", default="", help="code of the company, if it is new")
        parser.add_argument("--group", default="", help="name of the group union above it, if any")
        parser.add_argument("--group-code", default="GROUP", help="code of the group, if it is new")
        parser.add_argument("--name", default="", help="name of the administrator")

    def handle(self, *args, **options):
        username = options["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise CommandError(f"The user name {username} is taken; choose another one.")
        password = self._password(User(username=username, name=options["name"]))
        at = timezone.now()
        with transaction.atomic():
            company = self._company(options, at)
            user = actions.create_user(
                username=username,
                name=options["name"] or username,
                password=password,
                by=None,
                at=at,
            )
            actions.appoint(
                user=user,
                role=Role.ADMIN,
                unit=company,
                since=timezone.localtime(at).date(),
                by=None,
                at=at,
            )
        self.stdout.write(f"{username} is system administrator of {company.name}.")

    def _password(self, user):
        password = getpass("Password: ")
        if password != getpass("The password again: "):
            raise CommandError("The two passwords differ; start again.")
        try:
            password_validation.validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password

    def _company(self, options, at):
        """The company of this name; made, with the group above it, when there is none."""
        found = Unit.objects.companies().filter(name=options["company"])
        if len(found) > 1:
            raise CommandError("Several companies have this name; rename one first.")
        if found:
            return found[0]
        if not options["code"]:
            raise CommandError("There is no company of this name. To make it, give its --code.")
        group = None
        if options["group"]:
            group = Unit.objects.filter(kind=UnitKind.GROUP, name=options["group"]).first()
            group = group or self._make(
                UnitKind.GROUP, options["group_code"], options["group"], None, at
            )
        return self._make(UnitKind.COMPANY, options["code"], options["company"], group, at)

    def _make(self, kind, code, name, parent, at):
        path = f"{parent.path if parent else '/'}{code.upper()}/"
        if Unit.objects.filter(path=path).exists():
            raise CommandError(f"The code {code} is taken; choose another one.")
        return actions.create_unit(kind=kind, code=code, name=name, parent=parent, by=None, at=at)
