"""The `winback` command: runs it, and turns what a person can put right into one clear message."""

import os
import sys
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from dialer.cli.commands import cli
from dialer.cli.unreachable_objects import look_seldom

#: exports, traces, models and rejected rows tell of customers: no stranger reads a file that is made here
KEPT_FROM_STRANGERS: Final = 0o027


def main() -> None:
    """Run the command line; a setting that is wrong or missing is one clear message, not a traceback."""
    look_seldom()
    os.umask(os.umask(KEPT_FROM_STRANGERS) | KEPT_FROM_STRANGERS)
    try:
        cli()
    except Exception as fault:
        remedy = put_right(fault)
        if remedy is None:
            raise
        from dialer.cli.console_output import errors

        for line in remedy:
            errors.print(line)
        sys.exit(2)


def put_right(fault: Exception) -> list[str] | None:
    """What a person can do about it, in rich's markup; None where it is nobody's but ours."""
    from tomllib import TOMLDecodeError

    from pydantic import ValidationError
    from pydantic_settings import SettingsError
    from rich.markup import escape

    from dialer.core.compliance.rulebook import RulebookError
    from dialer.core.toml_slip import toml_slip
    from dialer.db.database_faults import DatabaseUnavailable
    from dialer.db.migrations.upgrade import UpgradeFault
    from dialer.expected_input import what_was_expected
    from dialer.extras import extra_needed
    from dialer.jobs.redis import RedisMissing
    from dialer.settings import SettingError, settings_file

    match fault:
        case SettingError() | DatabaseUnavailable() | UpgradeFault() | RedisMissing():
            return [f"[red]{escape(str(fault))}[/red]"]
        case RulebookError():
            return [f"[red]A rule file cannot be read, so nothing is called: {escape(str(fault))}[/red]"]
        case ModuleNotFoundError() if extra := extra_needed(fault):
            return [f"[red]{escape(missing_extra(extra))}[/red]"]
        case TOMLDecodeError():
            slip = toml_slip(fault, settings_file().read_text(encoding="utf-8"))
            return [f"[red]{escape(str(settings_file()))} cannot be read as TOML: {escape(slip)}.[/red]"]
        case SettingsError():
            return [f"[red]The settings cannot be read: {escape(str(fault))}.[/red]"]
        case ValidationError():
            written = _written(settings_file())
            return [_invalid(each["loc"], written, what_was_expected(each)) for each in fault.errors()]
        case _:
            return None


def missing_extra(extra: str) -> str:
    """The one sentence of every command that needs a part which is not installed."""
    typed = " ".join(["winback", *takewhile(lambda word: not word.startswith("-"), sys.argv[1:])])
    return f"`{typed}` needs the extra `{extra}`: pip install 'winback[{extra}]'"


def _written(file: Path) -> dict[str, Any]:
    """What the file of settings says; it was read before, and what names a fault needs no more than that."""
    from tomllib import loads

    return loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _invalid(place: tuple[str | int, ...], written: dict[str, Any], message: str) -> str:
    from rich.markup import escape

    from dialer.expected_input import place_of

    name = place_of(place, written)
    # a variable has no name for an entry of a list
    variable = "" if any(isinstance(part, int) for part in place) else f"WINBACK_{'__'.join(map(str, place))}"
    where = f"{variable.upper()}, or `{name}`" if variable else f"`{name}`"
    return f"[red]{escape(name)}[/red]: {escape(f'{message}. Correct {where} in winback.toml.')}"
