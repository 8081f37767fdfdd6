"""Whose card lies before an agent: the customer in talk, or just talked with, and nobody else.

The page of an agent in talk is read out to whoever is on the line. So a call that is over never stays on
the card because its disposition is late, and where nobody knows who is on the line the card shows nobody.
"""

from typing import Final

from dialer.core.agents.state import AgentState

#: the states in which an agent has a customer before them, and whether the call may be over meanwhile
ON_THE_CARD: Final = {
    AgentState.RINGING: False,  # the one for whom the agent's phone rings, to be read before the first word
    AgentState.TALKING: False,  # one that is over is not the one that is being talked with
    AgentState.WRAPPING_UP: True,
}


def is_on_the_card(state: AgentState, *, over: bool, others: bool) -> bool:
    """Whether a call belongs on the agent's card; `others`: another agent has it."""
    may_be_over = ON_THE_CARD.get(state)
    return may_be_over is not None and not others and (may_be_over or not over)
