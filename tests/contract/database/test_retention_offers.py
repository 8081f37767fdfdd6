"""Offers that keep customers: limits count, a supervisor's word goes above them, and the report adds up."""

from datetime import date, timedelta
from typing import Any

import pytest
from contract.database.test_live_words import CALLER, rang_in
from contract.database.test_live_words import say as say_live
from databases.centre import Centre, number

from callbacks.refusals import Refusal, Rule
from churnmodel.value import Price
from dialer.core.calling.disposition import Disposition
from dialer.core.retention.allowance import AllowanceLimit, OfferTerms
from dialer.core.retention.contact_reason import ContactReason
from dialer.core.retention.given_offer import GivenState
from dialer.db.models import Team, TeamAgent
from dialer.services.agents.dispositions import record_disposition
from dialer.services.analytics.offer_report import report_offers
from dialer.services.calls.call_events import record_fact
from dialer.services.retention.allowances import (
    AskedOffer,
    decide_offer,
    give_offer,
    offers_on_card,
    requests_in,
    withdraw_offer,
)
from dialer.services.retention.offer_list import (
    OfferDraft,
    OfferNameTaken,
    add_offer,
    change_offer,
    close_offer,
)
from telephony.calls.events import Answered, Connected, Finished, Outcome


def offer(centre: Centre, name: str = "Two months half price", **limits: Any) -> int:
    draft = OfferDraft(name=name, words="…", cost=20.0, margin=None, terms=OfferTerms(**limits))
    return add_offer(centre.database, draft, "boss", centre.now).id


def talk(centre: Centre, agent: str = "anna") -> str:
    """The next customer is called, and talks with the agent for a minute."""
    order = centre.dial()
    for fact in (
        Answered(at=centre.now, attempt=order.attempt),
        Connected(at=centre.now, attempt=order.attempt, agent=agent, waited_s=0.2),
        Finished(at=centre.now, attempt=order.attempt, outcome=Outcome.CONNECTED, talk_s=60.0, agent=agent),
    ):
        record_fact(centre.database, fact, centre.now)
    centre.later(minutes=2)
    return order.attempt


def give(centre: Centre, call: str, key: int, agent: str = "anna", *, rang_in: bool = False) -> AskedOffer:
    given = give_offer(centre.database, agent, call, key, ContactReason.PRICE, centre.now, rang_in=rang_in)
    assert isinstance(given, AskedOffer), given
    return given


def say(centre: Centre, call: str, word: Disposition, agent: str = "anna") -> None:
    said = record_disposition(centre.database, agent, call, word, "", None, centre.now)
    assert not isinstance(said, Refusal)


@pytest.fixture
def calls(centre: Centre) -> Centre:
    centre.customers(6)
    centre.campaign()
    return centre


def test_an_agent_gives_what_is_allowed_and_asks_above_it(calls: Centre) -> None:
    key = offer(calls, per_agent=1)
    first, second = talk(calls), talk(calls)
    assert give(calls, first, key).state is GivenState.GIVEN
    assert give(calls, first, key) == give(calls, first, key), "twice in one call is once"

    above = give(calls, second, key)

    assert (above.state, above.why) == (GivenState.ASKED, "You have given all of yours today.")
    with calls.database.read() as tx:
        (request,) = requests_in(tx, calls.now)
    assert (request.given, request.agent, request.reason) == (above.given, "anna", ContactReason.PRICE)
    assert decide_offer(calls.database, "ben", above.given, "sue", calls.now, allow=True) is False
    assert decide_offer(calls.database, "anna", above.given, "sue", calls.now, allow=True) is True
    assert decide_offer(calls.database, "anna", above.given, "sue", calls.now, allow=False) is False
    (shown,) = offers_on_card(calls.database, "anna", second, calls.now)
    assert (shown.state, shown.decided_by, shown.left) == (GivenState.GIVEN, "sue", 0)


def test_what_is_turned_down_or_taken_off_is_left_again(calls: Centre) -> None:
    key = offer(calls, per_agent=1, per_day=5)
    first = talk(calls)
    given = give(calls, first, key)
    say(calls, first, Disposition.LOST)
    second = talk(calls)
    (shown,) = offers_on_card(calls.database, "anna", second, calls.now)
    assert (shown.left, shown.limit) == (1, None)
    assert withdraw_offer(calls.database, "ben", given.given, calls.now) is False

    taken = give(calls, second, key)
    assert withdraw_offer(calls.database, "anna", taken.given, calls.now) is True
    assert give(calls, second, key).state is GivenState.GIVEN


def test_a_customers_limit_holds_for_a_year_and_for_whoever_is_not_known(calls: Centre) -> None:
    key = offer(calls, per_customer=1)
    rang_in(calls, number(0))
    assert give(calls, CALLER, key, rang_in=True).state is GivenState.GIVEN
    say_live(calls, Disposition.SAVED)
    call = talk(calls)
    with calls.database.read() as tx:
        assert not requests_in(tx, calls.now)
    (shown,) = offers_on_card(calls.database, "anna", call, calls.now)
    assert shown.limit is AllowanceLimit.CUSTOMER, "the first on the list is the one who rang in"


def test_nobody_knows_what_an_unknown_caller_has_had(centre: Centre) -> None:
    key = offer(centre, per_customer=1)
    rang_in(centre, "anonymous")
    (shown,) = offers_on_card(centre.database, "anna", CALLER, centre.now, rang_in=True)
    assert shown.limit is AllowanceLimit.UNKNOWN_CUSTOMER
    assert give(centre, CALLER, key, rang_in=True).state is GivenState.ASKED


def test_a_teams_limit_counts_its_agents_and_no_others(calls: Centre) -> None:
    key = offer(calls, per_team=1)
    with calls.database.write() as tx:
        tx.add(Team(id="save", name="Save"))
        tx.flush()
        tx.add_all(TeamAgent(team_id="save", agent_id=agent) for agent in ("anna", "ben"))
    assert give(calls, talk(calls, "ben"), key, "ben").state is GivenState.GIVEN
    assert give(calls, talk(calls), key).state is GivenState.ASKED
    assert give(calls, talk(calls, "carl"), key, "carl").state is GivenState.GIVEN


def test_an_offer_is_there_in_its_days_and_calls_alone(calls: Centre) -> None:
    today = calls.now.date()
    call = talk(calls)
    offer(calls, "over", valid_until=today - timedelta(days=1))
    offer(calls, "to come", valid_from=today + timedelta(days=1))
    offer(calls, "of others", campaigns=frozenset({99}))
    closed = offer(calls, "closed")
    close_offer(calls.database, closed, "boss", calls.now, closed=True)
    last = offer(calls, "last day", valid_until=today, valid_from=date(2020, 1, 1))

    assert [each.id for each in offers_on_card(calls.database, "anna", call, calls.now)] == [last]
    assert give_offer(calls.database, "anna", call, closed, ContactReason.BILL, calls.now) is None
    refused = give_offer(calls.database, "ben", call, last, ContactReason.BILL, calls.now)
    assert refused == Refusal(rule=Rule.ATTEMPT_OTHER_AGENT)


def test_a_name_is_taken_once_and_a_change_holds_at_once(calls: Centre) -> None:
    key = offer(calls, "A")
    offer(calls, "B")
    with pytest.raises(OfferNameTaken):
        offer(calls, "B")
    draft = OfferDraft(name="B", words="", cost=1.0, margin=2.0, terms=OfferTerms())
    with pytest.raises(OfferNameTaken):
        change_offer(calls.database, key, draft, "boss", calls.now)
    assert change_offer(calls.database, 999, draft, "boss", calls.now) is None


def test_the_report_counts_what_was_given_taken_and_spent(calls: Centre) -> None:
    key = offer(calls, per_agent=2)
    words = (Disposition.SAVED, Disposition.LOST, Disposition.OFFER_MADE)
    for word in words:
        call = talk(calls)
        give(calls, call, key)
        say(calls, call, word)
    above = give(calls, talk(calls), key)
    decide_offer(calls.database, "anna", above.given, "sue", calls.now, allow=False)

    (one,) = report_offers(calls.database, calls.now, price=Price())

    assert (one.given, one.taken, one.turned_down, one.asked, one.refused, one.spent) == (3, 1, 1, 1, 1, 20.0)
    assert one.saves is None, "the horizon is not over"
