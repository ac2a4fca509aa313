"""Rules about the whole project that a reviewer would otherwise have to remember."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import get_resolver

from base.append_only import AppendOnly
from base.crypto import EncryptedTextField

ROOT = Path(settings.BASE_DIR)
LAYERS = ["people", "cases", "funds", "audits"]  # each may use those before it
WRITES = {
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create",
    "update_or_create",
}  # fmt: skip
PLAIN = {"data", "found", "context", "words", "actions", "cache"}  # no rows behind these names


def our_models():
    return [m for m in apps.get_models() if m._meta.app_label in LAYERS]


def named_urls(resolver=None, prefix=""):
    """(name, pattern) of every address of ours."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from named_urls(pattern, prefix + space)
        else:
            yield f"{prefix}{pattern.name}", pattern


def our_urls():
    ours = (*LAYERS, "hardship")
    return [
        (name, pattern)
        for name, pattern in named_urls()
        if pattern.callback.__module__.split(".")[0] in ours
    ]


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_foreign_keys_point_down_the_layers(model):
    here = LAYERS.index(model._meta.app_label)
    for field in model._meta.get_fields():
        if field.is_relation and not field.auto_created and field.related_model:
            other = field.related_model._meta.app_label
            assert other not in LAYERS or LAYERS.index(other) <= here, field


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_nothing_is_deleted_by_cascade(model):
    for field in model._meta.get_fields():
        if field.is_relation and not field.auto_created and field.many_to_one:
            assert field.remote_field.on_delete is models.PROTECT, field


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_every_choice_has_its_check(model):
    """A column with choices carries a constraint that names it (rule 8)."""
    checked = " ".join(
        str(c.condition) for c in model._meta.constraints if isinstance(c, models.CheckConstraint)
    )
    for field in model._meta.local_concrete_fields:
        if field.choices:
            assert f"{field.name}__in" in checked, f"{field} has no CHECK"


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_sealed_rows_hold_no_personal_data(model):
    if issubclass(model, AppendOnly):
        for field in model._meta.local_concrete_fields:
            assert not isinstance(field, EncryptedTextField), field


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_money_is_whole_fen(model):
    for field in model._meta.local_concrete_fields:
        assert not isinstance(field, models.FloatField | models.DecimalField), field
        if field.name.endswith("_fen"):
            assert isinstance(field, models.BigIntegerField), field


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_models_have_no_ordering_of_their_own(model):
    assert not model._meta.ordering


@pytest.mark.parametrize("app", LAYERS)
def test_templates_of_a_room_name_no_higher_room(app):
    higher = "|".join(LAYERS[LAYERS.index(app) + 1 :]) or "nothing"
    named = re.compile(rf"""["'](?:{higher})[:/]""")
    for path in (ROOT / "templates" / app).rglob("*.html"):
        found = named.search(path.read_text())
        assert not found, f"{path}: {found}"


def view_modules():
    found = [*ROOT.glob("*/views.py"), *ROOT.glob("*/views/*.py")]
    return sorted(path for path in found if ".venv" not in path.parts)


@pytest.mark.parametrize("path", view_modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_views_change_nothing_themselves(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called = node.func
            plain = isinstance(called.value, ast.Name) and called.value.id in PLAIN
            assert called.attr not in WRITES or plain, f"{path}:{node.lineno}: call an action"


def test_every_view_says_which_methods_it_takes():
    """Django's method decorators wrap; a bare function would answer to any method."""
    bare = [name for name, p in our_urls() if not hasattr(p.callback, "__wrapped__")]

    assert bare == []


def test_every_address_is_named_once():
    names = [name for name, _pattern in our_urls()]

    assert len(names) == len(set(names))
    assert not any(name.endswith(":None") or name == "None" for name in names)


def test_every_template_is_used():
    """A page nobody renders and a part nobody includes is deleted."""
    sources = [p.read_text() for p in ROOT.rglob("*.py") if ".venv" not in p.parts]
    sources += [p.read_text() for p in (ROOT / "templates").rglob("*.html")]
    text = "\n".join(sources)
    # What Django, allauth or a status code asks for by name.
    by_name = re.compile(r"^(account|mfa|allauth)/|^\d{3}(_csrf)?\.html$")
    for path in (ROOT / "templates").rglob("*.html"):
        name = path.relative_to(ROOT / "templates").as_posix()
        by_verb = f'"{path.parent.name}/{{' in text and f'"{path.stem}"' in text
        assert by_name.search(name) or by_verb or f'"{name}' in text or f"'{name}" in text, name


def test_no_floats_where_money_is():
    """No float literal in the modules that count money or points (invariant IM17)."""
    paths = [ROOT / "base/money.py", ROOT / "cases/scoring.py"]
    paths += (ROOT / "funds").rglob("actions/*.py")
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant):
                assert not isinstance(node.value, float), f"{path}:{node.lineno}"
            if isinstance(node, ast.BinOp):
                assert not isinstance(node.op, ast.Div), f"{path}:{node.lineno}: use //"


def test_every_constraint_and_refusal_is_tested_by_name():
    """A rule in the database that no test names could be dropped unseen."""
    here = Path(__file__)
    text = "\n".join(p.read_text() for p in (ROOT / "tests").rglob("test_*.py") if p != here)
    named = []
    for model in our_models():
        named += [constraint.name for constraint in model._meta.constraints]
        named += [refusal.message for refusal in getattr(model, "refusals", ())]

    assert [name for name in named if name not in text] == []
