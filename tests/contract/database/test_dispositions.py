"""The agent's word, and what lead, promise and do-not-call list make of it."""

from datetime import timedelta
from typing import Any

import pytest
from databases.centre import MONDAY, PBX, Centre, number
from sqlalchemy import event

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.core.calling.campaign import LeadState
from dialer.core.calling.disposition import Disposition
from dialer.db.models import Lead
from dialer.services.agents.dispositions import RecordedDisposition, record_disposition
from dialer.services.agents.said_by_agents import said_by_agents
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.customers.suppression import list_do_not_call
from dialer.services.promises.promises import PromiseRequest, make_promise, open_promises, promise_ledger
from telephony.calls.events import Outcome


@pytest.fixture
def order(centre: Centre) -> AttemptOrder:
    """A lead's conversation that has just ended."""
    centre.customers(2, numbers=(number(0), number(60)))
    centre.campaign(max_attempts=2)
    order = centre.dial()
    centre.talk(order)
    return order


def say(centre: Centre, order: AttemptOrder, word: Disposition, *, again_at=None, agent: str = "anna"):
    return record_disposition(centre.database, agent, order.attempt, word, "a note", again_at, centre.now)


def lead(centre: Centre, order: AttemptOrder) -> Lead:
    with centre.database.read() as tx:
        return tx.get_one(Lead, order.lead)


@pytest.mark.parametrize("word", [Disposition.SAVED, Disposition.OFFER_MADE, Disposition.LOST])
def test_a_word_that_ends_the_matter_leaves_the_lead_done(
    centre: Centre, order: AttemptOrder, word: Disposition
) -> None:
    recorded = say(centre, order, word)

    assert isinstance(recorded, RecordedDisposition)
    assert LeadState.DONE is recorded.lead_state
    assert (
        frozenset({order.attempt})
        == said_by_agents(centre.database, PBX, [order.attempt, "wb-other0000"]).disposed
    )


def test_saying_the_same_twice_changes_nothing_and_another_word_is_refused(
    centre: Centre, order: AttemptOrder
) -> None:
    first = say(centre, order, Disposition.SAVED)

    assert first == say(centre, order, Disposition.SAVED)
    assert Refusal(rule=Rule.DISPOSITION_RECORDED) == say(centre, order, Disposition.LOST)


def test_an_opt_out_withdraws_the_lead_and_lists_every_number_of_the_person(
    centre: Centre, order: AttemptOrder
) -> None:
    recorded = say(centre, order, Disposition.OPT_OUT)

    assert isinstance(recorded, RecordedDisposition)
    assert LeadState.WITHDRAWN is recorded.lead_state
    assert {number(0), number(60)} == {one.e164 for one in list_do_not_call(centre.database)}


def test_a_wrong_number_withdraws_the_lead(centre: Centre, order: AttemptOrder) -> None:
    recorded = say(centre, order, Disposition.WRONG_NUMBER)

    assert isinstance(recorded, RecordedDisposition)
    assert LeadState.WITHDRAWN is recorded.lead_state
    assert () == list_do_not_call(centre.database)


def test_call_again_lists_the_lead_for_that_time_in_spite_of_the_spacing(
    centre: Centre, order: AttemptOrder
) -> None:
    at = centre.now + timedelta(hours=1)
    recorded = say(centre, order, Disposition.CALL_AGAIN, again_at=at)

    assert isinstance(recorded, RecordedDisposition)
    assert (LeadState.LISTED, at) == (recorded.lead_state, recorded.call_again_at)
    centre.now = at
    again = centre.open(centre.work()[1][0])  # an agreed call comes before every other lead
    assert order.lead == again.lead


def test_call_again_at_a_closed_hour_is_refused_with_the_next_open_one(
    centre: Centre, order: AttemptOrder
) -> None:
    refused = say(centre, order, Disposition.CALL_AGAIN, again_at=MONDAY.replace(hour=22))

    opening = (MONDAY + timedelta(days=1)).replace(hour=9)
    assert Refusal(rule=Rule.HOURS_CLOSED, until=opening) == refused
    assert LeadState.DONE is lead(centre, order).state
    assert frozenset() == said_by_agents(centre.database, PBX, [order.attempt]).disposed


def test_call_again_needs_a_time_that_is_still_to_come(centre: Centre, order: AttemptOrder) -> None:
    missing = say(centre, order, Disposition.CALL_AGAIN)
    past = say(centre, order, Disposition.CALL_AGAIN, again_at=centre.now)

    assert Refusal(rule=Rule.CALL_AGAIN_NO_TIME) == missing
    assert Refusal(rule=Rule.CALL_AGAIN_PAST) == past


def test_a_word_said_while_the_call_still_runs_takes_effect_at_its_end(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    centre.connect(order)
    at = centre.now + timedelta(hours=2)
    say(centre, order, Disposition.CALL_AGAIN, again_at=at)
    assert LeadState.CALLING is lead(centre, order).state
    centre.later(seconds=60)
    centre.finish(order, Outcome.CONNECTED, 60)

    assert (LeadState.LISTED, at, True) == (
        lead(centre, order).state, lead(centre, order).next_at, lead(centre, order).asked_again,
    )  # fmt: skip


def test_an_opt_out_during_the_call_stands_after_it(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    centre.connect(order)
    say(centre, order, Disposition.OPT_OUT)
    centre.finish(order, Outcome.CONNECTED, 60)

    assert LeadState.WITHDRAWN is lead(centre, order).state


def test_whoever_did_not_ask_as_the_agent_says_is_never_called_back(centre: Centre) -> None:
    centre.promise(1)
    order = centre.dial()
    centre.talk(order, talk_s=6.0)
    say(centre, order, Disposition.NOT_ASKED)
    centre.later(minutes=30)
    wanted = PromiseRequest(e164=order.e164, queue="support", source_call="2", virtual_join=centre.now)

    assert Refusal(rule=Rule.NUMBER_BLOCKED) == make_promise(centre.database, wanted, centre.now)


def test_only_the_agent_of_a_connected_call_can_say_what_came_of_it(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    early = say(centre, order, Disposition.SAVED)
    centre.talk(order)
    other = say(centre, order, Disposition.SAVED, agent="bo")
    nobody = record_disposition(
        centre.database, "anna", "wb-none00000", Disposition.SAVED, "", None, centre.now
    )

    assert Refusal(rule=Rule.ATTEMPT_NOT_CONNECTED) == early
    assert Refusal(rule=Rule.ATTEMPT_OTHER_AGENT) == other
    assert Refusal(rule=Rule.ATTEMPT_UNKNOWN) == nobody


def test_a_short_call_the_agent_says_was_enough_settles_the_promise(centre: Centre) -> None:
    centre.promise()
    order = centre.dial()
    centre.talk(order, talk_s=4.0, cut_off=True)
    assert PromiseState.WAITING is open_promises(centre.database)[0].state
    say(centre, order, Disposition.SERVED)

    ledger = promise_ledger(centre.database)
    assert (1, 0, 0) == (ledger.settled, ledger.open, ledger.error)


def test_a_caller_whose_line_dropped_as_the_agent_says_is_owed_the_call_at_the_old_place(
    centre: Centre,
) -> None:
    centre.promise(joined=centre.now - timedelta(minutes=9))
    joined = open_promises(centre.database)[0].virtual_join
    order = centre.dial()
    centre.talk(order, talk_s=4.0)
    assert ((), ()) == centre.work(), "until a word is in, nobody is rung"
    say(centre, order, Disposition.CUT_OFF)

    owed = open_promises(centre.database)[0]
    assert (joined, 1, centre.now) == (owed.virtual_join, owed.attempts_made, owed.next_action_at)
    assert 0 == promise_ledger(centre.database).error
    for _ in range(2):
        order = centre.dial()
        centre.talk(order, talk_s=4.0)
        say(centre, order, Disposition.CUT_OFF)
    assert 0 == promise_ledger(centre.database).open, "the third attempt was the last"


@pytest.mark.parametrize("says", [None, Disposition.SAVED])
def test_a_talk_with_a_lead_whose_line_failed_is_repeated_after_the_spacing_unless_the_agent_says_otherwise(
    centre: Centre, says: Disposition | None
) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    rung = centre.now
    centre.talk(order, talk_s=40.0, cut_off=True)
    again = rung + centre.database.policy.rulebook.limits.spacing
    listed = lead(centre, order)
    assert (LeadState.LISTED, order.e164, again) == (listed.state, listed.e164, listed.next_at)
    if says is not None:
        say(centre, order, says)
        assert LeadState.DONE is lead(centre, order).state


def test_a_lead_is_done_after_a_short_talk_and_listed_again_where_the_agent_says_cut_off(
    centre: Centre,
) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    rung = centre.now
    centre.talk(order, talk_s=4.0)
    assert LeadState.DONE is lead(centre, order).state
    say(centre, order, Disposition.CUT_OFF)

    again = rung + centre.database.policy.rulebook.limits.spacing
    assert (LeadState.LISTED, again) == (lead(centre, order).state, lead(centre, order).next_at)


def test_a_new_time_agreed_on_in_a_return_call_is_a_new_promise(centre: Centre) -> None:
    centre.promise()
    order = centre.dial()
    centre.connect(order)
    at = centre.now + timedelta(hours=3)
    say(centre, order, Disposition.CALL_AGAIN, again_at=at)
    centre.later(seconds=60)
    centre.finish(order, Outcome.CONNECTED, 60)

    ledger = promise_ledger(centre.database)
    assert (2, 1, 1, 0) == (ledger.made, ledger.kept, ledger.open, ledger.error)
    assert at == open_promises(centre.database)[0].next_action_at
    assert ((), ()) == centre.work()
    centre.now = at
    assert 1 == len(centre.work()[0])


def test_a_word_is_looked_up_once_while_it_is_written_down(centre: Centre, order: AttemptOrder) -> None:
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(centre.database.engine, "before_cursor_execute", hear)
    say(centre, order, Disposition.SAVED)
    event.remove(centre.database.engine, "before_cursor_execute", hear)

    assert 1 == sum("FROM disposition" in statement for statement in asked), asked
