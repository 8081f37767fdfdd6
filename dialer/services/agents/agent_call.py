"""The talks that an agent has, or had: what may be said of one, and by whom."""

from dialer.core.compliance.verdict import Verdict, refuse
from dialer.db.models import Attempt
from dialer.db.queries import attempts
from dialer.db.session import Transaction


def take_talk(tx: Transaction, agent: str, attempt: str) -> Attempt | Verdict:
    """This attempt, locked, as a talk of this agent's.

    Refused with `attempt.unknown`, `attempt.not-connected` or `attempt.other-agent`.
    """
    row = attempts.lock_attempt(tx, attempt)
    if row is None:
        return refuse("attempt.unknown")
    if row.connected_at is None:
        return refuse("attempt.not-connected")
    if row.agent not in (None, agent):
        return refuse("attempt.other-agent")
    return row
