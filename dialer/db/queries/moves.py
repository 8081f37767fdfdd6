"""Changes of state: the row must still be in the state that the step was decided from."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value

from dialer.db.models import Attempt, Campaign, Lead, Promise
from dialer.db.queries import call_counts
from dialer.db.session import Transaction


class StateMoved(RuntimeError):
    """Somebody else changed this row's state first; the whole transaction must be undone."""


def move(tx: Transaction, row: Attempt | Campaign | Lead | Promise, state: Any, **values: Any) -> None:
    """Put the row into `state` with `values`, if it still is where it was read.

    The row object is brought up to date too. Raises `StateMoved` where another transaction was first.
    """
    kind = type(row)
    if isinstance(row, Attempt):
        call_counts.follow(tx, row, values)
    changed = tx.execute(
        update(kind)
        .where(kind.id == row.id, kind.state == row.state)
        .values(state=state, **values)
        .returning(kind.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if changed is None:
        raise StateMoved(f"{kind.__tablename__} {row.id} is no longer {row.state}")
    for name, value in {"state": state, **values}.items():
        set_committed_value(row, name, value)
