"""The next time of a scheduled job: on the company's clock, once, whatever the clock does."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dialer.core.schedule import ScheduledJob, in_words, next_time, rules_of
from dialer.schedule_settings import ScheduleSettings


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("rule", "after", "comes"),
    [
        ("02:00", at(2026, 11, 25, 0, 0), at(2026, 11, 25, 1, 0)),  # Stockholm is an hour ahead in winter
        ("02:00", at(2026, 11, 25, 1, 0), at(2026, 11, 26, 1, 0)),  # the moment itself is over
        ("Sun 02:00", at(2026, 11, 25, 12, 0), at(2026, 11, 29, 1, 0)),
        ("1 02:30", at(2026, 11, 1, 1, 30), at(2026, 12, 1, 1, 30)),
        ("28 23:30", at(2027, 2, 1, 0, 0), at(2027, 2, 28, 22, 30)),
        ("02:30", at(2026, 3, 28, 12, 0), at(2026, 3, 29, 1, 30)),  # left out by summer time: an hour later
        ("02:30", at(2026, 10, 24, 12, 0), at(2026, 10, 25, 0, 30)),  # repeated: the first one
        ("02:30", at(2026, 10, 25, 0, 30), at(2026, 10, 26, 1, 30)),  # and not again an hour later
    ],
)
def test_a_job_comes_at_its_hour_on_the_companys_clock(rule: str, after: datetime, comes: datetime) -> None:
    assert comes == next_time(rule, "Europe/Stockholm", after)


def test_never_means_never() -> None:
    assert next_time("never", "UTC", at(2026, 1, 1)) is None


@given(
    day=st.sampled_from(["", "mon ", "Sun ", "1 ", "28 "]),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    zone=st.sampled_from(["UTC", "Europe/Helsinki", "America/New_York", "Australia/Lord_Howe"]),
    after=st.integers(0, 4 * 366 * 24 * 60),
)
def test_every_rule_has_a_next_time_later_than_now(
    day: str, hour: int, minute: int, zone: str, after: int
) -> None:
    moment = at(2026, 1, 1) + timedelta(minutes=after)
    comes = next_time(f"{day}{hour:02}:{minute:02}", zone, moment)

    assert comes is not None
    assert moment < comes


def test_training_has_its_time_before_scoring_by_default() -> None:
    rules = rules_of(ScheduleSettings())  # type: ignore[call-arg]

    assert rules[ScheduledJob.TRAIN].split()[-1] < rules[ScheduledJob.SCORE] < rules[ScheduledJob.EFFECT]


def test_an_hour_that_cannot_be_read_says_how_to_write_it() -> None:
    with pytest.raises(ValidationError, match="write 02:00, Sun 02:00"):
        ScheduleSettings(score="25:00")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("02:00", "02:00 daily"),
        ("sun 02:00", "02:00 on Sun"),
        ("1 02:30", "02:30 on day 1"),
        ("never", "when asked for"),
    ],
)
def test_an_hour_is_said_as_people_say_it(rule: str, words: str) -> None:
    assert words == in_words(rule)
