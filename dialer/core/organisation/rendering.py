"""What an engine last saw of the files it would render into its Asterisk, and what came of rendering them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict

LOOKED_EVERY: Final = timedelta(minutes=5)  # at the latest; after a change of the organisation at once
SILENT_AFTER: Final = timedelta(minutes=11)  # two looks were left out: nobody is there who would render


UNDER_WAY: Final = timedelta(minutes=1)  # an engine that has done nothing by then is none


class RenderedDifference(BaseModel):
    """One file that would be rendered otherwise than it is, or one part that runs otherwise."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    lines: tuple[str, ...]  # as in a unified diff, without secrets


class RenderingSeen(BaseModel):
    """One look at an Asterisk's folder and at what it runs."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    folder: str
    obstacle: str | None = None  # why the engine cannot render and reload by itself; None: it can
    differences: tuple[RenderedDifference, ...] = ()
    faults: tuple[str, ...] = ()  # what a person has to put right: include lines, access, an Asterisk away
    commands: tuple[str, ...] = ()  # what Asterisk's console has to be told once the files are there

    @property
    def by_hand(self) -> str:
        """The command for whoever does it without the button."""
        return f"winback asterisk render {self.folder} --reload"


class Rendering(BaseModel):
    """How the rendered files of one PBX stand."""

    model_config = ConfigDict(frozen=True)

    pbx: str
    looked_at: datetime
    seen: RenderingSeen
    asked_at: datetime | None = None  # by a person, and not done yet
    asked_by: str | None = None
    done_at: datetime | None = None
    done_well: bool | None = None
    outcome: str | None = None  # one sentence

    def is_silent(self, now: datetime) -> bool:
        """Whether no engine looks any more, so that nobody would hear of a wish."""
        return now - self.looked_at > SILENT_AFTER

    def is_under_way(self, now: datetime) -> bool:
        """Whether it was asked for a moment ago, and is being done."""
        return self.asked_at is not None and now - self.asked_at < UNDER_WAY


def outcome_of(written: Iterable[str], told: Iterable[str], *, folder: str, left: Iterable[str]) -> str:
    """What rendering and reloading came to, in a sentence; `left` still runs otherwise."""
    files, commands, others = tuple(written), tuple(told), tuple(left)
    if not files and not commands:
        done = "Everything was so already: nothing was written, nothing reloaded"
    else:
        wrote = f"Wrote {_listed(files)} into {folder}" if files else "The files were up to date"
        done = f"{wrote}; told Asterisk: {_listed(commands)}" if commands else wrote
    runs = f"{_listed(others)} still runs otherwise" if others else "Asterisk runs what is rendered"
    return f"{done}. {runs}."


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
