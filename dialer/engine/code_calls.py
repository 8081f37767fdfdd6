"""Codes from the web, spoken by a call: ordered like every other, without an agent, and said over FastAGI.

The dialplan asks for a key as before any call back (`/return`); what follows here is another dialogue, and at
its end there is no agent, so the call ends.
"""

import asyncio
from collections.abc import Callable

import structlog

from callbacks.ivr_words import Ask, CommitFailed, LineGone, Pressed, Say, SayDigits, Silence
from callbacks.spoken_code import (
    CodeEffect,
    CodeInput,
    NoteHeard,
    NoteRefused,
    Written,
    follow_code_call,
    open_code_call,
)
from dialer.bootstrap import App
from dialer.engine.call_placer import CallPlacer, Placing
from dialer.services.calls.leadership import Leadership
from dialer.services.promises.spoken_codes import (
    SpokenCode,
    code_of_call,
    due_codes,
    note_heard,
    note_refused,
)
from telephony import errors
from telephony.asterisk.agi.server import AgiSession

log = structlog.get_logger()


async def ring_codes(app: App, leadership: Leadership, calls: CallPlacer) -> None:
    """Ring the numbers whose code is due, as far as the trunk has room."""
    room = calls.lines_free(app.database.policy.trunk)
    if not app.settings.public.speak_code or room <= 0:
        return
    due = await asyncio.to_thread(due_codes, app.database, app.clock())
    placings = [Placing(work=work, campaign=None, agent=None) for work in due[:room]]
    if placings:
        await calls.place(leadership, placings)


async def code_for(app: App, attempt: str) -> SpokenCode | None:
    """The code that this call is to speak; None where it is for something else."""
    key = app.settings.public.key
    signed = key.get_secret_value().encode() if key is not None else b""
    return await asyncio.to_thread(code_of_call, app.database, attempt, signed, app.clock())


async def speak_code(session: AgiSession, app: App, spoken: SpokenCode) -> None:
    """Have the code heard by whoever asks for it by key, and by nobody else."""
    step = open_code_call()
    while True:
        heard: CodeInput | None = None
        for effect in step.effects:
            heard = await _play(session, effect, app, spoken, ended=step.ended)
        if step.ended:
            break
        if heard is None:
            raise AssertionError(f"the call stands still in {step.state}")
        step = follow_code_call(step.state, heard, spoken.code)
    log.info("code_call_ended", attempt_id=session.request.unique_id, state=step.state)


async def _play(
    session: AgiSession, effect: CodeEffect, app: App, spoken: SpokenCode, *, ended: bool
) -> CodeInput | None:
    """Carry one effect out on the line; what the person did, where the effect waits for it."""
    try:
        match effect:
            case NoteHeard():
                return await _write(note_heard, app, spoken)
            case NoteRefused():
                return await _write(note_refused, app, spoken)
            case Say(prompt=prompt):
                await session.play(prompt)
            case SayDigits(digits=digits):
                await session.say_digits(digits)
            case Ask(prompt=prompt, most=most, timeout_s=timeout_s):
                pressed = await session.ask_digits(prompt, timeout_s=timeout_s, max_digits=most)
                return Pressed(pressed) if pressed else Silence()
    except errors.HungUp:
        return None if ended else LineGone()
    return None


async def _write(note: Callable[..., bool], app: App, spoken: SpokenCode) -> CodeInput:
    try:
        written = await asyncio.to_thread(note, app.database, spoken.wish, app.clock())
    except Exception:
        log.exception("code_not_noted", wish=spoken.wish)
        return CommitFailed()
    return Written() if written else CommitFailed()
