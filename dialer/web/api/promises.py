"""Promises as JSON: open and ended ones, the ledger, and one to cancel."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from dialer.services import promises, quotes
from dialer.services.promises import PromiseCard, PromiseStepSeen
from dialer.web.faults import Id
from dialer.web.front import AtFront
from dialer.web.inputs import CancelInput
from dialer.web.pages.promises import refuse_cancel

router = APIRouter(prefix="/promises", tags=["promises"])

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

    `share` and `kept_share` are of `within + early + late`; null before the first of them.
    """

    within: int
    early: int
    late: int
    waiting: int
    withdrawn: int
    kept: int
    share: float | None
    kept_share: float | None


class CancelAnswer(BaseModel):
    """What was done."""

    cancelled: int


@router.get("")
def list_open(front: AtFront) -> tuple[PromiseCard, ...]:
    """Every open promise in order of place."""
    return promises.open_promises(front.book)


@router.get("/ended")
def list_ended(front: AtFront, limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> tuple[PromiseCard, ...]:
    """The promises that ended last, newest first."""
    return promises.ended_promises(front.book, limit=limit)


@router.get("/ledger")
def show_ledger(front: AtFront) -> LedgerAnswer:
    """The books of all promises ever made."""
    ledger = promises.promise_ledger(front.book)
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
def show_quotes(front: AtFront) -> QuotesAnswer:
    """Whether people were called when they had been told."""
    score = quotes.quote_score(front.book, front.now())
    return QuotesAnswer(
        within=score.within,
        early=score.early,
        late=score.late,
        waiting=score.waiting,
        withdrawn=score.withdrawn,
        kept=score.kept,
        share=score.share,
        kept_share=score.kept_share,
    )


@router.get("/{promise}/history")
def show_history(promise: Id, front: AtFront) -> tuple[PromiseStepSeen, ...]:
    """A promise's life, oldest step first; empty where there is no such promise."""
    return promises.promise_history(front.book, promise)


@router.post("/{promise}/cancel")
def cancel(promise: Id, form: CancelInput, front: AtFront) -> CancelAnswer:
    """End a promise because it is no longer wanted; the reason stays on record."""
    if not promises.cancel_promise(front.book, promise, form.reason, front.now(), ACTOR):
        raise refuse_cancel()
    return CancelAnswer(cancelled=promise)
