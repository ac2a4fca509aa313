"""The documents say what the program has: commands, settings, pages; and nothing of any machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
COMMANDS = sorted(
    path.stem for path in ROOT.glob("*/management/commands/*.py") if not path.stem.startswith("_")
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SET_OFF = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
# Homes and scratch folders; a folder such as /srv in an example belongs to no machine.
MACHINE = re.compile(r"(?<![\w.}/-])/(?:work|home|root|tmp|mnt|Users|private)/\w|[A-Z]:\\Users\\")
REGISTRY = re.compile(
    r"pypi\.(?:org|python)|pythonhosted|piwheels|registry\.npmjs|crates\.io|ghcr\.io|docker\.io"
    r"|--(?:extra-)?index-url",
    re.IGNORECASE,
)


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def commands_in(name):
    """What a page tells people to run."""
    return set(re.findall(r"manage\.py [a-z_]+|\./run [a-z]+", text_of(name)))


def tracked():
    """Every text file of the repository but this one, which names what it looks for."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    for name in filter(None, listing.stdout.split("\0")):
        path = ROOT / name
        if name == "tests/test_docs.py" or not path.is_file() or b"\0" in path.read_bytes():
            continue
        yield name, path.read_text(encoding="utf-8")


def slug(heading):
    """The anchor a heading gets: lower case, spaces as hyphens, other signs dropped."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("readme", READMES)
def test_readme_names_every_command(readme):
    told = commands_in(readme)

    assert COMMANDS
    assert [name for name in COMMANDS if f"manage.py {name}" not in told] == []


def test_readmes_name_the_same_commands():
    english, chinese = map(commands_in, READMES)

    assert english == chinese


def test_readmes_link_to_the_same_pages():
    english, chinese = (
        {target for target in LINK.findall(text_of(name)) if target not in READMES}
        for name in READMES
    )

    assert english == chinese


def test_env_example_names_exactly_what_settings_read():
    read = set(
        re.findall(r"(?:env\.\w+|\bsecret)\(\s*\"([A-Z_]+)\"", text_of("hardship/settings.py"))
    )
    named = set(re.findall(r"^#?([A-Z_]+)=", text_of(".env.example"), re.MULTILINE))

    assert "INDEX_KEY" in read
    assert named == read


def test_deploy_explains_every_setting():
    named = re.findall(r"^#?([A-Z_]+)=", text_of(".env.example"), re.MULTILINE)
    page = text_of("docs/how-to/deploy.md")

    assert [name for name in named if f"`{name}`" not in page] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    dead = []
    for target in LINK.findall(SET_OFF.sub("", path.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        place, _hash, anchor = target.partition("#")
        page = (path.parent / place).resolve() if place else path
        if not page.exists():
            dead.append(target)
        elif anchor and page.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            if anchor not in map(slug, headings):
                dead.append(target)

    assert dead == []


def test_index_lists_every_document():
    index = text_of("docs/README.md")
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in ROOT.glob("docs/**/*.md")]

    assert [page for page in pages if page != "README.md" and f"({page})" not in index] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/adr/*.md")), ids=lambda path: path.stem)
def test_decision_has_its_four_parts(path):
    text = path.read_text(encoding="utf-8")

    assert text.startswith(f"# {path.stem[:4]} – ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Status",
        "Context",
        "Decision",
        "Consequences",
    ]


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["folder", "registry"])
def test_files_name_no_machine(pattern):
    found = [f"{name}: {match[0]}" for name, text in tracked() for match in pattern.finditer(text)]

    assert found == []
