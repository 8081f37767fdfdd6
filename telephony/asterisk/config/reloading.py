"""What Asterisk has to load anew where rendered files differ from those it has read."""

from collections.abc import Mapping
from typing import Final

from telephony.asterisk.config.names import Names

#: by the kind of file: the command that has it read again, calls under way going on
COMMANDS: Final = {
    "queues": "queue reload all",
    "pjsip": "module reload res_pjsip.so",
    "agents": "module reload app_agent_pool.so",
    "extensions": "dialplan reload",
    "manager": "manager reload",
}


def reload_commands(before: Mapping[str, str], after: Mapping[str, str], names: Names) -> tuple[str, ...]:
    """The commands, queues first: a dialplan must not name one that is not there yet."""
    return tuple(
        command
        for kind, command in COMMANDS.items()
        if before.get(names.file(kind)) != after.get(names.file(kind))
    )
