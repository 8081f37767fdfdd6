"""Customer files that were handed in, on record from their first byte to what came of their rows.

The file itself lies below the data folder for as long as it may be asked for. Reading it is another process's
work (`file_reading`): here nothing of a modelling library is loaded.
"""

import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import IO, Any, Final

from dialer.core.importing.column_roles import plain, read_plain
from dialer.core.importing.mapping import Given
from dialer.core.importing.received_file import AT_WORK, RECEIVED_FILE, FileEvent, FileState
from dialer.core.sentence import Sentence
from dialer.db.models import ReceivedFile
from dialer.db.queries import audit, sources
from dialer.db.session import Database
from dialer.services.customers.import_sources import WhenMissing

FOLDER: Final = "received"
KEPT: Final = timedelta(days=14)  # for whoever corrects the bad rows
SILENT_FOR: Final = timedelta(minutes=2)  # a reader speaks every few seconds; one so silent is gone
NOT_IN_NAMES: Final = re.compile(r"[^\w .()+-]")
LONGEST_NAME: Final = 100  # characters; what file systems take, with room for `.rejected.csv`
MOST_SAID: Final = 2_000
BROKE_OFF: Final = Sentence(
    "Whoever read the file ended in the middle. What was stored stays; hand it in again for the rest."
)
ENDINGS: Final = ("rejected", "incomplete", "missing")  # of the files that lie beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCard:
    """One file as a person or a program is shown it."""

    id: int
    name: str
    origin: str
    source: str
    missing: WhenMissing | None  # None: as the source had it before
    state: FileState
    encoding: str
    sheet: str
    seen: Mapping[str, Any]
    report: Mapping[str, Any]
    said: str
    share: float
    received_at: datetime
    path: Path
    given: Given | None

    @property
    def at_work(self) -> bool:
        """Whether somebody reads it at this moment."""
        return self.state in AT_WORK

    def beside(self, ending: str) -> Path | None:
        """The file of rejected or incomplete rows, or of who is missing; None where there is none."""
        path = self.path.with_name(f"{self.path.name}.{ending}.csv")
        return path if ending in ENDINGS and path.is_file() else None


def receive_file(
    database: Database,
    data_dir: Path,
    stream: IO[bytes],
    name: str,
    now: datetime,
    *,
    origin: str,
    source: str = "",
    missing: WhenMissing | None = None,
    encoding: str = "",
    sheet: str = "",
) -> int:
    """Keep a file that was handed in and write it down; its number. What nobody needs any more goes."""
    drop_old_files(database, data_dir, now)
    safe = safe_name(name)
    with database.write() as tx:
        row = ReceivedFile(
            name=safe,
            path="",
            origin=origin,
            source=source,
            missing=missing.value if missing is not None else "",
            state=RECEIVED_FILE.start.value,
            encoding=encoding,
            sheet=sheet,
            given=None,
            received_at=now,
            heard_at=now,
        )
        file = sources.add_file(tx, row)
        audit.add(tx, now, origin, "file.received", str(file), {"name": safe, "source": source})
    folder = data_dir / FOLDER / str(file)
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    path = folder / safe
    with path.open("wb") as kept:
        shutil.copyfileobj(stream, kept)
    with database.write() as tx:
        sources.move_file(tx, file, [RECEIVED_FILE.start], RECEIVED_FILE.start.value, now, path=str(path))
    return file


def safe_name(name: str) -> str:
    """A name that no folder, log or terminal takes for anything else; its ending stays."""
    bare = NOT_IN_NAMES.sub("_", PurePath(name.replace("\\", "/")).name).lstrip(". ")
    stem, dot, ending = bare.rpartition(".")
    cut = LONGEST_NAME - len(ending) - 1
    return (f"{stem[:cut]}{dot}{ending}" if stem and cut > 0 else bare[:LONGEST_NAME]) or "customers"


def move_file(database: Database, file: int, event: FileEvent, now: datetime, **values: Any) -> bool:
    """Let something happen to a file; False where its state does not allow it, or there is none."""
    after: dict[FileState, list[FileState]] = {}
    for (state, happened), then in RECEIVED_FILE.table.items():
        if happened is event:
            after.setdefault(then, []).append(state)
    with database.write() as tx:
        return any(
            sources.move_file(tx, file, before, then.value, now, **values) for then, before in after.items()
        )


def ask_file(
    database: Database, file: int, event: FileEvent, now: datetime, given: Given | None = None
) -> bool:
    """Let a file be looked at, judged or stored by whoever reads files; False where that is not possible."""
    said: dict[str, Any] = {"said": "", "share": 0.0}
    if given is not None:
        said["given"] = plain(given)
    return move_file(database, file, event, now, **said)


def settle_file(database: Database, file: int, now: datetime, **values: Any) -> None:
    """Change what is said of a file, whatever its state."""
    with database.write() as tx:
        row = sources.find_file(tx, file)
        if row is not None:
            sources.move_file(tx, file, [row.state], row.state, now, **values)


def tell_share(database: Database, file: int, share: float, now: datetime) -> None:
    """How much of it is read; a sign of life."""
    with database.write() as tx:
        sources.touch_files(tx, [file], AT_WORK, heard_at=now, share=share)


def keep_alive(database: Database, files: Collection[int], now: datetime) -> None:
    """Say that these files are being read, or wait for it."""
    with database.write() as tx:
        sources.touch_files(tx, files, AT_WORK, heard_at=now)


def refuse_file(database: Database, file: int, why: str, now: datetime, **values: Any) -> None:
    """Write down why a file cannot be read, or not as it was asked."""
    move_file(database, file, FileEvent.REFUSE, now, said=why[:MOST_SAID], **values)


def file_card(database: Database, file: int, now: datetime) -> FileCard | None:
    """One file; one whose reader fell silent is refused, so that it can be handed in again."""
    with database.read() as tx:
        row = sources.find_file(tx, file)
        lost = row is not None and FileState(row.state) in AT_WORK and now - row.heard_at > SILENT_FOR
    if lost:
        refuse_file(database, file, BROKE_OFF, now)
    with database.read() as tx:
        row = sources.find_file(tx, file)
        return _card(row) if row is not None else None


def list_files(database: Database, *, limit: int = 20) -> tuple[FileCard, ...]:
    """The files that came last, newest first."""
    with database.read() as tx:
        return tuple(_card(row) for row in sources.newest_files(tx, limit))


def drop_old_files(database: Database, data_dir: Path, now: datetime) -> int:
    """Take away the files that came more than `KEPT` ago, and what was shown of them; how many."""
    kept_in = (data_dir / FOLDER).resolve()
    dropped = 0
    with database.write() as tx:
        for row in sources.files_before(tx, now - KEPT):
            folder = Path(row.path).resolve().parent
            if folder.parent == kept_in:
                shutil.rmtree(folder, ignore_errors=True)
            sources.move_file(tx, row.id, [row.state], row.state, row.heard_at, path="", seen={})
            dropped += 1
    return dropped


def _report(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """The figures, and what is said of who is missing as sentences; an older version kept those as text."""
    missing = kept.get("missing")
    if not missing:
        return kept
    said = [each if isinstance(each, str) else Sentence.read(each) for each in missing["sentences"]]
    return {**kept, "missing": {**missing, "sentences": said}}


def _card(row: ReceivedFile) -> FileCard:
    return FileCard(
        id=row.id,
        name=row.name,
        origin=row.origin,
        source=row.source,
        missing=WhenMissing(row.missing) if row.missing else None,
        state=FileState(row.state),
        encoding=row.encoding,
        sheet=row.sheet,
        seen=row.seen,
        report=_report(row.report),
        said=row.said,
        share=row.share,
        received_at=row.received_at,
        path=Path(row.path),
        given=read_plain(row.given) if row.given is not None else None,
    )
