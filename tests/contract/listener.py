"""The adapter under test with its facts kept, so that a scenario can wait for its own."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from telephony.asterisk.adapter import AmiPbx
from telephony.calls.events import Abandoned, CallFact, Connected, Fact, Finished

TRIES = 5  # of what the PBX itself gives seconds to, and a machine that stalls may be too late for
HEARD_WITHIN_S = 90.0  # no scenario is about this time; a busy machine stalls for seconds
FactT = TypeVar("FactT", bound=Fact)


class Listener:
    """One consumer of the feed."""

    def __init__(self, pbx: AmiPbx) -> None:
        self.pbx = pbx
        self.facts: list[Fact] = []
        self._came = asyncio.Condition()
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for fact in self.pbx.facts():
            async with self._came:
                self.facts.append(fact)
                self._came.notify_all()

    async def close(self) -> None:
        """Stop listening and say what went wrong, if anything did."""
        await self.pbx.close()
        await asyncio.wait_for(self._task, HEARD_WITHIN_S)

    async def first(
        self,
        kind: type[FactT] | tuple[type[FactT], ...],
        fits: Callable[[FactT], bool] = lambda _: True,
        *,
        since: int = 0,
        within_s: float = HEARD_WITHIN_S,
    ) -> FactT:
        """The first fact of this kind that fits, heard after the first `since`, or yet to come."""
        found: list[FactT] = []

        def there() -> bool:
            found[:] = [fact for fact in self.facts[since:] if isinstance(fact, kind) and fits(fact)]
            return bool(found)

        async with self._came:
            try:
                await asyncio.wait_for(self._came.wait_for(there), within_s)
            except TimeoutError:
                raise AssertionError(f"no {named(kind)} within {within_s} s") from None
        return found[0]

    async def of(
        self, attempt: str, kind: type[FactT] | tuple[type[FactT], ...], *, within_s: float = HEARD_WITHIN_S
    ) -> FactT:
        """This attempt's fact of this kind."""

        def own(fact: FactT) -> bool:
            return isinstance(fact, CallFact) and fact.attempt == attempt

        try:
            return await self.first(kind, own, within_s=within_s)
        except AssertionError as failure:
            raise AssertionError(f"{attempt}: {failure}; heard {self.story(attempt)}") from None

    async def talk(self, place: Callable[[], Awaitable[str]]) -> Connected:
        """A call that reached an agent; placed again where none was there within the legal wait."""
        for _ in range(TRIES):
            attempt = await place()

            def own(fact: Connected | Abandoned, attempt: str = attempt) -> bool:
                return fact.attempt == attempt

            try:
                goes_on = await self.first((Connected, Abandoned), own)
            except AssertionError as failure:
                raise AssertionError(f"{attempt}: {failure}; heard {self.story(attempt)}") from None
            if isinstance(goes_on, Connected):
                return goes_on
            await self.of(attempt, Finished)
        raise AssertionError("no agent was there in time, every time")

    def story(self, attempt: str) -> list[Fact]:
        """Everything heard of this attempt."""
        return [fact for fact in self.facts if isinstance(fact, CallFact) and fact.attempt == attempt]

    def ends(self, attempt: str) -> int:
        """How often this attempt was finished; never more than once."""
        return sum(isinstance(fact, Finished) for fact in self.story(attempt))


def named(kind: type[Fact] | tuple[type[Fact], ...]) -> str:
    """The kinds in words."""
    return " or ".join(each.__name__ for each in (kind if isinstance(kind, tuple) else (kind,)))


def now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)
