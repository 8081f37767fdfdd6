"""Settings in, configuration files out: a pure function."""

from collections.abc import Container

from telephony.asterisk.config.dialplan import dialplan_lines
from telephony.asterisk.config.manager_user import manager_lines
from telephony.asterisk.config.model import AsteriskVersion, PbxConfig
from telephony.asterisk.config.page_phones import pjsip_lines
from telephony.asterisk.config.queues import agent_lines, queue_lines

_HEAD = (
    "; Rendered by Winback for Asterisk {version}. Changes made here are lost at the next rendering:",
    "; put your own into {home}, which holds one line for this file, at its end:",
    "; #include {name}",
    "",
)


def render(config: PbxConfig, version: AsteriskVersion, *, there: Container[str] = ()) -> dict[str, str]:
    """The files for one Asterisk, by name; the same plan always gives the same text.

    A file of those that only some sites need is rendered where they do, or where it is `there` already: then
    it says what there is now, which may be nothing.
    """
    lines = {
        "manager": manager_lines(config, version),
        "extensions": dialplan_lines(config, version),
        "queues": queue_lines(config, version),
        "agents": agent_lines(config),
        "pjsip": pjsip_lines(config),
    }
    if not lines["pjsip"] and config.names.file("pjsip") not in there:
        del lines["pjsip"]
    if config.names.freepbx:
        del lines["agents"]
    return {config.names.file(kind): _file(config, kind, version, body) for kind, body in lines.items()}


def _file(config: PbxConfig, kind: str, version: AsteriskVersion, body: list[str]) -> str:
    name = config.names.file(kind)
    home = config.names.every_home[name]
    head = [line.format(version=version.value, home=home, name=name) for line in _HEAD]
    return "\n".join([*head, *body]).rstrip("\n") + "\n"
