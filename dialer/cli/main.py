"""The `winback` command: runs it, and turns what a person can put right into one clear message."""

import os
import sys
from typing import Final

from pydantic import ValidationError
from rich.markup import escape

from dialer.cli import commands
from dialer.cli.console_output import errors
from dialer.core.compliance.rulebook import RulebookError
from dialer.settings import SettingError
from telephony.errors import LoginRefused

#: exports, traces, models and rejected rows tell of customers: no stranger reads a file that is made here
KEPT_FROM_STRANGERS: Final = 0o027


def main() -> None:
    """Run the command line; a setting that is wrong or missing is one clear message, not a traceback."""
    os.umask(os.umask(KEPT_FROM_STRANGERS) | KEPT_FROM_STRANGERS)
    try:
        commands.cli()
    except SettingError as wrong:
        errors.print(f"[red]{wrong}[/red]")
        sys.exit(2)
    except RulebookError as broken:
        errors.print(f"[red]A rule file cannot be read, so nothing is called: {escape(str(broken))}[/red]")
        sys.exit(2)
    except LoginRefused as refused:
        errors.print(f"[red]{refused}[/red]")
        errors.print("Compare WINBACK_PBX__USERNAME and WINBACK_PBX__SECRET with winback_manager.conf.")
        sys.exit(2)
    except ValidationError as invalid:
        for fault in invalid.errors():
            name = ".".join(str(part) for part in fault["loc"])
            variable = "WINBACK_" + name.upper().replace(".", "__")
            remedy = f"Correct {variable}, or `{name}` in winback.toml."
            errors.print(f"[red]{name}[/red]: {fault['msg']}. {remedy}")
        sys.exit(2)
