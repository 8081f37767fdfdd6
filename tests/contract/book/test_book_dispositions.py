"""The agent's word, and what lead, promise and do-not-call list make of it."""

from datetime import timedelta

import pytest
from books.world import MONDAY, World, number

from callbacks.lifecycle import PromiseState
from dialer.core.campaign import LeadState
from dialer.core.compliance.verdict import Verdict
from dialer.core.disposition import Disposition
from dialer.db.models import Lead
from dialer.services.attempts import AttemptOrder
from dialer.services.dispositions import Recorded, disposed_attempts, record_disposition
from dialer.services.promises import open_promises, promise_ledger
from dialer.services.suppression import is_listed
from telephony.calls.events import Outcome


@pytest.fixture
def order(world: World) -> AttemptOrder:
    """A lead's conversation that has just ended."""
    world.customers(2, numbers=(number(0), number(60)))
    world.campaign(max_attempts=2)
    order = world.dial()
    world.talk(order)
    return order


def say(world: World, order: AttemptOrder, word: Disposition, *, again_at=None, agent: str = "anna"):
    return record_disposition(world.book, agent, order.attempt, word, "a note", again_at, world.now)


def lead(world: World, order: AttemptOrder) -> Lead:
    with world.book.read() as tx:
        return tx.get_one(Lead, order.lead)


@pytest.mark.parametrize("word", [Disposition.SAVED, Disposition.OFFER_MADE, Disposition.LOST])
def test_a_word_that_ends_the_matter_leaves_the_lead_done(
    world: World, order: AttemptOrder, word: Disposition
) -> None:
    recorded = say(world, order, word)

    assert isinstance(recorded, Recorded)
    assert LeadState.DONE is recorded.lead_state
    assert frozenset({order.attempt}) == disposed_attempts(world.book, [order.attempt, "wb-other0000"])


def test_saying_the_same_twice_changes_nothing_and_another_word_is_refused(
    world: World, order: AttemptOrder
) -> None:
    first = say(world, order, Disposition.SAVED)

    assert first == say(world, order, Disposition.SAVED)
    assert Verdict(allowed=False, rule="disposition.recorded") == say(world, order, Disposition.LOST)


def test_an_opt_out_withdraws_the_lead_and_lists_every_number_of_the_person(
    world: World, order: AttemptOrder
) -> None:
    recorded = say(world, order, Disposition.OPT_OUT)

    assert isinstance(recorded, Recorded)
    assert LeadState.WITHDRAWN is recorded.lead_state
    assert is_listed(world.book, number(0))
    assert is_listed(world.book, number(60))


def test_a_wrong_number_withdraws_the_lead(world: World, order: AttemptOrder) -> None:
    recorded = say(world, order, Disposition.WRONG_NUMBER)

    assert isinstance(recorded, Recorded)
    assert LeadState.WITHDRAWN is recorded.lead_state
    assert not is_listed(world.book, number(0))


def test_call_again_lists_the_lead_for_that_time_in_spite_of_the_spacing(
    world: World, order: AttemptOrder
) -> None:
    at = world.now + timedelta(hours=1)
    recorded = say(world, order, Disposition.CALL_AGAIN, again_at=at)

    assert isinstance(recorded, Recorded)
    assert (LeadState.LISTED, at) == (recorded.lead_state, recorded.call_again_at)
    world.now = at
    again = world.open(world.work()[1][0])  # an agreed call comes before every other lead
    assert order.lead == again.lead


def test_call_again_at_a_closed_hour_is_refused_with_the_next_open_one(
    world: World, order: AttemptOrder
) -> None:
    refused = say(world, order, Disposition.CALL_AGAIN, again_at=MONDAY.replace(hour=22))

    opening = (MONDAY + timedelta(days=1)).replace(hour=9)
    assert Verdict(allowed=False, rule="hours.closed", until=opening) == refused
    assert LeadState.DONE is lead(world, order).state
    assert frozenset() == disposed_attempts(world.book, [order.attempt])


def test_call_again_needs_a_time_that_is_still_to_come(world: World, order: AttemptOrder) -> None:
    missing = say(world, order, Disposition.CALL_AGAIN)
    past = say(world, order, Disposition.CALL_AGAIN, again_at=world.now)

    assert Verdict(allowed=False, rule="call-again.no-time") == missing
    assert Verdict(allowed=False, rule="call-again.past") == past


def test_a_word_said_while_the_call_still_runs_takes_effect_at_its_end(world: World) -> None:
    world.customers(1)
    world.campaign()
    order = world.dial()
    world.connect(order)
    at = world.now + timedelta(hours=2)
    say(world, order, Disposition.CALL_AGAIN, again_at=at)
    assert LeadState.CALLING is lead(world, order).state
    world.later(seconds=60)
    world.finish(order, Outcome.CONNECTED, 60)

    assert (LeadState.LISTED, at, True) == (
        lead(world, order).state, lead(world, order).next_at, lead(world, order).asked_again,
    )  # fmt: skip


def test_an_opt_out_during_the_call_stands_after_it(world: World) -> None:
    world.customers(1)
    world.campaign()
    order = world.dial()
    world.connect(order)
    say(world, order, Disposition.OPT_OUT)
    world.finish(order, Outcome.CONNECTED, 60)

    assert LeadState.WITHDRAWN is lead(world, order).state


def test_only_the_agent_of_a_connected_call_can_say_what_came_of_it(world: World) -> None:
    world.customers(1)
    world.campaign()
    order = world.dial()
    early = say(world, order, Disposition.SAVED)
    world.talk(order)
    other = say(world, order, Disposition.SAVED, agent="bo")
    nobody = record_disposition(world.book, "anna", "wb-none00000", Disposition.SAVED, "", None, world.now)

    assert Verdict(allowed=False, rule="attempt.not-connected") == early
    assert Verdict(allowed=False, rule="attempt.other-agent") == other
    assert Verdict(allowed=False, rule="attempt.unknown") == nobody


def test_a_short_call_the_agent_says_was_enough_settles_the_promise(world: World) -> None:
    world.promise()
    order = world.dial()
    world.talk(order, talk_s=4.0)
    assert PromiseState.WAITING is open_promises(world.book)[0].state
    say(world, order, Disposition.SERVED)

    assert (1, 0, 0) == (
        promise_ledger(world.book).settled, promise_ledger(world.book).open, promise_ledger(world.book).error,
    )  # fmt: skip


def test_a_new_time_agreed_on_in_a_return_call_is_a_new_promise(world: World) -> None:
    world.promise()
    order = world.dial()
    world.connect(order)
    at = world.now + timedelta(hours=3)
    say(world, order, Disposition.CALL_AGAIN, again_at=at)
    world.later(seconds=60)
    world.finish(order, Outcome.CONNECTED, 60)

    ledger = promise_ledger(world.book)
    assert (2, 1, 1, 0) == (ledger.made, ledger.kept, ledger.open, ledger.error)
    assert at == open_promises(world.book)[0].next_action_at
    assert ((), ()) == world.work()
    world.now = at
    assert 1 == len(world.work()[0])
