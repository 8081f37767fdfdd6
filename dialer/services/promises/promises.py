"""Promises: made before the caller hears of it, cancelled with a reason, and counted all the time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from callbacks.lifecycle import AFTER_HANG_UP, PROMISE, STILL_ON_THE_LINE, PromiseEvent, PromiseState
from callbacks.limits import HIDDEN, PROMISE_WINDOW, NumberHistory, refuse_asking, refuse_request
from callbacks.queue_position import Person, each_once
from callbacks.refusals import Refusal, Rule
from callbacks.wait_estimate import WaitWindow
from dialer.core.compliance.check import refuse_night
from dialer.db.models import Promise
from dialer.db.queries import attempts, audit, customers, ledger_balance, one_at_a_time, promises
from dialer.db.queries.moves import move
from dialer.db.session import Database, Transaction
from dialer.services.calls.callback_limits import asking_history, limits_for
from dialer.services.calls.transitions import step_promise
from dialer.services.customers.dialing_regions import mask, number_facts
from dialer.services.promises.asked_again import release_held, take_over
from dialer.services.promises.closing import await_opening
from dialer.services.promises.slots import slot_at
from telephony.numbers import E164

LISTED: Final = 200  # rows; what a page shows at once
MOST_E164: Final = 16  # characters of a number, as a refusal keeps it


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRequest:
    """A caller wants to be called back; `virtual_join` is when the caller joined the queue.

    `window` is what the caller was told of the wait, counted from the moment the promise is made.
    `on_the_line` is to hear it confirmed and is rung only once gone (`caller_hung_up`); `others` are those
    on the line beside them who have no agent yet.
    """

    e164: str
    queue: str
    source_call: str
    virtual_join: datetime
    customer: int | None = None
    window: WaitWindow | None = None
    source: str = HIDDEN  # the number that asks, as `callbacks.limits.read_source` writes it
    on_the_line: bool = False
    others: tuple[Person, ...] = ()
    language: str = ""  # of the caller's channel
    wanted: datetime | None = None  # the start of the hour that was chosen; None: in turn
    owner: str | None = None  # the agent who is to call; None: whoever is free


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePromise:
    """A committed promise: what the caller may be told."""

    id: int
    reference: str
    queue_position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseCard:
    """A promise as a page shows it; `number` is masked.

    The caller was told to expect the call between `said_from` and `said_until`; `called_at` is the first.
    `held_by` is the rule that puts the call off until `next_action_at`; since `held_since` it waits for a
    person's decision. `followed_up` is what somebody did about one that could not be kept.
    """

    id: int
    reference: str
    number: str
    queue: str
    state: PromiseState
    queue_position: int | None
    virtual_join: datetime
    made_at: datetime
    said_from: datetime | None
    said_until: datetime | None
    called_at: datetime | None
    attempts_made: int
    next_action_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    customer: int | None
    held_by: str | None = None
    owner: str | None = None  # the agent who is to call; None: whoever is free
    held_since: datetime | None = None
    followed_up_at: datetime | None = None
    followed_up: str | None = None
    recording: str | None = None  # the sound in which the caller says who they are and why they call


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseStepSeen:
    """One step of a promise's life; `event` is None for its beginning."""

    at: datetime
    event: PromiseEvent | None
    state: PromiseState
    attempt: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Promised = kept + settled + cancelled + closed + open (invariant 6).

    `made` is counted in the history, the others among the promises themselves; `ended` are the steps of
    the history that led into an end. So a lost row, a double end or an end without a step shows.
    """

    made: int
    kept: int
    settled: int
    cancelled: int
    closed: int
    open: int
    ended: int

    @property
    def error(self) -> int:
        """0, or how far the two sides are apart."""
        ends = self.kept + self.settled + self.cancelled + self.closed
        return abs(self.made - ends - self.open) + abs(self.ended - ends)


def make_promise(database: Database, request: PromiseRequest, now: datetime) -> MadePromise | Refusal:
    """Commit a promise; only after this returned one may the caller hear "we will call you".

    Asking twice in one call gives the same promise; asking for another number of one's own gives the place
    of the earlier promise, which is settled. Refused with `promise.already-open` (the earlier one
    and its queue position stand), `promise.too-many`, a cap of who asks (`promise.source-…`,
    `promise.all-…`), a rule of the number (`number.…`), or `hours.night` where it would be night there before
    the call, `slot.taken` where the chosen time has no room; what is refused is written down.
    """
    with database.write() as tx:
        before = promises.of_call(tx, request.source_call)
        if before is not None:
            return _made(tx, before, request.others, now)
        numbers = one_at_a_time.ask_for_person(tx, request.e164)
        one_at_a_time.count_askers(tx)
        if request.wanted is not None:
            one_at_a_time.book_hours(tx)
        refused = _refuse(tx, database, request, now)
        if refused is not None:
            if (
                refused.rule is not Rule.PROMISE_ALREADY_OPEN
            ):  # the earlier promise stands: nothing is refused
                attempts.add_refusal(tx, refused, at=now, e164=request.e164[:MOST_E164])
            else:
                release_held(tx, request.e164)
            return refused
        joined = take_over(tx, numbers - {request.e164}, min(request.virtual_join, now), now)
        if isinstance(joined, Refusal):
            return joined
        customer = request.customer
        if customer is None:
            known = customers.by_number(tx, request.e164)
            customer = known.id if known is not None else None
        said = request.window
        rung_from = now + STILL_ON_THE_LINE if request.on_the_line else None
        said_from = now + timedelta(minutes=said.from_min) if said is not None else None
        said_until = now + timedelta(minutes=said.to_min) if said is not None else None
        wanted = request.wanted
        slot = slot_at(tx, database, request.queue, request.e164, wanted, now) if wanted else None
        if slot is not None:
            rung_from, said_from, said_until = slot.quarter, slot.start, slot.end
        made = promises.make(
            tx,
            e164=request.e164,
            customer_id=customer,
            queue=request.queue,
            source_call=request.source_call,
            virtual_join=joined,
            made_at=now,
            source=request.source,
            language=request.language,
            said_from=said_from,
            said_until=said_until,
            rung_from=rung_from,
            wanted_from=slot.quarter if slot is not None else None,
            owner=request.owner,
            next_action_at=rung_from or now,
        )
        promise = (
            promises.lock_promise(tx, made) if made is not None else promises.of_call(tx, request.source_call)
        )
        # without a row, another transaction was first with this number
        if promise is None:
            return Refusal(rule=Rule.PROMISE_ALREADY_OPEN)
        if slot is None and not request.on_the_line:
            await_opening(tx, database.policy, promise, now)
        return _made(tx, promise, request.others, now)


def caller_hung_up(database: Database, caller: str, now: datetime) -> bool:
    """Whoever was promised a call in this one is gone from the line, and may be rung in a moment.

    False where there is no such promise, or somebody was faster.
    """
    with database.write() as tx:
        return release_promise(tx, caller, now)


def release_promise(tx: Transaction, caller: str, now: datetime) -> bool:
    """The same inside a transaction."""
    promise = promises.of_call(tx, caller, lock=True)
    rung_from = now + AFTER_HANG_UP
    if promise is None or promise.wanted_from is not None:  # a chosen time stays, whoever hangs up
        return False
    if promise.rung_from is None or promise.rung_from <= rung_from:
        return False
    if promise.state is not PromiseState.WAITING or promise.next_action_at != promise.rung_from:
        return False
    move(tx, promise, promise.state, rung_from=rung_from, next_action_at=rung_from)
    return True


def note_refused_number(database: Database, number: str, refusal: Refusal, now: datetime) -> None:
    """Write down that a number a caller showed or typed is not called back."""
    with database.write() as tx:
        attempts.add_refusal(tx, refusal, at=now, e164=number[:MOST_E164])


def _refuse(tx: Transaction, database: Database, request: PromiseRequest, now: datetime) -> Refusal | None:
    """The whole question at the moment of the commit, whatever was said when the call was offered."""
    policy = database.policy
    facts = number_facts(request.e164)
    if facts.rule is not None:
        return Refusal(rule=facts.rule)
    history = NumberHistory(
        open_promise=promises.open_for(tx, request.e164) is not None,
        made=tuple(promises.made_to(tx, request.e164, now - PROMISE_WINDOW)),
    )
    limits = limits_for(tx, policy, request.e164)
    refused = refuse_request(E164.parse(request.e164), history, limits, now)
    refused = refused or refuse_asking(asking_history(tx, policy, request.source, now), limits, now)
    if refused is None and request.wanted is not None:
        free = slot_at(tx, database, request.queue, request.e164, request.wanted, now)
        return None if free is not None else Refusal(rule=Rule.SLOT_TAKEN)
    if refused is None and request.window is not None:
        called_by = now + timedelta(minutes=request.window.to_min)
        return refuse_night(facts.zones, now, policy.rulebook, called_by)
    return refused


def cancel_promise(
    database: Database, promise: int, reason: str, now: datetime, actor: str = "staff"
) -> bool:
    """End a promise because it is no longer wanted; the dial permit refuses a call already on its way.

    False where there is none, it is over, or customer and agent are talking.
    """
    with database.write() as tx:
        row = promises.lock_promise(tx, promise)
        if row is None or not PROMISE.allows(row.state, PromiseEvent.CANCEL):
            return False
        step_promise(tx, row, PromiseEvent.CANCEL, now, reason=reason[:80])
        audit.add(tx, now, actor, "promise.cancelled", str(promise), {"reason": reason})
        return True


def settle_promise(
    database: Database, promise: int, reason: str, now: datetime, actor: str = "staff"
) -> bool:
    """End a promise because the customer was served another way; False where that is not possible."""
    with database.write() as tx:
        row = promises.lock_promise(tx, promise)
        if row is None or not PROMISE.allows(row.state, PromiseEvent.SETTLE):
            return False
        step_promise(tx, row, PromiseEvent.SETTLE, now, reason=reason[:80])
        audit.add(tx, now, actor, "promise.settled", str(promise), {"reason": reason})
        return True


def open_promises(database: Database, now: datetime | None = None) -> tuple[PromiseCard, ...]:
    """Every open promise in order of queue position; with `now` those alone who wait then have one."""
    with database.read() as tx:
        return cards(tx, promises.open_ones(tx), now)


def ended_promises(database: Database, *, limit: int = LISTED) -> tuple[PromiseCard, ...]:
    """The promises that ended last, newest first."""
    with database.read() as tx:
        rows = promises.ended_ones(tx, limit)
        called = promises.first_calls(tx, [row.id for row in rows])
        return tuple(_card(row, None, called.get(row.id)) for row in rows)


def promise_history(database: Database, promise: int) -> tuple[PromiseStepSeen, ...]:
    """A promise's life, oldest step first."""
    with database.read() as tx:
        return tuple(
            PromiseStepSeen(
                at=step.at, event=step.event, state=step.state, attempt=step.attempt_id, reason=step.reason
            )
            for step in promises.steps_of(tx, promise)
        )


def promise_ledger(database: Database) -> Ledger:
    """The ledger of all promises ever made."""
    with database.read() as tx:
        return ledger_of(tx)


def ledger_of(tx: Transaction) -> Ledger:
    """The same inside a transaction."""
    brought = ledger_balance.brought_forward(tx)
    until, before = brought or (ledger_balance.BEGINNING, ledger_balance.LedgerCounts(0, 0, {}))
    counts = ledger_balance.counted_since(tx, until).plus(before)
    return Ledger(
        made=counts.made,
        kept=counts.states[PromiseState.KEPT],
        settled=counts.states[PromiseState.SETTLED],
        cancelled=counts.states[PromiseState.CANCELLED],
        closed=counts.states[PromiseState.CLOSED],
        open=ledger_balance.count_open(tx),
        ended=counts.ended,
    )


def cards(tx: Transaction, rows: Sequence[Promise], now: datetime | None = None) -> tuple[PromiseCard, ...]:
    """Open promises in order of queue position as cards; positions count within one queue.

    With `now` nobody has one who talks with an agent, or whose chosen time is yet to come.
    """
    called = promises.first_calls(tx, [row.id for row in rows])
    held = promises.held_by(tx, rows)
    in_line = promises.in_line(tx, now) if now is not None else frozenset(row.id for row in rows)
    positions: dict[str, int] = {}
    made = []
    for row in rows:
        position = None
        if row.id in in_line:
            position = positions[row.queue] = positions.get(row.queue, 0) + 1
        card = _card(row, position, called.get(row.id))
        made.append(replace(card, held_by=held.get(row.id)))
    return tuple(made)


def _made(tx: Transaction, promise: Promise, on_the_line: Iterable[Person], now: datetime) -> MadePromise:
    """The promise, and how many who wait joined earlier, on the line or at home."""
    at_home = people_at_home(tx, promise.queue, now)
    others = [person for person in each_once(on_the_line, at_home) if person.promise != promise.id]
    own = promise.virtual_join, promise.id
    earlier = sum((other.virtual_join, other.promise or 0) < own for other in others)
    return MadePromise(id=promise.id, reference=promise.reference, queue_position=1 + earlier)


def people_at_home(tx: Transaction, queue: str, now: datetime) -> tuple[Person, ...]:
    """Those of one queue who wait for a promised call."""
    return tuple(
        Person(key=row.source_call, virtual_join=row.virtual_join, promise=row.id, number=row.e164)
        for row in promises.at_home(tx, queue, now)
    )


def _card(row: Promise, queue_position: int | None, called_at: datetime | None) -> PromiseCard:
    return PromiseCard(
        id=row.id,
        reference=row.reference,
        number=mask(row.e164),
        queue=row.queue,
        state=row.state,
        queue_position=queue_position,
        virtual_join=row.virtual_join,
        made_at=row.made_at,
        said_from=row.said_from,
        said_until=row.said_until,
        called_at=called_at,
        attempts_made=row.attempts_made,
        next_action_at=row.next_action_at,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
        customer=row.customer_id,
        owner=row.owner,
        held_since=row.held_since,
        followed_up_at=row.followed_up_at,
        followed_up=row.followed_up,
        recording=row.reason_recording,
    )
