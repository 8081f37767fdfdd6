"""A call back as every PBX must carry it: asked for a key first, and an agent only for whoever presses it."""

import asyncio

from contract.scenarios import LEGAL_WAIT_S, PATIENT_S, TALK_S, Scenario, Scene
from contract.venues import OUTBOUND, STANDING

from telephony.calls.events import Answered, Connected, Finished, Outcome, Ringing
from telephony.ports import CallOrder

MACHINE = "000"  # digits of what answers and presses nothing
TALKS = "102"


async def call_back(scene: Scene, key: str, digits: str = TALKS) -> str:
    """Order a call to a customer who is asked for a key, and presses this one."""
    attempt = scene.name()
    permits = scene.venue.agi
    permits.numbers[attempt] = f"1555010{key}{digits}"
    permits.rings[attempt] = PATIENT_S
    permits.asking.add(attempt)
    await scene.ear.pbx.originate(CallOrder(attempt=attempt, queue=OUTBOUND, ring_s=PATIENT_S))
    return attempt


def questions(scene: Scene, attempt: str) -> list[str]:
    """What the dialplan asked in this call, in order."""
    return [each.path for each in scene.venue.agi.asked if attempt in {each.extension, each.unique_id}]


async def presses_one(scene: Scene) -> None:
    """The agent comes at the key, and the wait for them is counted from there."""
    attempt = await call_back(scene, "1")
    connected = await scene.ear.of(attempt, Connected)
    assert connected.agent in STANDING
    assert connected.waited_s < LEGAL_WAIT_S
    assert questions(scene, attempt) == ["permit", "return"]
    answered = await scene.ear.of(attempt, Answered)
    assert (connected.at - answered.at).total_seconds() > connected.waited_s, "the question took no time"
    await asyncio.sleep(TALK_S)
    await scene.leaves(attempt)
    kinds = [type(fact) for fact in scene.ear.story(attempt)]
    assert kinds == [Ringing, Answered, Connected, Finished]


async def presses_another(scene: Scene) -> None:
    """Whatever else is pressed reaches no agent, and nobody was left alone."""
    attempt = await call_back(scene, "3")
    await scene.ends(attempt, Outcome.NO_KEY)
    kinds = [type(fact) for fact in scene.ear.story(attempt)]
    assert kinds == [Ringing, Answered, Finished]
    assert scene.venue.record(attempt).agent is None


async def machine_presses_none(scene: Scene) -> None:
    """An answering machine gets no agent and no information message, and is not abandoned."""
    attempt = await call_back(scene, "0", MACHINE)
    end = await scene.ear.of(attempt, Finished)
    assert end.outcome in {Outcome.NO_KEY, Outcome.MACHINE}  # the hint may come before the end, or not
    assert Connected not in {type(fact) for fact in scene.ear.story(attempt)}
    assert scene.venue.record(attempt).agent is None


async def nobody_asks(scene: Scene) -> None:
    """Where no engine puts the question, the customer gets the agent who is kept for them."""
    scene.venue.agi.dumb = True
    try:
        connected = await scene.ear.talk(lambda: call_back(scene, "1"))
        await scene.leaves(connected.attempt)
    finally:
        scene.venue.agi.dumb = False


TOGETHER: dict[str, Scenario] = {
    "called back, presses 1": presses_one,
    "called back, presses another": presses_another,
    "called back, a machine": machine_presses_none,
}
ALONE: dict[str, Scenario] = {"called back, nobody asks": nobody_asks}
