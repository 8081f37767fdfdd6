"""Everything the compliance check is told of numbers, in one look for all of them: asked twice a call."""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    SQLColumnExpression,
    String,
    bindparam,
    cast,
    false,
    literal,
    null,
    select,
    true,
    union_all,
)

from dialer.core.calling.disposition import Disposition
from dialer.db.base import UtcDateTime
from dialer.db.models import (
    Attempt,
    CustomerNumber,
    DispositionRow,
    DoNotCall,
    ErasureKey,
    InboundCall,
    Prohibition,
    Promise,
    Register,
    RegisteredNumber,
    Restriction,
    WrongNumber,
)
from dialer.db.queries.persons import ONLY
from dialer.db.session import Transaction


class NumberAsked(NamedTuple):
    """A number, the customer who is to be reached at it, and the attempt that asks, if it is open already."""

    e164: str
    customer: int | None = None
    but: str | None = None


class RegisterOnRecord(NamedTuple):
    """A register that was imported, and of when the copy is."""

    name: str
    dated: datetime
    countries: tuple[str, ...]


class NumberOnRecord(NamedTuple):
    """What stands in the database about a number, and about the customer who is to be reached at it."""

    do_not_call: bool
    registered: bool  # on somebody else's register
    put_off: bool  # the customer, whatever their number
    restricted: bool
    in_the_air: bool
    promise_open: bool
    wrong: bool  # struck off this customer
    last_lost: datetime | None  # an offer that this customer turned down
    somebody_erased: bool  # there are objections of persons who were erased
    rings: tuple[datetime, ...]  # when it was rung, counted attempts only, oldest first
    ever_rung: bool  # it, or another number of this customer's, however long ago; counted attempts only
    last_abandoned_at: datetime | None
    registers: tuple[RegisterOnRecord, ...]  # all there are, whoever is on them


class _Row(NamedTuple):
    kind: str
    e164: str
    person: int
    at: datetime | None
    ended: datetime | None
    marked: bool
    attempt: str  # of a register: its countries


_NUMBERS: Final[BindParameter[str]] = bindparam("numbers", expanding=True)
_PERSONS: Final[BindParameter[int]] = bindparam("persons", expanding=True)
NOBODY: Final = 0  # no customer's id


def _part(
    kind: str,
    *,
    e164: SQLColumnExpression[Any] | None = None,
    person: SQLColumnExpression[Any] | None = None,
    at: SQLColumnExpression[Any] | None = None,
    ended: SQLColumnExpression[Any] | None = None,
    marked: SQLColumnExpression[Any] | None = None,
    attempt: SQLColumnExpression[Any] | None = None,
) -> Any:
    """One kind of fact, in the columns that all of them have."""
    return select(
        literal(kind).label("kind"),
        (literal("") if e164 is None else e164).label("e164"),
        (literal(NOBODY) if person is None else person).label("person"),
        (cast(null(), UtcDateTime) if at is None else at).label("at"),
        (cast(null(), UtcDateTime) if ended is None else ended).label("ended"),
        (false() if marked is None else marked).label("marked"),
        (literal("") if attempt is None else attempt).label("attempt"),
    )


_WAS_RUNG: Final = Attempt.counted, Attempt.consumed_at.is_not(None)
#: made once: making it takes longer than the database does; each part is a look by key
_ON_RECORD: Final = union_all(
    _part("listed", e164=DoNotCall.e164).where(DoNotCall.e164.in_(_NUMBERS)),
    _part("registered", e164=literal("+") + cast(RegisteredNumber.number, String)).where(
        RegisteredNumber.number.in_(bindparam("digits", expanding=True, type_=BigInteger))
    ),
    _part("put off", person=Prohibition.customer_id).where(Prohibition.customer_id.in_(_PERSONS)),
    _part("restricted", person=Restriction.customer_id).where(Restriction.customer_id.in_(_PERSONS)),
    _part("restricted", e164=CustomerNumber.e164)
    .join(Restriction, Restriction.customer_id == CustomerNumber.customer_id)
    .where(CustomerNumber.e164.in_(_NUMBERS)),
    _part("in the air", e164=Attempt.e164, attempt=Attempt.id).where(
        Attempt.e164.in_(_NUMBERS), Attempt.ended_at.is_(None)
    ),
    _part("promised", e164=Promise.e164).where(Promise.e164.in_(_NUMBERS), Promise.ended_at.is_(None)),
    # to whichever of a customer's numbers
    _part("promised", person=CustomerNumber.customer_id)
    .join(Promise, Promise.e164 == CustomerNumber.e164)
    .where(CustomerNumber.customer_id.in_(_PERSONS), Promise.ended_at.is_(None)),
    _part("wrong", e164=WrongNumber.e164, person=WrongNumber.customer_id).where(
        WrongNumber.customer_id.in_(_PERSONS), WrongNumber.e164.in_(_NUMBERS)
    ),
    _part("lost", person=Attempt.customer_id, at=DispositionRow.recorded_at)
    .join(Attempt, Attempt.id == DispositionRow.attempt_id)
    .where(Attempt.customer_id.in_(_PERSONS), DispositionRow.disposition == Disposition.LOST),
    # in a live call of their own
    _part("lost", person=InboundCall.customer_id, at=InboundCall.recorded_at).where(
        InboundCall.customer_id.in_(_PERSONS), InboundCall.disposition == Disposition.LOST
    ),
    _part("register", e164=Register.name, at=Register.dated, attempt=cast(Register.countries, String)),
    _part("erased").where(ErasureKey.id == ONLY).select_from(ErasureKey),
    _part("rung", e164=Attempt.e164, at=Attempt.consumed_at, marked=true()).where(
        Attempt.e164.in_(_NUMBERS), Attempt.created_at > bindparam("since"), Attempt.counted
    ),
    _part("ever rung", e164=Attempt.e164).where(Attempt.e164.in_(_NUMBERS), *_WAS_RUNG).distinct(),
    _part("ever rung", person=CustomerNumber.customer_id)
    .join(Attempt, Attempt.e164 == CustomerNumber.e164)
    .where(CustomerNumber.customer_id.in_(_PERSONS), *_WAS_RUNG)
    .distinct(),
    _part("left alone", e164=Attempt.e164, ended=Attempt.ended_at).where(
        Attempt.e164.in_(_NUMBERS), Attempt.created_at > bindparam("since"), Attempt.abandoned
    ),
)


def on_record(
    tx: Transaction, asked: Collection[NumberAsked], since: datetime
) -> dict[NumberAsked, NumberOnRecord]:
    """One statement for all of them; calls placed before `since` are of no account."""
    numbers = sorted({each.e164 for each in asked})
    persons = sorted({each.customer for each in asked if each.customer is not None})
    digits = [int(number.removeprefix("+")) for number in numbers if number[1:].isdecimal()]
    values = {"numbers": numbers, "digits": digits, "persons": persons, "since": since}
    facts: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in tx.execute(_ON_RECORD, values):
        found = _Row._make(row)
        facts[found.kind].append(found)
    return {each: _of(each, facts) for each in asked}


def _of(asked: NumberAsked, facts: dict[str, list[_Row]]) -> NumberOnRecord:
    number, person = asked.e164, NOBODY if asked.customer is None else asked.customer

    def here(kind: str) -> list[_Row]:
        return [row for row in facts.get(kind, ()) if row.e164 == number]

    def theirs(kind: str) -> list[_Row]:
        return [row for row in facts.get(kind, ()) if person != NOBODY and row.person == person]

    return NumberOnRecord(
        do_not_call=bool(here("listed")),
        registered=bool(here("registered")),
        put_off=bool(theirs("put off")),
        restricted=bool(theirs("restricted") or here("restricted")),
        in_the_air=any(row.attempt != asked.but for row in here("in the air")),
        promise_open=bool(here("promised") or theirs("promised")),
        wrong=any(row.e164 == number for row in theirs("wrong")),
        last_lost=max((row.at for row in theirs("lost") if row.at is not None), default=None),
        somebody_erased=bool(facts.get("erased")),
        rings=tuple(sorted(row.at for row in here("rung") if row.at is not None)),
        ever_rung=bool(here("ever rung") or theirs("ever rung")),
        last_abandoned_at=max(
            (row.ended for row in here("left alone") if row.ended is not None), default=None
        ),
        registers=tuple(
            RegisterOnRecord(row.e164, row.at, tuple(json.loads(row.attempt)))
            for row in facts.get("register", ())
            if row.at is not None
        ),
    )
