"""An agent's day as every PBX must know it: logged in, paused, talking, gone, and after any gap.

These run after the scenario that restarts the PBX, so nobody is there but who logs in here.
"""

import pytest
from contract.scenarios import Scenario, Scene, until
from contract.venue import INBOUND
from contract.venues import ELSEWHERE, NAMED_THERE, OUTBOUND, PHONE, STANDING

from dialer.core.agents.floor import FloorState
from dialer.core.agents.membership import RESERVED
from dialer.core.agents.pbx_commands import Pause
from dialer.core.agents.state import AgentState
from dialer.engine.roster import present
from telephony.asterisk.config.dialplan import CODE_LOG_IN, CODE_LOG_OUT, CODE_PAUSE, CODE_RESUME
from telephony.asterisk.config.names import USUAL
from telephony.asterisk.own_parts import NotOurs
from telephony.calls.events import (
    CallerConnected,
    CallerJoined,
    CallerLeft,
    Device,
    LinkLost,
    LinkUp,
    MemberGone,
    MemberSeen,
    Outcome,
    PbxSnapshot,
)
from telephony.ports import CallOrder

FIRST = STANDING[0]
own_queue = USUAL.own_queue


def queues_of(agent: str) -> tuple[str, ...]:
    return (INBOUND, OUTBOUND, own_queue(agent))


async def seen(scene: Scene, agent: str, since: int, **facts: object) -> None:
    """This agent is seen like this in every queue, or has been since that fact."""
    for queue in queues_of(agent):
        await scene.ear.first(
            MemberSeen,
            lambda fact, queue=queue: (
                (fact.agent, fact.queue) == (agent, queue)
                and all(getattr(fact, name) == value for name, value in facts.items())
            ),
            since=since,
        )


async def log_in(scene: Scene, agent: str) -> None:
    """From the centre: a phone becomes a member, a headset is rung and becomes a standing connection."""
    since, line = len(scene.ear.facts), scene.venue.line(agent)
    if line.headset is not None:
        await scene.ear.pbx.ring_headset(agent, line.headset)
    else:
        for queue in queues_of(agent):
            await scene.ear.pbx.add_member(queue, line)
    await seen(scene, agent, since, device=Device.FREE, paused=False)


async def log_out(scene: Scene, agent: str) -> None:
    since, line = len(scene.ear.facts), scene.venue.line(agent)
    if line.phone is None:
        await scene.ear.pbx.log_off(agent)
        await seen(scene, agent, since, device=Device.UNAVAILABLE)
        return
    for queue in queues_of(agent):
        await scene.ear.pbx.remove_member(queue, line.interface)
    await gone(scene, agent, since)


async def gone(scene: Scene, agent: str, since: int) -> None:
    for queue in queues_of(agent):
        await scene.ear.first(
            MemberGone,
            lambda fact, queue=queue: (fact.agent, fact.queue) == (agent, queue),
            since=since,
        )


async def at_work(scene: Scene, *agents: str) -> None:
    """These are logged in and can be rung, and nobody else; who is already stays so, since it takes time."""
    snapshot = await scene.ear.pbx.snapshot()
    for agent in (FIRST, PHONE):
        members = of(snapshot, agent).values()
        there = bool(members) and all(member.device is not Device.UNAVAILABLE for member in members)
        if there and agent not in agents:
            await log_out(scene, agent)
        elif not there and agent in agents:
            await log_in(scene, agent)
        elif there:
            await scene.ear.pbx.resume(scene.venue.interface(agent))
            await free(scene, agent)


async def free(scene: Scene, agent: str) -> None:
    """Until the agent's last talk is over in every queue's eyes too."""

    async def idle() -> bool:
        members = of(await scene.ear.pbx.snapshot(), agent)
        return {member.device for member in members.values()} == {Device.FREE}

    await until(idle, f"{agent} is free")


def of(snapshot: PbxSnapshot, agent: str) -> dict[str, MemberSeen]:
    return {member.queue: member for member in snapshot.members if member.agent == agent}


async def logs_in_and_out(scene: Scene) -> None:
    await at_work(scene)
    for agent in (PHONE, FIRST):
        await log_in(scene, agent)
        attempt, connected = await scene.talk()
        assert connected.agent == agent
        await scene.leaves(attempt)
        if agent == PHONE:
            await log_out(scene, agent)


async def logging_in_or_out_twice_changes_nothing(scene: Scene) -> None:
    line = scene.venue.line(PHONE)
    await log_in(scene, PHONE)
    await scene.ear.pbx.add_member(OUTBOUND, line)
    assert not of(await scene.ear.pbx.snapshot(), PHONE)[OUTBOUND].paused
    await log_out(scene, PHONE)
    await scene.ear.pbx.remove_member(OUTBOUND, line.interface)
    assert of(await scene.ear.pbx.snapshot(), PHONE) == {}


async def pauses_with_a_reason_and_resumes(scene: Scene) -> None:
    await at_work(scene, FIRST, PHONE)
    for agent in (FIRST, PHONE):
        since = len(scene.ear.facts)
        await scene.ear.pbx.pause(scene.venue.interface(agent), reason="lunch")
        await seen(scene, agent, since, paused=True, reason="lunch")
    attempt = await scene.call("102")
    await scene.ends(attempt, Outcome.ABANDONED)
    for agent in (FIRST, PHONE):
        since = len(scene.ear.facts)
        await scene.ear.pbx.resume(scene.venue.interface(agent))
        await seen(scene, agent, since, paused=False)


async def the_own_queue_rings_nobody_else(scene: Scene) -> None:
    await at_work(scene, FIRST, PHONE)
    for agent in (PHONE, FIRST, PHONE):
        attempt, connected = await scene.talk(queue=own_queue(agent))
        assert connected.agent == agent
        await scene.leaves(attempt)
        await free(scene, agent)


async def a_phone_logs_out_while_talking(scene: Scene) -> None:
    """The membership ends at once, the talk does not, and its end is still the agent's."""
    await at_work(scene, FIRST, PHONE)
    attempt, _ = await scene.talk(queue=own_queue(PHONE))
    await log_out(scene, PHONE)
    snapshot = await scene.ear.pbx.snapshot()
    assert attempt in snapshot.living
    await scene.ear.pbx.hang_up(attempt)
    end = await scene.ends(attempt, Outcome.CONNECTED)
    assert end.agent == PHONE


async def a_standing_agent_logs_out_while_talking(scene: Scene) -> None:
    """The customer hears nothing of it: the connection ends with the talk, not before."""
    await at_work(scene, FIRST)
    attempt, _ = await scene.talk()
    since = len(scene.ear.facts)
    await scene.ear.pbx.log_off(FIRST)
    talking = of(await scene.ear.pbx.snapshot(), FIRST)
    assert {member.device for member in talking.values()} == {Device.IN_USE}
    await scene.ear.pbx.hang_up(attempt)
    await scene.ends(attempt, Outcome.CONNECTED)
    await seen(scene, FIRST, since, device=Device.UNAVAILABLE)


async def by_feature_code(scene: Scene) -> None:
    """All four codes; a pause ends with the next log-in, whatever the day before ended with."""
    await at_work(scene)
    for agent in (FIRST, PHONE):
        for code, facts in (
            (CODE_LOG_IN, {"device": Device.FREE, "paused": False}),
            (CODE_PAUSE, {"paused": True, "reason": "by phone"}),
            (CODE_RESUME, {"paused": False}),
            (CODE_PAUSE, {"paused": True, "reason": "by phone"}),
        ):
            await _dials(scene, agent, code, **facts)
        since = len(scene.ear.facts)
        await scene.venue.dial_code(agent, CODE_LOG_OUT)
        if agent == PHONE:
            await gone(scene, agent, since)
        else:
            await seen(scene, agent, since, device=Device.UNAVAILABLE)
        await _dials(scene, agent, CODE_LOG_IN, device=Device.FREE, paused=False)


async def _dials(scene: Scene, agent: str, code: str, **facts: object) -> None:
    since = len(scene.ear.facts)
    await scene.venue.dial_code(agent, code)
    await seen(scene, agent, since, **facts)


async def busy_elsewhere(scene: Scene) -> None:
    """A stranger's queue makes no agent and no caller; our agent's phone is busy while it talks there."""
    await at_work(scene, PHONE)
    await free(scene, PHONE)
    since = len(scene.ear.facts)
    for _ in NAMED_THERE:  # so that both members are rung
        await scene.venue.ring_in(ELSEWHERE)
    await seen(scene, PHONE, since, device=Device.IN_USE)
    await scene.ear.pbx.pause(scene.venue.interface(PHONE), reason="lunch")
    await seen(scene, PHONE, since, paused=True, reason="lunch")
    assert await scene.venue.members(NAMED_THERE[PHONE]) == {ELSEWHERE: ""}, "paused in the other queue"
    await scene.venue.dial_code(PHONE, CODE_PAUSE)
    await seen(scene, PHONE, since, paused=True, reason="by phone")
    assert await scene.venue.members(NAMED_THERE[PHONE]) == {ELSEWHERE: ""}, "paused in the other queue"
    for queue in (None, OUTBOUND):
        with pytest.raises(NotOurs):
            await scene.ear.pbx.pause(scene.venue.strangers_phone(), reason="lunch", queue=queue)
    with pytest.raises(NotOurs):
        await scene.ear.pbx.add_member(ELSEWHERE, scene.venue.line(PHONE))
    with pytest.raises(NotOurs):
        await scene.ear.pbx.originate(CallOrder(attempt=scene.name(), queue=ELSEWHERE, ring_s=3))
    snapshot = await scene.ear.pbx.snapshot()
    assert snapshot.callers == ()
    assert ELSEWHERE not in {member.queue for member in snapshot.members}
    assert scene.venue.strangers_phone() not in {member.interface for member in snapshot.members}
    for caller in await scene.venue.in_talk_elsewhere():
        await scene.venue.caller_leaves(caller)
    await free(scene, PHONE)
    heard = scene.ear.facts[since:]
    assert not [fact for fact in heard if isinstance(fact, CallerJoined | CallerConnected | CallerLeft)]
    assert ELSEWHERE not in {fact.queue for fact in heard if isinstance(fact, MemberSeen)}
    await scene.ear.pbx.resume(scene.venue.interface(PHONE))


async def changes_unseen(scene: Scene) -> None:
    """Paused and logged out by phone while the link was down: the truth is read on return."""
    await at_work(scene, FIRST, PHONE)
    since = len(scene.ear.facts)

    async def paused() -> bool:
        return set((await scene.venue.members(FIRST)).values()) == {"by phone"}

    async def nowhere() -> bool:
        return not await scene.venue.members(PHONE)

    scene.tap.cut()
    try:
        await scene.ear.first(LinkLost, since=since)
        await scene.venue.dial_code(FIRST, CODE_PAUSE)
        await scene.venue.dial_code(PHONE, CODE_LOG_OUT)
        # unseen by the link: that is the point
        await until(paused, "the code of a pause has taken effect")
        await until(nowhere, "the code of a log-out has taken effect")
    finally:
        scene.tap.mend()
    await scene.ear.first(LinkUp, since=since)
    await seen(scene, FIRST, since, paused=True, reason="by phone")
    snapshot = await scene.ear.pbx.snapshot()
    assert of(snapshot, PHONE) == {}
    assert {member.reason for member in of(snapshot, FIRST).values()} == {"by phone"}


async def restarted(scene: Scene) -> None:
    """A PBX that begins anew has nobody logged in, rings no empty desk, and takes everybody back."""
    await at_work(scene, FIRST, PHONE)
    since = len(scene.ear.facts)
    await scene.venue.restart()
    await scene.ear.first(LinkUp, since=since, within_s=40)
    snapshot = await scene.ear.pbx.snapshot()
    assert of(snapshot, PHONE) == {}
    assert {member.device for member in of(snapshot, FIRST).values()} == {Device.UNAVAILABLE}
    line, since = scene.venue.line(PHONE), len(scene.ear.facts)
    for queue in queues_of(PHONE):
        await scene.ear.pbx.add_member(queue, line, reason="lunch")
    await seen(scene, PHONE, since, paused=True, reason="lunch")
    await log_in(scene, FIRST)


async def queues_reloaded(scene: Scene) -> None:
    """A changed queue file costs a standing connection's pause its reason; nobody stays paused for that."""
    await at_work(scene, FIRST)
    since = len(scene.ear.facts)
    await scene.ear.pbx.pause(scene.venue.interface(FIRST), reason=RESERVED, queue=INBOUND)
    await scene.ear.first(
        MemberSeen, lambda fact: fact.agent == FIRST and fact.reason == RESERVED, since=since
    )
    floor = FloorState(inbound=INBOUND)
    floor.take_snapshot(await scene.ear.pbx.snapshot())

    await scene.venue.reload_queues()
    snapshot = await scene.ear.pbx.snapshot()
    forgotten = of(snapshot, FIRST)[INBOUND]
    assert (forgotten.paused, forgotten.reason) == (True, "")
    effects = floor.take_snapshot(snapshot)
    assert floor.agents[FIRST].state is AgentState.RESERVED
    (own,) = [each for each in effects if each.interface == scene.venue.interface(FIRST)]
    assert own == Pause(interface=own.interface, reason=RESERVED, queue=INBOUND)
    await scene.ear.pbx.pause(own.interface, reason=own.reason, queue=own.queue)
    assert of(await scene.ear.pbx.snapshot(), FIRST)[INBOUND].reason == RESERVED


async def restarted_in_order(scene: Scene) -> None:
    """Headsets are hung up before the link is lost: whoever wore one was at work all the same."""
    await at_work(scene, FIRST)
    floor = FloorState(inbound=INBOUND)
    floor.take_snapshot(await scene.ear.pbx.snapshot())
    since = len(scene.ear.facts)
    await scene.venue.restart_in_order()
    lost = await scene.ear.first(LinkLost, since=since)
    for fact in scene.ear.facts[since : scene.ear.facts.index(lost)]:
        floor.see(fact)
    assert floor.agents[FIRST].state is AgentState.OFFLINE
    assert present(floor.agents.values(), lost.at)[FIRST] == (AgentState.READY, "")
    await scene.ear.first(LinkUp, since=since, within_s=40)


AGENTS_DAY: dict[str, Scenario] = {
    "agent logs in and out": logs_in_and_out,
    "agent logs in or out twice": logging_in_or_out_twice_changes_nothing,
    "agent pauses with a reason": pauses_with_a_reason_and_resumes,
    "agent's own queue": the_own_queue_rings_nobody_else,
    "agent's phone logs out talking": a_phone_logs_out_while_talking,
    "agent logs out talking": a_standing_agent_logs_out_while_talking,
    "agent dials feature codes": by_feature_code,
    "somebody else's queue": busy_elsewhere,
    "agents change while link is lost": changes_unseen,
    "queues are reloaded": queues_reloaded,
    "headsets after core restart": restarted_in_order,
    "agents after a restart": restarted,
}
