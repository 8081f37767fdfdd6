"""The question before an agent: who is calling back, and which key says that a person is there, over FastAGI.

`WB_KEY` is set last. With the agreeing key, or with none at all where nobody could ask, the dialplan leads
the customer to the agent who is kept for them; with anything else the call ends. What the other keys ask for
is committed before it is confirmed (invariant 2), and holds if the customer hangs up meanwhile.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from callbacks.ivr_words import Ask, CommitFailed, LineGone, Pressed, Say, SayNumber, Silence
from callbacks.return_call import (
    KEY_CONNECT,
    AnswerWritten,
    ReturnEffect,
    ReturnInput,
    ReturnQuestion,
    ReturnState,
    WriteAnswer,
    follow_answer,
    open_question,
)
from dialer.bootstrap import App
from dialer.engine.code_calls import code_for, speak_code
from dialer.services.promises.return_calls import expects_key, write_answer
from telephony import errors
from telephony.asterisk.agi.server import AgiSession

log = structlog.get_logger()

NO_AGENT: Final = "0"  # no key that leads to one


def make_return_call(app: App) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler that asks a customer who is called back for a key."""

    async def return_call(session: AgiSession) -> None:
        attempt = session.request.unique_id
        spoken = await code_for(app, attempt)
        if spoken is not None:
            if spoken.code:
                await speak_code(session, app, spoken)
            await end_without_agent(session)
            return
        if not await asyncio.to_thread(expects_key, app.database, attempt):
            log.warning("key_asked_of_nobody", attempt_id=attempt)
            return  # no answer: a customer who is on the line all the same gets their agent
        step = open_question(app.database.policy.retry.later)
        while True:
            heard: ReturnInput | None = None
            for effect in step.effects:
                heard = await play(session, effect, step.question, app)
            if step.question.ended:
                break
            if heard is None:
                raise AssertionError(f"the question stands still in {step.question.state}")
            step = follow_answer(step.question, heard)
        agreed = step.question.state is ReturnState.AGREED
        log.info("return_call_answered", attempt_id=attempt, state=step.question.state)
        with suppress(errors.HungUp):
            await session.set_variable("WB_KEY", KEY_CONNECT if agreed else NO_AGENT)

    return return_call


async def end_without_agent(session: AgiSession) -> None:
    """Have the dialplan hang up: nobody is to be put through."""
    with suppress(errors.HungUp):
        await session.set_variable("WB_KEY", NO_AGENT)


async def play(
    session: AgiSession, effect: ReturnEffect, question: ReturnQuestion, app: App
) -> ReturnInput | None:
    """Carry one effect out on the line; what the customer did, where the effect waits for it."""
    try:
        match effect:
            case WriteAnswer():
                return await write(session, effect, app)
            case Say(prompt=prompt):
                await session.play(prompt)
            case SayNumber(number=number):
                await session.say_number(number)
            case Ask(prompt=prompt, most=most, timeout_s=timeout_s):
                digits = await session.ask_digits(prompt, timeout_s=timeout_s, max_digits=most)
                return Pressed(digits) if digits else Silence()
    except errors.HungUp:
        return None if question.ended else LineGone()
    return None


async def write(session: AgiSession, effect: WriteAnswer, app: App) -> ReturnInput:
    """Write the wish; the customer has heard nothing yet."""
    attempt = session.request.unique_id
    try:
        written = await asyncio.to_thread(write_answer, app.database, attempt, effect.answer, app.clock())
    except Exception:
        log.exception("answer_not_written", attempt_id=attempt, answer=effect.answer)
        return CommitFailed()
    return AnswerWritten() if written else CommitFailed()
