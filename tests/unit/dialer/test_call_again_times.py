"""The usual times to call again, on whatever clock the customer lives by."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dialer.core.agents.call_again import usual_times


def shown(now: str, zone: str | None = "Europe/London") -> dict[str, str]:
    moment = datetime.fromisoformat(now)
    clock = ZoneInfo(zone) if zone else UTC
    return {each.name: f"{each.at.astimezone(clock):%a %d %H:%M}" for each in usual_times(moment, zone)}


def test_a_wednesday_morning_has_them_all_on_the_customers_clock() -> None:
    assert shown("2026-06-10T09:03:20+00:00") == {
        "in 2 h": "Wed 10 12:05",
        "tonight": "Wed 10 18:00",
        "tomorrow morning": "Thu 11 10:00",
        "Monday": "Mon 15 10:00",
    }


def test_there_is_no_tonight_at_night_and_no_monday_beside_tomorrow() -> None:
    assert list(shown("2026-06-10T16:30:00+00:00")) == ["in 2 h", "tomorrow morning", "Monday"]
    assert shown("2026-06-14T09:00:00+00:00") == {
        "in 2 h": "Sun 14 12:00",
        "tonight": "Sun 14 18:00",
        "tomorrow morning": "Mon 15 10:00",
    }


def test_ten_in_the_morning_is_ten_after_the_clocks_change() -> None:
    assert shown("2026-03-28T10:00:00+00:00")["tomorrow morning"] == "Sun 29 10:00"


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", None])
def test_all_are_to_come_and_in_order(zone: str | None) -> None:
    now = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
    times = [each.at for each in usual_times(now, zone)]
    assert times == sorted(times)
    assert times[0] > now
