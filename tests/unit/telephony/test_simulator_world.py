"""The simulated PBX: one seed, one history; nobody is counted twice; what was said is what happened."""

from collections import Counter
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.simulator.agi_client import AgiClient
from telephony.simulator.behaviour import Behaviour, SimulatedAgent, SimulatedCustomer
from telephony.simulator.effects import Emit, RunScript, Timeline
from telephony.simulator.faults import FaultRates, Faults
from telephony.simulator.ground_truth import Fate, GroundTruth
from telephony.simulator.pbx import Exchange
from telephony.simulator.rng import stream

HOUR_S = 3600.0


def test_things_due_at_one_moment_happen_in_the_order_they_were_asked_for() -> None:
    timeline, seen = Timeline(), []
    for name in "abc":
        timeline.after(1.0, lambda name=name: seen.append(name))
    timeline.after(0.5, lambda: seen.append("first"))
    timeline.after(float("inf"), lambda: seen.append("never")).cancel()
    timeline.after(0.7, lambda: seen.append("cancelled")).cancel()
    timeline.advance(2.0)
    assert seen == ["first", "a", "b", "c"]
    assert timeline.next_at() is None


def test_the_demo_behaviour_answers_talks_and_rings_as_stated() -> None:
    behaviour = Behaviour()
    plays = [behaviour.customer("07700900001", stream(1, n)) for n in range(4000)]
    kinds = Counter(play.kind for play in plays)
    assert kinds[SimulatedCustomer.ANSWERS] / len(plays) == pytest.approx(0.45, abs=0.03)
    talks = [play.talk_s for play in plays]
    assert fmean(talks) == pytest.approx(behaviour.talk_mean_s, rel=0.06)
    rings = [play.ring_s for play in plays if play.kind is SimulatedCustomer.ANSWERS]
    assert min(rings) >= behaviour.least_ring_s
    assert max(rings) <= behaviour.longest_ring_s


def test_speed_divides_every_duration_and_changes_nothing_else() -> None:
    slow, fast = Behaviour(), Behaviour(speed=10)
    for n in range(50):
        one, ten = slow.customer("1", stream(1, n)), fast.customer("1", stream(1, n))
        assert one.kind is ten.kind
        assert one.ring_s == pytest.approx(10 * ten.ring_s)
        assert one.talk_s == pytest.approx(10 * ten.talk_s)
        first, second = slow.caller(stream(2, n)), fast.caller(stream(2, n))
        assert first.number == second.number
        assert first.patience_s == pytest.approx(10 * second.patience_s)


def test_a_behaviour_cannot_stand_still_or_have_one_agent_twice() -> None:
    with pytest.raises(ValueError, match="speed"):
        Behaviour(speed=0)
    with pytest.raises(ValueError, match="one id"):
        Behaviour(agents=(SimulatedAgent(id="a1"), SimulatedAgent(id="a1")))


def carry_out(exchange: Exchange, said: list[Emit], *, promises: bool) -> None:
    """Hear what was said, and hold every dialogue as a centre would."""
    while effects := exchange.take():
        said += [effect for effect in effects if isinstance(effect, Emit)]
        for effect in effects:
            if isinstance(effect, RunScript):
                script = exchange.script(effect.key)
                permit = {"WB_NUMBER": "07700900123", "WB_RING": "25", "WB_OK": "1"}
                for name, value in (
                    permit if effect.script == "permit" else {"CB_OK": str(int(promises))}
                ).items():
                    script.reply(f'SET VARIABLE {name} "{value}"')
                exchange.script_over(effect.key)


def day(
    seed: int, *, hours: float = 0.3, calls_every_s: float = 20.0, promises: bool = True
) -> tuple[list[Emit], GroundTruth]:
    """Part of a day with calls at fixed times and live callers, under virtual time."""
    agents = tuple(SimulatedAgent(id=f"a{n}") for n in range(1, 5))
    exchange = Exchange(Behaviour(agents=agents, callers_per_hour=60), seed=seed, epoch=0.0)
    said: list[Emit] = []
    placed = 0
    while exchange.kernel.now < hours * HOUR_S:
        if exchange.kernel.now >= placed * calls_every_s:
            exchange.originate(attempt=f"wb-day{placed:08d}", queue="outbound", timeout_s=40)
            placed += 1
        carry_out(exchange, said, promises=promises)
        due = exchange.next_at()
        exchange.advance(min(due or HOUR_S, placed * calls_every_s))
        carry_out(exchange, said, promises=promises)
    return said, exchange.truth


def test_one_seed_gives_one_history_to_the_byte() -> None:
    assert day(7)[0] == day(7)[0]
    assert day(7)[0] != day(8)[0]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), promises=st.booleans())
def test_everything_said_of_a_day_adds_up(*, seed: int, promises: bool) -> None:
    said, truth = day(seed, promises=promises)
    names = Counter(emit.event for emit in said)
    living = names["Newchannel"] - names["Hangup"]
    talking = names["AgentConnect"] - names["AgentComplete"]
    assert living >= 0
    assert 0 <= talking <= 4
    assert names["QueueCallerJoin"] >= names["QueueCallerLeave"] >= names["AgentConnect"]
    assert sum(agent.calls for agent in truth.agents.values()) == names["AgentComplete"]
    talked = sum(a.talk_s for a in truth.attempts.values()) + sum(c.talk_s for c in truth.callers.values())
    assert sum(agent.talk_s for agent in truth.agents.values()) == pytest.approx(talked)
    assert all(attempt.dialed <= 1 for attempt in truth.attempts.values())
    booked = sum(caller.fate is Fate.BOOKED for caller in truth.callers.values())
    assert promises or not booked
    connected_at_once = Counter(
        value
        for emit in said
        if emit.event == "Newchannel"
        for name, value in emit.pairs
        if name == "Uniqueid"
    )
    assert max(connected_at_once.values()) == 1, "a channel was born twice"


def test_no_agent_is_in_two_talks_at_once() -> None:
    said, _truth = day(3, calls_every_s=5)
    busy: set[str] = set()
    for emit in said:
        agent = dict(emit.pairs).get("MemberName", "")
        if emit.event == "AgentConnect":
            assert agent not in busy
            busy.add(agent)
        elif emit.event == "AgentComplete":
            busy.remove(agent)


def test_a_dialogue_is_answered_as_asterisk_answers() -> None:
    alive = True
    script = AgiClient(speed=1, variables={"QUEUEPOSITION": "2"}, alive=lambda: alive)
    lines = {
        'SET VARIABLE CB_OK "1"': "200 result=1",
        "GET VARIABLE CB_OK": "200 result=1 (1)",
        "GET VARIABLE QUEUEPOSITION": "200 result=1 (2)",
        "GET VARIABLE NOTHING": "200 result=0",
        "GET DATA winback/x 5000 1": "200 result=1",
        "WAIT FOR DIGIT 1000": "200 result=49",
        'STREAM FILE winback/x "12"': "200 result=49 endpos=8000",
        'STREAM FILE winback/x ""': "200 result=0 endpos=8000",
        'SAY DIGITS 123 ""': "200 result=0",
        'EXEC MSet "WB_TRUNK=acme,WB_OK=1"': "200 result=0",
        "GET VARIABLE WB_TRUNK": "200 result=1 (acme)",
        "GET VARIABLE WB_OK": "200 result=1 (1)",
        "ANSWER": "200 result=0",
        "DANCE": "510 Invalid or unknown command",
        'NOOP "open': "200 result=0",
    }
    for line, expected in lines.items():
        reply = script.reply(line)
        assert reply is not None
        assert reply.line == expected
    alive = False
    assert script.reply("ANSWER") is None


def faults(**rates: float) -> Faults:
    return Faults(FaultRates(**rates), stream(1, "faults"))


def passed(source: Faults, count: int) -> list[str]:
    out = [event for n in range(count) for _wait_s, event in source.pass_on(Emit(str(n), ()))]
    return [event.event for event in [*out, *source.let_go()]]


def test_without_faults_everything_passes_in_order() -> None:
    assert passed(faults(), 50) == [str(n) for n in range(50)]


def test_events_are_lost_repeated_and_swapped_by_their_rates() -> None:
    assert passed(faults(lose=1), 20) == []
    assert passed(faults(repeat=1), 3) == ["0", "0", "1", "1", "2", "2"]
    swapped = passed(faults(swap=0.5), 200)
    assert sorted(swapped, key=int) == [str(n) for n in range(200)]
    assert swapped != [str(n) for n in range(200)]
    late = [wait_s for n in range(100) for wait_s, _ in faults(delay=1, delay_s=2).pass_on(Emit(str(n), ()))]
    assert all(0 <= wait_s <= 2 for wait_s in late)


def test_an_originate_is_refused_on_demand_and_by_chance() -> None:
    source = faults()
    source.refuse_next = 2
    assert [source.refuses_originate() for _ in range(3)] == [True, True, False]
    assert faults(refuse_originate=1).refuses_originate()


def test_a_stuck_channel_stays_for_whoever_looks() -> None:
    exchange = Exchange(Behaviour(callers_per_hour=0), seed=1, epoch=0.0, stuck_share=1.0)
    said: list[Emit] = []
    exchange.originate(attempt="wb-stuck000001", queue="outbound", timeout_s=40)
    for second in range(400):
        carry_out(exchange, said, promises=True)
        exchange.advance(float(second))
    assert exchange.truth.attempts["wb-stuck000001"].over
    assert "wb-stuck000001" in exchange.kernel.channels
    assert not exchange.kernel.channels.keys() & {"wb-stuck000001;2"}
