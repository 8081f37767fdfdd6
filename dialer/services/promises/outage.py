"""After a long outage nobody is rung about yesterday's promise before a person has said so.

Whoever was to be called while no engine ran may have rung again, gone elsewhere, or sleep by now. Such
promises keep their place and stay open, and wait for one decision: ring them, or close them, which puts them
on the list of what could not be kept.
"""

from datetime import datetime

from callbacks.lifecycle import PromiseEvent
from callbacks.refusals import Refusal, Rule
from dialer.db.queries import agents, attempts, audit, promises
from dialer.db.session import Database
from dialer.services.calls.transitions import TransitionContext, step_promise
from dialer.services.promises.promises import PromiseCard, cards
from dialer.services.promises.texts_due import TextDue, note_text_due

OUTAGE = "outage"  # why such a promise is closed


def hold_overdue(database: Database, now: datetime) -> int:
    """Hold the promises that an outage made overdue; how many. Nothing where engines ran a moment ago.

    Their customers are to be told that they keep their place. Asked before an engine says for the first time
    again that it sees its PBX.
    """
    limit = database.policy.ask_after_outage
    with database.write() as tx:
        seen_at = agents.last_seen(tx)
        if not limit or seen_at is None or now - seen_at < limit:
            return 0
        entry = TransitionContext(tx, database.policy, now)
        rows = promises.overdue(tx, now - limit)
        for row in rows:
            row.held_since = now
            # said of each, so that whoever is rung meanwhile is known to overtake nobody who had a turn
            attempts.add_refusal(
                tx, Refusal(rule=Rule.PROMISE_NOT_DUE), at=now, promise_id=row.id, e164=row.e164
            )
            note_text_due(entry, row, TextDue.OUTAGE, cause=seen_at.isoformat())
        if rows:
            details = {"promises": len(rows), "seen": seen_at.isoformat()}
            audit.add(tx, now, "engine", "promise.held", OUTAGE, details)
        return len(rows)


def held_promises(database: Database) -> tuple[PromiseCard, ...]:
    """The promises that wait for a person's decision, in order of queue position."""
    with database.read() as tx:
        return cards(tx, promises.held_ones(tx))


def ring_held(database: Database, actor: str, now: datetime) -> int:
    """Let all of them be rung, in their old order; how many."""
    with database.write() as tx:
        rows = promises.held_ones(tx, lock=True)
        for row in rows:
            row.held_since = None
        if rows:
            audit.add(tx, now, actor, "promise.held-rung", OUTAGE, {"promises": len(rows)})
        return len(rows)


def close_held(database: Database, actor: str, now: datetime) -> int:
    """Close all of them, to be called by hand from the list of what could not be kept; how many."""
    with database.write() as tx:
        rows = promises.held_ones(tx, lock=True)
        for row in rows:
            row.held_since = None
            step_promise(tx, row, PromiseEvent.GIVE_UP, now, reason=OUTAGE)
        if rows:
            audit.add(tx, now, actor, "promise.held-closed", OUTAGE, {"promises": len(rows)})
        return len(rows)
