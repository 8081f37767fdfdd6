"""Lengths as the queue counts them: whole seconds of moments that nobody else timed as well."""

from datetime import UTC, datetime, timedelta
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from telephony.calls.queue_clock import LATEST_S, WHOLE_S, length_s, out_of_queue_at

BEGIN = datetime(2026, 11, 30, 9, tzinfo=UTC)
moments = st.floats(0, 3_600, allow_nan=False)
lateness = st.floats(0, LATEST_S - 1)


@given(moments, moments, lateness, lateness)
def test_a_length_is_a_second_off_at_most_however_late_its_events_are(
    began: float, lasted: float, begin_late: float, end_late: float
) -> None:
    ended = began + lasted
    counted = floor(ended) - floor(began)

    measured = (ended + end_late) - (began + begin_late)

    assert abs(length_s(measured, counted) - lasted) <= max(
        WHOLE_S, min(2 * WHOLE_S, abs(end_late - begin_late))
    )


@given(moments, moments)
def test_a_length_measured_on_time_stays_as_fine_as_it_was_measured(began: float, lasted: float) -> None:
    counted = floor(began + lasted) - floor(began)

    assert abs(length_s(lasted, counted) - lasted) < 1e-9


@given(
    st.floats(0, 3_600),
    st.one_of(st.none(), st.integers(5_000, 999_999_999), st.integers(-999_999_999, -1)),
)
def test_a_count_that_is_missing_or_of_a_clock_that_was_set_is_not_believed(
    measured: float, counted: int | None
) -> None:
    assert length_s(measured, counted) == measured


@given(moments, moments, lateness)
def test_nobody_left_the_queue_after_it_was_heard_of(queued: float, waited: float, late: float) -> None:
    queued_at, left_at = (BEGIN + timedelta(seconds=each) for each in (queued, queued + waited))
    heard_at = left_at + timedelta(seconds=late)
    counted = floor(queued + waited) - floor(queued)

    found = out_of_queue_at(queued_at, heard_at, counted)

    assert found <= heard_at
    assert abs((found - left_at).total_seconds()) <= 2 * WHOLE_S
    assert out_of_queue_at(None, heard_at, counted) == heard_at
