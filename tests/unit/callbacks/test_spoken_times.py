"""Free hours are read out as few and as plainly as somebody on the telephone can keep them."""

from datetime import UTC, datetime, timedelta

from callbacks.ivr_words import Prompt, Say, SayNumber
from callbacks.slots import Slot
from callbacks.spoken_times import MOST_SPOKEN, read_out, spoken_times

NOW = datetime(2026, 11, 27, 9, 20, tzinfo=UTC)  # a Friday; 10:20 in Oslo


def slots(*hours: tuple[int, int]) -> list[Slot]:
    """Free hours by days from now and hour of UTC."""
    starts = [NOW.replace(hour=hour, minute=0) + timedelta(days=day) for day, hour in hours]
    return [Slot(start=at, end=at + timedelta(hours=1), quarter=at, room=1) for at in starts]


def heard(*hours: tuple[int, int], zone: str = "Europe/Oslo") -> list[tuple[Prompt, int, int]]:
    return [(each.day, each.from_hour, each.to_hour) for each in spoken_times(slots(*hours), zone, NOW)]


def test_one_hour_of_each_half_of_a_day_is_read_out_on_the_centres_clock() -> None:
    assert heard((0, 10), (0, 11), (0, 12), (1, 8), (1, 9), (3, 8)) == [
        (Prompt.TODAY, 11, 12),
        (Prompt.TODAY, 12, 13),
        (Prompt.TOMORROW, 9, 10),
        (Prompt.MONDAY, 9, 10),
    ]


def test_no_more_are_read_out_than_anybody_keeps_in_mind() -> None:
    week = [(day, hour) for day in range(7) for hour in (10, 14)]

    assert len(heard(*week)) == MOST_SPOKEN


def test_the_last_hour_of_a_day_ends_at_twenty_four() -> None:
    assert heard((0, 22)) == [(Prompt.TODAY, 23, 24)]


def test_each_hour_is_said_with_its_key() -> None:
    said = read_out(spoken_times(slots((0, 15), (1, 8)), "Europe/Oslo", NOW))

    assert said[:7] == (
        Say(Prompt.TODAY), Say(Prompt.HOUR_FROM), SayNumber(16), Say(Prompt.HOUR_TO), SayNumber(17),
        Say(Prompt.HOUR_PRESS), SayNumber(1),
    )  # fmt: skip
    assert said[-1] == SayNumber(2)
