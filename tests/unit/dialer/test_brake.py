"""Failures on our own side, one after the other, stop the dialling and are tried again one at a time."""

from datetime import UTC, datetime, timedelta

from dialer.core.brake import IN_A_ROW, LONGEST, Brake
from telephony.calls.events import Outcome

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def fail(brake: Brake, times: int) -> None:
    for _ in range(times):
        brake.see(Outcome.REFUSED, NOON)


def test_a_few_failures_are_chance():
    brake = Brake()
    fail(brake, IN_A_ROW - 1)

    assert brake.room(NOON, in_air=3) is None


def test_failures_in_a_row_stop_the_dialling_and_longer_each_time():
    brake = Brake()
    waits = []
    for _ in range(IN_A_ROW + 6):
        fail(brake, 1)
        waits.append(brake.until - NOON if brake.until else None)

    seconds = [wait.total_seconds() for wait in waits if wait]
    assert seconds == [5, 10, 20, 40, 60, 60, 60]
    assert brake.holds(NOON + LONGEST - timedelta(seconds=1))


def test_after_the_wait_one_call_at_a_time_finds_out():
    brake = Brake()
    fail(brake, IN_A_ROW)
    later = NOON + timedelta(seconds=6)

    assert (brake.room(NOON, 0), brake.room(later, 0), brake.room(later, 1)) == (0, 1, 0)


def test_a_call_that_reached_somebody_or_nobody_lets_go():
    for outcome in (Outcome.CONNECTED, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.BAD_NUMBER):
        brake = Brake()
        fail(brake, IN_A_ROW)
        brake.see(outcome, NOON)

        assert brake.room(NOON, 5) is None
