"""What one process measures is never negative, whatever is done to the machine's clock."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.bootstrap import SteadyClock

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Machine:
    """A machine whose clock somebody sets."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.wall = NOON

    def passes(self, seconds: float) -> None:
        self.passed_s += seconds
        self.wall += timedelta(seconds=seconds)

    def clock(self) -> SteadyClock:
        return SteadyClock(wall=lambda: self.wall, monotonic=lambda: self.passed_s)


def test_time_goes_on_as_it_passes_where_the_clock_is_set_back() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(60)
    began = clock()
    machine.wall -= timedelta(seconds=817)
    machine.passes(30)

    assert timedelta(seconds=30 * 0.95) == clock() - began
    assert 817.0 - 30 * 0.05 == clock.ahead_s


@given(steps=st.lists(st.tuples(st.floats(0.01, 3600), st.floats(-5000, 5000)), max_size=40))
def test_no_reading_is_before_another_however_the_clock_is_set(steps: list[tuple[float, float]]) -> None:
    machine = Machine()
    clock = machine.clock()
    before = clock()
    for passes, is_set in steps:
        machine.passes(passes)
        machine.wall += timedelta(seconds=is_set)
        assert clock() > before
        assert clock() >= machine.wall
        before = clock()


def test_a_clock_set_back_for_good_is_the_machines_again_within_twenty_times_the_step() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall -= timedelta(minutes=15)
    for _ in range(20):
        machine.passes(15 * 60)
        clock()

    assert 0.0 == clock.ahead_s
    assert machine.wall == clock()


def test_the_clock_is_the_machines_again_once_that_is_there() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall -= timedelta(seconds=100)
    clock()
    machine.wall += timedelta(seconds=160)  # put right, and a minute passed
    machine.passed_s += 60

    assert machine.wall == clock()
    assert 0.0 == clock.ahead_s


def test_a_clock_that_is_set_forward_is_followed_at_once() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall += timedelta(hours=1)

    assert machine.wall == clock()
    machine.passes(5)
    assert machine.wall == clock()


def test_a_rehearsals_shift_is_kept() -> None:
    machine = Machine()
    clock = SteadyClock(timedelta(hours=3), wall=lambda: machine.wall, monotonic=lambda: machine.passed_s)
    machine.passes(5)

    assert NOON + timedelta(hours=3, seconds=5) == clock()
