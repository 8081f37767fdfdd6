"""One promise, as its own page shows it and as staff may hurry it on."""

from dataclasses import replace
from datetime import datetime

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.db.queries import audit, promises
from dialer.db.queries.moves import move
from dialer.db.session import Database
from dialer.services.promises.promises import PromiseCard, cards


def promise_card(database: Database, promise: int, now: datetime) -> PromiseCard | None:
    """This promise, with its queue position while it waits in line; None where there is none."""
    with database.read() as tx:
        row = promises.find(tx, promise)
        if row is None:
            return None
        rows = promises.open_ones(tx) if row.ended_at is None else (row,)
        card = next(card for card in cards(tx, rows, now) if card.id == promise)
        return card if row.ended_at is None else replace(card, queue_position=None)


def call_now(database: Database, promise: int, actor: str, now: datetime) -> Refusal | None:
    """Let a promise that waits for its next attempt, or for its hour, be due at once.

    It is rung when it is its turn, in the order of before, so nobody is overtaken; and the dial permit still
    asks about the hour. Refused with `promise.unknown`, or `promise.not-open` while it is being kept, once it
    is over, or while its caller is on the line.
    """
    with database.write() as tx:
        row = promises.lock_promise(tx, promise)
        if row is None:
            return Refusal(rule=Rule.PROMISE_UNKNOWN)
        chosen = row.wanted_from is not None  # then it is rung from that hour on, and not from a hang-up on
        on_the_line = not chosen and row.rung_from is not None and row.rung_from > now
        if row.state is not PromiseState.WAITING or on_the_line:
            return Refusal(rule=Rule.PROMISE_NOT_OPEN)
        row.held_since = None  # whoever hurries it on has decided on it
        if row.next_action_at is None or row.next_action_at > now:
            move(tx, row, row.state, next_action_at=now, rung_from=now if chosen else row.rung_from)
        audit.add(tx, now, actor, "promise.called-now", str(promise), {})
        return None
