"""Why a person is called or not: the same rules as the dial permit's, all of them, and nothing is changed."""

from datetime import timedelta

import pytest
from databases.centre import Centre, lead_of, number
from sqlalchemy import func, select

from callbacks.refusals import Refusal
from dialer.core.calling.campaign import CampaignEvent
from dialer.core.calling.disposition import Disposition
from dialer.core.importing.rows import Prohibited, ProhibitionKind
from dialer.db.models import RefusalRow
from dialer.services.agents.dispositions import record_disposition
from dialer.services.calls.explanations import CallExplained, explain_customer, explain_person
from dialer.services.calls.next_calls import LeadWork
from dialer.services.campaigns.campaigns import UnknownCampaign, move_campaign
from dialer.services.campaigns.held_leads import judge_list, look_at_list
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.suppression import add_do_not_call
from telephony.calls.events import Outcome


def call_of(centre: Centre, who: str, campaign: str | None = None) -> CallExplained:
    """The one call that could be made to somebody."""
    found = explain_person(centre.database, who, centre.now, region="GB", campaign=campaign)
    ((call,),) = [person.calls for person in found]
    return call


def work_for(centre: Centre, index: int) -> LeadWork:
    _, found = centre.work()
    return next(work for work in found if lead_of(centre, work).e164 == number(index))


def refusing(call: CallExplained) -> list[str]:
    return [said.rule.value for said in call.rules if said.refuses]


def test_every_rule_that_stands_in_the_way_is_named_and_the_first_is_the_permits(centre: Centre) -> None:
    centre.customers(3)
    centre.campaign()
    work = work_for(centre, 1)
    centre.finish(centre.dial(work), Outcome.NO_ANSWER)
    add_do_not_call(centre.database, number(1), "asked", "test", centre.now)
    call = call_of(centre, "c1")

    assert ["lead.not-due", "dnc.listed", "spacing"] == refusing(call)
    refused = centre.try_open(work)
    assert isinstance(refused, Refusal)
    assert call.refused_by is not None
    assert (refused.rule, refused.until) == (call.refused_by.rule, call.refused_by.until)
    assert None is call.next_at  # the do-not-call list holds until somebody decides otherwise


def test_who_may_be_called_is_called_and_at_the_moment_named_they_may(centre: Centre) -> None:
    centre.customers(2)
    centre.campaign()
    work = work_for(centre, 0)
    assert [] == refusing(call_of(centre, "c0"))
    centre.finish(centre.dial(work), Outcome.NO_ANSWER)
    centre.later(hours=9)  # eight in the evening

    call = call_of(centre, "c0")

    assert ["hours.closed"] == refusing(call)
    assert call.next_at is not None
    before = call.next_at - timedelta(seconds=1)
    for moment, opened in ((before, False), (call.next_at, True)):
        centre.now = moment
        assert opened == (call_of(centre, "c0").refused_by is None)
    assert not isinstance(centre.try_open(work), Refusal)


def test_explaining_writes_nothing_down(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    add_do_not_call(centre.database, number(0), "asked", "test", centre.now)

    call_of(centre, "c0")
    explain_person(centre.database, number(5), centre.now)

    with centre.database.read() as tx:
        assert 0 == tx.scalar(select(func.count()).select_from(RefusalRow))


def test_a_number_names_everybody_who_has_it_and_an_id_only_its_own(centre: Centre) -> None:
    rows = [CustomerRow(external_id=who, name=who, numbers=(number(7),)) for who in ("a", "b")]
    store_customers(centre.database, rows, centre.now)
    centre.campaign()

    both = explain_person(centre.database, number(7), centre.now)
    alone = explain_person(centre.database, "b", centre.now)

    assert ["a", "b"] == [found.external_id for found in both]
    assert ["b"] == [found.external_id for found in alone]
    assert alone[0] == explain_customer(centre.database, alone[0].customer or 0, centre.now)


def test_a_customer_off_the_list_and_a_number_of_nobodys_are_judged_all_the_same(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    centre.customers(1, start=1)
    centre.promise(900)

    assert ["lead.unknown"] == refusing(call_of(centre, "c1", "winter"))
    assert [] == refusing(call_of(centre, "c1"))
    assert [] == refusing(call_of(centre, number(5)))
    assert "promised" in call_of(centre, number(900)).about
    assert ["number.unreadable"] == refusing(call_of(centre, "030 123 Frau"))
    with pytest.raises(UnknownCampaign):
        call_of(centre, "c1", "summer")


def test_an_agreed_call_and_a_paused_campaign_say_so(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    order, again = centre.dial(), centre.now + timedelta(hours=3)
    centre.talk(order)
    record_disposition(centre.database, "anna", order.attempt, Disposition.CALL_AGAIN, "", again, centre.now)
    call = call_of(centre, "c0")
    assert (["lead.not-due"], again) == (refusing(call), call.next_at)

    move_campaign(centre.database, "winter", CampaignEvent.PAUSE, centre.now, "test")

    call = call_of(centre, "c0")
    assert (["lead.not-due", "campaign.not-running"], None) == (refusing(call), call.next_at)


def test_a_list_is_explained_lead_by_lead(centre: Centre) -> None:
    """What a glance at places counts as callable is asked here about its own number too."""
    centre.customers(4)
    said = Prohibited(ProhibitionKind.DECEASED, "avdød", "ja")
    rows = [
        CustomerRow(external_id="gone", numbers=(number(11),), prohibition=said, attributes={"plan": "gold"}),
        CustomerRow(external_id="far", numbers=("+493023125001",), attributes={"plan": "gold"}),
    ]
    store_customers(centre.database, rows, centre.now)
    campaign = centre.campaign()
    centre.promise(0)

    found = judge_list(centre.database, campaign.id, centre.now)

    assert found.exact
    assert 3 == found.callable
    assert {"promise.open", "consent.missing"} < {str(row.rule) for row in found.held}
    assert 6 == found.callable + sum(row.leads for row in found.held)
    assert not look_at_list(centre.database, campaign.id, centre.now).exact
