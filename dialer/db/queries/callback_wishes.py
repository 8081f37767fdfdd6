"""Wishes from the web: who asked from where, and whether the number was proven."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.dialects import postgresql, sqlite

from dialer.db.models import Attempt, CallbackWish
from dialer.db.session import Transaction


def add(tx: Transaction, **values: Any) -> int | None:
    """Write a wish down; None where one of this key is there."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = insert(CallbackWish).values(**values).on_conflict_do_nothing().returning(CallbackWish.id)
    return tx.scalar(fresh)


def by_key(tx: Transaction, key: str) -> CallbackWish | None:
    """The wish that was sent under this key."""
    return tx.scalar(select(CallbackWish).where(CallbackWish.key == key))


def lock_wish(tx: Transaction, wish: int) -> CallbackWish | None:
    """One wish, which nobody else changes until the transaction ends."""
    return tx.scalar(select(CallbackWish).where(CallbackWish.id == wish).with_for_update())


def find(tx: Transaction, wish: int) -> CallbackWish | None:
    """One wish."""
    return tx.get(CallbackWish, wish)


def due(tx: Transaction, now: datetime, limit: int) -> Sequence[int]:
    """The wishes whose code is to be spoken now, the oldest first; none whose number is in the air."""
    in_the_air = exists().where(Attempt.e164 == CallbackWish.e164, Attempt.ended_at.is_(None))
    chosen = select(CallbackWish.id).where(CallbackWish.rung_from <= now, ~in_the_air)
    return tx.scalars(chosen.order_by(CallbackWish.id).limit(limit)).all()


def from_address(tx: Transaction, address: str, since: datetime) -> Sequence[datetime]:
    """When wishes came from an address since, oldest first."""
    chosen = select(CallbackWish.made_at).where(CallbackWish.address == address, CallbackWish.made_at > since)
    return tx.scalars(chosen.order_by(CallbackWish.made_at)).all()


def latest(tx: Transaction, since: datetime, limit: int) -> Sequence[datetime]:
    """When the latest `limit` wishes came since, from anybody, oldest first."""
    chosen = select(CallbackWish.made_at).where(CallbackWish.made_at > since)
    return sorted(tx.scalars(chosen.order_by(CallbackWish.made_at.desc()).limit(limit)))


def of_number(tx: Transaction, e164: str, since: datetime) -> int:
    """How many wishes there were for a number since."""
    chosen = select(CallbackWish.id).where(CallbackWish.e164 == e164, CallbackWish.made_at > since)
    return len(tx.scalars(chosen).all())
