"""What one process measures is never negative, whatever is done to the machine's clock."""

from datetime import UTC, datetime, timedelta

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

    assert timedelta(seconds=30) == clock() - began
    assert 817.0 == clock.ahead_s


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
