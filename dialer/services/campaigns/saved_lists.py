"""Lists saved by name: who belongs on them, for campaigns and commands to come. Audited."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialer.core.calling.list_filter import ListFilter
from dialer.db.models import SavedList
from dialer.db.queries import audit, saved_lists
from dialer.db.session import Database


class UnknownList(LookupError):
    """There is no saved list of this name or number."""


class ListNameTaken(ValueError):
    """A list of this name is there, and it was not said that this one is to be in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCard:
    """A saved list as it stands; `top`: at most so many customers, None: all."""

    id: int
    name: str
    filters: ListFilter
    top: int | None
    changed_at: datetime
    changed_by: str


def saved_lists_by_name(database: Database) -> tuple[ListCard, ...]:
    """Every saved list."""
    with database.read() as tx:
        return tuple(_card(row) for row in saved_lists.all_of(tx))


def find_list(database: Database, name_or_id: str | int) -> ListCard:
    """A saved list by number, or by name. Raises `UnknownList`."""
    with database.read() as tx:
        if isinstance(name_or_id, int):
            row = saved_lists.find(tx, name_or_id)
        else:
            row = saved_lists.named(tx, name_or_id)
        if row is None:
            raise UnknownList(str(name_or_id))
        return _card(row)


def save_list(
    database: Database,
    name: str,
    now: datetime,
    actor: str,
    *,
    filters: ListFilter,
    top: int | None,
    replace: bool = False,
) -> ListCard:
    """Keep a list by this name, in place of the one there is if `replace`. Raises `ListNameTaken`.

    Campaigns that were made of it stay as they are.
    """
    with database.write() as tx:
        row = saved_lists.named(tx, name, lock=True)
        said: dict[str, Any] = {"filters": filters.as_stored(), "top": top}
        same = row is not None and (row.filters, row.top) == (said["filters"], top)
        if row is not None and not (same or replace):
            raise ListNameTaken(name)
        if row is None:
            row = SavedList(name=name, changed_at=now, changed_by=actor, **said)
            tx.add(row)
            audit.add(tx, now, actor, "list.saved", name, said)
        elif not same:
            before = {"filters": row.filters, "top": row.top}
            row.filters, row.top, row.changed_at, row.changed_by = said["filters"], top, now, actor
            audit.add(tx, now, actor, "list.changed", name, {"before": before, **said})
        tx.flush()
        return _card(row)


def remove_list(database: Database, key: int, now: datetime, actor: str) -> None:
    """Keep a list no more; campaigns that were made of it stay. Raises `UnknownList`."""
    with database.write() as tx:
        row = saved_lists.find(tx, key)
        if row is None:
            raise UnknownList(str(key))
        audit.add(tx, now, actor, "list.removed", row.name, {"filters": row.filters, "top": row.top})
        tx.delete(row)


def _card(row: SavedList) -> ListCard:
    return ListCard(
        id=row.id,
        name=row.name,
        filters=ListFilter.read(row.filters),
        top=row.top,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
