"""`winback backup`: a copy of the database that can be brought back."""

from pathlib import Path
from typing import Annotated

import typer

from dialer.cli.console_output import console, fail


def backup(
    file: Annotated[Path, typer.Argument(help="A new file for the copy.", dir_okay=False)],
) -> None:
    """Copy the SQLite database into FILE while Winback runs.

    `cp` of a running database holds nothing of what is still in its log. To bring a copy back, stop
    Winback, put FILE in the database's place, remove the files ending in -wal and -shm, and start it.
    """
    from dialer.db.backup import BackupRefused, back_up
    from dialer.settings import Settings

    settings = Settings()
    try:
        size = back_up(settings.database(), file)
    except BackupRefused as refused:
        fail(refused)
    console.print(f"{file}: {size / 1e6:,.1f} MB, whole and checked.", markup=False, highlight=False)
