"""Only gaps in which somebody waited say how fast a queue moves."""

import heapq
import math
import random
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from callbacks.quotes import Quote, QuoteScore, score_quotes
from callbacks.wait_estimate import (
    MOST_DEPARTURES,
    DepartureGap,
    estimate_wait,
    measure_pace,
    plan_pace,
    quote,
)
from dialer.core.agents.service_rate import ServiceRate

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_gap_lasts_from_one_departure_to_the_next_while_somebody_waits() -> None:
    departures = ServiceRate()
    departures.see(at(0), waiting=2, agents=4)
    departures.see(at(30), waiting=1, agents=3)

    assert departures.gaps == (DepartureGap(ended_at=at(30), seconds=30.0, agents=3),)
    assert departures.waiting_since == at(30)


def test_a_quiet_hour_between_two_callers_is_no_gap() -> None:
    departures = ServiceRate()
    departures.see(at(0), waiting=0, agents=4)
    departures.see(at(3600), waiting=0, agents=4)

    assert departures.gaps == ()
    assert departures.waiting_since is None


def test_a_queue_that_was_emptied_another_way_ends_the_gap_unmeasured() -> None:
    departures = ServiceRate()
    departures.see(at(0), waiting=1, agents=4)
    departures.nobody_waits()
    departures.see(at(600), waiting=1, agents=4)

    assert departures.gaps == ()


def test_only_the_last_gaps_are_kept() -> None:
    departures = ServiceRate()
    for second in range(MOST_DEPARTURES + 10):
        departures.see(at(second), waiting=1, agents=4)

    assert len(departures.gaps) == MOST_DEPARTURES
    assert departures.gaps[-1].ended_at == at(MOST_DEPARTURES + 9)


def busy_day(chance: random.Random, *, agents: int, load: float) -> QuoteScore:
    """What eight hours of callers are told, and how it comes out: first come, first served, nobody gives up.

    Talks of 240 s on average, log-normal with a coefficient of variation of 0.8, as the simulated people's;
    callers ring in at random, `load` times as many as the agents can take until the fifth hour, then fewer.
    """
    spread = math.log(1 + 0.8**2)
    departures, told = ServiceRate(), []
    waiting: deque[Quote] = deque()
    ends: list[float] = []  # of the talks under way
    arrives = chance.expovariate(load * agents / 240)
    while arrives < math.inf or waiting:
        if arrives <= (ends[0] if ends else math.inf):
            now = arrives
            rate = load if now < 5 * 3600 else 0.7
            arrives = now + chance.expovariate(rate * agents / 240)
            arrives = arrives if arrives < 8 * 3600 else math.inf
            if len(ends) == agents:
                pace = measure_pace(
                    departures.gaps, at(now), agents=agents, waiting_since=departures.waiting_since
                ) or plan_pace(agents, 240)
                assert pace is not None
                window = quote(estimate_wait(pace, len(waiting) + 1))
                said = at(now + 60 * window.from_min), at(now + 60 * window.to_min)
                waiting.append(Quote(said_from=said[0], said_until=said[1]))
                continue
        else:
            now = heapq.heappop(ends)
            if not waiting:
                continue
            told.append(replace(waiting.popleft(), called_at=at(now)))
        heapq.heappush(ends, now + chance.lognormvariate(math.log(240) - spread / 2, math.sqrt(spread)))
        departures.see(at(now), waiting=len(waiting), agents=agents)
    return score_quotes(told, at(24 * 3600))


@pytest.mark.parametrize("agents", [3, 8])
def test_on_a_busy_day_three_windows_in_five_hold_and_few_come_early_or_late(agents: int) -> None:
    score = busy_day(random.Random(1), agents=agents, load=1.1)  # noqa: S311 - a day from its seed

    assert score.known > 200
    assert score.share is not None
    assert score.share > 0.6
    assert score.early / score.known < 0.2
    assert score.late / score.known < 0.2
