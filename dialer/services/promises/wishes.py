"""A call that somebody on the web wants: a code goes to the number, and only who has it gets the promise.

Until then nobody learns anything: a number that is known, blocked, promised a call already, or asked for too
often is answered as any other, and gets no text.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callbacks.limits import refuse_number
from callbacks.refusals import Refusal, Rule
from callbacks.slots import Slot
from callbacks.spoken_code import SPOKEN_LIFE, ProofWay
from dialer.core.outbox.message import MessageChannel
from dialer.core.outbox.signed_links import is_code
from dialer.db.models import CallbackWish
from dialer.db.queries import audit, callback_wishes, one_at_a_time, outbox, promises
from dialer.db.session import Database, Transaction
from dialer.messaging_settings import PublicSettings
from dialer.services.calls.callback_limits import limits_for
from dialer.services.outbox.delivery import CODE
from dialer.services.outbox.outbox import MOBILE
from dialer.services.promises.promises import PromiseRequest, make_promise
from dialer.services.promises.slots import open_slots, slot_at
from telephony.numbers import E164

CODE_LIFE: Final = timedelta(minutes=10)  # as the text says
LIFE_OF: Final[Mapping[ProofWay, timedelta]] = {ProofWay.TEXT: CODE_LIFE, ProofWay.CALL: SPOKEN_LIFE}
CODE_TRIES: Final = 5  # one guess in 200,000 is right
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(hours=24)
CALL_PREFIX: Final = "web-"  # of a promise's `source_call`


@dataclass(frozen=True, slots=True, kw_only=True)
class WebWish:
    """What somebody typed; `key` is theirs, `address` where it came from, `wanted` the start of an hour."""

    number: E164
    key: str
    address: str
    language: str = ""
    wanted: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyWishes:
    """No more wishes are taken from there, or at all, before `until`."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWish:
    """The key belongs to a wish of other words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HourTaken:
    """The hour that was chosen is offered to nobody, whatever their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMobile:
    """No code can be texted to that kind of number; its kind is no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongCode:
    """These are not the digits, or there is no such wish, or its time or tries are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenPromise:
    """The promise that a proven number has; `before`: it had one already, which stands."""

    promise: int
    before: bool = False


def take_wish(
    database: Database,
    limits: PublicSettings,
    wish: WebWish,
    now: datetime,
    *,
    queue: str,
    texted: bool = True,
) -> int | TooManyWishes | OtherWish | HourTaken | NotMobile:
    """Write a wish down and have a code on its way; the answer tells nothing of the number but its kind.

    The same wish under the same key is one wish and one code. `texted`: whether texts can be sent at all.
    """
    way = way_of(limits, wish.number, texted=texted)
    if way is None:
        return NotMobile()
    key = hashlib.sha256(wish.key.encode()).hexdigest()
    with database.write() as tx:
        one_at_a_time.count_wishes(tx)
        before = callback_wishes.by_key(tx, key)
        if before is not None:
            return before.id if _same(before, wish) else OtherWish()
        if wish.wanted is not None and slot_at(tx, database, queue, None, wish.wanted, now) is None:
            return HourTaken()
        full = _full(tx, limits, wish.address, now)
        if full is not None:
            return full
        asked = callback_wishes.of_number(tx, wish.number.e164, now - DAY)
        refused = refuse_number(wish.number, limits_for(tx, database.policy, wish.number.e164))
        silent = refused is not None or asked >= limits.number_per_day
        made = callback_wishes.add(
            tx,
            key=key,
            e164=wish.number.e164,
            language=wish.language,
            wanted_from=wish.wanted,
            address=wish.address,
            made_at=now,
            code_tries=CODE_TRIES if silent else 0,  # nobody has a code for it, so nobody may guess one
            way=way,
            rung_from=now if way is ProofWay.CALL and not silent else None,
        )
        if made is None:
            return OtherWish()  # another of this key was a moment faster: ask again
        if way is ProofWay.TEXT and not silent:
            _text_code(tx, made, wish, now)
        return made


def code_ends_at(database: Database, wish: int) -> datetime:
    """Until when the code of this wish holds, however often it is asked for. Raises LookupError."""
    with database.read() as tx:
        row = callback_wishes.find(tx, wish)
        if row is None:
            raise LookupError(f"no wish {wish}")
        return row.made_at + LIFE_OF[row.way]


def way_of(limits: PublicSettings, number: E164, *, texted: bool) -> ProofWay | None:
    """How the owner of this number gets the code: by text where that can be, else by a call if set."""
    if texted and number.kind in MOBILE:
        return ProofWay.TEXT
    return ProofWay.CALL if limits.speak_code else None


def prove(
    database: Database,
    wish: int,
    code: str,
    now: datetime,
    *,
    key: bytes,
    queue: str,
    wanted: datetime | None = None,
) -> ProvenPromise | Refusal | WrongCode:
    """Promise the call to whoever typed the code; typing it again gives the same promise.

    `wanted`: another hour than the wish's, where that was taken meanwhile, or is in the night there.
    """
    with database.write() as tx:
        row = callback_wishes.lock_wish(tx, wish)
        if row is None or row.made_at + LIFE_OF[row.way] <= now or row.code_tries >= CODE_TRIES:
            return WrongCode()
        if not is_code(code, row.id, row.e164, key):
            row.code_tries += 1
            return WrongCode()
        request = PromiseRequest(
            e164=row.e164,
            queue=queue,
            source_call=f"{CALL_PREFIX}{row.id}",
            virtual_join=row.made_at,
            language=row.language,
            wanted=wanted or row.wanted_from,
        )
    made = make_promise(database, request, now)
    with database.write() as tx:
        row = callback_wishes.lock_wish(tx, wish)
        if isinstance(made, Refusal):
            standing = promises.open_for(tx, request.e164)
            if made.rule is Rule.PROMISE_ALREADY_OPEN and standing is not None:
                return ProvenPromise(promise=standing.id, before=True)
            return made
        if row is not None and row.promise_id is None:
            row.promise_id = made.id
            details = {"wish": wish, "address": row.address, "proof": row.way.value}
            audit.add(tx, now, "web", "promise.asked-for", str(made.id), details)
        return ProvenPromise(promise=made.id)


def hours_of_wish(database: Database, wish: int, queue: str, now: datetime) -> tuple[Slot, ...]:
    """The hours that this wish's number can choose; to be told to whoever has typed its code."""
    with database.read() as tx:
        row = callback_wishes.find(tx, wish)
    return open_slots(database, queue, row.e164, now) if row is not None else ()


def _same(row: CallbackWish, wish: WebWish) -> bool:
    return (row.e164, row.wanted_from) == (wish.number.e164, wish.wanted)


def _full(tx: Transaction, limits: PublicSettings, address: str, now: datetime) -> TooManyWishes | None:
    for made, most in (
        (callback_wishes.from_address(tx, address, now - HOUR), limits.address_per_hour),
        (callback_wishes.latest(tx, now - HOUR, limits.all_per_hour), limits.all_per_hour),
    ):
        if len(made) >= most:
            return TooManyWishes(until=made[-most] + HOUR)
    return None


def _text_code(tx: Transaction, made: int, wish: WebWish, now: datetime) -> None:
    outbox.add(
        tx,
        MessageChannel.TEXT,
        CODE,
        now,
        key=f"code-{made}",
        e164=wish.number.e164,
        language=wish.language,
        data={"request": made},
        expires_at=now + CODE_LIFE,
    )
