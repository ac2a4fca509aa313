"""What the sign-in page of the demonstration shows."""

from django import template
from django.conf import settings

from people.demo_accounts import ACCOUNTS

register = template.Library()


@register.simple_tag
def demo_accounts():
    """(user name, role in words) of each sign-in; nothing outside the demonstration."""
    if not settings.DEMO:
        return []
    return [(username, role.label) for username, role in ACCOUNTS]
