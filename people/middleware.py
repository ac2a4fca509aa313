"""Puts the actor (roles of today) on each request of somebody signed in."""

from django.utils import timezone


class ActorMiddleware:
    """`request.actor`: a people.roles.Actor read afresh for each request; None for strangers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        request.actor = user.actor(timezone.localdate()) if user.is_authenticated else None
        return self.get_response(request)
