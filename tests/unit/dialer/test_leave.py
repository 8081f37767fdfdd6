"""An hour is the next one on the centre's clock, also where the clock is changed."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.agents.leave import Leave, LeaveKind, next_moment

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)  # 14:00 in Berlin


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (time(14, 30), NOON + timedelta(minutes=30)),
        (time(14, 0), NOON + timedelta(days=1)),  # this very moment is over
        (time(9, 0), datetime(2026, 6, 11, 7, tzinfo=UTC)),
    ],
)
def test_an_hour_is_the_next_one_on_the_centres_clock(hour: time, expected: datetime) -> None:
    assert next_moment(hour, NOON, "Europe/Berlin") == expected


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - made aware below
    hour=st.times(),
    zone=st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kolkata"]),
)
def test_it_is_always_ahead_and_never_more_than_a_day_and_a_clock_change(
    now: datetime, hour: time, zone: str
) -> None:
    moment = next_moment(hour, now.replace(tzinfo=UTC), zone)
    assert timedelta(0) < moment - now.replace(tzinfo=UTC) <= timedelta(hours=25)


def test_a_leave_is_due_from_its_moment_on() -> None:
    leave = Leave(at=NOON, kind=LeaveKind.LOG_OUT)
    assert not leave.is_due(NOON - timedelta(seconds=1))
    assert leave.is_due(NOON)
