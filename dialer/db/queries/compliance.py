"""Everything the compliance check is told of one number, in two looks: it is asked twice of every call."""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import bindparam, exists, func, or_, select

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


_LOST = (
    select(func.max(DispositionRow.recorded_at))
    .join(Attempt, Attempt.id == DispositionRow.attempt_id)
    .where(Attempt.customer_id == bindparam("person"), DispositionRow.disposition == Disposition.LOST)
)
_WITH_NUMBER = select(CustomerNumber.customer_id).where(CustomerNumber.e164 == bindparam("e164"))
#: made once: it is asked twice of every call, and making it takes longer than the database does
_ON_RECORD: Final = select(
    exists().where(DoNotCall.e164 == bindparam("e164")),
    exists().where(Prohibition.customer_id == bindparam("person")),
    exists().where(
        or_(Restriction.customer_id.in_(_WITH_NUMBER), Restriction.customer_id == bindparam("person"))
    ),
    exists().where(
        Attempt.e164 == bindparam("e164"), Attempt.ended_at.is_(None), Attempt.id != bindparam("but")
    ),
    exists().where(Promise.e164 == bindparam("e164"), Promise.ended_at.is_(None)),
    exists().where(WrongNumber.customer_id == bindparam("person"), WrongNumber.e164 == bindparam("e164")),
    _LOST.scalar_subquery(),
    exists().where(ErasureKey.id == ONLY),
)
_RUNG_BEFORE: Final = select(Attempt.consumed_at, Attempt.counted, Attempt.abandoned, Attempt.ended_at).where(
    Attempt.e164 == bindparam("e164"), Attempt.created_at > bindparam("since")
)
NOBODY: Final = 0  # no customer's id


def on_record(tx: Transaction, e164: str, customer: int | None, *, but: str | None) -> NumberOnRecord:
    """One statement, each part of which is a look by key; `but`: the attempt that asks."""
    asked = {"e164": e164, "person": NOBODY if customer is None else customer, "but": but or ""}
    return NumberOnRecord(*tx.execute(_ON_RECORD, asked).one())


class RungBefore(NamedTuple):
    """A month of one number: when it was rung, counted attempts only, oldest first; and left alone last."""

    rings: tuple[datetime, ...]
    last_abandoned_at: datetime | None


def rung_before(tx: Transaction, e164: str, since: datetime) -> RungBefore:
    """What was rung at a number since; one number is rung a few times a month."""
    rows = tx.execute(_RUNG_BEFORE, {"e164": e164, "since": since}).all()
    return RungBefore(
        rings=tuple(sorted(at for at, counted, _, _ in rows if at is not None and counted)),
        last_abandoned_at=max((ended for _, _, alone, ended in rows if alone and ended), default=None),
    )
