"""The pacers of several campaigns on one floor, and what they are told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.agents.floor import FloorState
from dialer.core.agents.leave import Leave, LeaveKind
from dialer.core.agents.on_floor import CallOnFloor
from dialer.core.pacing.facts import (
    CallAnswered,
    CallFailed,
    Decision,
    PacingEvent,
    PacingFacts,
    PauseEnded,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.progressive import ProgressivePacer
from dialer.core.pacing.settings import PacingPrior
from dialer.engine.pacer_registry import PacerRegistry
from dialer.services.calls.next_calls import LeadWork
from dialer.services.calls.pacing_warm_start import WarmStart
from dialer.services.campaigns.campaigns import Mode, RunningCampaign
from telephony.calls.events import (
    Answered,
    CallerFinished,
    CallerJoined,
    Device,
    Finished,
    MemberSeen,
    Outcome,
)

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def campaign(number: int, mode: Mode) -> RunningCampaign:
    return RunningCampaign(
        id=number,
        name=f"campaign {number}",
        queue="outbound",
        trunk="main",
        ring_s=30,
        mode=mode,
        abandon_target=0.03,
        answered=0,
        abandoned=0,
        answered_today=0,
        abandoned_today=0,
    )


def learned() -> WarmStart:
    """A day that has taught a pacer to look ahead."""
    lessons: list[PacingEvent] = []
    for number in range(400):
        if number % 4:
            lessons.append(CallFailed(at_s=0.0, attempt="", ring_s=27.0))
        else:
            lessons.append(CallAnswered(at_s=0.0, attempt="", ring_s=4.0 + number % 13))
            lessons.append(TalkEnded(at_s=0.0, agent=f"a{number % 7}", talk_s=60.0 + number % 90))
            lessons.append(WrapUpEnded(at_s=0.0, agent=f"a{number % 7}", wrap_s=10.0 + number % 20))
    return WarmStart(prior=PacingPrior(), lessons=tuple(lessons))


def floor(*, free: int, talking: int = 0) -> FloorState:
    made = FloorState(inbound="support")
    for index in range(free + talking):
        busy = index >= free
        made.see(
            MemberSeen(
                at=NOON - timedelta(seconds=20 * index),
                queue="outbound",
                agent=f"a{index}",
                interface=f"PJSIP/{index}",
                device=Device.IN_USE if busy else Device.FREE,
                paused=False,
                reason="",
                in_call=busy,
            )
        )
    return made


def placed(pacers: PacerRegistry, running: RunningCampaign, on: FloorState) -> int:
    leads = tuple(
        LeadWork(
            lead=index, campaign=running.id, queue="outbound", ring_s=30, answer_probability=None, value=0.0
        )
        for index in range(60)
    )
    return len(pacers.decide(running, on, leads, due_promises=0, lines_free=60, now=NOON).dial)


def ring(on: FloorState, running: RunningCampaign, count: int) -> None:
    for index in range(count):
        attempt = f"wb-{running.id}-{index}"
        on.calls[attempt] = CallOnFloor(
            attempt=attempt, placed_at=NOON - timedelta(seconds=3), lead=index, campaign=running.id
        )


@pytest.mark.parametrize("mode", ["reserved", "progressive"])
def test_an_agent_kept_for_another_campaigns_call_is_not_counted_on(mode: Mode):
    pacers, ahead, keeps = PacerRegistry(zero=NOON), campaign(1, "predictive"), campaign(2, mode)
    pacers.begin(ahead, learned())
    pacers.begin(keeps, WarmStart(prior=PacingPrior()))
    on = floor(free=6, talking=9)
    ring(on, keeps, 4)

    without = floor(free=2, talking=9)
    assert placed(pacers, ahead, on) == placed(pacers, ahead, without)


@pytest.mark.parametrize("mode", ["reserved", "progressive"])
def test_where_each_call_keeps_its_agent_there_are_never_more_calls_than_agents(mode: Mode):
    pacers, keeps = PacerRegistry(zero=NOON), campaign(2, mode)
    pacers.begin(keeps, learned())
    on = floor(free=5, talking=20)
    assert placed(pacers, keeps, on) == 5
    ring(on, keeps, 3)
    assert placed(pacers, keeps, on) == 2


def test_a_campaign_that_is_set_anew_gets_another_pacer():
    pacers, running = PacerRegistry(zero=NOON), campaign(1, "progressive")
    assert not pacers.knows(running)
    pacers.begin(running, learned())
    assert pacers.knows(replace(running, answered_today=7))
    assert not pacers.knows(replace(running, mode="predictive"))
    assert not pacers.knows(replace(running, abandon_target=0.01))


def test_outbound_yields_to_callers_who_are_expected_before_they_wait():
    pacers, ahead = PacerRegistry(zero=NOON), campaign(1, "predictive")
    pacers.begin(ahead, learned())
    on = floor(free=4, talking=12)
    calm = placed(pacers, ahead, on)
    for index in range(8):
        pacers.observe(
            CallerJoined(
                at=NOON - timedelta(seconds=10 * index),
                queue="support",
                caller=f"c{index}",
                number=None,
                position=1,
            ),
            on,
        )
    assert placed(pacers, ahead, on) < calm


class Listening(ProgressivePacer):
    """What a pacer is asked and told."""

    def __init__(self) -> None:
        super().__init__(30.0)
        self.asked: list[PacingFacts] = []
        self.told: list[PacingEvent] = []

    def decide(self, facts: PacingFacts) -> Decision:
        self.asked.append(facts)
        return super().decide(facts)

    def observe(self, event: PacingEvent) -> None:
        self.told.append(event)


def listened_to(monkeypatch: pytest.MonkeyPatch, *, speed: float = 1.0) -> tuple[PacerRegistry, Listening]:
    pacer = Listening()
    monkeypatch.setattr("dialer.engine.pacer_registry.pacer_for", lambda *_: pacer)
    pacers = PacerRegistry(zero=NOON, speed=speed)
    pacers.begin(campaign(1, "progressive"), WarmStart(prior=PacingPrior()))
    return pacers, pacer


def test_pacing_knows_of_a_planned_leave_and_of_what_a_pause_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pacers, pacer = listened_to(monkeypatch)
    on = floor(free=2)
    on.agents["a0"].leave = Leave(at=NOON + timedelta(minutes=5), kind=LeaveKind.LOG_OUT)
    on.leave(on.agents["a1"], Leave(at=NOON, kind=LeaveKind.PAUSE, reason="lunch"), NOON)
    placed(pacers, campaign(1, "progressive"), on)

    leaving, paused = pacer.asked[-1].agents
    assert (leaving.state, leaving.leaves_s, leaving.reason) == ("ready", 300.0, None)
    assert (paused.state, paused.leaves_s, paused.reason) == ("paused", None, "lunch")


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Outcome.NO_ANSWER, True),
        (Outcome.BUSY, True),
        (Outcome.FAILED, False),
        (Outcome.CONGESTION, False),
        (Outcome.REFUSED, False),
        (Outcome.UNKNOWN, False),
    ],
)
def test_pacing_learns_nothing_from_a_call_that_rang_nobody(
    monkeypatch: pytest.MonkeyPatch, *, outcome: Outcome, told: bool
) -> None:
    pacers, pacer = listened_to(monkeypatch)
    on = floor(free=1)
    ring(on, campaign(1, "progressive"), 1)
    pacers.observe(Finished(at=NOON, attempt="wb-1-0", outcome=outcome), on)

    assert pacer.told == ([CallFailed(at_s=0.0, attempt="wb-1-0", ring_s=3.0)] if told else [])


def test_pacing_is_told_how_long_a_pause_was_and_what_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pacers, pacer = listened_to(monkeypatch)
    on = floor(free=1)
    on.leave(on.agents["a0"], Leave(at=NOON, kind=LeaveKind.PAUSE, reason="lunch"), NOON)
    on.free(on.agents["a0"], NOON + timedelta(minutes=30), reserve=False)
    for back in on.take_returns():
        pacers.came_back(back)

    assert pacer.told == [PauseEnded(at_s=1800.0, agent="a0", reason="lunch", pause_s=1800.0)]


def test_pacing_counts_in_the_seconds_of_a_quick_simulations_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve times as fast as life, two seconds of ringing are a sixth of one; pacing must see two."""
    pacers, pacer = listened_to(monkeypatch, speed=12.0)
    running, on = campaign(1, "progressive"), floor(free=1, talking=1)
    ring(on, running, 2)  # three of the clock's seconds ago
    for index in range(60):
        pacers.observe(
            CallerJoined(
                at=NOON - timedelta(seconds=5 * index),
                queue="support", caller=f"c{index}", number=None, position=1,
            ),
            on,
        )  # fmt: skip
    placed(pacers, running, on)
    pacers.observe(Answered(at=NOON, attempt="wb-1-0"), on)
    pacers.observe(Finished(at=NOON, attempt="wb-1-1", outcome=Outcome.BUSY), on)
    pacers.observe(CallerFinished(at=NOON, caller="c1", agent="a1", talk_s=15.0), on)
    on.agents["a1"].closing = NOON
    pacers.wrapped_up(on.agents["a1"], NOON + timedelta(seconds=2))  # since twenty seconds before noon

    asked = pacer.asked[-1]
    assert [call.age_s for call in asked.calls] == [36.0, 36.0]
    assert [agent.since_s for agent in asked.agents] == [0.0, -240.0]
    assert asked.inbound_per_s == pacers.arrivals.per_second(NOON) / 12.0 > 0.0
    assert pacer.told == [
        CallAnswered(at_s=0.0, attempt="wb-1-0", ring_s=36.0),
        CallFailed(at_s=0.0, attempt="wb-1-1", ring_s=36.0),
        TalkEnded(at_s=0.0, agent="a1", talk_s=180.0),
        WrapUpEnded(at_s=24.0, agent="a1", wrap_s=264.0, closing_s=24.0),
    ]


def test_the_agent_kept_for_a_call_is_one_who_stays_while_it_rings():
    on = floor(free=3)
    on.agents["a2"].leave = Leave(at=NOON + timedelta(seconds=20), kind=LeaveKind.PAUSE, reason="lunch")
    on.agents["a1"].leave = Leave(at=NOON + timedelta(minutes=9), kind=LeaveKind.PAUSE, reason="lunch")
    assert [agent.id for agent in on.ready_beyond(NOON + timedelta(seconds=30))] == ["a1", "a0"]


def test_a_planned_leave_on_the_floor_is_told_to_the_pacer():
    pacers, running = PacerRegistry(zero=NOON), campaign(1, "progressive")
    pacers.begin(running, learned())
    on = floor(free=3)
    on.agents["a2"].leave = Leave(at=NOON + timedelta(seconds=20), kind=LeaveKind.LOG_OUT)
    assert placed(pacers, running, on) == 2
    assert "1 agent leaves within a minute: not counted on." in pacers.decisions[1].reason.sentence
