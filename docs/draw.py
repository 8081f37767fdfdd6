"""Writes the pages that are drawn from the code: `python docs/draw.py`.

docs/machines.md from the transition tables, docs/settings.md from the settings tree. Neither is edited by
hand; a test holds them to the code.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from callbacks.dialogue import DIALOGUE
from callbacks.lifecycle import PROMISE
from dialer.core.agent import AGENT
from dialer.core.attempt import ATTEMPT
from dialer.core.campaign import CAMPAIGN, LEAD
from dialer.settings import Settings
from telephony.machine import Machine

DOCS = Path(__file__).parent
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


def machines_page() -> str:
    """Every state machine."""
    head = (
        "# State machines\n\n"
        "Drawn by `python docs/draw.py` from the tables in the code. An event that has no arrow from a\n"
        "state is illegal there: it raises `IllegalTransition` and changes nothing.\n\n"
    )
    return head + "\n".join(draw(machine) for machine in MACHINES)


def settings_page() -> str:
    """Every setting, its variable, default and meaning."""
    head = (
        "# Settings\n\n"
        "Drawn by `python docs/draw.py`. A setting is a variable, or a line in `winback.toml` in the working\n"
        "directory (`WINBACK_CONFIG` names another file); variables win. In TOML a dot is a table:\n"
        '`pbx.host` is `host = "…"` below `[pbx]`; `agents` and `trunks` are lists of tables.\n\n'
        "| setting | variable | default | meaning |\n|---|---|---|---|\n"
    )
    rows = [
        f"| `{name}` | {f'`{variable(name)}`' if '[]' not in name else ''} | {default} | {meaning} |"
        for name, default, meaning in walk(Settings)
    ]
    return head + "\n".join(rows) + "\n"


def walk(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Every leaf of a settings tree: dotted name, default, meaning."""
    for name, field in model.model_fields.items():
        inner = branch(field)
        if inner is None:
            yield prefix + name, shown(field), (field.description or "").replace("|", "\\|")
        elif isinstance(field.annotation, type):
            yield from walk(inner, f"{prefix}{name}.")
        else:
            yield from walk(inner, f"{prefix}{name}[].")


def branch(field: FieldInfo) -> type[BaseModel] | None:
    """The table behind a field, or behind the members of a list; None for a plain value."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def shown(field: FieldInfo) -> str:
    """A default as one writes it; nothing where there is none."""
    value = field.get_default(call_default_factory=True, validated_data={})
    return "" if value is None or field.is_required() else f"`{value!s}`" if str(value) else '`""`'


def variable(name: str) -> str:
    """The environment variable of a dotted name."""
    return "WINBACK_" + name.upper().replace(".", "__")


PAGES = {"machines.md": machines_page, "settings.md": settings_page}

if __name__ == "__main__":
    for file_name, page in PAGES.items():
        (DOCS / file_name).write_text(page(), encoding="utf-8")
