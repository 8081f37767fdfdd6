"""What is told of a wait is learned from the queue's own waits, by whichever method was right."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from callbacks.wait_estimate import Pace, quote
from callbacks.wait_history import (
    FEWEST_WAITS,
    KnownWait,
    QueueSight,
    WaitHistory,
    WaitMethod,
    guess_waits,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RIGHT, WRONG = WaitMethod.LAST_SERVED, WaitMethod.QUEUE_LENGTH


def known(right_s: float, wait_s: float, *, wrong_s: float = 300.0, hour: int = 12, at: int = 0) -> KnownWait:
    return KnownWait(
        asked_at=NOON + timedelta(minutes=at),
        hour=hour,
        guesses={RIGHT: right_s, WRONG: wrong_s},
        wait_s=wait_s,
    )


def history(waits: int, *, seed: int = 1, factor: float = 0.5, hour: int = 12) -> WaitHistory:
    """Waits that are half of what the one method guesses, give or take; the other knows nothing."""
    chance = random.Random(seed)  # noqa: S311 - a queue from its seed
    told = WaitHistory()
    for at in range(waits):
        guess = chance.uniform(300.0, 3000.0)
        told.learn(known(guess, guess * factor * chance.lognormvariate(0.0, 0.2), hour=hour, at=at))
    return told


def test_before_enough_is_known_nothing_is_told() -> None:
    assert history(FEWEST_WAITS - 1).tell({RIGHT: 600.0}, 12) is None


def test_the_method_that_was_right_is_in_use_and_its_bias_is_taken_out() -> None:
    told = history(300).tell({RIGHT: 1000.0, WRONG: 4000.0}, 12)

    assert told is not None
    method, wait = told
    assert method is RIGHT
    assert wait.middle_s == pytest.approx(500.0, rel=0.1)
    assert wait.low_s < wait.middle_s < wait.high_s
    assert wait.basis == "history"


def test_each_hour_of_the_day_has_the_method_that_is_right_in_it() -> None:
    told, chance = history(200), random.Random(2)  # noqa: S311 - a queue from its seed
    for at in range(300):
        wait = chance.uniform(300.0, 3000.0)
        told.learn(known(chance.uniform(300.0, 3000.0), wait, wrong_s=wait, hour=17, at=at))

    assert told.in_use(12) is RIGHT
    assert told.in_use(17) is WRONG


def test_four_waits_in_five_lie_in_what_is_said_also_when_days_differ_from_each_other() -> None:
    chance = random.Random(3)  # noqa: S311 - a queue from its seed
    told, inside, asked = WaitHistory(), 0, 0
    for day in range(40):
        factor = chance.lognormvariate(0.0, 0.35)
        for at in range(60):
            guess = chance.uniform(600.0, 3000.0)
            wait = guess * factor * chance.lognormvariate(0.0, 0.1)
            said = told.tell({RIGHT: guess}, 12)
            if said is not None and day >= 10:
                asked += 1
                window = quote(said[1])
                inside += 60 * window.from_min <= wait <= 60 * window.to_min
            asked_at = NOON + timedelta(days=day, minutes=10 * at)
            told.learn(KnownWait(asked_at=asked_at, hour=12, guesses={RIGHT: guess}, wait_s=wait))

    assert asked > 1000
    assert inside / asked > 0.75
    (score,) = told.scores()
    assert score.coverage > 0.75


def test_scores_say_how_good_each_method_was_the_best_first() -> None:
    best, other = history(300).scores()

    assert (best.method, other.method) == (RIGHT, WRONG)
    assert best.loss_s < other.loss_s
    assert abs(best.bias) < 0.1
    assert best.coverage > 0.75
    assert best.width_s < other.width_s


def test_methods_guess_by_length_head_last_served_and_agents_where_they_can_tell() -> None:
    pace = Pace(gap_s=30.0, gaps=10, basis="planned")
    planned = Pace(gap_s=60.0, gaps=10, basis="planned")
    sight = QueueSight(hour=12, rank=4, pace=pace, planned=planned, head_waited_s=200.0, last_waited_s=2.0)

    assert guess_waits(sight) == {
        WaitMethod.QUEUE_LENGTH: 120.0,
        WaitMethod.HEAD_OF_LINE: 200.0,
        WaitMethod.LAST_SERVED: 10.0,
        WaitMethod.STAFFING: 240.0,
    }
    assert guess_waits(QueueSight(hour=12, rank=4, pace=None)) == {}


def test_what_was_learned_is_the_same_from_the_database_as_in_one_go() -> None:
    chance = random.Random(5)  # noqa: S311 - a queue from its seed
    waits = [known(chance.uniform(60.0, 900.0), chance.uniform(60.0, 900.0), at=at) for at in range(100)]
    learned = WaitHistory()
    for wait in waits:
        learned.learn(wait)

    assert WaitHistory(waits).tell({RIGHT: 500.0, WRONG: 90.0}, 12) == learned.tell(
        {RIGHT: 500.0, WRONG: 90.0}, 12
    )


def test_a_method_is_judged_by_what_was_known_when_it_was_asked() -> None:
    """A queue that stands still: all ask within its wait, so none knows yet what the others learn."""
    told = WaitHistory(known(600.0, 3600.0, at=at) for at in range(59))

    assert told.scores() == ()
    assert told.in_use(12) is None
