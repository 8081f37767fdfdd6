"""An option that names a day, the same in every command."""

from datetime import UTC, date, datetime
from typing import Any

import typer


def day_option(*names: str, words: str) -> Any:
    """The option of these names, given as 2026-12-31; `words` say in the help what day it is."""
    return typer.Option(*names, parser=_read_day, metavar="YYYY-MM-DD", help=words)


def _read_day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; expected: one such as 2026-12-31.") from None
