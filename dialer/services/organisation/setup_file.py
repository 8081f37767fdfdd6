"""The organisation as a TOML file: read, and written so that it can be changed and applied."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Final

from pydantic import Field, ValidationError

from dialer.core.organisation.entries import (
    KINDS,
    CallerQueue,
    Centre,
    CentrePart,
    DispositionWord,
    NumberShown,
    Organisation,
    PauseReason,
    StaffAgent,
    StaffTeam,
    TrunkLine,
)
from dialer.core.sentence import Sentence
from dialer.core.toml_slip import toml_slip
from dialer.services.organisation.organisation import sentence_of

HEAD: Final = (
    "# Winback's organisation. `winback setup diff FILE` says what it would change.\n"
    "# A kind that is left out stays as it is; an entry that is left out of its kind is removed.\n"
)


class SetupRefused(Exception):
    """What is declared cannot be; `why` says it, and what to do."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class SetupFile(CentrePart):
    """What a file declares; what it leaves out it says nothing of."""

    centre: dict[str, Any] = Field(default_factory=dict)
    agents: tuple[StaffAgent, ...] | None = None
    teams: tuple[StaffTeam, ...] | None = None
    inbound_queues: tuple[CallerQueue, ...] | None = None
    pause_reasons: tuple[str, ...] | None = None
    dispositions: tuple[DispositionWord, ...] | None = None
    trunks: tuple[TrunkLine, ...] | None = None
    numbers: tuple[NumberShown, ...] | None = None

    def over(self, there: Organisation) -> Organisation:
        """The organisation that is wanted, where this one is there; raises `SetupRefused`."""
        try:
            named = {kind: getattr(self, kind) for kind in KINDS if kind != "pause_reasons"}
            kinds: dict[str, Any] = {kind: value for kind, value in named.items() if value is not None}
            if self.pause_reasons is not None:
                kinds["pause_reasons"] = tuple(PauseReason(id=reason) for reason in self.pause_reasons)
            centre = Centre.model_validate({**dict(there.centre), **self.centre})
        except ValidationError as fault:
            raise SetupRefused(sentence_of(fault, self.centre)) from None
        return there.model_copy(update={**kinds, "centre": centre})


def read_setup_file(path: Path) -> SetupFile:
    """What a file declares; raises `SetupRefused` for what cannot be read."""
    try:
        return read_setup(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise SetupRefused(f"{path} cannot be read: {fault}") from None
    except SetupRefused as refused:
        raise SetupRefused(f"{path}: {refused}") from None


def read_setup(text: str) -> SetupFile:
    """The same of a file's text."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        slip = toml_slip(fault, text)
        raise SetupRefused(Sentence("it cannot be read as TOML: %(slip)s", slip=slip)) from None
    return declared_in(values)


def declared_in(values: Mapping[str, Any]) -> SetupFile:
    """The same of what stands in a file, or was sent."""
    try:
        return SetupFile.model_validate(values)
    except ValidationError as fault:
        raise SetupRefused(sentence_of(fault, values)) from None


def as_toml(view: Organisation) -> str:
    """All of it as a file, to be changed and applied."""
    lines = [HEAD, f"pause_reasons = {_value([reason.id for reason in view.pause_reasons])}"]
    kinds = [kind for kind in KINDS if kind != "pause_reasons"]
    lines += [f"{kind} = []" for kind in kinds if not getattr(view, kind)]
    lines += ["", "[centre]", *_fields(dict(view.centre))]
    for kind in kinds:
        for entry in getattr(view, kind):
            said = entry.model_dump(exclude_defaults=True)
            lines += ["", f"[[{kind}]]", *_fields({"id": entry.id, **said})]
    return "\n".join(lines) + "\n"


def _fields(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if value is not None:
            yield f"{name} = {_value(value)}"


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Enum():
            return _value(value.value)
        case date():
            return value.isoformat()
        case int() | float():
            return repr(value)
        case Mapping():
            inside = ", ".join(f"{_value(key)} = {_value(each)}" for key, each in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
    return json.dumps(str(value), ensure_ascii=False)  # what JSON escapes, TOML escapes likewise
