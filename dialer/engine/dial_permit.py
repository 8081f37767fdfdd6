"""The dial permit in the call path: the dialplan names an attempt, and is told a number or nothing.

Only an attempt that an engine of this PBX committed is known, once, and only its own channel may ask.
The dialplan tests only `WB_OK`, which is set last and only after the attempt was consumed in the database.
A failure anywhere before leaves it unset, and no call goes out.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from callbacks.refusals import Refusal, Rule
from dialer.bootstrap import App
from dialer.engine.engine_load import EngineLoad
from dialer.pbx_settings import SoundSettings, WhisperSettings
from dialer.services.calls.attempts import DialPermit, consume_attempt
from telephony.asterisk.agi.server import AgiSession

log = structlog.get_logger()

FAR_HALF: Final = ";2"  # of an order's Local channel: the half that stands in the dialplan


def make_dial_permit(app: App, load: EngineLoad | None = None) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler that consumes the attempt named by the dialplan's extension.

    `load` is told how long each answer took.
    """
    measured = load or EngineLoad()

    async def dial_permit(session: AgiSession) -> None:
        with measured.permit():
            await answer_dialplan(session)

    async def answer_dialplan(session: AgiSession) -> None:
        attempt = session.request.extension
        answer: DialPermit | Refusal = Refusal(rule=Rule.ATTEMPT_UNKNOWN)
        if session.request.unique_id == f"{attempt}{FAR_HALF}":
            pbx = app.settings.pbx.name
            answer = await asyncio.to_thread(consume_attempt, app.database, attempt, app.clock(), pbx=pbx)
        if isinstance(answer, Refusal):
            log.warning("attempt_refused", attempt_id=attempt, rule=answer.rule)
            await session.set_variable("WB_RULE", answer.rule.value)
            return
        await session.set_variable("WB_NUMBER", answer.number_digits)
        await session.set_variable("WB_TRUNK", answer.trunk)
        await session.set_variable("WB_CALLER_ID", answer.caller_id)
        await session.set_variable("WB_RING", str(answer.ring_s))
        await session.set_variable("WB_WHISPER", whisper_of(app.settings.whisper, answer))
        await session.set_variable("WB_LANGUAGE", language_of(app.settings.sound, answer))
        await session.set_variable("WB_OK", "1")

    return dial_permit


def language_of(sounds: SoundSettings, permit: DialPermit) -> str:
    """The language of every sound on this call; "" leaves it to the PBX.

    Who asked to be called back heard the PBX speak it. What a customer file says is taken where the centre
    has its prompts in it: a call in a language without sounds would be a silent one.
    """
    if permit.campaign is None:
        return permit.language
    broader = re.split("[_-]", permit.language, maxsplit=1)[0]
    return next((each for each in (permit.language, broader) if each in sounds.languages), "")


def whisper_of(sounds: WhisperSettings, permit: DialPermit) -> str:
    """The sound by which the agent hears what call this is, before the bridge; "" where none is set."""
    if permit.campaign is None:
        return sounds.callback or ""
    return sounds.campaigns.get(permit.campaign, sounds.campaign) or ""
