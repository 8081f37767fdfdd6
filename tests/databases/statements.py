"""All SQLite databases of a test process share their compiled statements.

SQLAlchemy compiles a statement once an engine. A process of Winback has one engine for its life; one of the
tests has a thousand, and spent a sixth of its processor time on compiling the same statements again.
"""

from typing import Any

from sqlalchemy import Engine

from dialer.db import session

_open_engine = session.open_engine


class Statements(dict[Any, Any]):
    """Compiled statements by what SQLAlchemy keeps them by, without the dialect that comes first.

    Every engine has a dialect of its own, and all of them say the same.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(key[1:], compiled)


_of_sqlite = Statements()


def open_sharing_engine(url: str, **how: Any) -> Engine:
    """`open_engine`, with the statements that any SQLite engine of this process has compiled."""
    engine = _open_engine(url, **how)
    if engine.dialect.name == "sqlite":
        engine.update_execution_options(compiled_cache=_of_sqlite)
    return engine
