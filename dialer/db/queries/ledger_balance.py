"""The ledger brought forward: what was counted up to one step of the history, and what came since.

Nothing is counted as promises move, so nothing can be forgotten, and no two of them wait for one counter.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, select, text, true, union_all
from sqlalchemy.orm import aliased

from callbacks.ledger import ENDS
from callbacks.lifecycle import PromiseState
from dialer.db.models import LedgerBalance, Promise, PromiseStep
from dialer.db.session import Transaction

ONLY: Final = 1  # id of the one row


class LedgerMark(NamedTuple):
    """The last step and the last promise that are counted."""

    step: int
    promise: int


BEGINNING: Final = LedgerMark(0, 0)  # before every one of them


class LedgerCounts(NamedTuple):
    """What the history says was made and has ended, and in which end the promises say they are."""

    made: int
    ended: int
    states: dict[PromiseState, int]

    def plus(self, other: "LedgerCounts") -> "LedgerCounts":
        """Both together."""
        states = {state: self.states.get(state, 0) + other.states.get(state, 0) for state in ENDS}
        return LedgerCounts(self.made + other.made, self.ended + other.ended, states)


def brought_forward(tx: Transaction) -> tuple[LedgerMark, LedgerCounts] | None:
    """How far was counted, and what; None where the ledger was not audited yet."""
    row = tx.get(LedgerBalance, ONLY)
    if row is None:
        return None
    states = {state: getattr(row, state.value) for state in ENDS}
    return LedgerMark(row.step_id, row.promise_id), LedgerCounts(row.made, row.ended, states)


def counted_since(tx: Transaction, until: LedgerMark) -> LedgerCounts:
    """The same of what came after that; asks for no more."""
    over = select(PromiseStep.promise_id).where(PromiseStep.id > until.step, PromiseStep.state.in_(ENDS))
    made, ended = _in_history(tx, PromiseStep.id > until.step)
    # one by one, not by "or": PostgreSQL has no index for that and would read every promise ever made
    new, before = Promise.id > until.promise, Promise.id <= until.promise
    return LedgerCounts(made, ended, _in_ends(tx, new, before & Promise.id.in_(over)))


def counted_until(tx: Transaction, until: LedgerMark) -> LedgerCounts:
    """What there is up to there, promise by promise."""
    made, ended = _in_history(tx, PromiseStep.id <= until.step)
    there, since = _in_ends(tx, true()), counted_since(tx, until).states
    return LedgerCounts(made, ended, {state: there.get(state, 0) - since.get(state, 0) for state in ENDS})


def count_open(tx: Transaction) -> int:
    """How many promises are open, by the index of those."""
    still = [state for state in PromiseState if state not in ENDS]
    return tx.scalar(select(func.count()).select_from(Promise).where(Promise.state.in_(still))) or 0


def newest(tx: Transaction) -> LedgerMark:
    """The newest step, before which none is still to be committed, until the transaction ends.

    PostgreSQL hands out numbers before it commits; whoever is writing a step is waited for.
    """
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE promise_step IN SHARE MODE"))
    step, promise = tx.scalar(select(func.max(PromiseStep.id))), tx.scalar(select(func.max(Promise.id)))
    return LedgerMark(step or BEGINNING.step, promise or BEGINNING.promise)


def carry_forward(tx: Transaction, until: LedgerMark, counts: LedgerCounts, now: datetime) -> None:
    """From now on what comes after that is counted, and nothing before it."""
    forget(tx)
    values: dict[str, Any] = {state.value: counts.states.get(state, 0) for state in ENDS}
    values |= {"step_id": until.step, "promise_id": until.promise, "made": counts.made, "ended": counts.ended}
    tx.add(LedgerBalance(id=ONLY, audited_at=now, **values))


def forget(tx: Transaction) -> None:
    """Until the next audit everything is counted."""
    tx.execute(delete(LedgerBalance))


def forget_if_newer(tx: Transaction, promises: list[int]) -> None:
    """Forget it where these promises, which are about to be deleted, have steps that are not counted yet."""
    row = tx.get(LedgerBalance, ONLY)
    if row is None:
        return
    step = aliased(PromiseStep)
    if tx.scalar(select(exists().where(step.promise_id.in_(promises), step.id > row.step_id))):
        forget(tx)


def _in_history(tx: Transaction, chosen: ColumnElement[bool]) -> tuple[int, int]:
    """How many of these steps begin a promise, and how many end one."""
    begins, ends = PromiseStep.event.is_(None), PromiseStep.state.in_(ENDS)
    made, ended = tx.execute(
        select(func.count().filter(begins), func.count().filter(ends)).where(chosen)
    ).one()
    return made, ended


def _in_ends(tx: Transaction, *chosen: ColumnElement[bool]) -> dict[PromiseState, int]:
    """Promises that ended, by their end, of all these choices, which have none in common.

    The open ones are counted with them and left out here: asked for by state, SQLite goes through the index
    of states, which is through every promise ever made.
    """
    there = union_all(*(select(Promise.state).where(one) for one in chosen)).subquery()
    counted = tx.execute(select(there.c.state, func.count()).group_by(there.c.state))
    return {row[0]: row[1] for row in counted if row[0] in ENDS}
