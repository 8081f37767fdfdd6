"""What the database adds to the limits of callbacks: who is blocked, and who asked how often of late."""

from dataclasses import replace
from datetime import datetime

from callbacks.limits import HIDDEN, PROMISE_WINDOW, AskingHistory, CallbackLimits
from dialer.core.calling.policy import CallingPolicy
from dialer.db.queries import callback_blocks, persons, promises
from dialer.db.session import Transaction


def limits_for(tx: Transaction, policy: CallingPolicy, e164: str) -> CallbackLimits:
    """The limits for one number, as the database knows it at this moment."""
    blocked = callback_blocks.find(tx, e164) is not None or persons.objection_kept(tx, e164, None)
    restricted = persons.is_restricted(tx, e164)
    return replace(
        policy.callbacks,
        own=policy.callbacks.own | ({policy.caller_id} - {""}),
        blocked=frozenset({e164}) if blocked else frozenset(),
        restricted=frozenset({e164}) if restricted else frozenset(),
    )


def asking_history(tx: Transaction, policy: CallingPolicy, source: str, now: datetime) -> AskingHistory:
    """When promises were made of late; nobody can tell whether hidden numbers are one caller or many."""
    since, limits = now - PROMISE_WINDOW, policy.callbacks
    return AskingHistory(
        by_source=() if source == HIDDEN else tuple(promises.made_by(tx, source, since)),
        by_all=tuple(promises.latest_made(tx, since, max(limits.all_an_hour, limits.all_a_day))),
    )
