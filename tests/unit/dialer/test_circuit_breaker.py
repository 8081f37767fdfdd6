"""Failures on our own side, one after the other, stop the dialling and are tried again one at a time."""

from datetime import UTC, datetime, timedelta

from dialer.core.calling.circuit_breaker import IN_A_ROW, LONGEST, CircuitBreaker
from telephony.calls.events import Outcome

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.see(Outcome.REFUSED, NOON)


def test_a_few_failures_are_chance():
    breaker = CircuitBreaker()
    fail(breaker, IN_A_ROW - 1)

    assert breaker.room(NOON, in_air=3) is None


def test_failures_in_a_row_stop_the_dialling_and_longer_each_time():
    breaker = CircuitBreaker()
    waits = []
    for _ in range(IN_A_ROW + 6):
        fail(breaker, 1)
        waits.append(breaker.until - NOON if breaker.until else None)

    seconds = [wait.total_seconds() for wait in waits if wait]
    assert seconds == [5, 10, 20, 40, 60, 60, 60]
    assert breaker.holds(NOON + LONGEST - timedelta(seconds=1))


def test_after_the_wait_one_call_at_a_time_finds_out():
    breaker = CircuitBreaker()
    fail(breaker, IN_A_ROW)
    later = NOON + timedelta(seconds=6)

    assert (breaker.room(NOON, 0), breaker.room(later, 0), breaker.room(later, 1)) == (0, 1, 0)


def test_a_call_that_reached_somebody_or_nobody_lets_go():
    for outcome in (Outcome.CONNECTED, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.BAD_NUMBER):
        breaker = CircuitBreaker()
        fail(breaker, IN_A_ROW)
        breaker.see(outcome, NOON)

        assert breaker.room(NOON, 5) is None
