"""Only gaps in which somebody waited say how fast a queue moves."""

from datetime import UTC, datetime, timedelta

from callbacks.estimate import MOST_DEPARTURES, Gap
from dialer.core.departures import Departures

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_gap_lasts_from_one_departure_to_the_next_while_somebody_waits() -> None:
    departures = Departures()
    departures.see(at(0), waiting=2, agents=4)
    departures.see(at(30), waiting=1, agents=3)

    assert departures.gaps == (Gap(ended_at=at(30), seconds=30.0, agents=3),)
    assert departures.waiting_since == at(30)


def test_a_quiet_hour_between_two_callers_is_no_gap() -> None:
    departures = Departures()
    departures.see(at(0), waiting=0, agents=4)
    departures.see(at(3600), waiting=0, agents=4)

    assert departures.gaps == ()
    assert departures.waiting_since is None


def test_a_queue_that_was_emptied_another_way_ends_the_gap_unmeasured() -> None:
    departures = Departures()
    departures.see(at(0), waiting=1, agents=4)
    departures.nobody_waits()
    departures.see(at(600), waiting=1, agents=4)

    assert departures.gaps == ()


def test_only_the_last_gaps_are_kept() -> None:
    departures = Departures()
    for second in range(MOST_DEPARTURES + 10):
        departures.see(at(second), waiting=1, agents=4)

    assert len(departures.gaps) == MOST_DEPARTURES
    assert departures.gaps[-1].ended_at == at(MOST_DEPARTURES + 9)
