"""Everything the compliance check is told of one number, in two looks: it is asked twice of every call."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, func, or_, select

from dialer.core.calling.disposition import Disposition
from dialer.db.models import (
    Attempt,
    CustomerNumber,
    DispositionRow,
    DoNotCall,
    ErasureKey,
    Prohibition,
    Promise,
    Restriction,
    WrongNumber,
)
from dialer.db.queries.persons import ONLY
from dialer.db.session import Transaction


class NumberOnRecord(NamedTuple):
    """What stands in the database about a number, and about the customer who is to be reached at it."""

    do_not_call: bool
    put_off: bool  # the customer, whatever their number
    restricted: bool
    in_the_air: bool
    promise_open: bool
    wrong: bool  # struck off this customer
    last_lost: datetime | None  # an offer that this customer turned down
    somebody_erased: bool  # there are objections of persons who were erased


def on_record(tx: Transaction, e164: str, customer: int | None, *, but: str | None) -> NumberOnRecord:
    """One statement, each part of which is a look by key; `but`: the attempt that asks."""
    person = customer if customer is not None else 0  # the id of nobody
    with_number = select(CustomerNumber.customer_id).where(CustomerNumber.e164 == e164)
    lost = (
        select(func.max(DispositionRow.recorded_at))
        .join(Attempt, Attempt.id == DispositionRow.attempt_id)
        .where(Attempt.customer_id == person, DispositionRow.disposition == Disposition.LOST)
    )
    row = tx.execute(
        select(
            exists().where(DoNotCall.e164 == e164),
            exists().where(Prohibition.customer_id == person),
            exists().where(
                or_(Restriction.customer_id.in_(with_number), Restriction.customer_id == person),
            ),
            exists().where(Attempt.e164 == e164, Attempt.ended_at.is_(None), Attempt.id != (but or "")),
            exists().where(Promise.e164 == e164, Promise.ended_at.is_(None)),
            exists().where(WrongNumber.customer_id == person, WrongNumber.e164 == e164),
            lost.scalar_subquery(),
            exists().where(ErasureKey.id == ONLY),
        )
    ).one()
    return NumberOnRecord(*row)


class RungBefore(NamedTuple):
    """A month of one number: when it was rung, counted attempts only, oldest first; and left alone last."""

    rings: tuple[datetime, ...]
    last_abandoned_at: datetime | None


def rung_before(tx: Transaction, e164: str, since: datetime) -> RungBefore:
    """What was rung at a number since; one number is rung a few times a month."""
    chosen = select(Attempt.consumed_at, Attempt.counted, Attempt.abandoned, Attempt.ended_at).where(
        Attempt.e164 == e164, Attempt.created_at > since
    )
    rows = tx.execute(chosen).all()
    return RungBefore(
        rings=tuple(sorted(at for at, counted, _, _ in rows if at is not None and counted)),
        last_abandoned_at=max((ended for _, _, alone, ended in rows if alone and ended), default=None),
    )
