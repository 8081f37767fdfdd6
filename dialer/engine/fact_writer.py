"""The facts about calls on their way into the database: in their order, each until it is in or set aside.

Two things keep a fact from being written, and they are told apart. A database that is locked, full or away
is waited for, however long it takes: nothing is lost, and what comes later must not overtake. A fact that
cannot be written whatever the database does (a text that fits no column, a number out of bounds) would hold
up every one behind it for ever: after `TRIES` it is set aside, where people see it, and the rest goes on. The
call it belongs to is closed by the next facts of its own, or by the next look at the PBX.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import takewhile
from typing import Final

import structlog

from dialer.bootstrap import App
from dialer.db.database_faults import blames_content
from dialer.services.calls.call_events import record_fact, record_facts
from dialer.services.calls.inbound_calls import record_caller
from dialer.services.calls.set_aside_facts import MOST_REPR, call_of, set_aside_fact
from dialer.services.promises.offers import AskingCaller, note_arrival
from dialer.services.promises.ring_ins import CallerServed, settle_served
from telephony.calls.events import Answered, CallerFact, CallFact
from telephony.state_machine import IllegalTransition

log = structlog.get_logger()

AGAIN_S: Final = 1.0  # after a failure: long enough not to flood the log, short enough to be missed by nobody
MOST_TOGETHER: Final = 8  # facts a commit: a burst is in soon, and a permit need not wait long for it
ANSWER_WAITS_S: Final = 0.25  # alone it changes nothing but what is shown, which nobody sees sooner
TRIES: Final = 3  # another transaction may have been in the way once; what fails three times always will

Written = CallFact | CallerFact | CallerServed | AskingCaller


class FactWriter:
    """One term's facts about calls that are heard and not yet written."""

    def __init__(
        self, app: App, *, on_settled: Callable[[Iterable[int]], None] | None = None, again_s: float = AGAIN_S
    ) -> None:
        """`on_settled` is told the promises that an agent settled whom their customer reached on the line."""
        self._app = app
        self._on_settled = on_settled
        self._again_s = again_s
        self._unwritten: asyncio.Queue[Written] = asyncio.Queue()
        self._at_hand: deque[Written] = deque()  # taken from it, and not yet written

    def put(self, fact: Written) -> None:
        """Write this fact after all that came before it."""
        self._unwritten.put_nowait(fact)

    async def join(self) -> None:
        """Wait until every fact heard so far is written or set aside."""
        await self._unwritten.join()

    async def write(self) -> None:
        """Commit the facts in their order, for ever; a database that is away is waited for.

        Those that wait are committed together: a commit for each would be the longest part of it.
        """
        while True:
            if not self._at_hand:
                self._at_hand.append(await self._unwritten.get())
            await self._gather()
            self._take_what_waits()
            calls = [fact for fact in takewhile(_of_call, self._at_hand) if isinstance(fact, CallFact)]
            written = await self._written_together(calls) if len(calls) > 1 else 0
            for _ in range(written):
                self._done()
            if written:
                continue
            fact, tries = self._at_hand[0], TRIES
            while (error := await self._failure(fact)) is not None:
                tries -= blames_content(error)
                if tries <= 0 and await self._set_aside(fact, error):
                    break
                await asyncio.sleep(self._again_s)
            self._done()

    async def write_the_rest(self) -> None:
        """At the end of a term: what was heard and not yet written is as true as ever."""
        while not self._unwritten.empty() or self._at_hand:
            self._take_what_waits()
            fact = self._at_hand[0]
            error = await self._failure(fact)
            if error is not None and not (blames_content(error) and await self._set_aside(fact, error)):
                return  # the next leader reads the truth from the PBX
            self._done()

    async def _gather(self) -> None:
        """Let an answer that stands alone wait for the next fact, mostly of its own call."""
        if len(self._at_hand) == 1 and self._unwritten.empty() and isinstance(self._at_hand[0], Answered):
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_WAITS_S):
                    self._at_hand.append(await self._unwritten.get())

    def _take_what_waits(self) -> None:
        while len(self._at_hand) < MOST_TOGETHER and not self._unwritten.empty():
            self._at_hand.append(self._unwritten.get_nowait())

    def _done(self) -> None:
        self._at_hand.popleft()
        self._unwritten.task_done()

    async def _written_together(self, facts: Sequence[CallFact]) -> int:
        """How many of these are in, by one commit; what stood in the way of all shows when one is alone."""
        app = self._app
        try:
            return len(await asyncio.to_thread(record_facts, app.database, facts, app.clock()))
        except Exception as error:  # noqa: BLE001 - nothing of it was written, and nothing is lost
            log.info("facts_not_written_together", facts=len(facts), error=repr(error))
            return 0

    async def _failure(self, fact: Written) -> Exception | None:
        """Write one fact; what stood in the way, or None where there is nothing more to be done about it."""
        app = self._app
        if isinstance(fact, AskingCaller):
            await self._guess_wait(fact)
            return None
        try:
            if isinstance(fact, CallFact):
                await asyncio.to_thread(record_fact, app.database, fact, app.clock())
            elif isinstance(fact, CallerServed):
                settled = await asyncio.to_thread(settle_served, app.database, fact, app.clock())
                if self._on_settled is not None:
                    self._on_settled(settled)
            else:
                pbx, region = app.settings.pbx.name, app.settings.calling.default_region
                await asyncio.to_thread(record_caller, app.database, pbx, region, fact, app.clock())
        except IllegalTransition as error:
            log.warning("fact_impossible", attempt_id=call_of(fact), fact=repr(fact), error=str(error))
        except Exception as error:  # noqa: BLE001 - locked, full or away: the fact is kept and written later
            log.warning("fact_not_written", attempt_id=call_of(fact), error=repr(error))
            return error
        return None

    async def _guess_wait(self, arrived: AskingCaller) -> None:
        """Keep what is guessed of a wait; where that cannot be done one lesson is lost, and nothing else."""
        try:
            await asyncio.to_thread(note_arrival, self._app.database, arrived, arrived.joined_at)
        except Exception:
            log.exception("wait_not_guessed", caller=arrived.call)

    async def _set_aside(self, fact: Written, error: Exception) -> bool:
        """Whether the fact is out of the way; where no table takes it in any form, the log has it."""
        if isinstance(fact, AskingCaller):
            return True  # a guess is no fact to keep
        app, pbx = self._app, self._app.settings.pbx.name
        try:
            await asyncio.to_thread(set_aside_fact, app.database, pbx, fact, error, app.clock())
        except Exception as again:  # noqa: BLE001 - a database that went away meanwhile is waited for
            log.warning(
                "fact_not_set_aside",
                attempt_id=call_of(fact),
                fact=ascii(fact)[:MOST_REPR],
                error=repr(again),
            )
            return blames_content(again)
        log.error("fact_set_aside", attempt_id=call_of(fact), fact=type(fact).__name__)
        return True


def _of_call(fact: Written) -> bool:
    return isinstance(fact, CallFact)
