"""What every PBX must do for the centre, one scenario a promise.

`TOGETHER` run at the same time on one PBX, `ALONE` one after the other: they disturb or need quiet.
A scenario fails by raising.

Before each act a scenario waits for what must have happened, never for seconds: on a busy machine nobody
knows how long anything takes. Two acts must land within a span that the PBX itself measures (the legal
wait, the time an agent's phone rings). There a machine that stalls may be too late, so the scenario begins
anew, `TRIES` times; a PBX that is at fault is so every time.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count

import pytest
from bench.testbed.permits import FakePermits
from contract.listener import HEARD_WITHIN_S, TRIES, Listener, now
from contract.venue import INBOUND, Venue
from contract.venues import CALLER_NUMBER, DEAF, LONELY, OUTBOUND, RING_LIMIT_S, STANDING
from contract.wire_tap import WireTap

from telephony.calls.events import (
    Abandoned,
    AgentDidNotAnswer,
    Answered,
    CallerConnected,
    CallerFinished,
    CallerGone,
    CallerJoined,
    CallerLeft,
    Connected,
    Device,
    Finished,
    LinkLost,
    LinkUp,
    MemberSeen,
    OriginateFailed,
    Outcome,
    Ringing,
)
from telephony.errors import LinkDown, OutcomeUnknown
from telephony.ports import CallOrder

_serial = count(1)
LEGAL_WAIT_S = 2.0
LOOK_S = 0.05  # between two looks at something that tells nobody of itself
TALK_S = 1.0
STAYS = "102"  # digits of a customer who answers and talks until somebody else ends it
PATIENT_S = 30  # an order is good for so long, and a phone rings: neither is what a scenario waits for
NEVER_ANSWERS = (
    "3"  # the digit of a customer whose phone is given up on; then the ringing is what is waited for
)
CLOCK_TICK_S = 1.1  # Asterisk tells its start in whole seconds
CROWD = 200
NO_AGI_FAILURE = "no FastAGI talk failed"
NOTHING_OF_OTHERS = "no action named what is not ours"


@dataclass
class Scene:
    """A venue, the adapter's ear, and the wire between them."""

    venue: Venue
    ear: Listener
    tap: WireTap
    quiet: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def call(self, digits: str | None, queue: str = OUTBOUND) -> str:
        """Order a call to a customer who behaves by these digits; None: the dial permit knows of no call."""
        attempt = self.name()
        if digits is not None:
            self.expect(attempt, digits)
        await self.ear.pbx.originate(CallOrder(attempt=attempt, queue=queue, ring_s=PATIENT_S))
        return attempt

    def expect(self, attempt: str, digits: str, *, of: FakePermits | None = None) -> None:
        """Have the dial permit send this attempt to a customer who behaves by these digits."""
        permits = of or self.venue.agi
        permits.numbers[attempt] = f"15550100{digits}"
        if not digits.startswith(NEVER_ANSWERS):
            permits.rings[attempt] = PATIENT_S

    @staticmethod
    def name() -> str:
        """An attempt nobody has had."""
        return f"wb-contract{next(_serial):06d}"

    async def talk(self, digits: str = STAYS, queue: str = OUTBOUND) -> tuple[str, Connected]:
        """A call to a customer who stays until somebody ends the talk, up to where it has begun."""
        connected = await self.ear.talk(lambda: self.call(digits, queue))
        return connected.attempt, connected

    async def leaves(self, attempt: str) -> Finished:
        """The customer ends the talk, and it is finished once."""
        assert await self.venue.customer_leaves(attempt), "gone already"
        return await self.ends(attempt, Outcome.CONNECTED)

    async def caller(self, *, since: int) -> CallerJoined:
        """Somebody rings in who is in no hurry, and is in the queue."""
        await self.venue.ring_in()
        return await self.ear.first(CallerJoined, since=since)

    async def caller_is_gone(self, caller: str, *, since: int) -> CallerLeft:
        """The caller is out of the queue."""
        return await self.ear.first(CallerLeft, lambda fact: fact.caller == caller, since=since)

    async def ends(self, attempt: str, outcome: Outcome, *, within_s: float = 40) -> Finished:
        """The attempt is finished once, with this outcome."""
        end = await self.ear.of(attempt, Finished, within_s=within_s)
        assert end.outcome is outcome, (end, self.ear.story(attempt))
        assert self.ear.ends(attempt) == 1
        assert isinstance(self.ear.story(attempt)[-1], Finished), "something followed the end"
        return end


async def until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    """Look again and again until it holds."""
    try:
        async with asyncio.timeout(HEARD_WITHIN_S):
            while not await holds():  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(LOOK_S)
    except TimeoutError:
        raise AssertionError(f"not within {HEARD_WITHIN_S:g} s: {what}") from None


def fails_with(digits: str, outcome: Outcome, *, rings: bool) -> Callable[[Scene], Awaitable[None]]:
    """A customer who is not reached, and why."""

    async def scenario(scene: Scene) -> None:
        attempt = await scene.call(digits)
        await scene.ends(attempt, outcome)
        kinds = {type(fact) for fact in scene.ear.story(attempt)}
        assert Answered not in kinds
        assert (Ringing in kinds) is rings

    return scenario


async def answered(scene: Scene) -> None:
    ordered = time.monotonic()
    attempt, connected = await scene.talk()
    heard = time.monotonic()
    assert connected.agent in STANDING
    assert connected.waited_s < LEGAL_WAIT_S
    await asyncio.sleep(TALK_S)
    leaving = time.monotonic()
    end = await scene.leaves(attempt)
    assert leaving - heard <= end.talk_s <= time.monotonic() - ordered
    kinds = [type(fact) for fact in scene.ear.story(attempt)]
    assert kinds == [Ringing, Answered, Connected, Finished]
    assert scene.venue.record(attempt).agent == end.agent == connected.agent


async def leaves_talking(scene: Scene) -> None:
    attempt, _ = await scene.talk()
    end = await scene.leaves(attempt)
    assert end.agent == scene.venue.record(attempt).agent


async def leaves_waiting(scene: Scene) -> None:
    for _ in range(TRIES):
        attempt = await scene.call(STAYS, LONELY)

        async def waits(attempt: str = attempt) -> bool:
            told = {type(fact) for fact in scene.ear.story(attempt)}
            return attempt in await scene.venue.waiting(LONELY) or Abandoned in told

        await until(waits, "the customer is in the queue")
        await scene.venue.customer_leaves(attempt)
        end = await scene.ear.of(attempt, Finished)
        if end.outcome is not Outcome.ABANDONED:  # else it took longer than the law gives
            await scene.ends(attempt, Outcome.HUNG_UP_WAITING)
            assert scene.venue.record(attempt).unserved
            return
    raise AssertionError("the customer was abandoned every time")


async def abandoned(scene: Scene) -> None:
    attempt = await scene.call("102", LONELY)
    fact = await scene.ear.of(attempt, Abandoned)
    assert LEGAL_WAIT_S - 0.5 <= fact.waited_s <= LEGAL_WAIT_S + 1.5
    await scene.ends(attempt, Outcome.ABANDONED)
    assert scene.venue.record(attempt).unserved


async def we_hang_up(scene: Scene) -> None:
    attempt, _ = await scene.talk()
    await scene.ear.pbx.hang_up(attempt)
    await scene.ends(attempt, Outcome.CONNECTED)


async def same_id_twice(scene: Scene) -> None:
    attempt, _ = await scene.talk()
    await scene.ear.pbx.originate(CallOrder(attempt=attempt, queue=OUTBOUND, ring_s=3))
    await scene.leaves(attempt)
    asked = [each for each in scene.venue.agi.asked if each.extension == attempt]
    assert len(asked) == 1, "the dial permit was asked twice"
    assert not any(isinstance(fact, OriginateFailed) and fact.at < scene.ear.story(attempt)[0].at
                   for fact in scene.ear.story(attempt))  # fmt: skip


async def agent_hangs_up(scene: Scene) -> None:
    attempt, connected = await scene.talk()
    await scene.venue.hang_up_headset(connected.agent)
    await scene.ends(attempt, Outcome.CONNECTED)


async def logs_off(scene: Scene) -> None:
    """An agent logged off is seen as gone, in every queue, and gets no further call."""
    there = await scene.ear.pbx.snapshot()
    agent = next(  # whoever took the last call of `agent_hangs_up` is off already
        member.agent for member in there.members
        if member.agent in STANDING and member.device is Device.FREE
    )  # fmt: skip
    since = len(scene.ear.facts)
    await scene.venue.log_off(agent)
    for queue in (OUTBOUND, INBOUND):
        await scene.ear.first(
            MemberSeen,
            lambda fact, queue=queue: (
                (fact.agent, fact.queue, fact.device) == (agent, queue, Device.UNAVAILABLE)
            ),
            since=since,
        )
    snapshot = await scene.ear.pbx.snapshot()
    states = {member.device for member in snapshot.members if member.agent == agent}
    assert states == {Device.UNAVAILABLE}


async def no_more_rights(scene: Scene) -> None:
    """A stolen manager password runs no command, reads no file and reloads nothing."""
    assert await scene.venue.refused("Command", Command="core show uptime")
    assert await scene.venue.refused("GetConfig", Filename="manager.conf")
    assert await scene.venue.refused("Reload")
    assert await scene.venue.refused("Filter", Operation="Add", Filter="Event: Newchannel")


async def caller_is_served(scene: Scene) -> None:
    since = len(scene.ear.facts)
    joined = await scene.caller(since=since)
    assert joined.queue == INBOUND
    assert joined.number is not None
    served = await scene.ear.first(CallerConnected, lambda fact: fact.caller == joined.caller, since=since)
    assert served.agent in STANDING
    await scene.venue.caller_leaves(joined.caller)
    end = await scene.ear.first(CallerFinished, lambda fact: fact.caller == joined.caller, since=since)
    assert end.agent == served.agent
    left = await scene.caller_is_gone(joined.caller, since=since)
    assert not left.abandoned


@contextlib.asynccontextmanager
async def nobody_inbound(scene: Scene):
    await _pause(scene, STANDING, INBOUND)
    try:
        yield
    finally:
        for agent in STANDING:
            await scene.ear.pbx.resume(scene.venue.interface(agent), queue=INBOUND)


async def _pause(scene: Scene, agents: tuple[str, ...], queue: str) -> None:
    since = len(scene.ear.facts)
    for agent in agents:
        await scene.ear.pbx.pause(scene.venue.interface(agent), reason="contract", queue=queue)
    for agent in agents:
        seen = await scene.ear.first(
            MemberSeen,
            lambda fact, agent=agent: (fact.agent, fact.queue, fact.paused) == (agent, queue, True),
            since=since,
        )
        assert seen.reason == "contract"


async def caller_gives_up(scene: Scene) -> None:
    async with nobody_inbound(scene):
        since = len(scene.ear.facts)
        joined = await scene.caller(since=since)
        await scene.venue.caller_leaves(joined.caller)
        left = await scene.caller_is_gone(joined.caller, since=since)
        assert left.abandoned


async def caller_books(scene: Scene) -> None:
    async with nobody_inbound(scene):
        since = len(scene.ear.facts)
        asked = len(scene.venue.agi.asked)
        joined = await scene.caller(since=since)
        await scene.venue.caller_presses_one(joined.caller)
        left = await scene.caller_is_gone(joined.caller, since=since)
        assert not left.abandoned

        async def asked_for() -> bool:
            return len(scene.venue.agi.asked) > asked

        await until(asked_for, "the dialogue is asked for")
        capture = scene.venue.agi.asked[asked:]
        assert [each.path for each in capture] == ["capture"]
        assert capture[0].unique_id == joined.caller
        assert capture[0].caller == CALLER_NUMBER
        # only from here on may the caller be rung
        await scene.ear.first(CallerGone, lambda fact: fact.caller == joined.caller, since=since)


async def booking_fails(scene: Scene) -> None:
    """Nothing was promised: the caller is back in the queue and still gets an agent."""
    scene.venue.agi.promises = False
    try:
        async with nobody_inbound(scene):
            since = len(scene.ear.facts)
            joined = await scene.caller(since=since)
            await scene.venue.caller_presses_one(joined.caller)
            first = await scene.caller_is_gone(joined.caller, since=since)
            after = scene.ear.facts.index(first)
            await scene.ear.first(CallerJoined, lambda f: f.caller == joined.caller, since=after)
        served = await scene.ear.first(CallerConnected, lambda f: f.caller == joined.caller, since=since)
        await scene.venue.caller_leaves(served.caller)
        await scene.ear.first(CallerFinished, lambda f: f.caller == joined.caller, since=since)
    finally:
        scene.venue.agi.promises = True


async def caller_comes_back_in_front(scene: Scene) -> None:
    """Whoever was served meanwhile is no reason to stand behind people who joined later."""
    scene.venue.agi.promises, scene.venue.agi.queue_position = False, "1"
    try:
        async with nobody_inbound(scene):
            since = len(scene.ear.facts)
            await scene.caller(since=since)
            later = len(scene.ear.facts)
            joined = await scene.caller(since=later)
            assert joined.position == 2
            await scene.venue.caller_presses_one(joined.caller)
            left = await scene.caller_is_gone(joined.caller, since=later)
            after = scene.ear.facts.index(left)
            back = await scene.ear.first(CallerJoined, lambda f: f.caller == joined.caller, since=after)
            assert back.position == 1
            for caller in (await scene.ear.pbx.snapshot()).callers:
                await scene.venue.caller_leaves(caller.caller)
                await scene.caller_is_gone(caller.caller, since=after + 1)
    finally:
        scene.venue.agi.promises, scene.venue.agi.queue_position = True, ""


async def agent_does_not_answer(scene: Scene) -> None:
    async with nobody_inbound(scene):
        since = len(scene.ear.facts)
        await scene.ear.pbx.resume(scene.venue.interface(DEAF), queue=INBOUND)
        joined = await scene.caller(since=since)
        missed = await scene.ear.first(AgentDidNotAnswer, since=since)
        assert (missed.agent, missed.queue) == (DEAF, INBOUND)
        assert RING_LIMIT_S - LOOK_S < missed.ring_s < RING_LIMIT_S + LEGAL_WAIT_S
        await scene.ear.pbx.pause(scene.venue.interface(DEAF), reason="contract", queue=INBOUND)
        await scene.venue.caller_leaves(joined.caller)
        left = await scene.caller_is_gone(joined.caller, since=since)
        assert left.abandoned


async def link_cut(scene: Scene) -> None:
    (dies, _), (lives, _) = await scene.talk(), await scene.talk()
    since = len(scene.ear.facts)
    asked = len(scene.venue.agi.asked)
    scene.tap.cut()
    await scene.ear.first(LinkLost, since=since)
    with pytest.raises((LinkDown, OutcomeUnknown)):
        await scene.call(STAYS)
    # what happens meanwhile is not seen: that is the point
    assert await scene.venue.customer_leaves(dies)
    await gone(scene, dies)
    scene.tap.mend()
    up = await scene.ear.first(LinkUp, since=since)
    before = [fact for fact in scene.ear.facts[:since] if isinstance(fact, LinkUp)]
    assert up.booted_at == before[-1].booted_at, "a cut was taken for a restart"
    await scene.ends(dies, Outcome.CONNECTED)
    await scene.leaves(lives)
    assert len(scene.venue.agi.asked) == asked, "something was dialled again after the cut"


async def gone(scene: Scene, *attempts: str) -> None:
    """Until the PBX knows nothing more of these calls, whatever we have heard."""

    async def over() -> bool:
        return not set(attempts) & await scene.venue.living()

    await until(over, f"{attempts} are gone")


async def slow_reader(scene: Scene) -> None:
    attempts = [await scene.call("705") for _ in range(6)]
    scene.tap.stall()
    await gone(scene, *attempts)
    scene.tap.flow()
    for attempt in attempts:
        await scene.ear.of(attempt, Finished)
        assert scene.ear.ends(attempt) == 1


async def crowd(scene: Scene) -> None:
    """Many calls at once: every one ends once, as the PBX's own records has it."""
    failing = {
        "202": Outcome.REJECTED,
        "300": Outcome.NO_ANSWER,
        "500": Outcome.BAD_NUMBER,
        "605": Outcome.REJECTED,
    }
    kinds = [*failing, "705"]
    attempts = {await scene.call(kinds[n % len(kinds)]): kinds[n % len(kinds)] for n in range(CROWD)}
    for attempt, digits in attempts.items():
        end = await scene.ear.of(attempt, Finished, within_s=60)
        assert scene.ear.ends(attempt) == 1
        record = scene.venue.record(attempt)
        if digits in failing:
            assert end.outcome is failing[digits], scene.ear.story(attempt)
        elif record.agent is not None:
            assert (end.outcome, end.agent) == (Outcome.CONNECTED, record.agent), scene.ear.story(attempt)
        else:
            assert end.outcome in {Outcome.HUNG_UP_WAITING, Outcome.ABANDONED}, scene.ear.story(attempt)


async def restarted(scene: Scene) -> None:
    attempt, connected = await scene.talk()
    before = [fact for fact in scene.ear.facts if isinstance(fact, LinkUp)][-1]
    assert before.booted_at is not None
    booted_at = before.booted_at

    async def later() -> bool:
        return (now() - booted_at).total_seconds() > CLOCK_TICK_S

    await until(later, "a restart can be told from the start")
    since = len(scene.ear.facts)
    await scene.venue.restart()
    await scene.ear.first(LinkLost, since=since)
    up = await scene.ear.first(LinkUp, since=since, within_s=40)
    assert up.booted_at is not None
    assert up.booted_at > booted_at
    end = await scene.ear.of(attempt, Finished)
    assert scene.ear.ends(attempt) == 1
    assert end.agent in {connected.agent, None}
    snapshot = await scene.ear.pbx.snapshot()
    assert attempt not in {channel.unique_id for channel in snapshot.channels}


Scenario = Callable[[Scene], Awaitable[None]]

TOGETHER: dict[str, Scenario] = {
    "answered": answered,
    "busy after ringing": fails_with("203", Outcome.REJECTED, rings=True),
    "busy at once": fails_with("900", Outcome.BUSY, rings=False),
    "no answer": fails_with("300", Outcome.NO_ANSWER, rings=True),
    "congestion after ringing": fails_with("402", Outcome.BROKEN_OFF, rings=True),
    "unallocated": fails_with("500", Outcome.BAD_NUMBER, rings=False),
    "rejected while ringing": fails_with("608", Outcome.REJECTED, rings=True),
    "refused by the dial permit": fails_with(None, Outcome.REFUSED, rings=False),  # type: ignore[arg-type]
    "customer leaves waiting": leaves_waiting,
    "customer leaves talking": leaves_talking,
    "abandoned": abandoned,
    "we hang up": we_hang_up,
    "same id twice": same_id_twice,
    "no more rights than needed": no_more_rights,
}
ALONE: dict[str, Scenario] = {
    "agent hangs up": agent_hangs_up,
    "agent is logged off": logs_off,
    "caller is served": caller_is_served,
    "caller gives up": caller_gives_up,
    "caller books": caller_books,
    "booking fails": booking_fails,
    "caller comes back in front": caller_comes_back_in_front,
    "agent does not answer": agent_does_not_answer,
    "link cut": link_cut,
    "slow reader": slow_reader,
    f"{CROWD} calls at once": crowd,
    "restart in mid-call": restarted,
}
