"""The dial permit in the call path: the dialplan names an attempt, and is told a number or nothing.

Only an attempt that an engine of this PBX committed is known, once, and only its own channel may ask.
The dialplan tests only `WB_OK`, which is set last and only after the attempt was consumed in the database.
A failure anywhere before leaves it unset, and no call goes out.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import structlog

from callbacks.refusals import Refusal, Rule
from dialer.bootstrap import App
from dialer.db.database_faults import DatabaseUnavailable
from dialer.engine.engine_load import EngineLoad
from dialer.pbx_settings import SoundSettings, WhisperSettings
from dialer.services.calls.attempts import DialPermit, consume_together
from dialer.services.promises.agent_first import first_agent_of
from telephony.asterisk.agi.server import AgiSession

log = structlog.get_logger()

AT_ONCE: Final = 8  # so many answers a commit: more, and the first of them would wait for the last
FAR_HALF: Final = ";2"  # of an order's Local channel: the half that stands in the dialplan


class PermitBatches:
    """Consumes attempts for the dialplan: whoever asks while others are served is served with the next.

    One commit then answers many, and each answer is given after it. Served one by one, they would wait for
    each other's commits.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        # of its own: in the one that all share a permit would wait behind callers' dialogues and looks ahead
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dial-permits")
        self._asked: list[tuple[str, asyncio.Future[DialPermit | Refusal]]] = []
        self._serving: asyncio.Task[None] | None = None

    async def ask(self, attempt: str) -> DialPermit | Refusal:
        """What `consume_attempt` says; raises as it does."""
        answer: asyncio.Future[DialPermit | Refusal] = asyncio.get_running_loop().create_future()
        self._asked.append((attempt, answer))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve(), name="dial-permits")
        return await answer

    async def _serve(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked[:AT_ONCE], self._asked[AT_ONCE:]
                await self._answer(asked)
        finally:
            self._serving = None

    async def _answer(self, asked: Sequence[tuple[str, asyncio.Future[DialPermit | Refusal]]]) -> None:
        app, pbx = self._app, self._app.settings.pbx.name
        attempts = [attempt for attempt, _ in asked]
        consume = partial(consume_together, app.database, attempts, app.clock(), pbx=pbx)
        try:
            answers = await asyncio.get_running_loop().run_in_executor(self._thread, consume)
        except Exception as error:  # noqa: BLE001 - handed to those whom it concerns
            if len(asked) > 1 and not isinstance(error, DatabaseUnavailable):
                for each in asked:  # one of them stands in the way: which one shows when each is alone
                    await self._answer([each])
                return
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), found in zip(asked, answers, strict=True):
            if not answer.done():  # who asked may have hung up
                answer.set_result(found)


def make_dial_permit(app: App, load: EngineLoad | None = None) -> Callable[[AgiSession], Awaitable[None]]:
    """A FastAGI handler that consumes the attempt named by the dialplan's extension.

    `load` is told how long each answer took.
    """
    measured, batches = load or EngineLoad(), PermitBatches(app)

    async def dial_permit(session: AgiSession) -> None:
        with measured.permit() as answered:
            await answer_dialplan(session, answered)

    async def answer_dialplan(session: AgiSession, answered: Callable[[], None]) -> None:
        attempt = session.request.extension
        answer: DialPermit | Refusal = Refusal(rule=Rule.ATTEMPT_UNKNOWN)
        channel = session.request.unique_id
        # the near half asks where the agent is there first, and of no other call
        is_ours = channel == f"{attempt}{FAR_HALF}" or (
            channel == attempt and await asyncio.to_thread(first_agent_of, app.database, attempt) is not None
        )
        if is_ours:
            answer = await batches.ask(attempt)
        answered()
        if isinstance(answer, Refusal):
            log.warning("attempt_refused", attempt_id=attempt, rule=answer.rule)
            await session.set_variable("WB_RULE", answer.rule.value)
            return
        # the agent there first reads no WB_RETURN
        returned = answer.proof or (answer.campaign is None and app.settings.callbacks.ask_key)
        await session.set_variables(
            {
                "WB_NUMBER": answer.number_digits,
                "WB_TRUNK": answer.trunk,
                "WB_CALLER_ID": answer.caller_id,
                "WB_RING": str(answer.ring_s),
                "WB_WHISPER": whisper_of(app.settings.whisper, answer),
                "WB_LANGUAGE": language_of(app.settings.sound, answer),
                "WB_RETURN": "1" if returned else "",
                "WB_OK": "1",
            }
        )

    return dial_permit


def language_of(sounds: SoundSettings, permit: DialPermit) -> str:
    """The language of every sound on this call; "" leaves it to the PBX.

    Who asked to be called back heard the PBX speak it. What a customer file, or a form, says is taken where
    the centre has its prompts in it: a call in a language without sounds would be a silent one.
    """
    if permit.campaign is None and not permit.proof:
        return permit.language
    broader = re.split("[_-]", permit.language, maxsplit=1)[0]
    return next((each for each in (permit.language, broader) if each in sounds.languages), "")


def whisper_of(sounds: WhisperSettings, permit: DialPermit) -> str:
    """The sound by which the agent hears what call this is, before the bridge; "" where none is set."""
    if permit.campaign is None:
        return sounds.callback or ""
    return sounds.campaigns.get(permit.campaign, sounds.campaign) or ""
