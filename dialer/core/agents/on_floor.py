"""Who and what is on the floor: an agent in all their queues, a call on its way, an agent who came back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dialer.core.agents.leave import Leave
from dialer.core.agents.state import AgentState
from telephony.calls.events import MemberSeen


@dataclass(slots=True, kw_only=True)
class AgentOnFloor:
    """One agent, as seen in every queue it is a member of."""

    id: str
    interface: str
    state: AgentState
    since: datetime
    reason: str = ""
    left: tuple[AgentState, str] | None = None  # state and reason before going offline by themselves
    members: dict[str, MemberSeen] = field(default_factory=dict)
    attempt: str | None = None  # the last attempt's call, until its wrap-up is over or another talk begins
    caller: str | None = None  # the same of a live caller's call
    on_call: str | None = None  # attempt or caller being talked with; outlasts a late device state
    rung: str | None = None  # attempt or caller for whom their phone rings
    missed: int = 0  # rings not picked up, one after the other
    held: bool = False  # reserved by us, whether or not the PBX has said so yet
    alone: bool = False  # reserved for a call that reaches nobody else
    longer: timedelta = timedelta()  # asked for in this wrap-up, on top of the centre's limit
    closing: datetime | None = None  # when the agent said that this talk, or wrap-up, is about to end
    leave: Leave | None = None  # what is planned, as the database has it
    seconds: dict[AgentState, float] = field(default_factory=dict)

    @property
    def standing(self) -> bool:
        """Whether this agent is reached over a standing connection."""
        return self.interface.startswith(f"Local/{self.id}@") and self.interface.endswith("-agents/n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """An agent came back to work from a pause."""

    agent: str
    reason: str
    since: datetime
    at: datetime


@dataclass(slots=True, kw_only=True)
class CallOnFloor:
    """An attempt on its way, from its commit to its end."""

    attempt: str
    placed_at: datetime
    trunk: str = ""
    lead: int | None = None
    promise: int | None = None
    asked_in: str = ""  # the inbound queue in which it was promised
    campaign: int | None = None
    team: str | None = None  # whose agents its customer may reach; None: everybody
    answer_probability: float | None = None
    answered_at: datetime | None = None
    agent: str | None = None  # who talks with the customer
    kept_for: str | None = None  # the only agent this call can reach
    handed_over: bool = False  # the agent is out of the talk, and the customer was transferred
    proof: bool = False  # it speaks a code, and wants no agent
