"""Duties in the book: one worker does each, once; what was missed comes once; the dead leave nothing held."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from books.world import World

from dialer.core.timetable import Duty
from dialer.services.timetable import (
    HOLD,
    RETRY,
    TRIES,
    DutyCard,
    End,
    ask_for_duty,
    due_duties,
    end_duty,
    hold_duty,
    list_duties,
    take_duty,
    write_down,
)
from dialer.settings import Settings, TimetableSettings

NIGHTLY = Settings(
    timetable=TimetableSettings(  # type: ignore[call-arg]
        contact="never", train="never", score="04:00", effect="never", drift="never"
    )
)


def card(world: World, duty: Duty = Duty.SCORE) -> DutyCard:
    return next(one for one in list_duties(world.book, NIGHTLY, world.now) if one.duty is duty)


def take(world: World, holder: str = "a") -> bool:
    return take_duty(world.book, NIGHTLY, Duty.SCORE, holder, world.now)


def end(world: World, holder: str = "a", how: End = End.DONE) -> bool:
    return end_duty(world.book, NIGHTLY, Duty.SCORE, holder, world.now, how, "said", {"n": 1})


def overdue(world: World, *, nights: int = 1) -> datetime:
    """A house whose nightly duty was missed for so many nights."""
    write_down(world.book, NIGHTLY, world.now)
    return world.later(days=nights)


def test_a_new_house_waits_for_its_first_night(world: World) -> None:
    assert list(due_duties(world.book, NIGHTLY, world.now)) == []
    due = card(world).due_at

    assert due is not None
    assert world.now < due
    assert card(world, Duty.TRAIN).due_at is None


def test_of_many_workers_one_takes_a_duty(world: World) -> None:
    overdue(world)
    with ThreadPoolExecutor(8) as pool:
        took = list(pool.map(lambda place: take(world, f"w{place}"), range(8)))

    assert sum(took) == 1
    assert list(due_duties(world.book, NIGHTLY, world.now)) == []


def test_ten_missed_nights_are_made_up_for_once(world: World) -> None:
    overdue(world, nights=10)
    assert list(due_duties(world.book, NIGHTLY, world.now)) == [Duty.SCORE]
    assert take(world)
    assert end(world)

    assert list(due_duties(world.book, NIGHTLY, world.now)) == []
    assert not take(world)
    next_due = card(world).due_at
    assert next_due is not None
    assert world.now < next_due <= world.now + timedelta(days=1)
    assert (End.DONE, "said", {"n": 1}) == (card(world).end, card(world).said, card(world).figures)


def test_a_killed_workers_duty_is_taken_again_when_its_hold_is_over(world: World) -> None:
    overdue(world)
    assert take(world, "killed")
    world.later(seconds=HOLD.total_seconds() - 1)
    assert not take(world, "other")
    world.later(seconds=1)

    assert list(due_duties(world.book, NIGHTLY, world.now)) == [Duty.SCORE]
    assert take(world, "other")
    assert not end(world, "killed")
    assert not hold_duty(world.book, Duty.SCORE, "killed", world.now)
    assert end(world, "other")


def test_who_holds_on_keeps_a_duty(world: World) -> None:
    overdue(world)
    assert take(world)
    for _ in range(5):
        world.later(seconds=HOLD.total_seconds() / 2)
        assert hold_duty(world.book, Duty.SCORE, "a", world.now)
        assert not take(world, "other")


def test_a_failed_duty_is_tried_again_and_then_waits_for_its_hour(world: World) -> None:
    overdue(world)
    for left in reversed(range(TRIES)):
        assert take(world)
        assert end(world, how=End.FAILED)
        due = card(world).due_at
        assert due is not None
        assert (due == world.now + RETRY) == (left > 0)
        world.now = due


def test_a_duty_that_kills_its_worker_every_time_is_given_up_until_its_hour(world: World) -> None:
    overdue(world)
    for _ in range(TRIES):
        assert take(world)
        world.later(seconds=HOLD.total_seconds())

    assert not take(world)
    assert card(world).end is End.FAILED
    assert "killed" in card(world).said
    assert list(due_duties(world.book, NIGHTLY, world.now)) == []


def test_a_duty_asked_for_is_due_at_once(world: World) -> None:
    ask_for_duty(world.book, NIGHTLY, Duty.TRAIN, world.now, "somebody")

    assert list(due_duties(world.book, NIGHTLY, world.now)) == [Duty.TRAIN]


def test_a_changed_hour_moves_the_next_time_but_forgives_nothing_overdue(world: World) -> None:
    write_down(world.book, NIGHTLY, world.now)
    moved = Settings(timetable=NIGHTLY.timetable.model_copy(update={"score": "23:00", "drift": "05:00"}))

    due = {one.duty: one.due_at for one in list_duties(world.book, moved, world.now)}
    assert due[Duty.SCORE] == world.now.replace(hour=23)
    assert due[Duty.DRIFT] is not None
    world.later(days=1)
    list_duties(world.book, NIGHTLY, world.now)
    assert Duty.SCORE in due_duties(world.book, NIGHTLY, world.now)
