"""The dialplan by which a supervisor hears an agent's call, whispers to the agent, or joins in.

ChanSpy takes the beginning of a channel's name, and without one every channel of the PBX: so each agent has
an extension with a name that no other's begins with, and a phone is heard only in calls that are ours, which
are marked for it (`SPYGROUP`, handed on to the agent's channel). What somebody does on their phone beside
Winback is nobody's to hear (invariant 11).
"""

import re
from enum import StrEnum
from typing import Final

from telephony.asterisk.config.model import AgentLine, PbxConfig
from telephony.asterisk.config.names import Names


class ListenMode(StrEnum):
    """How somebody is on an agent's call."""

    LISTEN = "listen"  # hears both, is heard by nobody
    WHISPER = "whisper"  # is heard by the agent alone
    BARGE = "barge"  # is heard by both


# contexts, behind the prefix: where the supervisor's phone begins, extension = mode-agent, and where it is
# put on the call, extension = the agent
LISTEN, HEARD = "listen", "heard"
#: q: no beep to the agent; E, S: over with the call; w: to the agent alone; B: to both
OPTIONS: Final = {ListenMode.LISTEN: "qES", ListenMode.WHISPER: "qESw", ListenMode.BARGE: "qESB"}
#: technologies whose channels are named by the device and a number of their own. A Local channel has two
#: halves of one name, and a whisper into the wrong one reaches the customer
_OWN_NAME: Final = re.compile(r"(PJSIP|SIP|IAX2)/[A-Za-z0-9_.-]+", re.ASCII)


def mark_call(names: Names) -> str:
    """The step on a customer's channel that lets a supervisor hear the agent in this call."""
    return f"Set(__SPYGROUP={names.prefix})"


def may_be_heard(line: AgentLine) -> bool:
    """Whether this agent's calls can be listened to."""
    return line.phone is None or _OWN_NAME.fullmatch(line.phone) is not None


def listening_lines(config: PbxConfig) -> list[list[str]]:
    """The contexts; a phone whose name another's begins with cannot be told apart and is left out."""
    phones = [agent.phone for agent in config.agents if agent.phone is not None]
    begin = [f"[{config.names.context(LISTEN)}]"]
    for mode, options in OPTIONS.items():
        # n, x and z would be classes of digits in a pattern
        pattern = re.sub("([nxz])", r"[\1]", mode.value)
        begin += [
            f"exten => _{pattern}-.,1,Set(WB_SPY={options})",
            f" same => n,Goto({config.names.context(HEARD)},${{EXTEN:{len(mode.value) + 1}}},1)",
        ]
    heard = [f"[{config.names.context(HEARD)}]"]
    for agent in config.agents:
        if agent.phone is None:
            channel = f"${{AGENT({agent.pool_id}:fullchannel)}}"
            heard += [
                f"exten => {agent.called},1,Answer()",
                f' same => n,ExecIf($["{channel}" != ""]?ChanSpy({channel},${{WB_SPY}}))',
                " same => n,Hangup()",
            ]
        elif may_be_heard(agent) and sum(each.startswith(f"{agent.phone}-") for each in phones) == 0:
            heard += [
                f"exten => {agent.called},1,Answer()",
                f" same => n,ChanSpy({agent.phone}-,${{WB_SPY}}g({config.names.prefix}))",
                " same => n,Hangup()",
            ]
    return [begin, heard]
