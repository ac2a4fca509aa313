"""Pages of this room in tests: the clock stands where the world stands, markup stays inert."""

from contextlib import contextmanager

import time_machine
from django.urls import reverse

from people.models import Person

CANARY = "<svg onload=x>"


@contextmanager
def clock(world):
    with time_machine.travel(world.tick(), tick=False):
        yield


def page(world, client, user, name, *args, data=None, **params):
    """Sign in as `user` and open or send one page of this room."""
    with clock(world):
        client.force_login(user)
        url = reverse(f"funds:{name}", args=args)
        return client.get(url, params) if data is None else client.post(url, data)


def rename(person, name=CANARY):
    Person.objects.filter(pk=person.pk).update(name=name)


def body(response):
    """What the page says; no name on it is markup."""
    text = response.content.decode()
    assert CANARY not in text
    return text
