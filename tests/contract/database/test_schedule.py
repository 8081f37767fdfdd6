"""The schedule: one worker does each job, once; what was missed comes once; the dead leave nothing held."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from databases.centre import Centre

from dialer.core.schedule import ScheduledJob
from dialer.schedule_settings import ScheduleSettings
from dialer.services.schedule.schedule import (
    HOLD,
    RETRY,
    TRIES,
    End,
    ScheduledJobCard,
    ask_for_job,
    due_jobs,
    end_job,
    hold_job,
    list_scheduled_jobs,
    take_job,
    write_down,
)
from dialer.settings import Settings

NIGHTLY = Settings(
    schedule=ScheduleSettings(  # type: ignore[call-arg]
        ledger="never",
        contact="never",
        train="never",
        score="04:00",
        effect="never",
        drift="never",
        reports="never",
        retention="never",
    )
)


def card(centre: Centre, scheduled_job: ScheduledJob = ScheduledJob.SCORE) -> ScheduledJobCard:
    return next(
        one
        for one in list_scheduled_jobs(centre.database, NIGHTLY, centre.now)
        if one.scheduled_job is scheduled_job
    )


def take(centre: Centre, holder: str = "a") -> bool:
    return take_job(centre.database, NIGHTLY, ScheduledJob.SCORE, holder, centre.now)


def end(centre: Centre, holder: str = "a", how: End = End.DONE) -> bool:
    return end_job(centre.database, NIGHTLY, ScheduledJob.SCORE, holder, centre.now, how, "said", {"n": 1})


def overdue(centre: Centre, *, nights: int = 1) -> datetime:
    """A centre whose nightly scheduled job was missed for so many nights."""
    write_down(centre.database, NIGHTLY, centre.now)
    return centre.later(days=nights)


def test_a_new_installation_waits_for_its_first_night(centre: Centre) -> None:
    assert list(due_jobs(centre.database, NIGHTLY, centre.now)) == []
    due = card(centre).due_at

    assert due is not None
    assert centre.now < due
    assert card(centre, ScheduledJob.TRAIN).due_at is None


def test_of_many_workers_one_takes_a_job(centre: Centre) -> None:
    overdue(centre)
    with ThreadPoolExecutor(8) as pool:
        took = list(pool.map(lambda index: take(centre, f"w{index}"), range(8)))

    assert sum(took) == 1
    assert list(due_jobs(centre.database, NIGHTLY, centre.now)) == []


def test_ten_missed_nights_are_made_up_for_once(centre: Centre) -> None:
    overdue(centre, nights=10)
    assert list(due_jobs(centre.database, NIGHTLY, centre.now)) == [ScheduledJob.SCORE]
    assert take(centre)
    assert end(centre)

    assert list(due_jobs(centre.database, NIGHTLY, centre.now)) == []
    assert not take(centre)
    next_due = card(centre).due_at
    assert next_due is not None
    assert centre.now < next_due <= centre.now + timedelta(days=1)
    assert (End.DONE, "said", {"n": 1}) == (card(centre).end, card(centre).said, card(centre).figures)


def test_a_killed_workers_job_is_taken_again_when_its_hold_is_over(centre: Centre) -> None:
    overdue(centre)
    assert take(centre, "killed")
    centre.later(seconds=HOLD.total_seconds() - 1)
    assert not take(centre, "other")
    centre.later(seconds=1)

    assert list(due_jobs(centre.database, NIGHTLY, centre.now)) == [ScheduledJob.SCORE]
    assert take(centre, "other")
    assert not end(centre, "killed")
    assert not hold_job(centre.database, ScheduledJob.SCORE, "killed", centre.now)
    assert end(centre, "other")


def test_who_holds_on_keeps_a_job(centre: Centre) -> None:
    overdue(centre)
    assert take(centre)
    for _ in range(5):
        centre.later(seconds=HOLD.total_seconds() / 2)
        assert hold_job(centre.database, ScheduledJob.SCORE, "a", centre.now)
        assert not take(centre, "other")


def test_a_failed_job_is_tried_again_and_then_waits_for_its_hour(centre: Centre) -> None:
    overdue(centre)
    for left in reversed(range(TRIES)):
        assert take(centre)
        assert end(centre, how=End.FAILED)
        due = card(centre).due_at
        assert due is not None
        assert (due == centre.now + RETRY) == (left > 0)
        centre.now = due


def test_a_job_that_kills_its_worker_every_time_is_given_up_until_its_hour(centre: Centre) -> None:
    overdue(centre)
    for _ in range(TRIES):
        assert take(centre)
        centre.later(seconds=HOLD.total_seconds())

    assert not take(centre)
    assert card(centre).end is End.FAILED
    assert "killed" in card(centre).said
    assert list(due_jobs(centre.database, NIGHTLY, centre.now)) == []


def test_a_job_asked_for_is_due_at_once(centre: Centre) -> None:
    ask_for_job(centre.database, NIGHTLY, ScheduledJob.TRAIN, centre.now, "somebody")

    assert list(due_jobs(centre.database, NIGHTLY, centre.now)) == [ScheduledJob.TRAIN]


def test_a_changed_hour_moves_the_next_time_but_forgives_nothing_overdue(centre: Centre) -> None:
    write_down(centre.database, NIGHTLY, centre.now)
    moved = Settings(schedule=NIGHTLY.schedule.model_copy(update={"score": "23:00", "drift": "05:00"}))

    due = {one.scheduled_job: one.due_at for one in list_scheduled_jobs(centre.database, moved, centre.now)}
    assert due[ScheduledJob.SCORE] == centre.now.replace(hour=23)
    assert due[ScheduledJob.DRIFT] is not None
    centre.later(days=1)
    list_scheduled_jobs(centre.database, NIGHTLY, centre.now)
    assert ScheduledJob.SCORE in due_jobs(centre.database, NIGHTLY, centre.now)
