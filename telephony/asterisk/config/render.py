"""Settings in, configuration files out: a pure function."""

from telephony.asterisk.config.dialplan import dialplan_lines
from telephony.asterisk.config.manager_user import manager_lines
from telephony.asterisk.config.model import AsteriskVersion, PbxConfig
from telephony.asterisk.config.queues import agent_lines, queue_lines

# Which of Asterisk's own files each of ours is included in.
INCLUDED_IN = {
    "winback_manager.conf": "manager.conf",
    "winback_extensions.conf": "extensions.conf",
    "winback_queues.conf": "queues.conf",
    "winback_agents.conf": "agents.conf",
}

_HEAD = (
    "; Rendered by Winback for Asterisk {version}. Changes made here are lost at the next rendering:",
    "; put your own into {home}, which holds one line for this file, at its end:",
    "; #include {name}",
    "",
)


def render(config: PbxConfig, version: AsteriskVersion) -> dict[str, str]:
    """The files for one Asterisk, by name; the same plan always gives the same text."""
    lines = {
        "winback_manager.conf": manager_lines(config, version),
        "winback_extensions.conf": dialplan_lines(config, version),
        "winback_queues.conf": queue_lines(config),
        "winback_agents.conf": agent_lines(config),
    }
    return {name: _file(name, version, body) for name, body in lines.items()}


def _file(name: str, version: AsteriskVersion, body: list[str]) -> str:
    head = [line.format(version=version.value, home=INCLUDED_IN[name], name=name) for line in _HEAD]
    return "\n".join([*head, *body]).rstrip("\n") + "\n"
