"""What Asterisk has to load anew where rendered files differ from those it has read, and having it done.

It is told over its own console, as an operator would tell it: the manager user may not reload, on purpose.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from telephony.asterisk.config.names import Names

#: by the kind of file: the command that has it read again, calls under way going on; queues come first: a
#: dialplan must not name one that is not there yet
COMMANDS: Final = {
    "queues": "queue reload all",
    "pjsip": "module reload res_pjsip.so",
    "agents": "module reload app_agent_pool.so",
    "extensions": "dialplan reload",
    "manager": "manager reload",
}
ANSWER_WITHIN_S: Final = 30.0  # a large dialplan is read in one or two
HARMLESS: Final = "core show version"  # asked to see whether the console answers at all


class ReloadFailed(Exception):
    """Asterisk was not told, or said no; says why in one sentence."""


def reload_commands(before: Mapping[str, str], after: Mapping[str, str], names: Names) -> tuple[str, ...]:
    """The commands for the files that differ, in the order in which they may be given."""
    return tuple(
        command
        for kind, command in COMMANDS.items()
        if before.get(names.file(kind)) != after.get(names.file(kind))
    )


def in_order(commands: Iterable[str]) -> tuple[str, ...]:
    """Each of these commands once, in the order in which they may be given."""
    named = set(commands)
    return tuple(command for command in COMMANDS.values() if command in named)


def obstacle_to_rendering(folder: Path) -> str | None:
    """Why this process cannot render into the folder and reload the Asterisk it belongs to; None: it can."""
    if not (folder / "asterisk.conf").is_file():
        return f"{folder} on this machine is no Asterisk's, or cannot be read by {_me()}"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{_me()} may not write into {folder}"
    try:
        tell(HARMLESS, folder)
    except ReloadFailed as fault:
        return str(fault)
    return None


def tell(command: str, folder: Path) -> None:
    """Give the Asterisk of this folder one command of its console.

    Raises:
        ReloadFailed: there is no `asterisk` here, it does not answer this user, or it says no.
    """
    program = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise ReloadFailed("there is no program `asterisk` on this machine")
    try:
        told = subprocess.run(  # noqa: S603 - a command of the table above, no word of anybody's
            [program, "-C", str(folder / "asterisk.conf"), "-rx", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ANSWER_WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise ReloadFailed(f"Asterisk's console gave no answer to `{command}`: {fault}") from fault
    if told.returncode or told.stdout.startswith("No such"):
        said = " ".join((told.stderr or told.stdout).split())[:200]
        raise ReloadFailed(f"Asterisk's console does not take `{command}` from {_me()}: {said or 'no word'}")


def _me() -> str:
    """The user of this process, by name where there is one."""
    try:
        return f"the user {pwd.getpwuid(os.geteuid()).pw_name}"
    except KeyError:
        return f"the user {os.geteuid()}"
