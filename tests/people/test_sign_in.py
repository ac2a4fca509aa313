"""Signing in: by user name, closed to newcomers, slow for guessers, open in the demonstration."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.template.loader import render_to_string
from django.urls import reverse

from people.demo_accounts import ACCOUNTS
from people.models import User
from people.roles import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def _sign_in(client, username="wang", password="demo"):
    client.post(reverse("account_login"), {"login": username, "password": password})
    return SESSION_KEY in client.session


def test_sign_in_with_user_name_and_password(client):
    UserFactory(username="wang")

    assert not _sign_in(client, password="wrong")
    assert _sign_in(client)


def test_sign_in_is_refused_to_a_closed_account(client):
    UserFactory(username="wang", is_active=False)

    assert not _sign_in(client)


def test_sign_in_is_slowed_down_after_five_wrong_passwords(client):
    UserFactory(username="wang")
    for _n in range(5):
        _sign_in(client, password="wrong")

    assert not _sign_in(client)


def test_signing_up_is_closed(client):
    response = client.post(
        reverse("account_signup"),
        {"username": "new", "password1": "Korrekt-9-Pferd", "password2": "Korrekt-9-Pferd"},
    )

    assert response.status_code == 200
    assert not User.objects.exists()


@pytest.mark.parametrize("username", [username for username, _role in ACCOUNTS])
def test_demo_login_signs_in_each_of_its_people(client, settings, username):
    settings.DEMO = True
    user = UserFactory(username=username)

    response = client.post(reverse("people:demo_login"), {"username": username})

    assert (response.status_code, response.url) == (302, "/")
    assert client.session[SESSION_KEY] == str(user.pk)


def test_demo_login_is_absent_outside_the_demonstration(client):
    UserFactory(username="admin")

    response = client.post(reverse("people:demo_login"), {"username": "admin"})

    assert response.status_code == 404
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize("username", ["", "wang", "ADMIN", "leader-6"])
def test_demo_login_knows_only_its_own_names(client, settings, username):
    settings.DEMO = True
    UserFactory(username="wang")

    response = client.post(reverse("people:demo_login"), {"username": username})

    assert response.status_code == 404


@pytest.mark.parametrize("change", [{"password": "!"}, {"is_active": False}])
def test_demo_login_does_not_walk_past_a_changed_or_closed_account(client, settings, change):
    settings.DEMO = True
    UserFactory(username="admin", **change)

    response = client.post(reverse("people:demo_login"), {"username": "admin"})

    assert response.status_code == 404
    assert SESSION_KEY not in client.session


def test_demo_buttons_are_shown_in_the_demonstration_alone(settings):
    template = "people/_demo_logins.html"

    plain = render_to_string(template, {"csrf_token": "t"})
    settings.DEMO = True
    demo = render_to_string(template, {"csrf_token": "t"})

    assert (plain.strip(), demo.count("<form")) == ("", len(ACCOUNTS))


def test_demo_has_a_sign_in_for_every_role_but_the_group():
    assert {role for _username, role in ACCOUNTS} == set(Role) - {Role.GROUP}
