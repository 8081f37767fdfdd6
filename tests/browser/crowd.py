"""A large floor."""

from collections.abc import Iterable

from dialer.core.agents.state import AgentState
from dialer.services.agents import agents
from dialer.services.agents.agents import AgentSeen
from tests.browser.seeded import Seeded


class Crowd:
    """Many agents on a PBX of their own, of whom some change."""

    def __init__(self, seeded: Seeded, agents: int) -> None:
        self.seeded = seeded
        self.seen = [self._agent(number, AgentState.READY) for number in range(agents)]
        self.show()

    def _agent(self, number: int, state: AgentState) -> AgentSeen:
        return AgentSeen(
            id=f"agent{number:03}",
            name=f"Amanda Castellano {number:03}",
            interface=f"PJSIP/{1000 + number}",
            state=state,
            reason="",
            since=self.seeded.now,
        )

    def change(self, numbers: Iterable[int], state: AgentState) -> None:
        """These are in this state from now on."""
        for number in numbers:
            self.seen[number] = self._agent(number, state)
        self.show()

    def show(self) -> None:
        """The engine writes them down."""
        agents.save_agents(self.seeded.database, "crowd", self.seen, self.seeded.now)
