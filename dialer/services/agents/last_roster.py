"""Who was at work when an engine last saw the PBX: what outlives the engine and its host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dialer.core.agents.state import AgentState
from dialer.db.queries import agents
from dialer.db.session import Database, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterSeen:
    """Who is logged in, in which state and why, at a moment when the PBX itself said so."""

    seen_at: datetime
    booted_at: datetime | None  # since when that PBX ran; None: it would not say
    at_work: Mapping[str, tuple[AgentState, str]] = field(default_factory=dict)


def save_roster(database: Database, pbx: str, seen: RosterSeen) -> None:
    """Keep who is at work on a PBX, in place of what was known before."""
    with database.write() as tx:
        put_roster(tx, pbx, seen)


def put_roster(tx: Transaction, pbx: str, seen: RosterSeen) -> None:
    """The same inside a transaction."""
    agents.save_roster(
        tx,
        pbx=pbx,
        seen_at=seen.seen_at,
        booted_at=seen.booted_at,
        at_work={agent: [state.value, reason] for agent, (state, reason) in seen.at_work.items()},
    )


def read_roster(database: Database, pbx: str) -> RosterSeen | None:
    """Who was at work on a PBX when an engine last saw it; None where none ever did."""
    with database.read() as tx:
        row = agents.last_roster(tx, pbx)
        if row is None:
            return None
        return RosterSeen(
            seen_at=row.seen_at,
            booted_at=row.booted_at,
            at_work={agent: (AgentState(state), reason) for agent, (state, reason) in row.at_work.items()},
        )
