"""How long a database's own server worked, where it runs here: a clock tells little on a busy machine."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, text

from dialer.db.session import Database

HERE: Final = frozenset({None, "localhost", "127.0.0.1", "::1"})
NS_A_MS: Final = 1e6
PROCESSES: Final = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"


class ServerProcessor:
    """The processes that answer this one's questions, as they are when this is made."""

    def __init__(self, database: Database) -> None:
        self._pids: list[int] = []
        if database.engine.dialect.name == "postgresql" and is_here(database.engine.url):
            with database.read() as tx:
                self._pids = list(tx.scalars(text(PROCESSES)))

    def ms(self) -> float | None:
        """Milliseconds of a processor so far; None where there is no such process, or it cannot be seen."""
        try:
            told = [Path(f"/proc/{pid}/schedstat").read_text("ascii") for pid in self._pids]
        except OSError:
            return None
        return sum(int(each.split()[0]) for each in told) / NS_A_MS if told else None


def is_here(url: URL) -> bool:
    """Whether a server is reached by a socket of this machine, or by its own address."""
    asked = url.query.get("host", url.host)
    return asked in HERE or (isinstance(asked, str) and asked.startswith("/"))
