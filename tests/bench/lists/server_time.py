"""A database to measure with: a SQLite file or a server of one's own, and how long that works."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from databases.postgres import postgres_server

TICKS_S: Final = os.sysconf("SC_CLK_TCK")
# fields of /proc/PID/stat after the name, from 0: parent, own time in two parts, that of ended children too
PARENT, OWN, WITH_ENDED = 1, slice(11, 13), slice(11, 15)


@dataclass(frozen=True, slots=True)
class Measured:
    """A database by its URL; `server` is the process whose children answer, None where there is none."""

    url: str
    server: int | None

    def server_s(self) -> float:
        """Processor time of the server so far, with whatever it started."""
        if self.server is None:
            return 0.0
        children = (fields for fields in map(_fields, Path("/proc").glob("[0-9]*")) if fields)
        ticks = sum(sum(map(int, each[OWN])) for each in children if int(each[PARENT]) == self.server)
        own = _fields(Path(f"/proc/{self.server}")) or []
        return (ticks + sum(map(int, own[WITH_ENDED]))) / TICKS_S


def _fields(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return []


@contextmanager
def measured_database(kind: str, folder: Path) -> Iterator[Measured]:
    """An empty one of this kind."""
    if kind == "sqlite":
        yield Measured(f"sqlite:///{folder / 'bench.db'}", None)
        return
    with postgres_server() as server:
        yield Measured(server.url("postgres"), server.pid)
