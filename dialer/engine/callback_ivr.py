"""The callback dialogue on the line: the pure steps of `callbacks.ivr_dialogue`, played over FastAGI.

`CB_OK` is set only after the promise's row is committed; until then every way out of here leads the
caller back to the kept queue position (invariant 2). `CB_POSITION` says which queue position that is by then:
whoever stood in front may have been served meanwhile, and then the number of before would let others
overtake.

Only a channel that this engine saw waiting, by its own link to the PBX, is asked anything, and only the
number that the PBX told of it counts: what stands in the question is anybody's to invent.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog

from callbacks.ivr_dialogue import (
    Ask,
    CallerInput,
    Commit,
    CommitFailed,
    CommitRefused,
    Committed,
    Dialogue,
    DialogueEffect,
    DialogueState,
    LineGone,
    Pressed,
    Say,
    SayDigits,
    SayNumber,
    Silence,
    answer,
    start,
)
from callbacks.limits import read_shown, read_source, read_typed
from callbacks.refusals import Refusal, Rule
from dialer.bootstrap import App
from dialer.core.agents.callers_on_line import CallerOnFloor
from dialer.core.agents.floor import FloorState
from dialer.engine.callback_ring_ins import RingIns
from dialer.engine.standby import PbxView
from dialer.services.promises.promises import (
    PromiseRequest,
    caller_hung_up,
    make_promise,
    note_refused_number,
)
from telephony import errors
from telephony.asterisk.agi.server import AgiSession
from telephony.numbers import E164

log = structlog.get_logger()

LOOK_S: Final = 0.1
LOOKS: Final = 20  # two seconds: a takeover's first look; the caller hears nothing for as long


def make_capture(app: App, look: Callable[[], PbxView | None]) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler that holds the dialogue with a caller who pressed the offer's key.

    `look` gives what this engine sees of the PBX at that moment, whether it leads or stands by.
    """
    region, rules = app.settings.calling.default_region, app.database.policy.callbacks

    async def capture(session: AgiSession) -> None:
        refused: list[tuple[str, Refusal]] = []

        def typed(digits: str) -> E164 | Refusal:
            read = read_typed(digits, region, rules)
            if isinstance(read, Refusal):
                refused.append((digits, read))
            return read

        caller = session.request.unique_id
        found = await find_caller(look, caller)
        if found is None:  # no answer to the dialplan: another engine may have seen them
            log.warning("offer_refused", caller=caller, rule=Rule.CALLER_UNKNOWN)
            await session.set_variable("CB_RULE", Rule.CALLER_UNKNOWN.value)
            return
        view, seat = found
        floor, source = view.floor, read_source(seat.number, region)
        shown = may_be_called(read_shown(seat.number, region, rules), source, refused)
        number = shown.e164 if shown is not None else ""
        decided = await view.offers.decide(caller, number, source, seen=view.ready)
        step = start(shown, region, decided)
        while True:
            await note(app, refused)
            heard: CallerInput | None = None
            for effect in step.effects:
                heard = await play(session, effect, step.dialogue, app, view)
            if step.dialogue.state is DialogueState.BACK_IN_QUEUE:
                await keep_queue_position(session, floor, app.clock())
                return
            if step.dialogue.ended:
                return
            if heard is None:
                raise AssertionError(f"the dialogue stands still in {step.dialogue.state}")
            step = answer(step.dialogue, heard, typed)

    return capture


def may_be_called(
    shown: E164 | Refusal | None, source: str, refused: list[tuple[str, Refusal]]
) -> E164 | None:
    """The number shown, where it may be called back; why not is put with what was refused."""
    if isinstance(shown, Refusal):
        refused.append((source, shown))
        return None
    return shown


async def find_caller(
    look: Callable[[], PbxView | None], caller: str
) -> tuple[PbxView, CallerOnFloor] | None:
    """The caller as the PBX told of them; what it tells and what its dialplan asks come over two lines."""
    for _ in range(LOOKS):
        view = look()
        seat = view.floor.line.seat(caller) if view is not None else None
        if view is not None and seat is not None:
            return view, seat
        await asyncio.sleep(LOOK_S)
    return None


async def note(app: App, refused: list[tuple[str, Refusal]]) -> None:
    """Write down which numbers were refused; the conversation goes on where that cannot be written."""
    while refused:
        number, refusal = refused.pop()
        log.info("callback_number_refused", rule=refusal.rule)
        try:
            await asyncio.to_thread(note_refused_number, app.database, number, refusal, app.clock())
        except Exception:
            log.exception("refusal_not_written", rule=refusal.rule)


async def play(
    session: AgiSession, effect: DialogueEffect, dialogue: Dialogue, app: App, view: PbxView
) -> CallerInput | None:
    """Carry one effect out on the line; what the caller did, where the effect waits for it."""
    if isinstance(effect, Commit):
        return await commit(session, effect, app, view)
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
        return LineGone()
    return None


async def commit(session: AgiSession, effect: Commit, app: App, view: PbxView) -> CallerInput:
    """Write the promise, then let the dialplan know; the caller has heard nothing yet."""
    now = app.clock()
    caller = session.request.unique_id
    request = PromiseRequest(
        e164=effect.number.e164,
        queue=app.settings.queues.inbound,
        source_call=caller,
        virtual_join=view.floor.joined.get(caller, now),
        window=effect.window,
        source=read_source(session.request.caller, app.settings.calling.default_region),
        on_the_line=True,
        others=view.offers.others(caller),
        language=session.request.language,
    )
    try:
        made = await asyncio.to_thread(make_promise, app.database, request, now)
    except Exception:
        log.exception("promise_not_committed", caller=caller)
        return CommitFailed()
    if isinstance(made, Refusal):
        seat = view.floor.line.seat(caller)
        if made.rule is Rule.PROMISE_ALREADY_OPEN and seat is not None:
            await stand_at_promise(app, view.floor, seat)
        return CommitRefused(rule=made.rule)
    log.info("promise_made", promise=made.id, queue_position=made.queue_position)
    if not await allow_leaving(session):
        # the PBX may have told of the hang-up before there was a promise to it
        await asyncio.to_thread(caller_hung_up, app.database, caller, app.clock())
    return Committed(queue_position=made.queue_position, reference=made.reference)


async def stand_at_promise(app: App, floor: FloorState, seat: CallerOnFloor) -> None:
    """Give the caller the place of their promise, so that they go back there; their own one without it."""
    try:
        await RingIns(app, floor).take_places([seat])
    except Exception:
        log.exception("place_not_taken", caller=seat.caller)


#: what a dialplan rendered by 0.2 or earlier looks at; goes with the next version
POSITION_BEFORE: Final = "CB_PLACE"


async def keep_queue_position(session: AgiSession, floor: FloorState, now: datetime) -> None:
    """Tell the dialplan where in the queue this caller belongs: behind those who joined earlier."""
    caller = session.request.unique_id
    position = floor.line.position(caller, floor.joined.get(caller, now))
    with suppress(errors.HungUp):
        for name in ("CB_POSITION", POSITION_BEFORE):
            await session.set_variable(name, str(position))


async def allow_leaving(session: AgiSession) -> bool:
    """Tell the dialplan that the caller's queue position is kept in the database; False: is gone already."""
    try:
        await session.set_variable("CB_OK", "1")
    except errors.HungUp:
        log.info("caller_left_after_commit", caller=session.request.unique_id)
        return False
    return True
