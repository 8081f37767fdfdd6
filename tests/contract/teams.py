"""What every PBX must do for teams: a team's customers reach its own agents and nobody else."""

from contract.scenarios import STAYS, Scenario, Scene
from contract.venues import NORTH, SOUTH, TEAMS

from telephony.calls.events import Outcome


async def each_team_has_its_own(scene: Scene) -> None:
    """Two teams are called for; a third customer has the agent whom both share, a fourth nobody."""
    (north, _), (south, shared) = TEAMS[NORTH], TEAMS[SOUTH]
    talks = [await scene.talk(STAYS, queue) for queue in (NORTH, SOUTH)]
    first = {queue: talk[1].agent for queue, talk in zip((NORTH, SOUTH), talks, strict=True)}
    assert first[NORTH] in TEAMS[NORTH]
    assert first[SOUTH] in TEAMS[SOUTH]
    taken = set(first.values())
    assert len(taken) == len(talks), "two customers and one agent"

    # whoever of a team is left takes the next; who is free in another team alone takes nobody
    left = {north, south, shared} - taken
    (agent,) = left
    queue = NORTH if agent in TEAMS[NORTH] else SOUTH
    talks.append(await scene.talk(STAYS, queue))
    assert talks[-1][1].agent == agent
    for team in (NORTH, SOUTH):
        nobody = await scene.call("102", team)
        await scene.ends(nobody, Outcome.ABANDONED)
        assert scene.venue.record(nobody).agent is None
    for attempt, _ in talks:
        await scene.leaves(attempt)


async def a_kept_agent_is_out_of_reach(scene: Scene) -> None:
    """An agent paused in a team's queue is passed by there, and reached in another of theirs."""
    (_, shared) = TEAMS[NORTH]
    pbx, interface = scene.ear.pbx, scene.venue.interface(shared)
    others = [scene.venue.interface(agent) for agent in (TEAMS[NORTH][0], TEAMS[SOUTH][0])]
    for other, queue in zip(others, (NORTH, SOUTH), strict=True):
        await pbx.pause(other, reason="contract", queue=queue)
    await pbx.pause(interface, reason="reserved", queue=SOUTH)
    try:
        await scene.ends(await scene.call("102", SOUTH), Outcome.ABANDONED)
        attempt, connected = await scene.talk(STAYS, NORTH)
        assert connected.agent == shared
        await scene.leaves(attempt)
    finally:
        for other, queue in zip(others, (NORTH, SOUTH), strict=True):
            await pbx.resume(other, queue=queue)
        await pbx.resume(interface, queue=SOUTH)


ALONE: dict[str, Scenario] = {
    "each team has its own agents": each_team_has_its_own,
    "an agent kept in one team is reached in the other": a_kept_agent_is_out_of_reach,
}
