"""What is counted of the calls as they go is what the calls add up to."""

from datetime import timedelta

import pytest
from databases.centre import Centre
from sqlalchemy import text

from dialer.services.calls.call_events import lose_attempt, record_fact
from dialer.services.calls.call_recount import recount_calls
from dialer.services.campaigns.campaigns import running_campaigns
from telephony.calls.events import Abandoned, Answered, Finished, Outcome


def standing(centre: Centre) -> tuple[int, int, int, int]:
    (campaign,) = running_campaigns(centre.database, centre.now)
    return campaign.answered, campaign.abandoned, campaign.answered_today, campaign.abandoned_today


@pytest.fixture
def called(ready: Centre) -> Centre:
    """One customer who talks, one who was left alone, one answering machine, one who did not pick up."""
    ready.connect(ready.dial())
    alone = ready.dial().attempt
    record_fact(ready.database, Abandoned(attempt=alone, at=ready.now, waited_s=2.0), ready.now)
    machine, nobody = ready.dial().attempt, ready.dial().attempt
    record_fact(ready.database, Answered(attempt=machine, at=ready.now), ready.now)
    for attempt, outcome in (
        (alone, Outcome.ABANDONED),
        (machine, Outcome.MACHINE),
        (nobody, Outcome.NO_ANSWER),
    ):
        record_fact(ready.database, Finished(attempt=attempt, at=ready.now, outcome=outcome), ready.now)
    return ready


def test_who_answered_and_who_was_left_alone_is_counted_once(called: Centre) -> None:
    assert (2, 1, 2, 1) == standing(called)


def test_a_call_whose_end_was_lost_stays_counted(ready: Centre) -> None:
    order = ready.dial()
    ready.answer(order)
    lose_attempt(ready.database, order.attempt, ready.now)

    assert (1, 0, 1, 0) == standing(ready)


def test_nothing_is_wrong_at_night_and_what_is_wrong_is_set_right(called: Centre) -> None:
    called.later(hours=2)
    assert 0 == recount_calls(called.database, called.now)
    with called.database.write() as tx:
        tx.execute(text("UPDATE call_count SET answered = answered + 5"))
    assert (7, 1, 7, 1) == standing(called)

    assert 1 == recount_calls(called.database, called.now)

    assert (2, 1, 2, 1) == standing(called)


def test_what_no_budget_asks_for_any_more_is_forgotten(called: Centre) -> None:
    called.now += timedelta(days=3)
    assert 0 == recount_calls(called.database, called.now)

    with called.database.read() as tx:
        assert 0 == tx.scalar(text("SELECT count(*) FROM call_count"))
