"""What an agent says of a live caller's call is on its record, and follows as after any other talk."""

from datetime import timedelta

import pytest
from databases.centre import PBX, Centre, number
from sqlalchemy import select

from callbacks.refusals import Refusal, Rule
from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import Disposition
from dialer.db.models import InboundCall
from dialer.services.agents.agents import AgentCard, AgentSeen, agent_card, list_agents, save_agents
from dialer.services.agents.contacts import agent_words, contacts_with
from dialer.services.agents.live_calls import (
    RecordedLiveDisposition,
    record_live_disposition,
)
from dialer.services.agents.said_by_agents import said_by_agents
from dialer.services.calls.inbound_calls import record_caller
from dialer.services.customers.suppression import list_do_not_call
from dialer.services.promises.promises import open_promises
from telephony.calls.events import CallerConnected, CallerFinished, CallerJoined

CALLER, QUEUE = "1700000000.1", "support"
TALK = timedelta(seconds=60)


@pytest.fixture
def talk(centre: Centre) -> Centre:
    """Customer c0 rang in and talked with Anna, who wraps up."""
    centre.customers(1, numbers=(number(0), number(60)))
    rang_in(centre, number(0))
    return centre


def rang_in(centre: Centre, shown: str) -> None:
    for fact in (
        CallerJoined(at=centre.now, caller=CALLER, queue=QUEUE, number=shown, position=1),
        CallerConnected(at=centre.now, caller=CALLER, queue=QUEUE, agent="anna"),
        CallerFinished(at=centre.now + TALK, caller=CALLER, agent="anna", talk_s=60.0),
    ):
        record_caller(centre.database, PBX, "GB", fact, fact.at)
    centre.now += TALK
    wraps_up(centre, CALLER)


def wraps_up(centre: Centre, caller: str | None, state: AgentState = AgentState.WRAPPING_UP) -> None:
    anna = AgentSeen(
        id="anna", name="Anna", interface="x", state=state, reason="", since=centre.now, caller=caller
    )
    save_agents(centre.database, PBX, [anna], centre.now)


def say(centre: Centre, word: Disposition, *, again_at=None, agent: str = "anna", caller: str = CALLER):
    return record_live_disposition(centre.database, agent, caller, word, "a note", again_at, centre.now)


def card(centre: Centre) -> AgentCard:
    found = agent_card(centre.database, "anna")
    assert found is not None
    return found


def test_the_caller_is_on_the_agents_card_until_the_word_is_in(talk: Centre) -> None:
    shown = card(talk)
    assert shown.live is not None
    assert (shown.live.caller, shown.live.queue, shown.customer and shown.customer.external_id) == (
        CALLER, QUEUE, "c0",
    )  # fmt: skip
    assert said_by_agents(talk.database, PBX, (), [CALLER]).disposed == frozenset()

    assert isinstance(say(talk, Disposition.SERVED), RecordedLiveDisposition)

    assert card(talk).live is None
    assert said_by_agents(talk.database, PBX, (), [CALLER, "1.2"]).disposed == {CALLER}


def test_the_word_is_on_the_record_of_the_call_and_in_what_others_read(talk: Centre) -> None:
    say(talk, Disposition.OFFER_MADE)

    with talk.database.read() as tx:
        row = tx.scalars(select(InboundCall)).one()
        (contact,) = contacts_with(tx, row.customer_id, number(0), but=None)
    assert (row.disposition, row.note, row.recorded_at) == (Disposition.OFFER_MADE, "a note", talk.now)
    assert (contact.disposition, contact.note) == (Disposition.OFFER_MADE, "a note")
    assert [agent.said for agent in list_agents(talk.database, talk.now)] == [Disposition.OFFER_MADE]


def test_a_caller_who_wants_no_calls_gets_none_at_any_number(talk: Centre) -> None:
    say(talk, Disposition.OPT_OUT)

    assert {entry.e164 for entry in list_do_not_call(talk.database)} == {number(0), number(60)}


def test_call_again_promises_a_call_at_that_time_and_once(talk: Centre) -> None:
    at = talk.now + timedelta(hours=2)
    said = say(talk, Disposition.CALL_AGAIN, again_at=at)

    assert isinstance(said, RecordedLiveDisposition)
    (promise,) = open_promises(talk.database)
    assert (promise.next_action_at, promise.queue, said.call_again_at) == (at, QUEUE, at)
    assert say(talk, Disposition.CALL_AGAIN, again_at=at) == said
    assert len(open_promises(talk.database)) == 1


@pytest.mark.parametrize(
    ("word", "again_in_h", "rule"),
    [
        (Disposition.CALL_AGAIN, None, Rule.CALL_AGAIN_NO_TIME),
        (Disposition.CALL_AGAIN, -1, Rule.CALL_AGAIN_PAST),
        (Disposition.CALL_AGAIN, 12, Rule.HOURS_NIGHT),
    ],
)
def test_a_time_at_which_nobody_may_ring_is_refused(
    talk: Centre, word: Disposition, again_in_h: int | None, rule: Rule
) -> None:
    at = None if again_in_h is None else talk.now + timedelta(hours=again_in_h)
    refused = say(talk, word, again_at=at)

    assert isinstance(refused, Refusal)
    assert refused.rule is rule
    assert card(talk).live is not None, "nothing was written down"


def test_another_word_another_agent_and_another_call_are_refused(talk: Centre) -> None:
    assert say(talk, Disposition.SERVED, agent="ben") == Refusal(rule=Rule.ATTEMPT_OTHER_AGENT)
    assert say(talk, Disposition.SERVED, caller="1.2") == Refusal(rule=Rule.ATTEMPT_UNKNOWN)
    say(talk, Disposition.SERVED)
    assert say(talk, Disposition.LOST) == Refusal(rule=Rule.DISPOSITION_RECORDED)


def test_who_shows_no_number_can_neither_be_called_nor_listed(centre: Centre) -> None:
    rang_in(centre, "anonymous")
    shown = card(centre).live
    assert shown is not None
    assert not {Disposition.OPT_OUT, Disposition.CALL_AGAIN} & shown.words
    assert say(centre, Disposition.OPT_OUT) == Refusal(rule=Rule.NUMBER_UNREADABLE)
    assert isinstance(say(centre, Disposition.SERVED), RecordedLiveDisposition)


def test_a_word_not_said_in_time_is_still_due(talk: Centre) -> None:
    wraps_up(talk, None, AgentState.READY)
    (due,) = agent_words(talk.database, "anna", talk.now).due
    assert (due.attempt, due.rang_in, due.name) == (CALLER, True, "Customer 0")

    say(talk, Disposition.SERVED)
    assert agent_words(talk.database, "anna", talk.now).due == ()
