"""The first version of a company's rules: the seed policy, drafted by one, enacted by another."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cases import actions
from cases.models import Policy
from people.models import Unit, User
from people.roles import NotAllowed


class Command(BaseCommand):
    help = "Put the seed policy, whose numbers are examples with their sources, in force today."

    def add_arguments(self, parser):
        parser.add_argument("--company", required=True, help="code of the company")
        parser.add_argument("--officer", required=True, help="user name of the company officer")
        parser.add_argument("--chair", required=True, help="user name of the company chair")

    def handle(self, *args, company, officer, chair, **options):
        try:
            found = Unit.objects.companies().get(code=company)
            drafted_by = User.objects.get(username=officer)
            enacted_by = User.objects.get(username=chair)
        except (Unit.DoesNotExist, User.DoesNotExist) as error:
            raise CommandError(f"{error} Check the code and the user names.") from error
        if Policy.objects.filter(company=found).exists():
            raise CommandError("This company has a policy already.")
        try:
            policy = actions.seed(
                company=found, drafted_by=drafted_by, enacted_by=enacted_by, at=timezone.now()
            )
        except NotAllowed as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{policy.title} is in force from {policy.in_force_on}.")
