"""How often: pages for each address of the network, and forms that act once."""

from functools import wraps

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

MINUTE = 60
HOUR = 60 * MINUTE


def spend(request, purse, cost, most, seconds):
    """Whether this address may take `cost` more of `most` in the running window of seconds."""
    window = int(timezone.now().timestamp()) // seconds
    address = get_adapter(request).get_client_ip(request)
    key = f"spent:{purse}:{address}:{window}"
    spent = cache.get(key, 0) + cost
    if spent > most:
        return False
    cache.set(key, spent, seconds)
    return True


def refusal(request, seconds):
    """The page that says to come back later (fault 26)."""
    context = {"minutes": seconds // MINUTE}
    response = render(request, "cases/notice_limit.html", context, status=429)
    response["Retry-After"] = str(seconds)
    return response


def limited(purse, *, most, seconds, methods=("GET", "HEAD", "POST")):
    """At most so many requests of these methods for one address in a window of seconds."""

    def around(view):
        @wraps(view)
        def inner(request, *args, **kwargs):
            if request.method in methods and not spend(request, purse, 1, most, seconds):
                return refusal(request, seconds)
            return view(request, *args, **kwargs)

        return inner

    return around


def unlisted(view):
    """No search engine lists the page, and no machine on the way keeps it."""

    @wraps(view)
    def inner(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return inner


def once(token, act):
    """What `act` returns, or returned when this form was sent before: twice sent, once done.

    "" while the first of two requests at the same moment is still at work. Without a token
    nothing is remembered.
    """
    if token is None:
        return act()
    key = f"once:{token}"
    if not cache.add(key, "", HOUR):
        return cache.get(key, "")
    try:
        done = act()
    except BaseException:
        cache.delete(key)
        raise
    cache.set(key, done, HOUR)
    return done


def was_done(token):
    """Whether a form with this token has been sent and done before."""
    return bool(token and cache.get(f"once:{token}"))
