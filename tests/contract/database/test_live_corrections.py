"""What an agent typed or said of a live caller is kept, taken back and corrected as of any other talk."""

from datetime import timedelta

import pytest
from contract.database.test_live_words import CALLER, card, rang_in, say, wraps_up
from databases.centre import PBX, Centre, number

from callbacks.refusals import Refusal, Rule
from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import Disposition
from dialer.services.agents.contacts import agent_words
from dialer.services.agents.live_calls import RecordedLiveDisposition
from dialer.services.agents.live_corrections import (
    correct_live_disposition,
    keep_live_draft,
    take_back_live,
)
from dialer.services.agents.live_links import customers_like, link_caller
from dialer.services.calls.inbound_calls import record_caller
from dialer.services.customers.persons import FoundCustomer
from dialer.services.customers.suppression import list_do_not_call
from dialer.services.promises.promises import open_promises
from telephony.calls.events import CallerJoined


@pytest.fixture
def talk(centre: Centre) -> Centre:
    """Customer c0 rang in and talked with Anna, who wraps up."""
    centre.customers(3)
    rang_in(centre, number(0))
    return centre


def back(centre: Centre, agent: str = "anna") -> object:
    return take_back_live(centre.database, agent, CALLER, centre.now)


def correct(centre: Centre, word: Disposition, note: str = "", again_at=None) -> object:
    return correct_live_disposition(centre.database, "anna", CALLER, word, note, again_at, centre.now)


def test_what_is_typed_waits_on_the_card_and_among_the_words_due_until_it_is_sent(talk: Centre) -> None:
    assert keep_live_draft(talk.database, "anna", CALLER, "half a no", "2026-11-24T09:00") is None
    live = card(talk).live
    assert live is not None
    assert (live.note, live.call_again_at) == ("half a no", "2026-11-24T09:00")
    wraps_up(talk, None, AgentState.READY)
    (due,) = agent_words(talk.database, "anna", talk.now).due
    assert (due.note, due.call_again_at) == ("half a no", "2026-11-24T09:00")

    say(talk, Disposition.SERVED)

    assert agent_words(talk.database, "anna", talk.now).due == ()
    assert keep_live_draft(talk.database, "anna", CALLER, "late", "") == Refusal(
        rule=Rule.DISPOSITION_RECORDED
    )
    assert keep_live_draft(talk.database, "ben", CALLER, "x", "") == Refusal(rule=Rule.ATTEMPT_OTHER_AGENT)


def test_a_word_taken_back_is_due_again_with_its_note(talk: Centre) -> None:
    say(talk, Disposition.SERVED)
    (said,) = agent_words(talk.database, "anna", talk.now).said
    assert (said.attempt, said.disposition, said.rang_in) == (CALLER, Disposition.SERVED, True)

    assert not isinstance(back(talk), Refusal)

    words = agent_words(talk.database, "anna", talk.now)
    assert words.said == ()
    assert [(due.attempt, due.note) for due in words.due] == [(CALLER, "a note")]
    assert back(talk) == Refusal(rule=Rule.DISPOSITION_MISSING)


def test_an_opt_out_taken_back_lets_the_person_be_called_again(talk: Centre) -> None:
    say(talk, Disposition.OPT_OUT)
    assert list_do_not_call(talk.database)

    corrected = correct(talk, Disposition.SAVED, "misheard")

    assert isinstance(corrected, RecordedLiveDisposition)
    assert (corrected.disposition, corrected.note) == (Disposition.SAVED, "misheard")
    assert not list_do_not_call(talk.database)


def test_another_time_agreed_on_replaces_the_first(talk: Centre) -> None:
    first, second = talk.now + timedelta(hours=2), talk.now + timedelta(hours=3)
    say(talk, Disposition.CALL_AGAIN, again_at=first)

    correct(talk, Disposition.CALL_AGAIN, "later", second)

    assert [promise.next_action_at for promise in open_promises(talk.database)] == [second]


def test_a_correction_that_is_refused_changes_nothing(talk: Centre) -> None:
    say(talk, Disposition.OPT_OUT)
    refused = correct(talk, Disposition.CALL_AGAIN, "", talk.now - timedelta(hours=1))

    assert refused == Refusal(rule=Rule.CALL_AGAIN_PAST)
    assert list_do_not_call(talk.database), "the first word stands with all that followed"
    (said,) = agent_words(talk.database, "anna", talk.now).said
    assert said.disposition is Disposition.OPT_OUT


def test_after_midnight_and_for_others_a_word_stands(talk: Centre) -> None:
    say(talk, Disposition.SERVED)
    assert back(talk, "ben") == Refusal(rule=Rule.ATTEMPT_OTHER_AGENT)
    talk.later(days=1)
    assert back(talk) == Refusal(rule=Rule.DISPOSITION_CLOSED)
    assert correct(talk, Disposition.LOST) == Refusal(rule=Rule.DISPOSITION_CLOSED)


def found(centre: Centre, who: str, agent: str = "anna") -> list[str] | Refusal:
    people = customers_like(centre.database, agent, CALLER, who, "GB")
    if isinstance(people, Refusal):
        return people
    assert all(isinstance(each, FoundCustomer) for each in people)
    return [each.external_id for each in people]


def test_who_shows_no_number_is_found_by_name_id_or_number_and_linked(centre: Centre) -> None:
    centre.customers(3)
    rang_in(centre, "anonymous")
    assert found(centre, "customer") == ["c0", "c1", "c2"]
    assert found(centre, "CUSTO 1") == ["c1"]
    assert found(centre, number(2)) == ["c2"]
    assert found(centre, "c1") == ["c1"]
    assert found(centre, "100%") == []
    assert found(centre, "") == []
    assert found(centre, "customer", "ben") == Refusal(rule=Rule.ATTEMPT_OTHER_AGENT)
    assert link_caller(centre.database, "anna", CALLER, 10**6, centre.now) is False

    one = customers_like(centre.database, "anna", CALLER, "c1", "GB")
    assert not isinstance(one, Refusal)
    assert link_caller(centre.database, "anna", CALLER, one[0].id, centre.now) is True

    shown = card(centre)
    assert shown.customer is not None
    assert shown.customer.external_id == "c1"
    at = centre.now + timedelta(hours=2)
    assert isinstance(say(centre, Disposition.CALL_AGAIN, again_at=at), RecordedLiveDisposition)
    assert len(open_promises(centre.database)) == 1, "at the first number of the one who was linked"
    assert link_caller(centre.database, "anna", CALLER, None, centre.now) == Refusal(
        rule=Rule.DISPOSITION_RECORDED
    )


def test_the_caller_is_on_the_card_while_the_phone_rings_and_nothing_can_be_said_yet(centre: Centre) -> None:
    centre.customers(1)
    joined = CallerJoined(at=centre.now, caller=CALLER, queue="support", number=number(0), position=1)
    record_caller(centre.database, PBX, "GB", joined, centre.now)
    centre.later(seconds=90)
    wraps_up(centre, CALLER, AgentState.RINGING)

    shown = card(centre)

    assert shown.live is not None
    assert (shown.live.ringing, shown.live.waited_s) == (True, 90.0)
    assert shown.customer is not None
    assert say(centre, Disposition.SERVED) == Refusal(rule=Rule.ATTEMPT_NOT_CONNECTED)
    assert card(centre).live is not None
    wraps_up(centre, CALLER, AgentState.READY)
    assert card(centre).live is None
