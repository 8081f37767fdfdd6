"""The one question after a talk, by key, to whoever is still on the line, over FastAGI.

That somebody is asked is committed before they hear it, and so is their answer before they are thanked.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from callbacks.ivr_words import Prompt
from dialer.bootstrap import App
from dialer.core.surveys.promoter_score import score_of_key
from dialer.services.surveys.surveys import answer_survey, ask_by_key
from telephony import errors
from telephony.asterisk.agi.server import AgiSession

log = structlog.get_logger()

TIMES: Final = 2  # the question is put; who says nothing twice does not want to be asked
PATIENCE_S: Final = 6.0  # for the key after the question, which says all of them

KeepScore = Callable[[int], Awaitable[bool]]


def make_key_survey(app: App) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler that asks the customer whose agent has hung up, where they agreed to it."""

    async def key_survey(session: AgiSession) -> None:
        call = session.request.unique_id
        survey = await asyncio.to_thread(ask_by_key, app.database, app.settings, call, app.clock())
        if survey is not None:

            async def keep(score: int) -> bool:
                return await asyncio.to_thread(answer_survey, app.database, survey, score, app.clock())

            score = await put_question(session, keep)
            log.info("survey_put", call=call, answered=score is not None)
        with suppress(errors.HungUp):
            await session.set_variable("WB_SURVEY", "put" if survey is not None else "nobody")

    return key_survey


async def put_question(session: AgiSession, keep: KeepScore) -> int | None:
    """Ask for a key and keep what it says; the score, None where the customer gave none or hung up."""
    with suppress(errors.HungUp):
        for _ in range(TIMES):
            pressed = await session.ask_digits(Prompt.SURVEY_QUESTION, timeout_s=PATIENCE_S, max_digits=1)
            score = score_of_key(pressed)
            if score is not None and await keep(score):
                await _thank(session)
                return score
    return None


async def _thank(session: AgiSession) -> None:
    with suppress(errors.HungUp):  # the answer is in, whoever hears the thanks
        await session.play(Prompt.SURVEY_THANKS)
