"""Changes of state: the row must still be in the state that the step was decided from."""

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Executable, Table, bindparam, update
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
    if isinstance(row, Attempt):
        call_counts.follow(tx, row, values)
    if isinstance(row, Lead) and "next_at" in values:
        values["rests"] = True
    changed = tx.execute(
        _update_of(type(row), tuple(values)),
        {"row": row.id, "was": row.state, "new_state": state, **{f"new_{n}": v for n, v in values.items()}},
    ).one_or_none()
    if changed is None:
        raise StateMoved(f"{type(row).__tablename__} {row.id} is no longer {row.state}")
    for name, value in {"state": state, **values}.items():
        set_committed_value(row, name, value)


def move_together(tx: Transaction, rows: Sequence[Lead], state: Any, **values: Any) -> None:
    """Put these leads, which are all in one state, into another one; otherwise as `move`."""
    if not rows:
        return
    changed = tx.scalars(
        _update_many(tuple(values)),
        {
            "rows": [row.id for row in rows],
            "was": rows[0].state,
            "new_state": state,
            **{f"new_{n}": v for n, v in values.items()},
        },
    ).all()
    if len(changed) < len(rows):
        raise StateMoved(f"of {len(rows)} leads only {len(changed)} are still {rows[0].state}")
    for row in rows:
        for name, value in {"state": state, **values}.items():
            set_committed_value(row, name, value)


@cache
def _update_many(names: tuple[str, ...]) -> Executable:
    table = cast("Table", Lead.__table__)
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in ("state", *names)}
    where = table.c.id.in_(bindparam("rows", expanding=True)), table.c.state == bindparam("was")
    return update(table).where(*where).values(values).returning(table.c.id)


@cache
def _update_of(kind: type[Attempt | Campaign | Lead | Promise], names: tuple[str, ...]) -> Executable:
    """The statement that changes these columns, made once: that takes longer than the database does.

    Of the table and not of the class, whose rows the session would look after again.
    """
    table = cast("Table", kind.__table__)
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in ("state", *names)}
    where = table.c.id == bindparam("row"), table.c.state == bindparam("was")
    return update(table).where(*where).values(values).returning(table.c.id)
