"""When a lead is best rung: later if that is clearly better, and sometimes by chance."""

from collections import Counter
from datetime import date

import pytest

from dialer.core.calling.best_time import ANY_MOMENT, Moment, draw_hour, moment_of
from dialer.core.calling.work_priority import DueLead, by_rank

DAY = tuple(range(9, 20))
MONDAY = date(2026, 11, 23)


def by_hour(**hours: float) -> list[float]:
    """Three in ten at every hour but these."""
    return [hours.get(f"at{hour}", 0.3) for hour in range(24)]


def test_an_evening_person_waits_in_the_morning_and_not_in_the_evening():
    chances = by_hour(at18=0.6)

    assert moment_of(chances, 10, DAY, drawn=None).waits
    assert not moment_of(chances, 18, DAY, drawn=None).waits
    assert not moment_of(chances, 19, DAY, drawn=None).waits  # the best hour is over for today


def test_an_hour_in_which_nobody_may_ring_is_not_waited_for():
    assert moment_of(by_hour(at21=0.9), 10, DAY, drawn=None) == ANY_MOMENT


@pytest.mark.parametrize(
    ("now", "later", "waits"), [(0.30, 0.38, False), (0.05, 0.08, False), (0.2, 0.3, True)]
)
def test_only_a_clearly_better_hour_is_waited_for(now: float, later: float, *, waits: bool):
    assert moment_of(by_hour(at10=now, at18=later), 10, (10, 18), drawn=None).waits is waits


def test_a_drawn_hour_is_kept_whatever_the_model_says():
    chances = by_hour(at18=0.9)

    assert not moment_of(chances, 10, DAY, drawn=12).offered
    assert moment_of(chances, 12, DAY, drawn=12) == Moment(drawn=True, propensity=1 / len(DAY))
    assert moment_of(chances, 13, DAY, drawn=12) == Moment(waits=True)


def test_about_the_share_asked_for_is_drawn_every_allowed_hour_alike_and_always_the_same():
    hours = [draw_hour(lead, 0, MONDAY, DAY, 0.05) for lead in range(40_000)]
    drawn = Counter(hour for hour in hours if hour is not None)

    assert sum(drawn.values()) == pytest.approx(2_000, abs=150)
    assert set(drawn) == set(DAY)
    assert min(drawn.values()) > 0.7 * max(drawn.values())
    assert hours == [draw_hour(lead, 0, MONDAY, DAY, 0.05) for lead in range(40_000)]


def test_the_next_attempt_is_drawn_anew():
    again = [draw_hour(lead, 1, MONDAY, DAY, 0.5) for lead in range(200)]

    assert again != [draw_hour(lead, 0, MONDAY, DAY, 0.5) for lead in range(200)]


def test_nobody_is_drawn_where_nothing_is_open_or_no_share_is_asked_for():
    assert [None] * 100 == [draw_hour(lead, 0, MONDAY, (), 0.5) for lead in range(100)]
    assert [None] * 100 == [draw_hour(lead, 0, MONDAY, DAY, 0.0) for lead in range(100)]


def test_drawn_leads_come_first_and_waiting_ones_last():
    agreed = DueLead(lead=4, campaign=1, rank=4, asked_again=True)
    drawn = DueLead(lead=3, campaign=1, rank=3, drawn=True)
    plain = DueLead(lead=2, campaign=1, rank=2)
    waiting = DueLead(lead=1, campaign=1, rank=1, waits=True)

    assert by_rank([waiting, plain, drawn, agreed]) == (agreed, drawn, plain, waiting)
