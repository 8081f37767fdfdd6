"""An agent takes a word back, or says another: what followed from it is undone, and nothing else is."""

from datetime import timedelta

import pytest
from databases.centre import Centre, number

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.core.calling.campaign import LeadState
from dialer.core.calling.disposition import Disposition
from dialer.db.models import Lead
from dialer.db.queries import audit, dispositions
from dialer.services.agents.contacts import agent_words, contacts_with
from dialer.services.agents.corrections import TakenBack, correct_disposition, take_back
from dialer.services.agents.dispositions import RecordedDisposition, record_disposition
from dialer.services.agents.drafts import keep_draft
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.customers.suppression import add_do_not_call, list_do_not_call
from dialer.services.promises.promises import open_promises, promise_ledger
from telephony.calls.events import Outcome


@pytest.fixture
def order(centre: Centre) -> AttemptOrder:
    """A lead's conversation that has just ended."""
    centre.customers(2, numbers=(number(0), number(60)))
    centre.campaign(max_attempts=2)
    order = centre.dial()
    centre.talk(order)
    return order


def say(centre: Centre, order: AttemptOrder, word: Disposition, *, again_at=None):
    return record_disposition(centre.database, "anna", order.attempt, word, "a note", again_at, centre.now)


def correct(centre: Centre, order: AttemptOrder, word: Disposition, *, again_at=None, agent: str = "anna"):
    return correct_disposition(
        centre.database, agent, order.attempt, word, "a better note", again_at, centre.now
    )


def back(centre: Centre, order: AttemptOrder):
    return take_back(centre.database, "anna", order.attempt, centre.now)


def lead(centre: Centre, order: AttemptOrder) -> Lead:
    with centre.database.read() as tx:
        return tx.get_one(Lead, order.lead)


def listed(centre: Centre) -> set[str]:
    return {one.e164 for one in list_do_not_call(centre.database)}


def actions(centre: Centre) -> list[str]:
    with centre.database.read() as tx:
        return [line.action for line in audit.latest(tx, 20)]


def test_a_word_taken_back_is_due_again_and_its_note_waits_as_typed(
    centre: Centre, order: AttemptOrder
) -> None:
    say(centre, order, Disposition.SAVED)
    assert () == agent_words(centre.database, "anna", centre.now).due

    taken = back(centre, order)

    assert TakenBack(attempt=order.attempt, disposition=Disposition.SAVED, note="a note") == taken
    words = agent_words(centre.database, "anna", centre.now)
    assert [(order.attempt, "a note")] == [(talk.attempt, talk.note) for talk in words.due]
    assert () == words.said
    assert "word.taken-back" in actions(centre)
    assert Refusal(rule=Rule.DISPOSITION_MISSING) == back(centre, order)


@pytest.mark.parametrize("word", [Disposition.OPT_OUT, Disposition.WRONG_NUMBER])
def test_a_lead_that_a_word_withdrew_is_done_once_it_is_taken_back(
    centre: Centre, order: AttemptOrder, word: Disposition
) -> None:
    say(centre, order, word)
    corrected = correct(centre, order, Disposition.SAVED)

    assert isinstance(corrected, RecordedDisposition)
    assert (LeadState.DONE, "a better note") == (corrected.lead_state, corrected.note)
    assert set() == listed(centre)
    assert "word.corrected" in actions(centre)


def test_an_objection_that_somebody_else_told_too_stays_on_the_list(
    centre: Centre, order: AttemptOrder
) -> None:
    say(centre, order, Disposition.OPT_OUT)
    assert {number(0), number(60)} == listed(centre)
    add_do_not_call(centre.database, number(60), "wrote a letter", "manager", centre.now)
    correct(centre, order, Disposition.LOST)

    assert {number(60)} == listed(centre)


def test_a_number_that_was_listed_before_the_word_stays_listed(centre: Centre, order: AttemptOrder) -> None:
    add_do_not_call(centre.database, number(0), "wrote a letter", "manager", centre.now)
    say(centre, order, Disposition.OPT_OUT)
    back(centre, order)

    assert {number(0)} == listed(centre)


def test_an_agreed_call_is_cancelled_with_its_word_and_another_time_can_be_agreed_on(
    centre: Centre, order: AttemptOrder
) -> None:
    at = centre.now + timedelta(hours=1)
    say(centre, order, Disposition.CALL_AGAIN, again_at=at)
    correct(centre, order, Disposition.CALL_AGAIN, again_at=at + timedelta(hours=1))
    assert (LeadState.LISTED, at + timedelta(hours=1)) == (
        lead(centre, order).state, lead(centre, order).next_at,
    )  # fmt: skip

    correct(centre, order, Disposition.SAVED)
    assert (LeadState.DONE, False) == (lead(centre, order).state, lead(centre, order).asked_again)


def test_an_agreed_call_that_is_on_its_way_cannot_be_taken_back(centre: Centre, order: AttemptOrder) -> None:
    at = centre.now + timedelta(hours=1)
    say(centre, order, Disposition.CALL_AGAIN, again_at=at)
    centre.now = at
    centre.open(centre.work()[1][0])

    assert Refusal(rule=Rule.CALL_AGAIN_BEGUN) == back(centre, order)
    assert Refusal(rule=Rule.CALL_AGAIN_BEGUN) == correct(centre, order, Disposition.SAVED)


def test_a_correction_that_is_refused_leaves_the_first_word_and_all_that_followed(
    centre: Centre, order: AttemptOrder
) -> None:
    say(centre, order, Disposition.OPT_OUT)
    refused = correct(centre, order, Disposition.CALL_AGAIN, again_at=centre.now)

    assert Refusal(rule=Rule.CALL_AGAIN_PAST) == refused
    assert {number(0), number(60)} == listed(centre)
    assert LeadState.WITHDRAWN is lead(centre, order).state
    with centre.database.read() as tx:
        stands = dispositions.find(tx, order.attempt)
    assert stands is not None
    assert (Disposition.OPT_OUT, "a note") == (stands.disposition, stands.note)


def test_a_word_can_be_corrected_until_midnight_and_by_nobody_else(
    centre: Centre, order: AttemptOrder
) -> None:
    say(centre, order, Disposition.SAVED)
    assert Refusal(rule=Rule.ATTEMPT_OTHER_AGENT) == correct(centre, order, Disposition.LOST, agent="bo")
    centre.later(hours=24)

    assert Refusal(rule=Rule.DISPOSITION_CLOSED) == correct(centre, order, Disposition.LOST)
    assert Refusal(rule=Rule.DISPOSITION_CLOSED) == back(centre, order)


def test_the_promise_that_a_call_again_made_is_cancelled_with_it_and_made_anew(centre: Centre) -> None:
    centre.promise()
    order = centre.dial()
    centre.connect(order)
    centre.later(seconds=60)
    centre.finish(order, Outcome.CONNECTED, 60)
    at = centre.now + timedelta(hours=3)
    say(centre, order, Disposition.CALL_AGAIN, again_at=at)
    back(centre, order)
    assert () == open_promises(centre.database)
    say(centre, order, Disposition.CALL_AGAIN, again_at=at)

    ledger = promise_ledger(centre.database)
    assert (3, 1, 1, 1, 0) == (ledger.made, ledger.kept, ledger.cancelled, ledger.open, ledger.error)
    assert [PromiseState.WAITING] == [promise.state for promise in open_promises(centre.database)]


def test_a_word_said_during_the_call_is_taken_back_before_anything_followed(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    centre.connect(order)
    say(centre, order, Disposition.OPT_OUT)
    back(centre, order)
    centre.finish(order, Outcome.CONNECTED, 60)

    assert LeadState.DONE is lead(centre, order).state
    assert set() == listed(centre)


def test_words_due_outlive_the_next_talk_and_are_said_late(centre: Centre, order: AttemptOrder) -> None:
    centre.campaign("spring")  # another matter: both customers have the same numbers
    centre.later(hours=4)
    second = centre.dial()
    centre.talk(second)

    due = agent_words(centre.database, "anna", centre.now).due
    assert [order.attempt, second.attempt] == [talk.attempt for talk in due]
    say(centre, order, Disposition.SAVED)
    assert [second.attempt] == [talk.attempt for talk in agent_words(centre.database, "anna", centre.now).due]


def test_what_is_typed_is_kept_until_the_word_is_said(centre: Centre, order: AttemptOrder) -> None:
    def keep(note: str, agent: str = "anna") -> Refusal | None:
        return keep_draft(centre.database, agent, order.attempt, note, "", centre.now)

    assert keep("half a") is None
    assert keep("half a note") is None
    assert ["half a note"] == [talk.note for talk in agent_words(centre.database, "anna", centre.now).due]
    assert Refusal(rule=Rule.ATTEMPT_OTHER_AGENT) == keep("not mine", "bo")
    say(centre, order, Disposition.SAVED)
    assert Refusal(rule=Rule.DISPOSITION_RECORDED) == keep("too late")


def test_the_last_talks_with_a_customer_are_there_with_their_notes(
    centre: Centre, order: AttemptOrder
) -> None:
    say(centre, order, Disposition.SAVED)
    with centre.database.read() as tx:
        customer = lead(centre, order).customer_id
        contacts = contacts_with(tx, customer, number(0), but=None)
        others = contacts_with(tx, customer, number(0), but=order.attempt)

    assert [("anna", Disposition.SAVED, "a note")] == [
        (contact.agent, contact.disposition, contact.note) for contact in contacts
    ]
    assert () == others
