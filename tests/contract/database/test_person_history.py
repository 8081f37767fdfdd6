"""What agents know of a person and of their own day: a line to remember, promises, reasons, own figures."""

from datetime import timedelta

import pytest
from contract.database.test_live_words import CALLER, rang_in
from contract.database.test_live_words import say as say_live
from contract.database.test_retention_offers import give, offer, say, talk
from databases.centre import PBX, Centre, number
from sqlalchemy import select

from callbacks.refusals import Refusal, Rule
from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import Disposition
from dialer.core.retention.contact_reason import ContactReason
from dialer.db.models import Audit
from dialer.services.agents.agents import AgentSeen, save_agents
from dialer.services.agents.contacts import contacts_with
from dialer.services.agents.dispositions import record_disposition
from dialer.services.agents.my_day import my_day, read_note, write_note
from dialer.services.agents.person_history import (
    history_of_call,
    remember_person,
    set_contact_reason,
    show_number,
)
from dialer.services.analytics.contact_reasons import report_reasons


@pytest.fixture
def calls(centre: Centre) -> Centre:
    centre.customers(4)
    centre.campaign()
    anna = AgentSeen(
        id="anna", name="Anna", interface="x", state=AgentState.READY, reason="", since=centre.now
    )
    save_agents(centre.database, PBX, [anna], centre.now)
    return centre


def acts(centre: Centre, action: str) -> list[str]:
    with centre.database.read() as tx:
        return list(tx.scalars(select(Audit.subject).where(Audit.action == action)))


def test_a_line_is_there_for_whoever_talks_with_the_customer_next(calls: Centre) -> None:
    call = talk(calls)
    remember = remember_person(calls.database, "anna", call, "deaf in one ear", calls.now, rang_in=False)
    assert remember is None
    rang_in(calls, number(0))
    seen = history_of_call(calls.database, CALLER, "anna", rang_in=True)
    assert seen is not None
    assert (seen.remember, seen.remembered_by) == ("deaf in one ear", "anna")

    remember_person(calls.database, "anna", CALLER, "", calls.now, rang_in=True)

    seen = history_of_call(calls.database, CALLER, "anna", rang_in=True)
    assert seen is not None
    assert seen.remember == ""
    assert len(acts(calls, "remember.changed")) == 2
    other = remember_person(calls.database, "ben", call, "x", calls.now, rang_in=False)
    assert other == Refusal(rule=Rule.ATTEMPT_OTHER_AGENT)


def test_nothing_is_remembered_of_a_caller_whom_nobody_knows(centre: Centre) -> None:
    rang_in(centre, "anonymous")
    refused = remember_person(centre.database, "anna", CALLER, "x", centre.now, rang_in=True)
    assert refused == Refusal(rule=Rule.NUMBER_UNREADABLE)
    assert show_number(centre.database, "anna", CALLER, centre.now, rang_in=True) == ""


def test_the_whole_number_is_shown_to_the_agent_of_the_call_alone_and_written_down(calls: Centre) -> None:
    call = talk(calls)
    assert show_number(calls.database, "anna", call, calls.now, rang_in=False) == number(0)
    refused = show_number(calls.database, "ben", call, calls.now, rang_in=False)
    assert refused == Refusal(rule=Rule.ATTEMPT_OTHER_AGENT)
    assert acts(calls, "numbers.shown") == [call]


def test_promises_agreed_calls_and_offers_given_are_in_the_history(calls: Centre) -> None:
    key = offer(calls)
    call = talk(calls)
    give(calls, call, key)
    at = calls.now + timedelta(hours=2)
    said = record_disposition(calls.database, "anna", call, Disposition.CALL_AGAIN, "", at, calls.now)
    assert not isinstance(said, Refusal)
    calls.promise(0)
    rang_in(calls, number(0))

    seen = history_of_call(calls.database, CALLER, "anna", rang_in=True)

    assert seen is not None
    assert seen.agreed == (at,)
    assert [(each.open, each.reference) for each in seen.promises] == [(True, seen.promises[0].reference)]
    with calls.database.read() as tx:
        (earlier,) = contacts_with(tx, 1, number(0), but=CALLER)
    assert earlier.offers == "Two months half price"
    assert [own.at for own in my_day(calls.database, "anna", calls.now).agreed] == [at]


def test_reasons_are_counted_by_who_rang_and_how_it_ended(calls: Centre) -> None:
    first = talk(calls)
    set_contact_reason(calls.database, "anna", first, ContactReason.BILL, calls.now, rang_in=False)
    set_contact_reason(calls.database, "anna", first, ContactReason.PRICE, calls.now, rang_in=False)
    say(calls, first, Disposition.SAVED)
    say(calls, talk(calls), Disposition.LOST)
    rang_in(calls, number(2))
    set_contact_reason(calls.database, "anna", CALLER, ContactReason.PRICE, calls.now, rang_in=True)
    say_live(calls, Disposition.LOST)

    price, unsaid = report_reasons(calls.database, calls.now)

    assert (price.reason, price.rung, price.rang_in, price.saved, price.lost) == (
        ContactReason.PRICE,
        1,
        1,
        1,
        1,
    )
    assert (unsaid.reason, unsaid.talks, unsaid.lost) == (None, 1, 1)


def test_a_day_is_the_agents_own_and_has_the_coachs_note(calls: Centre) -> None:
    say(calls, talk(calls), Disposition.SAVED)
    say(calls, talk(calls, "ben"), Disposition.SAVED, "ben")
    calls.later(days=1)
    rang_in(calls, number(3))
    assert write_note(calls.database, "anna", "Well asked.", "sue", calls.now) is True
    assert write_note(calls.database, "nobody", "x", "sue", calls.now) is False

    day = my_day(calls.database, "anna", calls.now)

    assert (day.today.talks, day.today.saves) == (1, 0)
    assert day.usual is not None
    assert (day.usual.talks, day.usual.saves) == (1, 1)
    (note,) = day.notes
    assert (note.words, note.author, note.read_at) == ("Well asked.", "sue", None)
    assert read_note(calls.database, "ben", note.id, calls.now) is False
    assert read_note(calls.database, "anna", note.id, calls.now) is True
    assert my_day(calls.database, "anna", calls.now).notes[0].read_at == calls.now


def test_a_second_contact_within_a_week_by_whomever_is_no_resolution(calls: Centre) -> None:
    talk(calls)
    talk(calls)
    rang_in(calls, number(0))  # the first of them rings in an hour later
    calls.later(days=10)

    day = my_day(calls.database, "anna", calls.now)

    assert (day.resolved.talks, day.resolved.resolved) == (3, 2)
