"""Folders into which a system puts its customer files: each is taken once, imported, and put away.

A file is taken when nobody has written to it for a while, by giving it another name: of two who try, one has
it. It goes into `done` or `refused`, with a report beside it and the rows to correct. One that was written to
all the same is put back, and one whose worker died is taken again: importing it twice changes nothing.
"""

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog

from dialer.core.amounts import amount_of
from dialer.core.importing.fiction import FictionUsedUp
from dialer.core.importing.mapping import MappingRefused
from dialer.db.queries import audit
from dialer.db.session import Database
from dialer.import_settings import FolderSettings
from dialer.services.customers.customer_file import FileRefused
from dialer.services.customers.import_sources import WhenMissing
from dialer.services.customers.sourced_imports import FileAsked, import_of, plan_of

log = structlog.get_logger()

TAKEN, DONE, REFUSED = "taken", "done", "refused"
#: of files that are still on their way, as programs that send files name them; and hidden ones
UNFINISHED: Final = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp")
ACTOR: Final = "folder"
ALIVE_S: Final = 600.0  # a worker that has a file touches its mark; so long untouched, it is gone
BESIDE: Final = (".rejected.csv", ".incomplete.csv", ".missing.csv", ".report.json")
WRITTEN_TO: Final = "it was written to while it was read, and a newer file of its name came meanwhile"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTaken:
    """What became of one file of a folder."""

    name: str
    source: str
    refused: str  # why; empty where it went in
    good: int = 0
    bad: int = 0
    missing: int = 0


def watch_folder(
    database: Database,
    folder: FolderSettings,
    clock: Clock,
    *,
    region: str,
    settle_s: float,
    wall: Callable[[], float],
) -> list[FileTaken]:
    """Import every file of the folder that nobody writes to any more; what became of each.

    `wall` gives seconds as file systems do. Raises OSError where the folder cannot be read or written.
    """
    for name in (TAKEN, DONE, REFUSED):
        (folder.path / name).mkdir(exist_ok=True, mode=0o750)
    found: list[FileTaken] = []
    for path in sorted(_settled(folder.path, settle_s, wall())):
        mine = _take(path)
        if mine is None:
            continue
        before = _size(mine)
        came = _bring_in(database, folder, mine, clock, region)
        if _size(mine) != before:
            log.warning("file_still_written_to", file=path.name)
            if _put_back(mine, folder.path / mine.name):
                continue
            came = replace(came, refused=WRITTEN_TO)
        _put_away(folder.path, mine, came, clock())
        with database.write() as tx:
            details = {"source": came.source, "good": came.good, "bad": came.bad, "refused": came.refused}
            audit.add(tx, clock(), ACTOR, "file.taken", path.name, details)
        found.append(came)
    return found


def _settled(folder: Path, settle_s: float, now: float) -> Iterator[Path]:
    """Files nobody has written to for so long, and those that a worker that is gone had taken."""
    for path in folder.iterdir():
        if path.name.startswith(".") or path.suffix.lower() in UNFINISHED or not path.is_file():
            continue
        state = path.stat()
        # the second moment is the system's own: no program that copies a file can set it back
        if now - max(state.st_mtime, state.st_ctime) >= settle_s:
            yield path
    for left in (folder / TAKEN).glob("*/*"):
        if left.is_file() and not left.name.endswith(BESIDE) and now - left.parent.stat().st_mtime > ALIVE_S:
            yield left


def _take(path: Path) -> Path | None:
    """The file in a folder of its own, under which nobody else has it; None where somebody was faster."""
    holder = f"{socket.gethostname()}-{os.getpid()}-{os.urandom(4).hex()}"
    home = path.parent.parent if path.parent.parent.name == TAKEN else path.parent / TAKEN
    mine = home / holder / path.name
    mine.parent.mkdir(mode=0o750)
    try:
        path.rename(mine)
    except FileNotFoundError:
        mine.parent.rmdir()
        return None
    if path.parent.parent.name == TAKEN:
        shutil.rmtree(path.parent, ignore_errors=True)
    return mine


def _put_back(mine: Path, path: Path) -> bool:
    """Put a file that somebody still writes to where it was; False where another one is there by now."""
    try:
        os.link(mine, path)
    except FileExistsError:
        return False
    shutil.rmtree(mine.parent)
    return True


def _size(path: Path) -> tuple[int, float]:
    state = path.stat()
    return state.st_size, state.st_mtime


def _bring_in(database: Database, folder: FolderSettings, path: Path, clock: Clock, region: str) -> FileTaken:
    missing = WhenMissing(folder.missing) if folder.missing is not None else None
    asked = FileAsked(path=path, source=folder.source, missing=missing)
    told: dict[str, Any] = {"name": path.name, "source": folder.source}
    try:
        report, gone = import_of(
            database,
            plan_of(database, asked, region=region),
            clock(),
            region=region,
            progress=lambda _: os.utime(path.parent),
        )
    except (FileRefused, MappingRefused, FictionUsedUp) as refused:
        return FileTaken(**told, refused=str(refused).replace(str(path), path.name))
    if not report.good:
        return FileTaken(
            **told, refused=f"none of {amount_of(report.bad, 'row')} could be used", bad=report.bad
        )
    path.with_name(f"{path.name}.report.json").write_text(
        json.dumps(_said(report.as_dict(), gone.as_dict() if gone is not None else None), indent=2)
    )
    missed = gone.missing if gone is not None else 0
    return FileTaken(**told, refused="", good=report.good, bad=report.bad, missing=missed)


def _said(report: dict[str, Any], missing: dict[str, Any] | None) -> dict[str, Any]:
    """The report as it stands beside the file: its own files by name, which are there too."""
    named = {key: Path(value).name for key, value in report.items() if key.endswith("_file") and value}
    if missing is not None and missing["file"]:
        missing = {**missing, "file": Path(missing["file"]).name}
    return {**report, **named, "missing": missing}


def _put_away(folder: Path, mine: Path, came: FileTaken, now: datetime) -> None:
    """Move the file and what lies beside it; a moment before its name keeps last night's from being lost."""
    where = folder / (REFUSED if came.refused else DONE)
    if came.refused:
        said = {"refused": came.refused, "bad": came.bad}
        mine.with_name(f"{mine.name}.report.json").write_text(json.dumps(said, indent=2))
    for path in sorted(mine.parent.iterdir()):
        path.rename(where / f"{now:%Y%m%dT%H%M%SZ}-{path.name}")
    mine.parent.rmdir()
