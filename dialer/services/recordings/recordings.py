"""Recorded talks: found by day, agent and customer; heard, silenced in part and deleted, each audited.

A recording's name is its call's id. It is looked for in one folder, under the name of a call that the tables
know and that was connected; nothing else in that folder or elsewhere is ever opened.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from dialer.core.recordings.silence import silence
from dialer.db.queries import audit, recordings
from dialer.db.queries.audit import ChosenActs
from dialer.db.queries.recordings import ChosenTalks, RecordedTalk
from dialer.db.session import Database, Transaction
from dialer.settings import Settings

SHOWN: Final = 100  # recordings on a page
LOOKED_AT: Final = 500  # talks whose files are looked for: that many looks into a folder take some ms
HEARD_ONCE: Final = timedelta(minutes=10)  # a player asks for a file in pieces: that is one hearing
HEARD: Final = "recording.heard"
ACTOR: Final = "retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingCard:
    """A recording as a list shows it."""

    call: str
    rang_in: bool
    at: datetime
    agent: str
    queue: str
    talk_s: float | None
    customer: int | None
    name: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingsAsked:
    """Of which days on the centre's clock; empty or None: of whichever agent, with whomever."""

    first: date
    last: date
    agent: str = ""
    customer: int | None = None


def folder_of(settings: Settings) -> Path | None:
    """Where the PBX's recordings of ours are; None where this machine does not see them."""
    root = settings.sound.recordings
    if root is None:
        return None
    folder = root / settings.pbx.names.prefix
    return folder if folder.is_dir() else None


def list_recordings(
    database: Database, folder: Path, asked: RecordingsAsked, zone: str, agents: Collection[str] | None
) -> tuple[RecordingCard, ...]:
    """The latest recordings there are a file of; `agents`: those whom the visitor may see, None: all."""
    clock = ZoneInfo(zone)
    chosen = ChosenTalks(
        since=datetime.combine(asked.first, time(), tzinfo=clock),
        until=datetime.combine(asked.last + timedelta(days=1), time(), tzinfo=clock),
        agents=_wanted(asked.agent, agents),
        customer=asked.customer,
    )
    with database.read() as tx:
        talks = recordings.talks(tx, chosen, LOOKED_AT)
    found = []
    for talk in talks:
        path = _path(folder, talk.call)
        if path is not None:
            found.append(_card(talk, path))
        if len(found) == SHOWN:
            break
    return tuple(found)


def find_recording(
    database: Database, folder: Path, call: str, agents: Collection[str] | None
) -> Path | None:
    """The file of a call's recording; None where there is none, or it is not theirs to see."""
    with database.read() as tx:
        return _find(tx, folder, call, agents)


def note_heard(database: Database, call: str, by: str, now: datetime) -> None:
    """Write down that somebody hears a recording; what cannot be written down is not heard."""
    said = ChosenActs(
        since=now - HEARD_ONCE, until=now + HEARD_ONCE, actor=by, actions=[HEARD], subjects={HEARD: [call]}
    )
    with database.read() as tx:
        if audit.chosen(tx, said, 1):
            return
    with database.write() as tx:
        audit.add(tx, now, by, HEARD, call, {})


def silence_part(
    database: Database,
    path: Path,
    call: str,
    part: tuple[float, float],
    *,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Silence a recording from one second to another, for good; audited.

    Raises `NotSilenced` where there is no such part, `OSError` where the folder does not let us.
    """
    first_s, last_s = part
    changed, as_it_was = silence(path.read_bytes(), first_s, last_s), path.stat()
    with database.write() as tx:
        details = {"from_s": first_s, "to_s": last_s, "reason": reason}
        audit.add(tx, now, by, "recording.silenced", call, details)
        beside = path.with_suffix(".part")
        beside.write_bytes(changed)
        # it goes when the recording would have gone, and whoever could read it still can
        beside.chmod(as_it_was.st_mode & 0o777)
        os.utime(beside, ns=(as_it_was.st_atime_ns, as_it_was.st_mtime_ns))
        beside.replace(path)


def delete_recording(
    database: Database, path: Path, call: str, *, reason: str, by: str, now: datetime
) -> None:
    """Delete a recording; audited. Raises `OSError` where the folder does not let us."""
    with database.write() as tx:
        audit.add(tx, now, by, "recording.deleted", call, {"reason": reason})
        path.unlink()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedRecordings:
    """What became of an erased person's recordings."""

    deleted: int
    left: tuple[str, ...]  # calls whose recording is there and could not be deleted


def erase_recordings(  # noqa: PLR0917 - what, where, why, by whom and when
    database: Database, folder: Path, calls: Collection[str], ground: str, by: str, now: datetime
) -> ErasedRecordings:
    """Delete the recordings of an erased person's calls; audited by their number, names would tell who."""
    deleted, left = 0, []
    for call in calls:
        path = _path(folder, call)
        if path is None:
            continue
        try:
            path.unlink()
        except OSError:
            left.append(call)
        else:
            deleted += 1
    if deleted or left:
        with database.write() as tx:
            details = {"ground": ground, "left": len(left)}
            audit.add(tx, now, by, "recording.erased", f"{deleted} recordings", details)
    return ErasedRecordings(deleted=deleted, left=tuple(left))


def delete_old(database: Database, folder: Path, days: int, now: datetime) -> int:
    """Delete recordings that were written `days` ago or earlier; how many. 0 days: none."""
    if not days:
        return 0
    before, gone = (now - timedelta(days=days)).timestamp(), 0
    with os.scandir(folder) as entries:
        for entry in entries:
            ours = entry.name.endswith(".wav") and entry.is_file(follow_symlinks=False)
            if ours and entry.stat(follow_symlinks=False).st_mtime <= before:
                os.unlink(entry.path)  # noqa: PTH108 - as the scan gave it
                gone += 1
    if gone:
        with database.write() as tx:
            audit.add(tx, now, ACTOR, "recording.expired", f"{gone} recordings", {"days": days})
    return gone


def _find(tx: Transaction, folder: Path, call: str, agents: Collection[str] | None) -> Path | None:
    known = recordings.talk(tx, call)
    if known is None or (agents is not None and known[0] not in agents):
        return None
    return _path(folder, call)


def _path(folder: Path, call: str) -> Path | None:
    """The file that has this call's name, right in the folder and no link to elsewhere."""
    path = folder / f"{call}.wav"
    if path.parent != folder or path.is_symlink() or not path.is_file():
        return None
    return path


def _wanted(agent: str, agents: Collection[str] | None) -> Collection[str] | None:
    if not agent:
        return agents
    return [agent] if agents is None or agent in agents else []


def _card(talk: RecordedTalk, path: Path) -> RecordingCard:
    return RecordingCard(
        call=talk.call,
        rang_in=talk.rang_in,
        at=talk.at,
        agent=talk.agent,
        queue=talk.queue,
        talk_s=talk.talk_s,
        customer=talk.customer,
        name=talk.name or "",
        bytes=path.stat().st_size,
    )
