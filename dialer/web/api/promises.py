"""Promises as JSON: open and ended ones, the ledger, and one to cancel."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from dialer.services.promises import callback_blocks, promises, quotes, unkept
from dialer.services.promises.callback_blocks import BlockedNumber
from dialer.services.promises.moves import move_promise
from dialer.services.promises.one_promise import call_now
from dialer.services.promises.own_promise import own_slots
from dialer.services.promises.promises import PromiseCard, PromiseStepSeen
from dialer.services.promises.unkept import UnkeptPromise
from dialer.web.access.asked import Asking
from dialer.web.access.whole_numbers import unkept_for
from dialer.web.chosen_hours import ChosenHourInput, FreeHour, free_hours, in_utc
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id, passed
from dialer.web.pages.promise_records import give_to, refuse_call_now
from dialer.web.pages.promises import refuse_cancel, refuse_follow_up, refuse_unblock
from dialer.web.routers import api_router
from dialer.web.schemas import AssignInput, BlockInput, CancelInput, FollowUpInput

router = api_router(tag="promises", prefix="/promises")

ACTOR = "api"


class LedgerAnswer(BaseModel):
    """Promised = kept + settled + cancelled + closed + open; `error` is what is unaccounted for."""

    made: int
    kept: int
    settled: int
    cancelled: int
    closed: int
    open: int
    error: int


class QuotesAnswer(BaseModel):
    """How the windows that callers were told in the last thirty days came out.

    `share` and `kept_share` are of `within + early + late`; null before the first of them. The windows were
    `width_min` minutes wide on average, the waits `wait_min`, and `bias` is how much longer than the waits
    what was expected was, over the waits.
    """

    within: int
    early: int
    late: int
    waiting: int
    withdrawn: int
    kept: int
    share: float | None
    kept_share: float | None
    wait_min: float | None
    width_min: float | None
    bias: float | None


class BlockAnswer(BaseModel):
    """The entry that is gone."""

    undone: int


class FollowUpAnswer(BaseModel):
    """The promise that is off the list."""

    followed_up: int


class CallNowAnswer(BaseModel):
    """The promise that is due now."""

    due: int


class AssignAnswer(BaseModel):
    """Who is to call; null: whoever is free."""

    promise: int
    agent: str | None


class CancelAnswer(BaseModel):
    """What was done."""

    cancelled: int


@router.get("")
def list_open(deps: AtFront) -> tuple[PromiseCard, ...]:
    """Every open promise in order of queue position."""
    return promises.open_promises(deps.database, deps.now())


@router.get("/ended")
def list_ended(deps: AtFront, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> tuple[PromiseCard, ...]:
    """The promises that ended last, newest first."""
    return promises.ended_promises(deps.database, limit=limit)


@router.get("/ledger")
def show_ledger(deps: AtFront) -> LedgerAnswer:
    """The ledger of all promises ever made."""
    ledger = promises.promise_ledger(deps.database)
    return LedgerAnswer(
        made=ledger.made,
        kept=ledger.kept,
        settled=ledger.settled,
        cancelled=ledger.cancelled,
        closed=ledger.closed,
        open=ledger.open,
        error=ledger.error,
    )


@router.get("/quotes")
def show_quotes(deps: AtFront) -> QuotesAnswer:
    """Whether people were called when they had been told."""
    score, accuracy = (
        quotes.quote_score(deps.database, deps.now()),
        quotes.quote_accuracy(deps.database, deps.now()),
    )
    return QuotesAnswer(
        within=score.within,
        early=score.early,
        late=score.late,
        waiting=score.waiting,
        withdrawn=score.withdrawn,
        kept=score.kept,
        share=score.share,
        kept_share=score.kept_share,
        wait_min=accuracy.wait_min,
        width_min=accuracy.width_min,
        bias=accuracy.bias,
    )


@router.get("/unkept")
def list_unkept(deps: AtFront, visitor: Asking) -> tuple[UnkeptPromise, ...]:
    """The promises that could not be kept and that nobody has seen to, the longest-waiting first."""
    return unkept_for(deps, visitor, unkept.unkept_promises(deps.database))


@router.post("/{promise}/follow-up")
def follow_up(promise: Id, form: FollowUpInput, deps: AtFront, visitor: Asking) -> FollowUpAnswer:
    """Take one off that list; what was done about it stays on record."""
    if not unkept.follow_up(deps.database, promise, form.note, visitor.actor(ACTOR), deps.now()):
        raise refuse_follow_up()
    return FollowUpAnswer(followed_up=promise)


@router.get("/blocked")
def list_blocked(
    deps: AtFront, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> tuple[BlockedNumber, ...]:
    """The numbers that are never called back, newest first."""
    return callback_blocks.blocked_numbers(deps.database, limit=limit)


@router.post("/blocked/{entry}/undo")
def undo_block(entry: Id, form: BlockInput, deps: AtFront, visitor: Asking) -> BlockAnswer:
    """Let a blocked number be called back again; the reason stays on record."""
    if not callback_blocks.unblock_number(
        deps.database, entry, form.reason, visitor.actor(ACTOR), deps.now()
    ):
        raise refuse_unblock()
    return BlockAnswer(undone=entry)


@router.get("/{promise}/slots")
def list_slots(promise: Id, deps: AtFront) -> list[FreeHour]:
    """The hours to which it can be moved; none where there is no such promise."""
    return free_hours(own_slots(deps.database, promise, deps.now()))


@router.post("/{promise}/move")
def move(promise: Id, form: ChosenHourInput, deps: AtFront, visitor: Asking) -> FreeHour:
    """Move a promise to a free hour; its customer is told by text."""
    start = in_utc(form.wanted_from)
    slot = passed(move_promise(deps.database, promise, start, visitor.actor(ACTOR), deps.now()))
    return FreeHour(start=slot.start, end=slot.end)


@router.get("/{promise}/history")
def show_history(promise: Id, deps: AtFront) -> tuple[PromiseStepSeen, ...]:
    """A promise's life, oldest step first; empty where there is no such promise."""
    return promises.promise_history(deps.database, promise)


@router.post("/{promise}/call-now")
def call(promise: Id, deps: AtFront, visitor: Asking) -> CallNowAnswer:
    """Let one that waits be due at once; it keeps its place, and is rung when it is its turn."""
    refused = call_now(deps.database, promise, visitor.actor(ACTOR), deps.now())
    if refused is not None:
        raise refuse_call_now(refused.rule)
    return CallNowAnswer(due=promise)


@router.post("/{promise}/assign")
def assign(promise: Id, form: AssignInput, deps: AtFront, visitor: Asking) -> AssignAnswer:
    """Have one agent keep it, or whoever is free; a customer who was told whom to expect is told by text."""
    give_to(deps, promise, form, visitor.actor(ACTOR))
    return AssignAnswer(promise=promise, agent=form.agent)


@router.post("/{promise}/cancel")
def cancel(promise: Id, form: CancelInput, deps: AtFront, visitor: Asking) -> CancelAnswer:
    """End a promise because it is no longer wanted; the reason stays on record."""
    if not promises.cancel_promise(deps.database, promise, form.reason, deps.now(), visitor.actor(ACTOR)):
        raise refuse_cancel()
    return CancelAnswer(cancelled=promise)
