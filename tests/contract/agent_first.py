"""A call back whose agent is there first, as every PBX must carry it: nobody waits, no talk is made up."""

import asyncio

from contract.listener import TRIES
from contract.return_calls import questions
from contract.scenarios import PATIENT_S, TALK_S, Scenario, Scene, until
from contract.venues import DEAF, INBOUND, OUTBOUND, STANDING

from telephony.calls.events import (
    AgentDidNotAnswer,
    Answered,
    Connected,
    Fact,
    Finished,
    LinkLost,
    Outcome,
    Ringing,
)
from telephony.ports import CallOrder

TALKS, BUSY = "102", "900"
ANSWERS_LATE = "120"  # after two seconds, in which a link can be cut


async def call_back(scene: Scene, agent: str, digits: str, *, known: bool = True) -> str:
    """Order a call to a customer who behaves by these digits, with this agent on the line first."""
    attempt = scene.name()
    if known:
        scene.expect(attempt, digits)
    scene.venue.agi.desks[attempt] = scene.venue.interface(agent)
    order = CallOrder(attempt=attempt, queue=OUTBOUND, ring_s=PATIENT_S, agent_first=True)
    await scene.ear.pbx.originate(order)
    return attempt


async def free_agent(scene: Scene) -> str:
    """One whom no queue rings meanwhile."""
    agent = STANDING[-1]
    for queue in (OUTBOUND, INBOUND):
        await scene.ear.pbx.pause(scene.venue.interface(agent), reason="reserved", queue=queue)
    return agent


async def free_again(scene: Scene, agent: str) -> None:
    """In the queues they were kept out of, and in no other."""
    for queue in (OUTBOUND, INBOUND):
        await scene.ear.pbx.resume(scene.venue.interface(agent), queue=queue)


async def with_the_agent(scene: Scene, agent: str, digits: str, *, known: bool = True) -> str:
    """A call back whose agent was there; placed again where a stalling machine took their ring's second."""
    for _ in range(TRIES):
        since = len(scene.ear.facts)
        attempt = await call_back(scene, agent, digits, known=known)
        await scene.ear.of(attempt, (Connected, Finished))
        if not missed_by(scene, agent, since):
            return attempt
    raise AssertionError("the agent was not there, every time")


def missed_by(scene: Scene, agent: str, since: int = 0) -> bool:
    """Whether an agent did not answer, in what was heard after the first `since` facts."""
    missed = (fact for fact in scene.ear.facts[since:] if isinstance(fact, AgentDidNotAnswer))
    return any(fact.agent == agent for fact in missed)


def kinds(scene: Scene, attempt: str) -> list[type[Fact]]:
    """What was heard of this attempt, in order."""
    return [type(fact) for fact in scene.ear.story(attempt)]


async def talks_at_once(scene: Scene) -> None:
    """The agent is briefed, then the customer rung, and who picks up hears the agent at once."""
    agent = await free_agent(scene)
    attempt = await with_the_agent(scene, agent, TALKS)
    connected = await scene.ear.of(attempt, Connected)
    assert (connected.agent, connected.waited_s) == (agent, 0.0)
    assert questions(scene, attempt) == ["desk", "brief", "permit"]
    await asyncio.sleep(TALK_S)
    end = await scene.leaves(attempt)
    assert end.talk_s >= TALK_S - 0.2
    assert kinds(scene, attempt) == [Ringing, Answered, Connected, Finished]
    await free_again(scene, agent)


async def answered_unseen(scene: Scene) -> None:
    """The customer picks up while the link is down: on return that is a talk with that agent.

    A machine that stalls may cut the link only after they did.
    """
    agent = await free_agent(scene)
    for _ in range(TRIES):
        since = len(scene.ear.facts)
        attempt = await call_back(scene, agent, ANSWERS_LATE)
        await scene.ear.of(attempt, (Ringing, Finished))
        scene.tap.cut()
        try:
            await scene.ear.first(LinkLost, since=since)
            seen = Ringing in kinds(scene, attempt) and Connected not in kinds(scene, attempt)

            async def talks(attempt: str = attempt) -> bool:
                return await scene.venue.in_talk(attempt)

            if seen:
                await until(talks, "the customer picks up")
        finally:
            scene.tap.mend()
        if seen:
            connected = await scene.ear.of(attempt, Connected)
            assert connected.agent == agent
            await scene.leaves(attempt)
            assert kinds(scene, attempt) == [Ringing, Answered, Connected, Finished]
            break
        await scene.ear.pbx.wait_ready()
        if Connected in kinds(scene, attempt):
            await scene.leaves(attempt)
    else:
        raise AssertionError("the link was cut too late, every time")
    await free_again(scene, agent)


async def customer_is_busy(scene: Scene) -> None:
    """Nobody talked: it ends as a busy line, not as a call with that agent."""
    agent = await free_agent(scene)
    attempt = await with_the_agent(scene, agent, BUSY)
    end = await scene.ends(attempt, Outcome.BUSY)
    assert end.agent is None
    assert Answered not in kinds(scene, attempt)
    await free_again(scene, agent)


async def permit_refuses(scene: Scene) -> None:
    """What the permit refuses rings no customer, however long the agent has been there."""
    agent = await free_agent(scene)
    attempt = await with_the_agent(scene, agent, TALKS, known=False)
    await scene.ends(attempt, Outcome.REFUSED)
    assert questions(scene, attempt) == ["desk", "brief", "permit"]
    await free_again(scene, agent)


async def agent_does_not_answer(scene: Scene) -> None:
    """The customer is not rung, the permit not asked, and the agent's missed ring is told."""
    attempt = await call_back(scene, DEAF, TALKS)
    await scene.ends(attempt, Outcome.FAILED)
    assert questions(scene, attempt) == ["desk"]
    assert missed_by(scene, DEAF)


ALONE: dict[str, Scenario] = {
    "agent first, talks at once": talks_at_once,
    "agent first, customer answers unseen": answered_unseen,
    "agent first, customer busy": customer_is_busy,
    "agent first, permit refuses": permit_refuses,
    "agent first, agent does not answer": agent_does_not_answer,
}
