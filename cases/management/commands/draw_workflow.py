"""Draw the table of steps as a Mermaid diagram into docs/workflow.md."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import override

from cases.workflow import STEPS, TURN, Status

TARGET = settings.BASE_DIR / "docs" / "workflow.md"
INTRODUCTION = """# The way of a case

Drawn from `cases/workflow.py: STEPS` by `manage.py draw_workflow`; a test compares the two.
What each role may do is said in words in `roles.md`.
"""


def draw():
    """The whole text of docs/workflow.md, in English."""
    with override("en"):
        lines = [
            f"    {source.value} --> {step.target.value}: {name}"
            for name, step in STEPS.items()
            for source in step.sources
        ]
        turns = [f"| `{s.value}` | {s.label} | {TURN[s]} |" for s in Status]
    return "\n".join([
        INTRODUCTION, "```mermaid", "stateDiagram-v2", f"    [*] --> {Status.DRAFT.value}: open",
        *lines, "```", "", "| Status | In words | Whose turn |", "|---|---|---|", *turns, "",
    ])  # fmt: skip


class Command(BaseCommand):
    help = "Draws the way of a case into docs/workflow.md."

    def handle(self, *args, **options):
        TARGET.write_text(draw(), encoding="utf-8")
        self.stdout.write(f"Wrote {TARGET.relative_to(settings.BASE_DIR)}.")
