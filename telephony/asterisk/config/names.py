"""What all of ours on an Asterisk is called: one prefix, unlike the site's names and a second Winback's."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

DEFAULT_PREFIX: Final = "winback"
#: letters, digits and hyphens mean nothing to Asterisk in the name of a context, queue, group or file
PREFIX_SHAPE: Final = r"[A-Za-z][A-Za-z0-9-]{0,18}[A-Za-z0-9]"
#: what the names of agents' own queues begin with
OWN_QUEUE: Final = "desk_"
#: what Asterisk has as an extension, a device and a queue alike
PLAIN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", re.ASCII)
#: an agent's id as people have them: letters and digits of any script
AGENT_ID: Final = re.compile(r"[^\W_][\w.\u2019'-]{0,39}")
_KEPT: Final = 24  # characters of an id that its name in Asterisk still shows
_TOLD_APART: Final = 8  # hexadecimal digits behind them: ids that look alike stay two
#: which file of Asterisk's each kind of ours is included in
HOMES: Final = {
    "manager": "manager.conf",
    "extensions": "extensions.conf",
    "queues": "queues.conf",
    "agents": "agents.conf",
}


#: on FreePBX, which writes the files above anew at every change and never these; it has no agent pool
FREEPBX_HOMES: Final = {
    "manager": "manager_custom.conf",
    "extensions": "extensions_custom.conf",
    "queues": "queues_custom.conf",
}
#: beside them, where an agent's page is the phone; FreePBX has phones of its own
PHONE_HOMES: Final = {"pjsip": "pjsip.conf"}


def name_in_asterisk(agent: str) -> str:
    """What an agent is called in queues, devices and extensions: the id, or one that stands for it.

    `Zoë` and `O'Brien` become `Zoe_` and `OBrien_` with eight digits of the id's digest; every version and
    every process comes to the same one.
    """
    if PLAIN_ID.fullmatch(agent):
        return agent
    composed = unicodedata.normalize("NFC", agent)
    letters = unicodedata.normalize("NFKD", composed).encode("ascii", "ignore").decode()
    shown = re.sub(r"[^A-Za-z0-9]", "", letters)[:_KEPT] or "agent"
    return f"{shown}_{hashlib.sha256(composed.encode()).hexdigest()[:_TOLD_APART]}"


@dataclass(frozen=True, slots=True)
class Names:
    """The names that follow from one prefix. Raises ValueError for a prefix that is none."""

    prefix: str = DEFAULT_PREFIX
    freepbx: bool = False

    def __post_init__(self) -> None:
        """Refuse what a configuration file would read as more than a name."""
        if not re.fullmatch(PREFIX_SHAPE, self.prefix, re.ASCII):
            raise ValueError(
                f"prefix {self.prefix!r} must be letters, digits and hyphens, a letter first, 2 to 20 of them"
            )

    def context(self, part: str) -> str:
        """A context of the dialplan."""
        return f"{self.prefix}-{part}"

    def file(self, kind: str) -> str:
        """A configuration file."""
        return f"{self.prefix}_{kind}{'_custom' if self.freepbx else ''}.conf"

    def variable(self, part: str) -> str:
        """A global variable of the dialplan, in which a hyphen would be a minus sign."""
        return f"{self.prefix.replace('-', '_').upper()}_{part}"

    def queue(self, name: str) -> str:
        """A queue that nobody gave another name; also an agent of the pool.

        With the default prefix there is none before it, as reports and dialplans know it.
        """
        return name if self.prefix == DEFAULT_PREFIX else f"{self.prefix}_{name}"

    def own_queue(self, agent: str) -> str:
        """The queue for customers whom this agent and nobody else is to talk with."""
        return f"{self.before_agent}{name_in_asterisk(agent)}"

    @property
    def before_agent(self) -> str:
        """What the name of every agent's own queue begins with."""
        return self.queue(OWN_QUEUE)

    def pool_id(self, agent: str) -> str:
        """What an agent is called in Asterisk's agent pool."""
        return self.queue(name_in_asterisk(agent))

    def page_phone(self, agent: str) -> str:
        """The PJSIP endpoint of an agent whose phone is the page; its contact and its credentials too."""
        return f"{self.prefix}-web-{name_in_asterisk(agent)}"

    @property
    def every_own_queue(self) -> str:
        """The extension pattern of all of them; N, X and Z would be classes of digits in either case."""
        return "_" + re.sub("([nxzNXZ])", r"[\1]", self.before_agent) + "."

    @property
    def first_asked(self) -> str:
        """The variable with the place of the engine that leads, the first being 0; unset after a start."""
        return self.variable("FIRST")

    @property
    def homes(self) -> dict[str, str]:
        """The files that every site has of ours, and the one of Asterisk's in which each is included."""
        homes = FREEPBX_HOMES if self.freepbx else HOMES
        return {self.file(kind): home for kind, home in homes.items()}

    @property
    def every_home(self) -> dict[str, str]:
        """The same with the files that only some sites have."""
        if self.freepbx:
            return self.homes
        return self.homes | {self.file(kind): home for kind, home in PHONE_HOMES.items()}


#: as they are on a PBX with one Winback
USUAL: Final = Names()
