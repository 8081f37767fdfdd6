"""A trunk's limits hold however calls are wanted: at once, and in any second."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.core.calling.trunk_capacity import TrunkCapacity

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
# seconds since the last look, calls wanted at this one, calls that ended before it
LOOKS = st.lists(st.tuples(st.floats(0, 1.5), st.integers(0, 30), st.integers(0, 5)), min_size=1, max_size=60)


@given(looks=LOOKS, channels=st.integers(1, 20), rate=st.floats(0.2, 20))
def test_no_second_sees_more_calls_and_no_moment_more_channels(
    looks: list[tuple[float, int, int]], channels: int, rate: float
) -> None:
    lines = TrunkCapacity(channels=channels, calls_per_second=rate, began=BEGAN)
    now, in_use, placed = BEGAN, 0, list[datetime]()
    for gap_s, wanted, ended in looks:
        now += timedelta(seconds=gap_s)
        in_use = max(0, in_use - ended)
        for _ in range(min(wanted, lines.free(in_use, now))):
            lines.place(now)
            placed.append(now)
            in_use += 1
        assert in_use <= channels
    span = timedelta(seconds=max(1.0, 1.0 / rate))
    for at in placed:
        assert sum(at - span < other <= at for other in placed) <= max(1, rate * span.total_seconds())
        assert at >= BEGAN + span, "a leader before this one may have used up the last second"


def test_a_limit_is_used_up_to_the_last_call() -> None:
    lines = TrunkCapacity(channels=30, calls_per_second=5, began=BEGAN)
    now = BEGAN + timedelta(seconds=1)
    assert lines.free(0, now) == 5
    for _ in range(5):
        lines.place(now)
    assert lines.free(5, now + timedelta(seconds=0.9)) == 0
    assert lines.free(5, now + timedelta(seconds=1)) == 5
    assert lines.free(28, now + timedelta(seconds=1)) == 2
