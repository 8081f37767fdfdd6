"""How a database goes about what is asked of it."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Engine, event

from dialer.db.session import Database

NEWEST = (
    "SELECT name, cardinality(parameter_types) FROM pg_prepared_statements ORDER BY prepare_time DESC LIMIT 1"
)


def plans(database: Database, ask: Callable[[], Any], named: str) -> str:
    """How the database goes about each statement of `ask` in which this is named."""
    asked: list[tuple[Engine, str, Any]] = []

    def hearing(engine: Engine) -> Callable[..., None]:
        def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
            asked.append((engine, statement, values))

        return hear

    heard = [(engine, hearing(engine)) for engine in {database.engine, database.looking}]
    for engine, hear in heard:
        event.listen(engine, "before_cursor_execute", hear)
    ask()
    for engine, hear in heard:
        event.remove(engine, "before_cursor_execute", hear)
    found = []
    for engine, statement, values in asked:
        if named in statement:
            engine.dispose()  # a new connection has prepared nothing else, whatever was asked before
            with engine.connect() as connection:
                found += _plan(connection, statement, values, for_any=engine is not database.engine)
    return "\n".join(found)


def _plan(connection: Connection, statement: str, values: Any, *, for_any: bool) -> Iterator[str]:
    """A plan's lines: for these values, or the one that is kept for any."""
    how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    if for_any:
        driver: Any = connection.connection.dbapi_connection
        driver.prepare_threshold = 0
        connection.exec_driver_sql(statement, values)
        driver.prepare_threshold = None
        name, count = connection.exec_driver_sql(NEWEST).one()
        statement, values = f"EXECUTE {name}({', '.join(count * ['NULL'])})", ()
    for row in connection.exec_driver_sql(f"{how} {statement}", values):
        yield str(row[-1])
