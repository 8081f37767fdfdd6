"""A customer's leg as every PBX must carry it: whisper, machine hint, full trunks, a permit in trouble."""

import asyncio

from bench.testbed.dialplan_actors import NARROW_TRUNK
from contract.scenarios import (
    LEGAL_WAIT_S,
    PATIENT_S,
    STAYS,
    TRIES,
    Scenario,
    Scene,
    nobody_inbound,
    until,
)
from contract.venue import INBOUND
from contract.venues import DEAF, HUNG_UP_IN, LEFT_IN, LONELY, OUTBOUND, STANDING, WHISPER, WHISPER_S

from telephony.calls.events import (
    Abandoned,
    AgentDidNotAnswer,
    Answered,
    Connected,
    Finished,
    MachineSuspected,
    Outcome,
    Ringing,
)
from telephony.ports import CallOrder

ORDER_SLACK_S = 4.0  # on top of an order's ring time, until the PBX gives the order up
RING_S = 1  # of an order that the dial permit lets run out
SLOW_S = 1.0
BEEP_S = 0.4  # how long the agent pool's own beep is, which must not be waited for


async def order(scene: Scene, digits: str, queue: str = OUTBOUND, **ways: object) -> str:
    """Order a call whose permit knows more than a number: `whisper`, `trunk`, `delay`, `held`, `dies`."""
    attempt = scene.name()
    permits = scene.venue.agi
    scene.expect(attempt, digits)
    if "whisper" in ways:
        permits.whispers[attempt] = str(ways["whisper"])
    if "trunk" in ways:
        permits.trunks[attempt] = str(ways["trunk"])
    if "delay" in ways:
        permits.delays[attempt] = float(str(ways["delay"]))
    if "held" in ways:
        permits.held[attempt] = asyncio.Event()
    if "dies" in ways:
        permits.dying.add(attempt)
    ring_s = RING_S if "held" in ways else PATIENT_S
    await scene.ear.pbx.originate(CallOrder(attempt=attempt, queue=queue, ring_s=ring_s))
    return attempt


async def waits_between(scene: Scene, whisper: str, least_s: float, most_s: float) -> None:
    """From answer to agent a customer waits so long, on a machine that is not too busy to tell."""
    waited: list[float] = []
    for _ in range(TRIES):
        connected = await scene.ear.talk(lambda: order(scene, STAYS, whisper=whisper))
        waited.append(connected.waited_s)
        await scene.leaves(connected.attempt)
        if least_s <= waited[-1] <= most_s:
            return
    raise AssertionError(f"never within {least_s:g} to {most_s:g} s: {waited}")


async def whispered(scene: Scene) -> None:
    """The agent hears it before the bridge, and the customer waits that long and no longer."""
    await waits_between(scene, WHISPER, WHISPER_S - 0.1, WHISPER_S + BEEP_S)


async def whispered_in_vain(scene: Scene) -> None:
    """A sound that nobody recorded costs nothing, not even the beep."""
    await waits_between(scene, "winback/never_recorded", 0.0, BEEP_S)


async def leaves_whispering(scene: Scene) -> None:
    """The PBX looks after the customer again when the whisper is over: nobody was connected with them.

    The whisper is longer than the law lets a customer wait, and when they left is not told: abandoned.
    """
    attempt = await order(scene, STAYS, whisper=LEFT_IN)
    await whispering(scene, attempt, LEFT_IN)
    assert await scene.venue.customer_leaves(attempt)
    await scene.ends(attempt, Outcome.ABANDONED)
    assert Connected not in {type(fact) for fact in scene.ear.story(attempt)}
    assert scene.venue.record(attempt).unserved


async def whispering(scene: Scene, attempt: str, sound: str) -> None:
    """Until the agent has picked up and hears this."""

    async def begun() -> bool:
        return await scene.venue.whispering(attempt, sound)

    await until(begun, f"{sound} is whispered")


async def machine_hinted(scene: Scene) -> None:
    """The agent is there as soon as ever; the hint comes while they listen, and ends nothing."""
    attempt = await order(scene, "000")
    connected = await scene.ear.of(attempt, Connected)
    assert connected.waited_s < LEGAL_WAIT_S
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

    async def narrow() -> str:
        return await order(scene, STAYS, trunk=NARROW_TRUNK)

    first = (await scene.ear.talk(narrow)).attempt
    second = await order(scene, STAYS, trunk=NARROW_TRUNK)
    await scene.ends(second, Outcome.CONGESTION)
    assert [type(fact) for fact in scene.ear.story(second)] == [Finished], scene.ear.story(second)
    other = (await scene.ear.talk(lambda: order(scene, STAYS))).attempt
    await scene.ear.pbx.hang_up(first)
    await scene.ends(first, Outcome.CONNECTED)
    third = (await scene.ear.talk(narrow)).attempt
    for attempt in (other, third):
        await scene.leaves(attempt)


async def we_stop_ringing(scene: Scene) -> None:
    attempt = await order(scene, "300")
    await scene.ear.of(attempt, Ringing)
    await scene.ear.pbx.hang_up(attempt)
    await scene.ends(attempt, Outcome.NO_ANSWER)


async def permit_is_slow(scene: Scene) -> None:
    """The call goes out when the dial permit has spoken, and not before."""
    connected = await scene.ear.talk(lambda: order(scene, STAYS, delay=SLOW_S))
    await scene.leaves(connected.attempt)


async def permit_is_too_slow(scene: Scene) -> None:
    """The order is given up, by no doing of the customer's; an answer after that rings nobody."""
    permits = scene.venue.agi
    attempt = await order(scene, STAYS, held=True)
    end = await nobody_rang(scene, attempt)
    assert end.outcome is Outcome.FAILED
    permits.held[attempt].set()

    async def answered() -> bool:
        return attempt in permits.over and attempt not in await scene.venue.living()

    await until(answered, "the dial permit has answered all the same")
    assert [type(fact) for fact in scene.ear.story(attempt)][-1] is Finished
    assert scene.ear.ends(attempt) == 1


async def we_hang_up_at_the_permit(scene: Scene) -> None:
    """A call that is ended before the dial permit has spoken was no try of the customer's either."""
    permits = scene.venue.agi
    attempt = await order(scene, STAYS, held=True)

    async def asked() -> bool:
        return any(each.extension == attempt for each in permits.asked)

    await until(asked, "the dial permit is asked")
    await scene.ear.pbx.hang_up(attempt)
    end = await nobody_rang(scene, attempt)
    assert end.outcome is Outcome.FAILED
    permits.held[attempt].set()


async def permit_dies(scene: Scene) -> None:
    """Number and trunk were told, the last word was not: no call goes out."""
    attempt = await order(scene, STAYS, dies=True)
    end = await nobody_rang(scene, attempt)
    assert end.outcome is Outcome.REFUSED


async def permit_is_down(scene: Scene) -> None:
    """Nobody listens: no call goes out, and the next one does as soon as somebody does."""
    await scene.venue.agi.close()
    try:
        attempt = await order(scene, STAYS)
        end = await nobody_rang(scene, attempt)
        assert end.outcome is Outcome.REFUSED
    finally:
        await scene.venue.agi.start()
    again = await scene.ear.talk(lambda: order(scene, STAYS))
    await scene.leaves(again.attempt)


async def the_next_engine_permits(scene: Scene) -> None:
    """Where nobody listens at the first address, or what listens there dies, the second is asked.

    The one that leads is asked before all others.
    """
    permits, spare = scene.venue.agi, scene.venue.spare

    async def of_the_spare() -> str:
        attempt = scene.name()
        scene.expect(attempt, STAYS, of=spare)
        await scene.ear.pbx.originate(CallOrder(attempt=attempt, queue=OUTBOUND, ring_s=PATIENT_S))
        return attempt

    await spare.start()
    try:
        dies = await order(scene, STAYS, dies=True)
        end = await nobody_rang(scene, dies)
        assert end.outcome is Outcome.REFUSED
        assert [each.extension for each in spare.asked] == [dies], "it answers for the one that died"
        refused = await scene.call(None)
        await nobody_rang(scene, refused)
        assert refused in [each.extension for each in permits.asked]
        assert refused not in [each.extension for each in spare.asked], "a refusal is final"

        await scene.ear.pbx.ask_first(1)
        leads = (await scene.ear.talk(of_the_spare)).attempt
        await scene.leaves(leads)
        assert leads not in [each.extension for each in permits.asked]
        await scene.ear.pbx.ask_first(0)

        await permits.close()
        attempt = (await scene.ear.talk(of_the_spare)).attempt
        await scene.leaves(attempt)
    finally:
        await scene.ear.pbx.ask_first(0)
        await permits.start()
        await spare.close()


async def the_next_engine_promises(scene: Scene) -> None:
    """A caller's wish to be called back is heard by the engine that is there."""
    permits, spare = scene.venue.agi, scene.venue.spare
    await permits.close()
    await spare.start()
    try:
        async with nobody_inbound(scene):
            since = len(scene.ear.facts)
            joined = await scene.caller(since=since)
            await scene.venue.caller_presses_one(joined.caller)

            async def asked() -> bool:
                return joined.caller in [each.unique_id for each in spare.asked if each.path == "capture"]

            await until(asked, "the second engine is asked")
            left = await scene.caller_is_gone(joined.caller, since=since)
            assert not left.abandoned
    finally:
        await permits.start()
        await spare.close()


async def nobody_rang(scene: Scene, attempt: str) -> Finished:
    """The attempt ends, and no phone was rung for it."""
    end = await scene.ear.of(attempt, Finished)
    assert not {Ringing, Answered} & {type(fact) for fact in scene.ear.story(attempt)}
    return end


async def agent_leaves_whispering(scene: Scene) -> None:
    """An agent who hangs up on the whisper leaves the customer to the next one.

    On a busy machine the next phone may be reached only after the legal wait: that customer is another's.
    """

    async def silent() -> bool:
        return await scene.venue.on_the_phone() is None

    for _ in range(TRIES):
        await until(silent, "nobody is on the phone")
        attempt = await order(scene, STAYS, whisper=HUNG_UP_IN)
        await whispering(scene, attempt, HUNG_UP_IN)
        busy = await on_the_phone(scene)
        await scene.venue.hang_up_headset(busy)

        async def goes_on(attempt: str = attempt) -> bool:
            return any(isinstance(fact, Connected | Abandoned) for fact in scene.ear.story(attempt))

        await until(goes_on, "the next one answers, or nobody does in time")
        if any(isinstance(fact, Abandoned) for fact in scene.ear.story(attempt)):
            await scene.ear.pbx.hang_up(attempt)  # who was abandoned need not hear the whole message
            await scene.ends(attempt, Outcome.ABANDONED)
            continue
        connected = await scene.ear.of(attempt, Connected)
        assert connected.agent != busy
        await scene.ear.pbx.hang_up(attempt)
        await scene.ends(attempt, Outcome.CONNECTED)
        return
    raise AssertionError("the next agent was late every time")


async def on_the_phone(scene: Scene) -> str:
    """Who is on the phone, once the queue has heard of it; a busy PBX tells it behind the whisper's begin."""
    found: list[str] = []

    async def somebody() -> bool:
        agent = await scene.venue.on_the_phone()
        found[:] = [agent] if agent is not None else []
        return bool(found)

    await until(somebody, "somebody is on the phone")
    return found[0]


async def agent_does_not_answer_customer(scene: Scene) -> None:
    """Who answered and gets no agent within the time is abandoned, although a phone rings."""
    since = len(scene.ear.facts)
    await scene.ear.pbx.resume(scene.venue.interface(DEAF), queue=LONELY)
    attempt = await order(scene, STAYS, LONELY)
    missed = await scene.ear.first(AgentDidNotAnswer, since=since)
    assert (missed.agent, missed.queue) == (DEAF, LONELY)
    fact = await scene.ear.of(attempt, Abandoned)
    assert LEGAL_WAIT_S - 0.5 <= fact.waited_s <= LEGAL_WAIT_S + 1.5
    await scene.ends(attempt, Outcome.ABANDONED)
    await scene.ear.pbx.pause(scene.venue.interface(DEAF), reason="contract", queue=LONELY)


async def caller_leaves_while_it_rings(scene: Scene) -> None:
    """A caller who hangs up while the agent's phone rings has left, and the agent did not miss a ring."""
    for agent in STANDING:
        await scene.ear.pbx.pause(scene.venue.interface(agent), reason="contract", queue=INBOUND)
    await scene.ear.pbx.resume(scene.venue.interface(DEAF), queue=INBOUND)
    try:
        for _ in range(TRIES):
            since = len(scene.ear.facts)
            joined = await scene.caller(since=since)

            async def rings(caller: str = joined.caller) -> bool:
                return await scene.venue.ringing(DEAF, caller)

            await until(rings, "the deaf phone rings")
            await scene.venue.caller_leaves(joined.caller)
            left = await scene.caller_is_gone(joined.caller, since=since)
            assert left.abandoned
            if not any(isinstance(fact, AgentDidNotAnswer) for fact in scene.ear.facts[since:]):
                return
        raise AssertionError("the agent missed a ring every time")
    finally:
        await scene.ear.pbx.pause(scene.venue.interface(DEAF), reason="contract", queue=INBOUND)
        for agent in STANDING:
            await scene.ear.pbx.resume(scene.venue.interface(agent), queue=INBOUND)


TOGETHER: dict[str, Scenario] = {
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
    "next engine permits": the_next_engine_permits,
    "next engine promises": the_next_engine_promises,
    "whisper to the agent": whispered,
    "whisper nobody recorded": whispered_in_vain,
    "agent hangs up in a whisper": agent_leaves_whispering,
    "customer and no answer by agent": agent_does_not_answer_customer,
    "caller leaves while it rings": caller_leaves_while_it_rings,
}
