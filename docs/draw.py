"""Draws docs/machines.md from the transition tables: `python docs/draw.py`.

The page is never edited by hand; a test holds it to the tables.
"""

from enum import StrEnum
from pathlib import Path
from typing import Any

from callbacks.dialogue import DIALOGUE
from callbacks.lifecycle import PROMISE
from dialer.core.agent import AGENT
from dialer.core.attempt import ATTEMPT
from dialer.core.campaign import CAMPAIGN, LEAD
from telephony.machine import Machine

PAGE = Path(__file__).parent / "machines.md"
MACHINES: tuple[Machine[Any, Any], ...] = (ATTEMPT, PROMISE, AGENT, CAMPAIGN, LEAD, DIALOGUE)


def draw(machine: Machine[Any, Any]) -> str:
    """One machine as a Mermaid diagram."""
    edges: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    for (state, event), after in machine.table.items():
        edges.setdefault((state, after), []).append(event.value)
    lines = [f"## {machine.name.capitalize()}", "", "```mermaid", "stateDiagram-v2"]
    lines.append(f"    [*] --> {machine.start.value}")
    lines += [
        f"    {state.value} --> {after.value}: {', '.join(events)}" for (state, after), events in edges.items()
    ]
    lines += [f"    {end.value} --> [*]" for end in sorted(machine.ends, key=lambda end: str(end.value))]
    return "\n".join([*lines, "```", ""])


def page() -> str:
    """The whole page."""
    head = (
        "# State machines\n\n"
        "Drawn by `python docs/draw.py` from the tables in the code. An event that has no arrow from a\n"
        "state is illegal there: it raises `IllegalTransition` and changes nothing.\n\n"
    )
    return head + "\n".join(draw(machine) for machine in MACHINES)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
