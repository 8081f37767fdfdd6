"""A customer's leg as every PBX must carry it: whisper, machine hint, full trunks, a permit in trouble."""

import asyncio

from bench.testbed.dialplan_actors import NARROW_TRUNK
from bench.testbed.server import wait_until
from contract.scenarios import LEGAL_WAIT_S, Scenario, Scene
from contract.venues import DEAF, INBOUND, LONELY, OUTBOUND, STANDING, WHISPER, WHISPER_S

from telephony.calls.events import (
    Abandoned,
    AgentDidNotAnswer,
    Answered,
    CallerJoined,
    CallerLeft,
    Connected,
    Finished,
    MachineSuspected,
    Outcome,
    Ringing,
)
from telephony.ports import CallOrder

ORDER_SLACK_S = 4.0  # on top of an order's ring time, until the PBX gives the order up
RING_S = 1
SLOW_S, TOO_SLOW_S = 1.0, RING_S + ORDER_SLACK_S + 1.5
ASKED_WITHIN_S = 30
MISSED = 0.5  # seconds by which a busy machine may be late


async def order(scene: Scene, digits: str, queue: str = OUTBOUND, **ways: object) -> str:
    """Order a call whose dial permit knows more than a number: `whisper`, `trunk`, `delay`, `dies`."""
    attempt = scene.name()
    permits = scene.venue.agi
    permits.numbers[attempt] = f"15550100{digits}"
    if "whisper" in ways:
        permits.whispers[attempt] = str(ways["whisper"])
    if "trunk" in ways:
        permits.trunks[attempt] = str(ways["trunk"])
    if "delay" in ways:
        permits.delays[attempt] = float(str(ways["delay"]))
    if "dies" in ways:
        permits.dying.add(attempt)
    await scene.ear.pbx.originate(CallOrder(attempt=attempt, queue=queue, ring_s=RING_S))
    return attempt


async def whispered(scene: Scene) -> None:
    """The agent hears it before the bridge, and the customer waits that long and no longer."""
    attempt = await order(scene, "801", whisper=WHISPER)
    connected = await scene.ear.of(attempt, Connected)
    assert WHISPER_S - 0.1 <= connected.waited_s <= WHISPER_S + MISSED
    await scene.ends(attempt, Outcome.CONNECTED)


async def whispered_in_vain(scene: Scene) -> None:
    """A sound that nobody recorded costs nothing, not even the beep."""
    attempt = await order(scene, "801", whisper="winback/never_recorded")
    assert (await scene.ear.of(attempt, Connected)).waited_s < MISSED
    await scene.ends(attempt, Outcome.CONNECTED)


async def leaves_whispering(scene: Scene) -> None:
    """The PBX looks after the customer again when the whisper is over: connected, for no time at all."""
    attempt = await order(scene, "704", whisper=WHISPER)
    end = await scene.ends(attempt, Outcome.CONNECTED)
    assert end.talk_s < MISSED / 2


async def machine_hinted(scene: Scene) -> None:
    """The agent is there as soon as ever; the hint comes while they listen, and ends nothing."""
    attempt = await order(scene, "000")
    connected = await scene.ear.of(attempt, Connected)
    assert connected.waited_s < MISSED
    hint = await scene.ear.of(attempt, MachineSuspected)
    assert hint.at > connected.at
    await scene.ear.pbx.hang_up(attempt)
    await scene.ends(attempt, Outcome.CONNECTED)


async def machine_abandoned(scene: Scene) -> None:
    """Nobody came in time: that is said, whatever was heard."""
    attempt = await order(scene, "000", LONELY)
    await scene.ear.of(attempt, Abandoned)
    await scene.ear.of(attempt, MachineSuspected)
    await scene.ends(attempt, Outcome.ABANDONED)


async def trunk_is_full(scene: Scene) -> None:
    """The call over a trunk's limit rings nobody and is our own failure; the next one goes through."""
    first = await order(scene, "102", trunk=NARROW_TRUNK)
    await scene.ear.of(first, Connected)
    second = await order(scene, "801", trunk=NARROW_TRUNK)
    await scene.ends(second, Outcome.CONGESTION)
    assert [type(fact) for fact in scene.ear.story(second)] == [Finished]
    other = await order(scene, "801")
    await scene.ear.of(other, Connected)
    await scene.ear.pbx.hang_up(first)
    await scene.ends(first, Outcome.CONNECTED)
    third = await order(scene, "801", trunk=NARROW_TRUNK)
    await scene.ear.of(third, Connected)
    for attempt in (other, third):
        await scene.ends(attempt, Outcome.CONNECTED)


async def we_stop_ringing(scene: Scene) -> None:
    attempt = await order(scene, "300")
    await scene.ear.of(attempt, Ringing)
    await scene.ear.pbx.hang_up(attempt)
    await scene.ends(attempt, Outcome.NO_ANSWER)


async def permit_is_slow(scene: Scene) -> None:
    """The call goes out when the dial permit has spoken, and not before."""
    attempt = await order(scene, "801", delay=SLOW_S)
    await scene.ear.of(attempt, Connected)
    await scene.ends(attempt, Outcome.CONNECTED)


async def permit_is_too_slow(scene: Scene) -> None:
    """The order is given up, by no doing of the customer's; an answer after that rings nobody."""
    attempt = await order(scene, "801", delay=TOO_SLOW_S)
    end = await nobody_rang(scene, attempt)
    assert end.outcome is Outcome.FAILED
    await asyncio.sleep(TOO_SLOW_S - RING_S - ORDER_SLACK_S + 0.5)  # until it has answered all the same
    assert [type(fact) for fact in scene.ear.story(attempt)][-1] is Finished
    assert scene.ear.ends(attempt) == 1


async def we_hang_up_at_the_permit(scene: Scene) -> None:
    """A call that is ended before the dial permit has spoken was no try of the customer's either."""
    attempt = await order(scene, "801", delay=TOO_SLOW_S)
    asked = scene.venue.agi.asked
    await asyncio.to_thread(
        wait_until,
        lambda: any(each.extension == attempt for each in asked),
        ASKED_WITHIN_S,
        "the dial permit is asked",
    )
    await scene.ear.pbx.hang_up(attempt)
    end = await nobody_rang(scene, attempt)
    assert end.outcome is Outcome.FAILED


async def permit_dies(scene: Scene) -> None:
    """Number and trunk were told, the last word was not: no call goes out."""
    attempt = await order(scene, "801", dies=True)
    end = await nobody_rang(scene, attempt)
    assert end.outcome is Outcome.REFUSED


async def permit_is_down(scene: Scene) -> None:
    """Nobody listens: no call goes out, and the next one does as soon as somebody does."""
    await scene.venue.agi.close()
    try:
        attempt = await order(scene, "801")
        end = await nobody_rang(scene, attempt)
        assert end.outcome is Outcome.REFUSED
    finally:
        await scene.venue.agi.start()
    again = await order(scene, "801")
    await scene.ear.of(again, Connected)
    await scene.ends(again, Outcome.CONNECTED)


async def nobody_rang(scene: Scene, attempt: str) -> Finished:
    """The attempt ends, and no phone was rung for it."""
    end = await scene.ear.of(attempt, Finished)
    assert not {Ringing, Answered} & {type(fact) for fact in scene.ear.story(attempt)}
    return end


async def agent_leaves_whispering(scene: Scene) -> None:
    """An agent who hangs up on the whisper leaves the customer to the next one."""
    attempt = await order(scene, "102", whisper=WHISPER)
    await scene.ear.of(attempt, Answered)
    busy = None
    while busy is None:
        busy = await scene.venue.on_the_phone()
    await scene.venue.hang_up_headset(busy)
    connected = await scene.ear.of(attempt, Connected)
    assert connected.agent != busy
    await scene.ear.pbx.hang_up(attempt)
    await scene.ends(attempt, Outcome.CONNECTED)


async def agent_does_not_answer_customer(scene: Scene) -> None:
    """Who answered and gets no agent within the time is abandoned, although a phone rings."""
    since = len(scene.ear.facts)
    await scene.ear.pbx.resume(scene.venue.interface(DEAF), queue=LONELY)
    attempt = await order(scene, "102", LONELY)
    missed = await scene.ear.first(AgentDidNotAnswer, since=since)
    assert (missed.agent, missed.queue) == (DEAF, LONELY)
    fact = await scene.ear.of(attempt, Abandoned)
    assert LEGAL_WAIT_S - MISSED <= fact.waited_s <= LEGAL_WAIT_S + 3 * MISSED
    await scene.ends(attempt, Outcome.ABANDONED)
    await scene.ear.pbx.pause(scene.venue.interface(DEAF), reason="contract", queue=LONELY)


async def caller_leaves_while_it_rings(scene: Scene) -> None:
    """A caller who hangs up while the agent's phone rings has left, and the agent did not miss a ring."""
    for agent in STANDING:
        await scene.ear.pbx.pause(scene.venue.interface(agent), reason="contract", queue=INBOUND)
    since = len(scene.ear.facts)
    await scene.ear.pbx.resume(scene.venue.interface(DEAF), queue=INBOUND)
    await scene.venue.ring_in(patience_s=0.5)
    joined = await scene.ear.first(CallerJoined, since=since)
    left = await scene.ear.first(CallerLeft, lambda fact: fact.caller == joined.caller, since=since)
    assert left.abandoned
    await scene.ear.pbx.pause(scene.venue.interface(DEAF), reason="contract", queue=INBOUND)
    for agent in STANDING:
        await scene.ear.pbx.resume(scene.venue.interface(agent), queue=INBOUND)


TOGETHER: dict[str, Scenario] = {
    "whisper to the agent": whispered,
    "whisper nobody recorded": whispered_in_vain,
    "customer leaves in a whisper": leaves_whispering,
    "machine hint": machine_hinted,
    "machine hint and abandoned": machine_abandoned,
    "trunk is full": trunk_is_full,
    "we stop ringing": we_stop_ringing,
    "permit is slow": permit_is_slow,
    "permit is too slow": permit_is_too_slow,
    "we hang up at the permit": we_hang_up_at_the_permit,
    "permit dies in mid-script": permit_dies,
}
ALONE: dict[str, Scenario] = {
    "permit is down": permit_is_down,
    "agent hangs up in a whisper": agent_leaves_whispering,
    "customer and no answer by agent": agent_does_not_answer_customer,
    "caller leaves while it rings": caller_leaves_while_it_rings,
}
