"""An hour that can be chosen has a free quarter in each of its quarters' bounds, and is not too near."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.slots import (
    DAYS_AHEAD,
    LEAST_AHEAD,
    SlotRules,
    calls_a_quarter,
    can_be_chosen,
    free_slots,
    quarter_at,
    quarters_of,
)

NOW = datetime(2026, 11, 23, 11, tzinfo=UTC)
FOUR = NOW.replace(hour=16)


@given(
    room=st.lists(st.integers(0, 3), min_size=4, max_size=4),
    taken=st.lists(st.integers(0, 4), min_size=4, max_size=4),
)
def test_a_booking_never_overfills_a_quarter(room: list[int], taken: list[int]) -> None:
    quarters = quarters_of(FOUR)
    booked = dict(zip(quarters, taken, strict=True))
    for slot in free_slots((FOUR,), room_in=dict(zip(quarters, room, strict=True)), taken=booked, now=NOW):
        index = quarters.index(slot.quarter)
        assert taken[index] < room[index]
        assert slot.room == sum(max(0, r - t) for r, t in zip(room, taken, strict=True))


def test_an_hour_within_which_it_closes_is_not_offered() -> None:
    room = dict.fromkeys(quarters_of(FOUR)[:3], 1)

    assert free_slots((FOUR,), room_in=room, taken={}, now=NOW) == ()


def test_an_hour_that_begins_too_soon_is_not_offered() -> None:
    room = dict.fromkeys(quarters_of(FOUR), 1)

    assert free_slots((FOUR,), room_in=room, taken={}, now=FOUR - LEAST_AHEAD + timedelta(seconds=1)) == ()
    assert len(free_slots((FOUR,), room_in=room, taken={}, now=FOUR - LEAST_AHEAD)) == 1


@pytest.mark.parametrize(
    ("start", "zone", "can"),
    [
        (FOUR, "Europe/London", True),
        (FOUR + timedelta(minutes=10), "Europe/London", False),
        (FOUR + timedelta(seconds=1), "Europe/London", False),
        (FOUR + timedelta(minutes=30), "Asia/Kolkata", True),  # 22:00 there
        (FOUR, "Asia/Kolkata", False),
        (NOW + timedelta(days=DAYS_AHEAD), "Europe/London", True),
        (NOW + timedelta(days=DAYS_AHEAD, hours=1), "Europe/London", False),
    ],
)
def test_only_a_full_hour_of_the_coming_week_can_be_chosen(start: datetime, zone: str, *, can: bool) -> None:
    assert can_be_chosen(start, ZoneInfo(zone), NOW) is can


@pytest.mark.parametrize(("agents", "calls"), [(None, 1), (0, 0), (1, 0), (2, 1), (20, 18)])
def test_a_quarter_takes_a_share_of_what_its_agents_can_make(agents: int | None, calls: int) -> None:
    assert calls_a_quarter(agents, SlotRules(share=0.25, call_s=240, unknown=1)) == calls


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_lies_in_its_quarter(moment: datetime) -> None:
    start = quarter_at(moment)

    assert start <= moment < start + timedelta(minutes=15)
    assert start.minute % 15 == start.second == start.microsecond == 0
