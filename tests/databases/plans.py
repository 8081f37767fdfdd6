"""How a database goes about what is asked of it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from dialer.db.session import Database


def plans(database: Database, ask: Callable[[], Any], named: str) -> str:
    """How the database goes about each statement of `ask` in which this is named."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        asked.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", hear)
    ask()
    event.remove(database.engine, "before_cursor_execute", hear)
    how = "EXPLAIN" if database.engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with database.engine.connect() as connection:
        return "\n".join(
            str(row[-1])
            for statement, values in asked
            if named in statement
            for row in connection.exec_driver_sql(f"{how} {statement}", values)
        )
