"""How many statements a database was asked: what a turn and an attempt cost, whatever else a machine does."""

from typing import Any

from sqlalchemy import event

from dialer.db.session import Database


class StatementCount:
    """Statements since it was made, of every connection of one process."""

    def __init__(self, database: Database) -> None:
        self.statements = 0
        self.commits = 0
        event.listen(database.engine, "before_cursor_execute", self._asked)
        event.listen(database.engine, "commit", self._committed)

    def _asked(self, *_: Any) -> None:
        self.statements += 1

    def _committed(self, *_: Any) -> None:
        self.commits += 1
