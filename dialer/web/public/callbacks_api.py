"""Callbacks for anybody: ask with a proof of number, then look, move and cancel by a signed id."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Header, Path, Request
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from callbacks.spoken_code import ProofWay
from dialer.core.outbox.signed_links import LinkPurpose, sign_link
from dialer.core.outbox.texts import language_of
from dialer.services.promises import promises, slots
from dialer.services.promises.moves import move_promise
from dialer.services.promises.own_promise import BY_CUSTOMER, OwnPromise, own_link, own_promise, own_slots
from dialer.services.promises.wishes import (
    HourTaken,
    NotMobile,
    OtherWish,
    ProvenPromise,
    TooManyWishes,
    WebWish,
    WrongCode,
    code_ends_at,
    prove,
    take_wish,
    way_of,
)
from dialer.web.chosen_hours import ChosenHourInput, FreeHour, free_hours, in_utc
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import API_FAULTS, ErrorAnswer, RequestError, not_found, passed, refuse
from dialer.web.public.visitors import address_of, form_key, opened, signing_key, texts_go_out
from dialer.web.schemas import Input, Number, as_e164
from telephony.numbers import E164

router = APIRouter(
    prefix="/api/public/v1/callbacks",
    tags=["callbacks, open to everybody"],
    responses={**API_FAULTS, 429: {"model": ErrorAnswer, "description": "too many: `until` says when again"}},
)

Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,40}$")]
Key = Annotated[
    str, Header(min_length=8, max_length=200, pattern=r"^[\x21-\x7e]+$", description="yours, one a request")
]


class CallbackWishInput(Input):
    """Who wants to be called, and when."""

    number: Annotated[Number, Field(description="a code is texted to it, or spoken where that is set")]
    wanted_from: Annotated[
        AwareDatetime | None, Field(description="the start of a free hour; null: as soon as it is their turn")
    ] = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$", description="en, nb, sv, da, fi or de")] = "en"


class CodeInput(Input):
    """The digits that were texted or spoken."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    wanted_from: Annotated[
        AwareDatetime | None,
        Field(description="another free hour, where the wish's was `slot.taken`"),
    ] = None


class WishAnswer(BaseModel):
    """The same whatever the number: a code is on its way, by text or by a call, if it can be called."""

    id: str
    proof: ProofWay
    expires_at: datetime


class CallbackAnswer(BaseModel):
    """A promised call; `id` and `link` are for looking at it, moving and cancelling it."""

    id: str
    link: str
    reference: str
    state: PromiseState
    called_from: datetime | None
    called_until: datetime | None
    can_move: bool
    can_cancel: bool


@router.get("/slots")
def list_slots(deps: AtFront) -> list[FreeHour]:
    """The hours that can be chosen in the coming days."""
    form_key(deps)
    queue = deps.settings.queues.inbound
    return free_hours(slots.open_slots(deps.database, queue, None, deps.now()))


@router.post("", status_code=202)
def ask(form: CallbackWishInput, request: Request, deps: AtFront, idempotency_key: Key) -> WishAnswer:
    """Want a call: a code is texted or spoken, if the number can be called; the answer does not tell.

    The same request under the same `Idempotency-Key` is one wish.
    """
    key = form_key(deps)
    number = E164.parse(as_e164(form.number, deps.settings.calling.default_region))
    wish = ask_for_call(
        deps,
        WebWish(
            number=number,
            key=idempotency_key,
            address=address_of(request),
            language=language_of(form.language, deps.language()),
            wanted=in_utc(form.wanted_from) if form.wanted_from is not None else None,
        ),
    )
    way = proof_of(deps, number)
    ends_at = code_ends_at(deps.database, wish)
    return WishAnswer(id=sign_link(LinkPurpose.REQUEST, wish, ends_at, key), proof=way, expires_at=ends_at)


@router.post("/{wish}/proof")
def show_proof(wish: Token, form: CodeInput, deps: AtFront) -> CallbackAnswer:
    """Type the code: the call is promised, or the one that this number has already is shown."""
    wanted = in_utc(form.wanted_from) if form.wanted_from is not None else None
    proven = prove_wish(deps, wish, form.code, wanted)
    return _answer(deps, proven.promise)


@router.get("/{callback}")
def look(callback: Token, deps: AtFront) -> CallbackAnswer:
    """One's own promised call."""
    return _answer(deps, opened(deps, LinkPurpose.PROMISE, callback))


@router.get("/{callback}/slots")
def list_own_slots(callback: Token, deps: AtFront) -> list[FreeHour]:
    """The hours to which it can be moved."""
    promise = opened(deps, LinkPurpose.PROMISE, callback)
    return free_hours(own_slots(deps.database, promise, deps.now()))


@router.patch("/{callback}")
def move(callback: Token, form: ChosenHourInput, deps: AtFront) -> CallbackAnswer:
    """Move it to another hour."""
    promise = opened(deps, LinkPurpose.PROMISE, callback)
    start = in_utc(form.wanted_from)
    passed(move_promise(deps.database, promise, start, BY_CUSTOMER, deps.now()))
    return _answer(deps, promise)


@router.delete("/{callback}", status_code=204)
def cancel(callback: Token, deps: AtFront) -> Response:
    """Cancel it; cancelling it again changes nothing."""
    cancel_own(deps, opened(deps, LinkPurpose.PROMISE, callback))
    return Response(status_code=204)


def ask_for_call(deps: Dependencies, wish: WebWish) -> int:
    """The wish's row; raises `RequestError` where it is not taken, for no reason that tells of the number."""
    texted = texts_go_out(deps)
    queue = deps.settings.queues.inbound
    match take_wish(deps.database, deps.settings.public, wish, deps.now(), queue=queue, texted=texted):
        case TooManyWishes(until=until):
            raise RequestError(
                "wishes.too-many", "Too many requests came from there.", status=429, until=until
            )
        case OtherWish():
            raise RequestError(
                "idempotency.other-request", "This Idempotency-Key was used for another request.", status=422
            )
        case HourTaken():
            raise refuse(Refusal(rule=Rule.SLOT_TAKEN))
        case NotMobile():
            raise RequestError(
                "number.not-mobile", "A code can be texted to mobile numbers only.", status=422
            )
        case int() as made:
            return made


def proof_of(deps: Dependencies, number: E164) -> ProofWay:
    """How the owner of this number gets the code; its kind is no secret."""
    return way_of(deps.settings.public, number, texted=texts_go_out(deps)) or ProofWay.TEXT


def prove_wish(deps: Dependencies, token: str, code: str, wanted: datetime | None = None) -> ProvenPromise:
    """The promise of a proven number; raises `RequestError` for a wrong code and for a rule against it."""
    key = form_key(deps)
    wish = opened(deps, LinkPurpose.REQUEST, token)
    queue = deps.settings.queues.inbound
    answer = prove(deps.database, wish, code, deps.now(), key=key, queue=queue, wanted=wanted)
    if isinstance(answer, WrongCode):
        raise RequestError("code.wrong", "That is not the code, or it no longer holds.", status=422)
    return passed(answer)


def cancel_own(deps: Dependencies, promise: int) -> None:
    """Cancel one's own promise; raises `RequestError` where it is being kept or has ended another way."""
    if promises.cancel_promise(deps.database, promise, "by the customer", deps.now(), BY_CUSTOMER):
        return
    if seen(deps, promise).state is not PromiseState.CANCELLED:
        raise RequestError(Rule.PROMISE_NOT_OPEN, "The promise is being kept, or has already ended.")


def seen(deps: Dependencies, promise: int) -> OwnPromise:
    """One's own promise; raises `RequestError` where there is none any more."""
    found = own_promise(deps.database, deps.settings, promise, deps.now())
    if found is None:
        raise not_found("callback")
    return found


def _answer(deps: Dependencies, promise: int) -> CallbackAnswer:
    signing_key(deps)
    found = seen(deps, promise)
    link = own_link(deps.database, deps.settings, promise, deps.now()) or ""
    return CallbackAnswer(
        id=link.rpartition("/")[2],
        link=link,
        reference=found.reference,
        state=found.state,
        called_from=found.window[0] if found.window is not None else None,
        called_until=found.window[1] if found.window is not None else None,
        can_move=found.can_move,
        can_cancel=found.can_cancel,
    )
