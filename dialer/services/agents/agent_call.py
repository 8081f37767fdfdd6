"""The talks that an agent has, or had: what may be said of one, and by whom."""

from callbacks.refusals import Refusal, Rule
from dialer.db.models import Attempt
from dialer.db.queries import attempts
from dialer.db.session import Transaction


def take_talk(tx: Transaction, agent: str, attempt: str) -> Attempt | Refusal:
    """This attempt, locked, as a talk of this agent's.

    Refused with `attempt.unknown`, `attempt.not-connected` or `attempt.other-agent`.
    """
    row = attempts.lock_attempt(tx, attempt)
    if row is None:
        return Refusal(rule=Rule.ATTEMPT_UNKNOWN)
    if row.connected_at is None:
        return Refusal(rule=Rule.ATTEMPT_NOT_CONNECTED)
    if row.agent not in (None, agent):
        return Refusal(rule=Rule.ATTEMPT_OTHER_AGENT)
    return row
