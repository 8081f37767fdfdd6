"""An offer that an agent gives to a customer: within the allowance at once, above it when allowed.

Whether the customer took it is no state of its own: what the agent says came of the call says so.
"""

from enum import StrEnum
from typing import Final

from telephony.state_machine import StateMachine


class GivenState(StrEnum):
    """Where an offer to one customer stands."""

    ASKED = "asked"  # a supervisor has to allow it
    GIVEN = "given"  # said to the customer, or about to be
    REFUSED = "refused"  # by a supervisor
    WITHDRAWN = "withdrawn"  # by the agent: a slip, or the customer did not wait for the answer


class GivenEvent(StrEnum):
    """What can happen to it."""

    ALLOW = "allow"  # by the allowance, or by a supervisor
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


_S, _E = GivenState, GivenEvent

GIVEN_OFFER: Final[StateMachine[GivenState, GivenEvent]] = StateMachine(
    name="given offer",
    start=_S.ASKED,
    ends=frozenset({_S.REFUSED, _S.WITHDRAWN}),
    table={
        (_S.ASKED, _E.ALLOW): _S.GIVEN,
        (_S.ASKED, _E.REFUSE): _S.REFUSED,
        (_S.ASKED, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.GIVEN, _E.WITHDRAW): _S.WITHDRAWN,
    },
)
