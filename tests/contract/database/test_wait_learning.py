"""What is told of a wait is learned from the database, so that a restart forgets nothing."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from databases.centre import MONDAY, PBX, Centre, number

from callbacks.offers import Offer
from callbacks.queue_position import Person
from callbacks.wait_history import FEWEST_WAITS, WaitHistory, WaitMethod
from dialer.core.calling.attempt import AttemptState
from dialer.db.models import Attempt, ToldWait
from dialer.db.queries import promises, told_waits
from dialer.services.calls.inbound_calls import record_caller
from dialer.services.promises.offers import AskingCaller, consider, note_arrival
from dialer.services.promises.promises import PromiseRequest, make_promise
from dialer.services.promises.quotes import quote_accuracy
from dialer.services.promises.wait_learning import LearnedWaits, wait_report
from telephony.calls.events import CallerConnected, CallerFact, CallerJoined, CallerLeft, Outcome

QUEUE = "support"


def asking(centre: Centre, call: str, *, ahead: int = 4, last: float = 600.0) -> AskingCaller:
    return AskingCaller(
        queue=QUEUE,
        number=number(7),
        joined_at=centre.now,
        others=tuple(
            Person(key=f"line-{at}", virtual_join=centre.now - timedelta(seconds=60 + at))
            for at in range(ahead)
        ),
        logged_in=2,
        at_work=2,
        call=call,
        last_served=(centre.now, last),
    )


def learn(centre: Centre, waits: int, *, factor: float = 0.5) -> None:
    """Promises that were called after half of what the one served last had waited, give or take."""
    chance = random.Random(1)  # noqa: S311 - a queue from its seed
    with centre.database.write() as tx:
        for at in range(waits):
            asked = MONDAY - timedelta(hours=20) + timedelta(minutes=10 * at)
            guess = chance.uniform(300.0, 2400.0)
            guesses = {WaitMethod.LAST_SERVED: guess, WaitMethod.QUEUE_LENGTH: 600.0}
            told_waits.keep(tx, f"old-{at}", QUEUE, asked_at=asked, hour=asked.hour, guesses=guesses)
            called = asked + timedelta(seconds=guess * factor * chance.lognormvariate(0.0, 0.1))
            made = promises.make(
                tx,
                e164=number(100 + at),
                customer_id=None,
                queue=QUEUE,
                source_call=f"old-{at}",
                virtual_join=asked,
                made_at=asked,
                next_action_at=None,
                ended_at=called,
                end_reason="kept",
            )
            tx.add(_attempt(f"cb-{at:036}", made, at, called))


def _attempt(attempt: str, promise: int | None, at: int, called: datetime) -> Attempt:
    return Attempt(
        id=attempt,
        pbx="pbx",
        fencing=1,
        promise_id=promise,
        e164=number(100 + at),
        queue="outbound",
        trunk="main",
        caller_id="",
        ring_s=30,
        created_at=called,
        consumed_at=called,
        ended_at=called,
        state=AttemptState.FINISHED,
        outcome=Outcome.CONNECTED,
        counted=True,
    )


def middle(centre: Centre, call: str) -> tuple[str | None, float | None]:
    with centre.database.read() as tx:
        row = tx.get_one(ToldWait, call)
        return row.method, row.middle_s


def test_before_enough_waits_are_known_the_queues_length_is_told_and_every_guess_is_kept(
    centre: Centre,
) -> None:
    waits = LearnedWaits(QUEUE)
    assert isinstance(consider(centre.database, asking(centre, "a"), centre.now, waits), Offer)

    assert middle(centre, "a")[0] is None
    with centre.database.read() as tx:
        row = tx.get_one(ToldWait, "a")
        assert row.last_served_s == 600.0
        assert row.head_of_line_s == pytest.approx(63.0)
        assert row.queue_length_s == pytest.approx(5 * 240 / 2)


def test_what_was_learned_is_told_by_an_engine_that_has_only_just_begun(centre: Centre) -> None:
    learn(centre, FEWEST_WAITS + 30)
    offer = consider(centre.database, asking(centre, "a", last=1200.0), centre.now, LearnedWaits(QUEUE))

    assert isinstance(offer, Offer)
    method, expected = middle(centre, "a")
    assert method == WaitMethod.LAST_SERVED
    assert expected == pytest.approx(600.0, rel=0.1)
    assert offer.window is not None
    assert offer.window.from_min in {5, 10}
    assert (
        next(score.method for score in wait_report(centre.database, QUEUE).scores) is WaitMethod.LAST_SERVED
    )


def test_another_queues_waits_teach_nothing_and_each_wait_is_learned_once(centre: Centre) -> None:
    learn(centre, FEWEST_WAITS - 1)
    waits = LearnedWaits(QUEUE)
    with centre.database.read() as tx:
        for _ in range(3):
            waits.history(tx)
        assert waits.history(tx).tell({WaitMethod.LAST_SERVED: 600.0}, 11) is None

    assert wait_report(centre.database, "sales").scores == ()


def test_the_page_is_told_how_wide_the_windows_were_and_how_far_off(centre: Centre) -> None:
    offer = consider(centre.database, asking(centre, "a"), centre.now)
    assert isinstance(offer, Offer)
    assert offer.window is not None
    request = PromiseRequest(
        e164=number(7), queue=QUEUE, source_call="a", virtual_join=centre.now, window=offer.window
    )
    make_promise(centre.database, request, centre.now)
    _, expected = middle(centre, "a")
    centre.later(minutes=5)
    centre.dial()

    accuracy = quote_accuracy(centre.database, centre.now)

    assert expected is not None
    assert accuracy.waits == 1
    assert accuracy.wait_min == pytest.approx(5.0)
    assert accuracy.width_min == offer.window.to_min - offer.window.from_min
    assert accuracy.bias == pytest.approx(expected / 300.0 - 1.0)


def ring_in(centre: Centre, call: str, joined: datetime, *, served: datetime | None, left: datetime) -> None:
    """A caller whose wait was guessed at as they joined, and who was served or hung up."""
    facts: list[CallerFact] = [
        CallerJoined(at=joined, caller=call, queue=QUEUE, number=None, position=1),
    ]
    if served is not None:
        facts.append(CallerConnected(at=served, caller=call, queue=QUEUE, agent="anna"))
    facts.append(CallerLeft(at=left, queue=QUEUE, caller=call, abandoned=served is None))
    for fact in facts:
        record_caller(centre.database, PBX, "GB", fact, fact.at)
        if isinstance(fact, CallerJoined):
            caller = replace(asking(centre, call), joined_at=joined)
            assert note_arrival(centre.database, caller, joined)
            assert not note_arrival(centre.database, caller, joined)


def known(centre: Centre, waits: LearnedWaits) -> tuple[float, ...]:
    """The waits that came to be known, in that order."""
    with centre.database.read() as tx:
        found = told_waits.known_waits(tx, QUEUE, None, 100)
        waits.history(tx)
    return tuple(each.wait.wait_s for each in found)


def test_everybody_who_rang_in_teaches_the_waits_also_who_hung_up_before_their_turn(
    centre: Centre,
) -> None:
    start = centre.now
    minute = timedelta(minutes=1)
    ring_in(centre, "a", start, served=start + 4 * minute, left=start + 4 * minute)
    ring_in(centre, "b", start + minute, served=None, left=start + 3 * minute)
    ring_in(centre, "c", start + 2 * minute, served=start + 9 * minute, left=start + 9 * minute)
    ring_in(centre, "d", start + 8 * minute, served=None, left=start + 9 * minute)  # nobody came after

    waits = LearnedWaits(QUEUE)

    assert (240.0, 480.0, 420.0) == known(centre, waits)  # a's, b's and c's: b's turn was c's
    with centre.database.read() as tx:
        row = tx.get_one(ToldWait, "a")
        assert row.staffing_s == pytest.approx(5 * 240 / 2)


def test_a_promise_made_in_a_call_is_judged_by_the_call_back_and_each_wait_is_learned_once(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[float] = []
    monkeypatch.setattr(WaitHistory, "learn", lambda _self, wait: learned.append(wait.wait_s))
    start = centre.now
    ring_in(centre, "call-900", start, served=None, left=start + timedelta(minutes=1))
    centre.promise(900)
    waits = LearnedWaits(QUEUE)
    with centre.database.read() as tx:
        waits.history(tx)
    assert [] == learned
    centre.later(minutes=20)
    centre.dial()
    for _ in range(2):
        with centre.database.read() as tx:
            waits.history(tx)

    assert [1200.0] == learned


def test_forty_callers_who_waited_on_the_line_are_enough_to_tell_by(centre: Centre) -> None:
    start = centre.now - timedelta(hours=10)
    for index in range(FEWEST_WAITS + 5):
        joined = start + index * timedelta(minutes=10)
        taken = joined + timedelta(minutes=6)
        ring_in(centre, f"line-{index}", joined, served=taken, left=taken)

    scores = wait_report(centre.database, QUEUE).scores

    assert scores
    assert all(score.coverage >= 0.8 for score in scores[:1])
    assert WaitMethod.STAFFING in {score.method for score in scores}
    in_use = wait_report(centre.database, QUEUE).in_use
    assert list(range(24)) == [hour for each in in_use for hour in range(each.first, each.last + 1)]
