"""What all of ours on an Asterisk is called: one prefix, unlike the site's names and a second Winback's."""

import re
from dataclasses import dataclass
from typing import Final

DEFAULT_PREFIX: Final = "winback"
#: letters, digits and hyphens mean nothing to Asterisk in the name of a context, queue, group or file
PREFIX_SHAPE: Final = r"[A-Za-z][A-Za-z0-9-]{0,18}[A-Za-z0-9]"
#: what the names of agents' own queues begin with
OWN_QUEUE: Final = "desk_"
#: which file of Asterisk's each kind of ours is included in
HOMES: Final = {
    "manager": "manager.conf",
    "extensions": "extensions.conf",
    "queues": "queues.conf",
    "agents": "agents.conf",
}


@dataclass(frozen=True, slots=True)
class Names:
    """The names that follow from one prefix. Raises ValueError for a prefix that is none."""

    prefix: str = DEFAULT_PREFIX

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
        return f"{self.prefix}_{kind}.conf"

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
        return self.queue(f"{OWN_QUEUE}{agent}")

    @property
    def every_own_queue(self) -> str:
        """The extension pattern of all of them; N, X and Z would be classes of digits in either case."""
        return "_" + re.sub("([nxzNXZ])", r"[\1]", self.own_queue("")) + "."

    @property
    def first_asked(self) -> str:
        """The variable with the place of the engine that leads, the first being 0; unset after a start."""
        return self.variable("FIRST")

    @property
    def homes(self) -> dict[str, str]:
        """Our files, and the one of Asterisk's in which each is included."""
        return {self.file(kind): home for kind, home in HOMES.items()}


#: as they are on a PBX with one Winback
USUAL: Final = Names()
