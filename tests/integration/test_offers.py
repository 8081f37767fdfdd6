"""What the engine tells a caller who asks for a call, from the facts it has folded in."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from callbacks.offers import Offer
from callbacks.refusals import Refusal, Rule
from callbacks.wait_estimate import WaitWindow
from dialer.bootstrap import App, open_app
from dialer.core.agents.floor import FloorState
from dialer.core.agents.on_floor import CallOnFloor
from dialer.engine.callback_offers import CallbackOffers
from dialer.settings import CallbackSettings, Settings
from telephony.calls.events import (
    CallerConnected,
    CallerJoined,
    CallerLeft,
    Connected,
    Device,
    Fact,
    MemberSeen,
)

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
A_CALL_S = 1200.0  # planned: one agent, twenty minutes a call


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A centre of one agent whose clock stands still."""
    settings = Settings(data_dir=tmp_path, callbacks=CallbackSettings(call_s=A_CALL_S))
    with open_app(settings) as app:
        yield replace(app, clock=lambda: NOW)


class Line:
    """A floor with one agent and people who wait; facts go in as the engine's term folds them."""

    def __init__(self, app: App) -> None:
        self.floor = FloorState(inbound="support")
        self.offers = CallbackOffers(app, self.floor)
        self.see(
            MemberSeen(
                at=NOW - timedelta(hours=1),
                queue="support",
                agent="a1",
                interface="Local/a1@winback-agents/n",
                device=Device.FREE,
                paused=False,
                reason="",
                in_call=False,
            )
        )

    def see(self, fact: Fact, *, due_promises: int = 0) -> None:
        self.floor.see(fact)
        self.offers.see(fact, due_promises={"support": due_promises})

    def joins(self, caller: str, minutes_ago: float) -> None:
        at = NOW - timedelta(minutes=minutes_ago)
        self.see(CallerJoined(at=at, queue="support", caller=caller, number=None, position=1))

    def served(self, caller: str, minutes_ago: float) -> None:
        at = NOW - timedelta(minutes=minutes_ago)
        self.see(CallerLeft(at=at, queue="support", caller=caller, abandoned=False))
        self.see(CallerConnected(at=at, queue="support", caller=caller, agent="a1"))

    def asks(self, caller: str, *, seen: bool = True) -> Offer | Refusal | None:
        return asyncio.run(self.offers.decide(caller, "+442079460001", "+442079460001", seen=seen))


def test_the_wait_is_planned_until_enough_people_left_the_queue_and_measured_then(app: App) -> None:
    line = Line(app)
    for index in range(8):
        line.joins(f"c{index}", 20 - index / 10)
    line.joins("asks", 10)
    for index in range(5):
        line.served(f"c{index}", 9 - index)
    planned = line.asks("asks")

    line.served("c5", 4)  # the fifth gap of a minute
    line.served("c6", 3)
    measured = line.asks("asks")

    assert isinstance(planned, Offer)
    assert (planned.queue_position, planned.window) == (4, WaitWindow(from_min=40, to_min=125))
    assert Offer(queue_position=2, window=WaitWindow(from_min=0, to_min=5)) == measured


def test_who_hangs_up_as_soon_as_they_hear_of_the_wait_makes_no_queue_faster(app: App) -> None:
    line = Line(app)
    line.joins("asks", 10)
    for index in range(8):
        line.joins(f"gone{index}", 9 - index)
        at = NOW - timedelta(minutes=9 - index, seconds=-20)
        line.see(CallerLeft(at=at, queue="support", caller=f"gone{index}", abandoned=True))

    assert line.offers.departures.gaps == ()
    for index in range(3):
        at = NOW - timedelta(minutes=3 - index)
        line.joins(f"late{index}", 9)
        line.see(CallerLeft(at=at, queue="support", caller=f"late{index}", abandoned=True))
    assert [gap.seconds for gap in line.offers.departures.gaps] == [60.0, 60.0]


def test_a_promise_that_gets_an_agent_leaves_the_queue_and_a_campaigns_call_does_not(app: App) -> None:
    line = Line(app)
    line.joins("asks", 10)
    for turn in range(7):
        at = NOW - timedelta(minutes=9 - turn)
        for attempt, promise in ((f"wb-p{turn}", turn + 1), (f"wb-c{turn}", None)):
            line.floor.calls[attempt] = CallOnFloor(attempt=attempt, placed_at=at, promise=promise)
            line.see(Connected(at=at, attempt=attempt, agent="a1", waited_s=0.1), due_promises=1)
            at += timedelta(seconds=30)

    assert Offer(queue_position=1, window=WaitWindow(from_min=0, to_min=5), nearly=True) == line.asks("asks")
    assert [gap.seconds for gap in line.offers.departures.gaps] == [60.0] * 6


def test_what_went_by_while_the_link_was_lost_is_no_gap(app: App) -> None:
    line = Line(app)
    for index in range(4):
        line.joins(f"c{index}", 20)
    line.served("c0", 15)
    line.offers.lose_sight()
    line.served("c1", 2)

    assert line.offers.departures.gaps == ()


def test_a_short_wait_is_told_once_and_then_the_number_is_asked_for(app: App) -> None:
    policy = replace(app.database.policy, offers=replace(app.database.policy.offers, call_s=60.0))
    app.database.policy = policy
    line = Line(app)
    line.joins("asks", 1)
    first, again = line.asks("asks"), line.asks("asks")

    assert isinstance(first, Offer)
    assert isinstance(again, Offer)
    assert (first.nearly, again.nearly) == (True, False)


def test_before_the_pbx_was_looked_at_nobody_is_refused_for_want_of_agents(app: App) -> None:
    empty = Line(app)
    empty.floor.agents.clear()

    assert Offer(queue_position=1, window=None) == empty.asks("asks", seen=False)
    assert Refusal(rule=Rule.OFFER_NO_AGENTS) == empty.asks("asks")


def test_a_database_that_cannot_be_written_decides_nothing(app: App) -> None:
    line = Line(app)
    with app.database.write() as tx:
        tx.execute(text("DROP TABLE refusal"))
    line.floor.agents.clear()

    assert line.asks("asks") is None
