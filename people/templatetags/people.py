"""What the sign-in page of the demonstration shows."""

from django import template
from django.conf import settings

from people.demo_accounts import ACCOUNTS

register = template.Library()


@register.simple_tag
def demo_accounts():
    """(user name, role in words, number of a leader) of each; none outside the demonstration."""
    if not settings.DEMO:
        return []
    return [(name, role.label, name.partition("leader-")[2]) for name, role in ACCOUNTS]
