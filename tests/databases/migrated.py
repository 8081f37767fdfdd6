"""A migrated SQLite file is made once a process and copied wherever a test begins with an empty one."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from dialer.db.migrations.upgrade import upgrade
from dialer.db.privacy import path_of


@cache
def empty_database() -> bytes:
    """A database file with every table and no row, as the steps make it: half a second of processor time."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        upgrade(f"sqlite:///{path}")
        return path.read_bytes()


def upgrade_from_copy(url: str) -> None:
    """`upgrade`, where nothing is there yet from a copy of what it makes."""
    path = path_of(url)
    if path is not None and path.parent.is_dir() and not path.exists():
        path.write_bytes(empty_database())
    upgrade(url)
