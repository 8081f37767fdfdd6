"""How talks end: by a transfer, which the agent wraps up at once, and while nobody looked."""

from contract.listener import now
from contract.scenarios import Scenario, Scene, gone, until
from contract.venues import LASTING_DESK

from telephony.calls.events import CallerConnected, CallerFinished, HandedOver, LinkLost, Outcome

COARSE_S = 1.5  # Asterisk tells whole seconds
UNSEEN_S = 4.0


async def customer_sent_on(scene: Scene, *, blind: bool) -> None:
    attempt, connected = await scene.talk()
    await scene.venue.send_on(attempt, blind=blind)
    over = await scene.ear.of(attempt, HandedOver)
    assert over.agent == connected.agent
    assert scene.ear.ends(attempt) == 0, "the call goes on"
    assert over.to == (LASTING_DESK if blind else "")

    assert await scene.venue.customer_leaves(attempt)
    end = await scene.ends(attempt, Outcome.CONNECTED)
    assert (end.agent, end.talk_s, end.handed_to) == (connected.agent, over.talk_s, LASTING_DESK)


async def caller_sent_on(scene: Scene, *, blind: bool) -> None:
    since = len(scene.ear.facts)
    joined = await scene.caller(since=since)
    await scene.ear.first(CallerConnected, lambda fact: fact.caller == joined.caller, since=since)
    await scene.venue.send_on(joined.caller, blind=blind)
    over = await scene.ear.first(CallerFinished, lambda fact: fact.caller == joined.caller, since=since)
    assert joined.caller in await scene.venue.living(), "the call goes on"
    assert (over.handed_to or "") == (LASTING_DESK if blind else "")
    await scene.venue.caller_leaves(joined.caller)


async def by_the_agents_phone(scene: Scene) -> None:
    await customer_sent_on(scene, blind=True)
    await caller_sent_on(scene, blind=True)


async def from_outside(scene: Scene) -> None:
    await customer_sent_on(scene, blind=False)
    await caller_sent_on(scene, blind=False)


async def redirected_to_an_end(scene: Scene) -> None:
    attempt, _ = await scene.talk()
    await scene.venue.transfer(attempt)
    await scene.ends(attempt, Outcome.CONNECTED)


async def talk_ends_unseen(scene: Scene) -> None:
    """Its length is the PBX's own record of the agent, and not the time until somebody looked."""
    attempt, connected = await scene.talk()
    since = len(scene.ear.facts)
    joined = await scene.caller(since=since)
    served = await scene.ear.first(CallerConnected, lambda fact: fact.caller == joined.caller, since=since)
    scene.tap.cut()
    await scene.ear.first(LinkLost, since=since)
    assert await scene.venue.customer_leaves(attempt)
    await scene.venue.caller_leaves(joined.caller)
    await gone(scene, attempt)
    over_at = now()

    async def later() -> bool:
        return (now() - over_at).total_seconds() > UNSEEN_S

    await until(later, "the gap is longer than the PBX's clock is coarse")
    scene.tap.mend()
    end = await scene.ends(attempt, Outcome.CONNECTED)
    assert end.talk_s < (over_at - connected.at).total_seconds() + COARSE_S
    left = await scene.ear.first(CallerFinished, lambda fact: fact.caller == joined.caller, since=since)
    assert left.talk_s < (over_at - served.at).total_seconds() + COARSE_S


ALONE: dict[str, Scenario] = {
    "transfer": redirected_to_an_end,
    "talk ends unseen": talk_ends_unseen,
    "agent transfers blind": by_the_agents_phone,
    "call is redirected": from_outside,
}
