"""What runs, compared with what is rendered: told by Asterisk itself, to the rendered manager user.

Both sides become lines of one form, a section for each dialplan context, for the queues with their
written members, and for the agent pool; a difference is a diff of those lines. Not told over AMI, and so
not compared: a queue's options, the event filter, and what other people's files add.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from telephony.asterisk.ami.actions import Action, Agents, QueueStatus, ShowDialplan
from telephony.asterisk.ami.wire import Frame
from telephony.asterisk.config.fastagi_secret import hide_secrets
from telephony.errors import ActionRefused

QUEUES: Final = "queues"
AGENTS: Final = "agent pool"
Sections = dict[str, list[str]]

_HEAD = re.compile(r"\[([^\]]+)\](?:\(\+\))?")
_STEP = re.compile(
    r"(?:exten => (?P<exten>[^,]+),(?P<first>\d+)| same => n)(?:\((?P<label>[^)]+)\))?,(?P<does>.+)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One section that runs otherwise than it is rendered, and the command that loads it."""

    section: str
    lines: tuple[str, ...]  # as in a unified diff, from what runs to what is rendered
    command: str


class Answers(Protocol):
    """A link that can be asked anything."""

    async def ask(self, action: Action) -> tuple[Frame, ...]:
        """The answer, or the list; raises `TelephonyError`."""


async def ask_what_runs(files: Mapping[str, str], link: Answers) -> tuple[Difference, ...]:
    """How what runs differs from these files. Raises `TelephonyError`."""
    rendered = rendered_sections(files)
    running: dict[str, list[str]] = {}
    for context in contexts_of(files):
        with suppress(ActionRefused):  # there is no such context
            running[context] = running_context(await link.ask(ShowDialplan(context=context)))
    queues, pool = await link.ask(QueueStatus()), await link.ask(Agents())
    running[QUEUES] = running_queues(queues, rendered=rendered[QUEUES])
    running[AGENTS] = running_agents(pool, rendered=rendered[AGENTS])
    return differences(rendered, running)


def rendered_sections(files: Mapping[str, str]) -> Sections:
    """What the rendered files say, by section."""
    sections: Sections = {}
    for context, lines in _blocks(_of(files, "extensions")):
        sections[context] = list(_steps(lines))
    sections[QUEUES] = []
    for queue, lines in _blocks(_of(files, "queues")):
        sections[QUEUES].append(f"queue {queue}")
        for line in lines:
            if line.startswith("member => "):
                interface, _, name, state = line.removeprefix("member => ").split(",")
                sections[QUEUES].append(_member(queue, name, interface, state))
    sections[AGENTS] = [
        _agent(agent, line.removeprefix("fullname = "))
        for agent, lines in _blocks(_of(files, "agents"))
        for line in lines
        if line.startswith("fullname = ")
    ]
    return sections


def contexts_of(files: Mapping[str, str]) -> tuple[str, ...]:
    """The contexts to ask for, in the order of the file."""
    return tuple(context for context, _ in _blocks(_of(files, "extensions")))


def running_context(frames: Iterable[Frame]) -> list[str]:
    """The steps of one context, from the list that ShowDialPlan is answered with."""
    return [
        _step(
            frame.get("Extension"),
            frame.get("Priority"),
            frame.get("ExtensionLabel"),
            f"{frame.get('Application')}({frame.get('AppData')})",
        )
        for frame in frames
        if frame.event == "ListDialplan" and frame.get("Application")
    ]


def running_queues(frames: Iterable[Frame], *, rendered: Iterable[str]) -> list[str]:
    """Our queues and their written members, from the list that QueueStatus is answered with."""
    ours = {line for line in rendered if " member " not in line}
    lines = []
    for frame in frames:
        queue = frame.get("Queue")
        if f"queue {queue}" not in ours:
            continue
        if frame.event == "QueueParams":
            lines.append(f"queue {queue}")
        elif frame.event == "QueueMember" and frame.get("Membership") == "static":
            name, interface, state = (frame.get(key) for key in ("Name", "Location", "StateInterface"))
            lines.append(_member(queue, name, interface, state))
    return lines


def running_agents(frames: Iterable[Frame], *, rendered: Iterable[str]) -> list[str]:
    """The agents of the pool that we know, from the list that Agents is answered with."""
    ours = {line.split(" (", 1)[0] for line in rendered}
    found = (frame for frame in frames if frame.event == "Agents")
    lines = (_agent(frame.get("Agent"), frame.get("Name")) for frame in found)
    return [line for line in lines if line.split(" (", 1)[0] in ours]


def differences(rendered: Sections, running: Mapping[str, list[str]]) -> tuple[Difference, ...]:
    """Every section that runs otherwise; a context that is missing from `running` is not loaded at all."""
    commands = {QUEUES: "queue reload all", AGENTS: "module reload app_agent_pool.so"}
    found = []
    for section, lines in rendered.items():
        diff = difflib.unified_diff(
            sorted(running.get(section, [])), sorted(lines), "what runs", "what is rendered", "", "", 0, ""
        )
        changed = tuple(hide_secrets(line) for line in diff if not line.startswith("@@"))
        if changed:
            command = commands.get(section, "dialplan reload")
            found.append(Difference(section=section, lines=changed, command=command))
    return tuple(found)


def _of(files: Mapping[str, str], kind: str) -> str:
    ends = (f"_{kind}.conf", f"_{kind}_custom.conf")
    return next((text for name, text in files.items() if name.endswith(ends)), "")


def _blocks(text: str) -> Iterable[tuple[str, list[str]]]:
    name, lines = "", list[str]()
    for line in text.splitlines():
        if head := _HEAD.fullmatch(line):
            if name:
                yield name, lines
            name, lines = head[1], []
        elif line and not line.startswith(";"):
            lines.append(line)
    if name:
        yield name, lines


def _steps(lines: Iterable[str]) -> Iterable[str]:
    extension, priority = "", 0
    for line in lines:
        step = _STEP.fullmatch(line)
        if step is None:
            raise ValueError(f"{line!r} is no step of a dialplan")
        if step["exten"] is not None:
            extension, priority = step["exten"], int(step["first"]) - 1
        priority += 1
        yield _step(extension, str(priority), step["label"] or "", step["does"].replace(r"\;", ";"))


def _step(extension: str, priority: str, label: str, does: str) -> str:
    mark = f" ({label})" if label else ""
    return f"{extension} {priority:>2}{mark} {does}"


def _member(queue: str, name: str, interface: str, state: str) -> str:
    return f"queue {queue} member {name} {interface} {state}"


def _agent(agent: str, name: str) -> str:
    return f"agent {agent} ({name})"
