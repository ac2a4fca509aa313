"""How sign-in behaves: accounts are made by the administrator, never by whoever comes along."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Signing up is closed."""

    def is_open_for_signup(self, request):
        return False
