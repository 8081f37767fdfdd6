"""A campaign in a manager's hand: reopened, changed, recycled, kept to its hours, and counted."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from databases.centre import Centre, attempt_of

from callbacks.refusals import Refusal, Rule
from dialer.core.calling.campaign import CampaignEvent, CampaignState, LeadState
from dialer.core.calling.disposition import Disposition
from dialer.services.agents.dispositions import record_disposition
from dialer.services.campaigns.campaign_changes import CampaignTerms, change_campaign, consequences
from dialer.services.campaigns.campaign_results import campaign_acts, result_tables
from dialer.services.campaigns.campaigns import (
    CampaignCard,
    CampaignNameTaken,
    campaign_card,
    move_campaign,
    pause_all,
)
from dialer.services.campaigns.held_leads import judge_list, look_at_list
from dialer.services.campaigns.recycling import Recycling, count_recycled, recycle
from telephony.calls.events import Outcome


def terms_of(card: CampaignCard) -> CampaignTerms:
    return CampaignTerms(**{each.name: getattr(card, each.name) for each in fields(CampaignTerms)})


def states(centre: Centre, campaign: int) -> dict[LeadState, int]:
    card = campaign_card(centre.database, campaign)
    assert card is not None
    return dict(card.leads)


def test_a_finished_campaign_is_reopened_paused_and_goes_on_with_its_list(centre: Centre) -> None:
    centre.customers(3)
    card = centre.campaign()
    move_campaign(centre.database, card.id, CampaignEvent.FINISH, centre.now, "eve")
    assert centre.work()[1] == ()

    reopened = move_campaign(centre.database, card.id, CampaignEvent.REOPEN, centre.now, "eve")
    assert (reopened.state, reopened.leads) == (CampaignState.PAUSED, {LeadState.LISTED: 3})
    move_campaign(centre.database, card.id, CampaignEvent.START, centre.now, "eve")
    assert len(centre.work()[1]) == 3


def test_all_that_runs_is_paused_at_once_and_each_is_in_the_audit(centre: Centre) -> None:
    centre.customers(1)
    first = centre.campaign("first")
    centre.campaign("second")
    centre.campaign("third", started=False)

    assert pause_all(centre.database, centre.now, "eve") == ("first", "second")
    assert pause_all(centre.database, centre.now, "eve") == ()
    act = campaign_acts(centre.database, first.id)[0]
    assert (act.action, act.actor, act.details) == ("campaign.pause", "eve", {"all": True})


def test_what_a_change_means_is_said_before_and_only_what_changed_is_written(centre: Centre) -> None:
    centre.customers(2)
    card = centre.campaign(max_attempts=3)
    centre.finish(centre.dial(), Outcome.NO_ANSWER)
    terms = replace(terms_of(card), max_attempts=1, mode="predictive", caller_ids=("+442079460001",))

    said = " ".join(consequences(centre.database, card.id, terms, centre.now))
    assert "1 on the list were tried so often already" in said
    assert "2.5%" in said
    assert "one of 1 numbers" in said
    assert consequences(centre.database, card.id, terms_of(card), centre.now) == ()
    assert campaign_card(centre.database, card.id) == replace(card, leads=states(centre, card.id)), (
        "looking changes nothing"
    )

    change_campaign(centre.database, card.id, terms, centre.now, "eve")
    act = campaign_acts(centre.database, card.id)[0]
    assert act.details == {
        "max_attempts": [3, 1],
        "mode": ["progressive", "predictive"],
        "caller_ids": [[], ["+442079460001"]],
    }
    assert attempt_of(centre, centre.open()).caller_id == "+442079460001"
    centre.campaign("other")
    with pytest.raises(CampaignNameTaken):
        change_campaign(centre.database, card.id, replace(terms, name="other"), centre.now, "eve")


def test_outside_its_own_hours_a_campaign_calls_nobody_but_agreed_calls(centre: Centre) -> None:
    centre.customers(3)
    card = centre.campaign(hours="Mon-Fri 12:00-13:00")  # it is eleven
    assert centre.work()[1] == ()
    for look in (look_at_list, judge_list):
        now = look(centre.database, card.id, centre.now)
        held = [(row.rule, row.leads, row.until) for row in now.held]
        opens = centre.now.replace(hour=12, minute=0)
        assert (now.callable, held) == (0, [(Rule.CAMPAIGN_OUTSIDE_HOURS, 3, opens)])

    centre.later(hours=1)
    work = centre.work()[1]
    assert len(work) == 3
    centre.talk(order := centre.dial(work[0]))
    again = centre.now + timedelta(hours=3)
    record_disposition(centre.database, "anna", order.attempt, Disposition.CALL_AGAIN, "", again, centre.now)
    centre.later(hours=3)
    agreed = centre.work()[1]
    assert [each.lead for each in agreed] == [work[0].lead], "that was agreed with the customer"
    assert centre.try_open(work[1]) == Refusal(
        rule=Rule.CAMPAIGN_OUTSIDE_HOURS, until=opens + timedelta(days=1)
    )
    assert not isinstance(centre.try_open(agreed[0]), Refusal)


def test_leads_are_listed_again_by_what_came_of_them_and_when(centre: Centre) -> None:
    centre.customers(4)
    card = centre.campaign(max_attempts=1)
    for word in (Disposition.LOST, Disposition.SAVED, Disposition.OPT_OUT):
        centre.talk(order := centre.dial())
        record_disposition(centre.database, "anna", order.attempt, word, "", None, centre.now)
    centre.finish(centre.dial(), Outcome.NO_ANSWER)
    assert states(centre, card.id) == {
        LeadState.DONE: 2, LeadState.WITHDRAWN: 1, LeadState.EXHAUSTED: 1,
    }  # fmt: skip

    asked = Recycling(words=frozenset(Disposition), unreached=True, days=30)
    assert count_recycled(centre.database, card.id, asked, centre.now) == 0, "called today"
    centre.later(days=31)
    assert count_recycled(centre.database, card.id, asked, centre.now) == 2
    lost = replace(asked, unreached=False)
    assert recycle(centre.database, card.id, lost, centre.now, "eve") == 1
    assert recycle(centre.database, card.id, asked, centre.now, "eve") == 1
    assert states(centre, card.id) == {
        LeadState.DONE: 1, LeadState.WITHDRAWN: 1, LeadState.LISTED: 2,
    }, "who stays, and who wants no calls, is left alone"  # fmt: skip
    assert recycle(centre.database, card.id, asked, centre.now, "eve") == 0
    assert campaign_acts(centre.database, card.id)[0].action == "campaign.recycled"


def test_calls_are_counted_by_hour_agent_and_reason(centre: Centre) -> None:
    centre.customers(3)
    card = centre.campaign()
    centre.talk(order := centre.dial())
    record_disposition(centre.database, "anna", order.attempt, Disposition.SAVED, "", None, centre.now)
    centre.finish(centre.dial(), Outcome.NO_ANSWER)
    centre.later(hours=1)
    centre.finish(centre.dial(), Outcome.BUSY)
    tables = result_tables(centre.database, card.id, centre.now)

    assert [(line.calls, line.answered, line.connected, line.saved) for line in tables.by_hour] == [
        (2, 1, 1, 1),
        (1, 0, 0, 0),
    ]
    assert [(line.of, line.connected, line.save_rate) for line in tables.by_agent] == [("anna", 1, 1.0)]
    assert [(line.of, line.connected) for line in tables.by_reason] == [("not said", 1)]
    assert tables.by_offer == ()
