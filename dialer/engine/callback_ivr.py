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
from dataclasses import dataclass
from typing import Final

import structlog

from callbacks.ivr_dialogue import (
    CallerInput,
    CancelOpen,
    Commit,
    CommitRefused,
    Committed,
    Dialogue,
    DialogueEffect,
    DialogueStep,
    FindTimes,
    MoveOpen,
    RecordReason,
    TimesFound,
    Withdraw,
    Withdrawn,
    answer,
    start,
)
from callbacks.ivr_table import DialogueState
from callbacks.ivr_words import Ask, CommitFailed, LineGone, Pressed, Say, SayDigits, SayNumber, Silence
from callbacks.limits import read_shown, read_source, read_typed
from callbacks.refusals import Refusal, Rule
from callbacks.spoken_times import spoken_times
from dialer.bootstrap import App
from dialer.core.agents.callers_on_line import CallerOnFloor
from dialer.core.agents.floor import FloorState
from dialer.engine.callback_ring_ins import RingIns
from dialer.engine.standby import PbxView
from dialer.services.promises.in_the_call import (
    cancel_open,
    move_open,
    note_recording,
    reason_sound,
    withdraw_promise,
)
from dialer.services.promises.promises import (
    PromiseRequest,
    caller_hung_up,
    make_promise,
    note_refused_number,
)
from dialer.services.promises.slots import open_slots
from telephony import errors
from telephony.asterisk.agi.server import AgiSession
from telephony.numbers import E164

log = structlog.get_logger()

ANY_KEY: Final = "0123456789*#"
REASON_MOST_S: Final = 30  # a name and a sentence or two; the agent hears all of it before the call
REASON_SILENCE_S: Final = 3  # long enough to take breath
LOOK_S: Final = 0.1
LOOKS: Final = 20  # two seconds: a takeover's first look; the caller hears nothing for as long


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLine:
    """A caller on the line with this engine: what it sees of the PBX, and the queue they are in."""

    app: App
    view: PbxView
    session: AgiSession
    queue: str

    @property
    def caller(self) -> str:
        """The caller's channel."""
        return self.session.request.unique_id


def make_capture(app: App, look: Callable[[], PbxView | None]) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler that holds the dialogue with a caller who pressed the offer's key.

    `look` gives what this engine sees of the PBX at that moment, whether it leads or stands by.
    """
    region, rules = app.settings.calling.default_region, app.database.policy.callbacks

    async def capture(session: AgiSession) -> None:
        refused: list[tuple[str, Refusal]] = []
        caller = session.request.unique_id
        found = await find_caller(look, caller)
        if found is None:  # no answer to the dialplan: another engine may have seen them
            log.warning("offer_refused", caller=caller, rule=Rule.CALLER_UNKNOWN)
            await session.set_variable("CB_RULE", Rule.CALLER_UNKNOWN.value)
            return
        view, seat = found
        line = CallerLine(app=app, view=view, session=session, queue=view.offers.queue_of(caller))
        source = read_source(seat.number, region)
        shown = may_be_called(read_shown(seat.number, region, rules), source, refused)
        number = shown.e164 if shown is not None else ""
        decided = await view.offers.decide(caller, number, source, seen=view.ready)
        policy = app.database.policy.offer_policy(line.queue)
        step = start(
            shown,
            region,
            decided,
            choose_time=policy.choose_time,
            record_reason=policy.record_reason,
            change_by_key=app.settings.callbacks.change_by_key,
        )
        await converse(line, step, refused)

    return capture


async def converse(line: CallerLine, step: DialogueStep, refused: list[tuple[str, Refusal]]) -> Dialogue:
    """Hold the conversation to its end; whoever goes back into the queue has their place by then."""
    app = line.app
    region, rules = app.settings.calling.default_region, app.database.policy.callbacks

    def typed(digits: str) -> E164 | Refusal:
        read = read_typed(digits, region, rules)
        if isinstance(read, Refusal):
            refused.append((digits, read))
        return read

    while True:
        await note(app, refused)
        heard: CallerInput | None = None
        for effect in step.effects:
            heard = await play(line, effect, step.dialogue)
            # whoever has said yes is promised a call all the same
            if isinstance(heard, LineGone) and step.dialogue.state is not DialogueState.COMMITTING:
                break
        if step.dialogue.state is DialogueState.BACK_IN_QUEUE:
            await keep_queue_position(line)
        if step.dialogue.ended:
            return step.dialogue
        if heard is None:
            raise AssertionError(f"the dialogue stands still in {step.dialogue.state}")
        step = answer(step.dialogue, heard, typed)


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


async def play(line: CallerLine, effect: DialogueEffect, dialogue: Dialogue) -> CallerInput | None:
    """Carry one effect out on the line; what the caller did, where the effect waits for it."""
    try:
        match effect:
            case Say() | SayDigits() | SayNumber():
                await say(line.session, effect)
            case RecordReason(reference=reference):
                await record_reason(line, reference)
            case Ask():
                return await ask(line.session, effect)
            case _:
                return await carry_out(line, effect, dialogue)
    except errors.HungUp:
        if dialogue.ended:
            return None
        return LineGone()
    return None


async def carry_out(
    line: CallerLine, effect: Commit | FindTimes | Withdraw | CancelOpen | MoveOpen, dialogue: Dialogue
) -> CallerInput:
    """Do in the database what was agreed on; what came of it, whether or not the caller is still there."""
    match effect:
        case Commit():
            asked = dialogue.state is not DialogueState.BOOKING
            return await commit(line, effect) if asked or await is_there(line.session) else LineGone()
        case FindTimes(number=number):
            return await find_times(line.app, line.queue, number)
        case Withdraw():
            return await withdraw(line)
        case CancelOpen(number=number):
            return await cancel(line, number)
        case MoveOpen():
            return await move(line, effect)


async def is_there(session: AgiSession) -> bool:
    """Whether the caller is still on the line: who has asked for nothing is promised nothing once gone."""
    try:
        await session.set_variable("CB_OK", "")
    except errors.HungUp:
        return False
    return True


async def ask(session: AgiSession, effect: Ask) -> Pressed | Silence:
    """Put a question; any key cuts short what is said before it, and answers it."""
    for part in effect.before:
        key = await say(session, part, ANY_KEY)
        if key is not None:
            return Pressed(key)
    digits = await session.ask_digits(effect.prompt, timeout_s=effect.timeout_s, max_digits=effect.most)
    return Pressed(digits) if digits else Silence()


async def say(session: AgiSession, part: Say | SayDigits | SayNumber, keys: str = "") -> str | None:
    """Say one part; the key among `keys` that cut it short, or None."""
    match part:
        case Say(prompt=prompt):
            return await session.play(prompt, keys)
        case SayDigits(digits=digits):
            return await session.say_digits(digits, keys)
        case SayNumber(number=number):
            return await session.say_number(number, keys)


async def find_times(app: App, queue: str, number: E164) -> TimesFound:
    """The hours that can be read out; none where they cannot be looked up, and the place is kept."""
    now = app.clock()
    try:
        free = await asyncio.to_thread(open_slots, app.database, queue, number.e164, now)
    except Exception:
        log.exception("times_not_found")
        return TimesFound(())
    return TimesFound(spoken_times(free, app.settings.queues.zone, now))


async def withdraw(line: CallerLine) -> Withdrawn:
    """End the promise made by default: the caller stays, and goes back into the queue in any case."""
    done = False
    try:
        done = await asyncio.to_thread(withdraw_promise, line.app.database, line.caller, line.app.clock())
    except Exception:
        log.exception("promise_not_withdrawn", caller=line.caller)
    log.info("caller_stays", caller=line.caller, withdrawn=done)
    with suppress(errors.HungUp):
        await line.session.set_variable("CB_OK", "")
    return Withdrawn(done=done)


async def cancel(line: CallerLine, number: E164) -> Withdrawn:
    """End the promise that stood: the caller stays all the same, and goes back into the queue."""
    done = False
    try:
        done = await asyncio.to_thread(cancel_open, line.app.database, number.e164, line.app.clock())
    except Exception:
        log.exception("promise_not_cancelled", caller=line.caller)
    return Withdrawn(done=done)


async def move(line: CallerLine, effect: MoveOpen) -> CallerInput:
    """Move the promise that stands, and let the caller go."""
    app, number = line.app, effect.number.e164
    try:
        moved = await asyncio.to_thread(move_open, app.database, number, effect.slot.start, app.clock())
    except Exception:
        log.exception("promise_not_moved", caller=line.caller)
        return CommitFailed()
    if isinstance(moved, Refusal):
        return CommitRefused(rule=moved.rule)
    await allow_leaving(line.session)
    return Committed(queue_position=0, reference=moved)  # at a chosen time no place is said


async def commit(line: CallerLine, effect: Commit) -> CallerInput:
    """Write the promise, then let the dialplan know; the caller has heard nothing yet."""
    app, view, session, caller = line.app, line.view, line.session, line.caller
    now = app.clock()
    seat = view.floor.line.seat(caller)
    shown = seat.number if seat is not None else session.request.caller
    request = PromiseRequest(
        e164=effect.number.e164,
        queue=line.queue,
        source_call=caller,
        virtual_join=view.floor.joined.get(caller, now),
        window=effect.window,
        source=read_source(shown, app.settings.calling.default_region),
        on_the_line=True,
        others=view.offers.others(caller, line.queue),
        language=session.request.language,
        wanted=effect.slot.start if effect.slot is not None else None,
    )
    try:
        made = await asyncio.to_thread(make_promise, app.database, request, now)
    except Exception:
        log.exception("promise_not_committed", caller=caller)
        return CommitFailed()
    if isinstance(made, Refusal):
        if made.rule is Rule.PROMISE_ALREADY_OPEN and seat is not None:
            await stand_at_promise(app, view.floor, seat)
        return CommitRefused(rule=made.rule)
    log.info("promise_made", promise=made.id, queue=line.queue, queue_position=made.queue_position)
    if not await allow_leaving(session):
        # the PBX may have told of the hang-up before there was a promise to it
        await asyncio.to_thread(caller_hung_up, app.database, caller, app.clock())
    return Committed(queue_position=made.queue_position, reference=made.reference)


async def record_reason(line: CallerLine, reference: str) -> None:
    """Record who calls and why, and keep its name with the promise; the promise stands whatever happens."""
    session, app = line.session, line.app
    if session.hung_up:
        return
    recording = reason_sound(app.settings.pbx.names, reference)
    try:
        await session.record(recording, most_s=REASON_MOST_S, silence_s=REASON_SILENCE_S)
    finally:  # what was said until the hang-up is there
        try:
            await asyncio.to_thread(note_recording, app.database, line.caller, recording)
        except Exception:
            log.exception("recording_not_noted", caller=line.caller)


async def stand_at_promise(app: App, floor: FloorState, seat: CallerOnFloor) -> None:
    """Give the caller the place of their promise, so that they go back there; their own one without it."""
    try:
        await RingIns(app, floor).take_places([seat])
    except Exception:
        log.exception("place_not_taken", caller=seat.caller)


#: what a dialplan rendered by 0.2 or earlier looks at; goes with the next version
POSITION_BEFORE: Final = "CB_PLACE"


async def keep_queue_position(line: CallerLine) -> None:
    """Tell the dialplan where in the queue this caller belongs: behind those who joined earlier."""
    app, floor, caller = line.app, line.view.floor, line.caller
    position = floor.line.position(caller, floor.joined.get(caller, app.clock()), line.queue)
    with suppress(errors.HungUp):
        for name in ("CB_POSITION", POSITION_BEFORE):
            await line.session.set_variable(name, str(position))


async def allow_leaving(session: AgiSession) -> bool:
    """Tell the dialplan that the caller's queue position is kept in the database; False: is gone already."""
    try:
        await session.set_variable("CB_OK", "1")
    except errors.HungUp:
        log.info("caller_left_after_commit", caller=session.request.unique_id)
        return False
    return True
