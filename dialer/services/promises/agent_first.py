"""A call back whose agent is on the line before the customer is rung: which agent, and what they hear."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from callbacks.offer_policy import FirstLeg
from dialer.core.calling.attempt import AttemptState
from dialer.db.models import Attempt, Promise
from dialer.db.queries import attempts, promises
from dialer.db.session import Database, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What an agent hears before the customer is rung."""

    waited: timedelta  # since the customer joined the queue
    recording: str | None  # in which the customer says who they are and why they call


def first_agent_of(database: Database, attempt: str) -> str | None:
    """The agent who is kept for this call and rung first; None where it is no such call, or not any more."""
    with database.read() as tx:
        found = _agents_first(tx, database, attempt)
        return found[0].reserved_agent if found is not None else None


def brief_of(database: Database, attempt: str, now: datetime) -> Brief | None:
    """What the agent of this call hears; None likewise."""
    with database.read() as tx:
        found = _agents_first(tx, database, attempt)
        if found is None:
            return None
        promise = found[1]
        return Brief(waited=now - promise.virtual_join, recording=promise.reason_recording)


def _agents_first(tx: Transaction, database: Database, attempt: str) -> tuple[Attempt, Promise] | None:
    row = attempts.find_attempt(tx, attempt)
    if row is None or row.promise_id is None or row.state is not AttemptState.INTENT:
        return None
    promise = promises.find(tx, row.promise_id)
    if promise is None or database.policy.offer_policy(promise.queue).first_leg is not FirstLeg.AGENT:
        return None
    return row, promise
