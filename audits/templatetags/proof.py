"""The seal that witnesses a row or a moment, for papers: `{% load proof %}`."""

from django import template

from audits.models import Seal

register = template.Library()


@register.filter
def seal_over(row):
    """The seal over a sealed row, such as a notice; None while it is unsealed. One query."""
    return Seal.objects.over(row).first()


@register.filter
def seal_after(moment):
    """The first seal made at or after a moment, such as that of a decision. One query."""
    return Seal.objects.chain().filter(at__gte=moment).first() if moment else None
