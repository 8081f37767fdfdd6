"""Who asks for a page, and whether they may: one answer for pages, API and event sources."""

from dataclasses import dataclass
from typing import Final

from dialer.core.access.rights import Right

LONGEST_ACTOR: Final = 60  # characters: the narrowest column that keeps who did something


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A person who logged in, a token, or anybody at all where there is no log-in.

    `agent` is whom this person is on the floor. `teams` and `agents` say whose work they may look at and
    direct; None: everybody's. `name` is what the audit says; empty where nobody is known. `language` is what
    they chose to read pages in; empty: they did not choose.
    """

    name: str = ""
    user: int | None = None
    rights: frozenset[Right] = frozenset()
    agent: str | None = None
    teams: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    language: str = ""

    def may(self, right: Right) -> bool:
        """Whether this is theirs to do."""
        return right in self.rights

    def may_see(self, agent: str) -> bool:
        """Whether an agent's page is theirs to look at: their own, or a team's that they are for."""
        return self.is_agent(agent) or (self.may(Right.SEE_FLOOR) and self._in_reach(agent))

    def may_direct(self, agent: str) -> bool:
        """Whether they may pause or log out this agent."""
        return self.may(Right.DIRECT_AGENTS) and self._in_reach(agent)

    def is_agent(self, agent: str) -> bool:
        """Whether they may work as this agent: nobody acts as another."""
        return self.may(Right.DESK) and (self.agent == agent or self is EVERYBODY)

    def actor(self, unknown: str) -> str:
        """What the audit says of them; `unknown` where nobody logs in."""
        return (self.name or unknown)[:LONGEST_ACTOR]

    def _in_reach(self, agent: str) -> bool:
        return self.agents is None or agent in self.agents


NOBODY: Final = Visitor()
#: where log-in is off, whoever reaches the port may do everything
EVERYBODY: Final = Visitor(rights=frozenset(Right))
