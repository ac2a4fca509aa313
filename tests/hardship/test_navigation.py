"""Navigation: each role finds its rooms, nobody a dead link."""

import lucide
import pytest
from django.urls import NoReverseMatch

from hardship import context, navigation
from people.roles import Actor, Hat, Role


def actor(*roles):
    return Actor(1, 1, "Wang", tuple(Hat(role, 1, 1, "1/") for role in roles))


def names(monkeypatch, who):
    monkeypatch.setattr(navigation, "reverse", lambda name: f"/{name}/")
    return [
        item["url"].strip("/") for group in navigation.navigation(who) for item in group["items"]
    ]


def test_stranger_sees_only_what_is_public(monkeypatch):
    assert names(monkeypatch, None) == ["cases:notice_list", "cases:progress", "cases:apply"]


def test_employee_also_sees_their_applications(monkeypatch):
    found = names(monkeypatch, actor())

    assert "cases:my" in found and "cases:case_list" not in found


def test_administrator_sees_no_case_content(monkeypatch):
    found = set(names(monkeypatch, actor(Role.ADMIN)))

    assert not found & {"cases:case_list", "cases:dossier_list", "funds:batch_list"}
    assert "people:unit_list" in found


def test_address_that_does_not_exist_is_left_out(monkeypatch):
    def reverse(name):
        raise NoReverseMatch(name)

    monkeypatch.setattr(navigation, "reverse", reverse)

    assert navigation.navigation(actor(Role.AUDITOR)) == []


def test_item_with_the_longest_address_is_active(monkeypatch):
    addresses = {
        "home": "/",
        "people:person_list": "/people/",
        "people:unit_list": "/people/units/",
    }
    monkeypatch.setattr(navigation, "_address", lambda name: addresses.get(name, ""))

    groups = context._nav(actor(Role.ADMIN), "/people/units/7/")

    active = [item["url"] for group in groups for item in group["items"] if item.get("active")]
    assert active == ["/people/units/"]


@pytest.mark.parametrize(
    "icon", sorted({row[2] for _title, rows in navigation.TABLE for row in rows})
)
def test_every_icon_of_the_navigation_exists(icon):
    assert lucide._load_icon(icon) is not None
