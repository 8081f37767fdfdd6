"""The callback dialogue on the line: the pure steps of `callbacks.dialogue`, played over FastAGI.

`CB_OK` is set only after the promise's row is committed; until then every way out of here leads the
caller back to the kept place in the queue (law 2).
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from callbacks.abuse import AbuseRules, read_shown, read_typed
from callbacks.dialogue import (
    Ask,
    Commit,
    CommitFailed,
    CommitRefused,
    Committed,
    Dialogue,
    Effect,
    HungUp,
    Input,
    Pressed,
    Say,
    SayDigits,
    SayNumber,
    Silence,
    answer,
    start,
)
from callbacks.refusals import Refusal
from dialer.bootstrap import House
from dialer.core.compliance.verdict import Verdict
from dialer.core.floor import Floor
from dialer.services.promises import PromiseRequest, make_promise
from telephony import errors
from telephony.agi.server import AgiSession
from telephony.numbers import E164

log = structlog.get_logger()


def make_capture(house: House, floor: Floor) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler that holds the dialogue with a caller who pressed the offer's key."""
    region = house.settings.calling.default_region
    rules = AbuseRules(own=frozenset({house.settings.caller_id} - {""}))

    def typed(digits: str) -> E164 | Refusal:
        return read_typed(digits, region, rules)

    async def capture(session: AgiSession) -> None:
        step = start(read_shown(session.request.caller, region, rules), region)
        while True:
            heard: Input | None = None
            for effect in step.effects:
                heard = await play(session, effect, step.dialogue, house, floor)
            if step.dialogue.ended:
                return
            if heard is None:
                raise AssertionError(f"the dialogue stands still in {step.dialogue.state}")
            step = answer(step.dialogue, heard, typed)

    return capture


async def play(
    session: AgiSession, effect: Effect, dialogue: Dialogue, house: House, floor: Floor
) -> Input | None:
    """Carry one effect out on the line; what the caller did, where the effect waits for it."""
    if isinstance(effect, Commit):
        return await commit(session, effect, house, floor)
    try:
        match effect:
            case Say(prompt=prompt):
                await session.play(prompt)
            case SayDigits(digits=digits):
                await session.say_digits(digits)
            case SayNumber(number=number):
                await session.say_number(number)
            case Ask(prompt=prompt, most=most, timeout_s=timeout_s):
                digits = await session.ask_digits(prompt, timeout_s=timeout_s, max_digits=most)
                return Pressed(digits) if digits else Silence()
    except errors.HungUp:
        if dialogue.ended:
            return None
        return HungUp()
    return None


async def commit(session: AgiSession, effect: Commit, house: House, floor: Floor) -> Input:
    """Write the promise, then let the dialplan know; the caller has heard nothing yet."""
    now = house.clock()
    caller = session.request.unique_id
    request = PromiseRequest(
        e164=effect.number.e164,
        queue=house.settings.queues.inbound,
        source_call=caller,
        virtual_join=floor.joined.get(caller, now),
    )
    try:
        made = await asyncio.to_thread(make_promise, house.book, request, now)
    except Exception:
        log.exception("promise_not_committed", caller=caller)
        return CommitFailed()
    if isinstance(made, Verdict):
        if made.rule == "promise.already-open":
            await allow_leaving(session)
        return CommitRefused(rule=made.rule)
    log.info("promise_made", promise=made.id, place=made.place)
    await allow_leaving(session)
    return Committed(place=made.place, reference=made.reference)


async def allow_leaving(session: AgiSession) -> None:
    """Tell the dialplan that the caller's place is kept in the book."""
    try:
        await session.set_variable("CB_OK", "1")
    except errors.HungUp:
        log.info("caller_left_after_commit", caller=session.request.unique_id)
