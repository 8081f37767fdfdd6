"""How the rules of the work itself come about: of attempts, leads, promises and words."""

from dataclasses import fields, replace
from datetime import timedelta

from databases.centre import Centre
from integration.rule_ways import ask_for, missed, one, produces, say, set_up, talked

from callbacks.refusals import Rule
from dialer.core.calling.campaign import CampaignEvent
from dialer.core.calling.disposition import Disposition
from dialer.services.agents.closing_signals import say_closing
from dialer.services.agents.corrections import take_back
from dialer.services.agents.dispositions import record_disposition
from dialer.services.calls.attempts import consume_attempt
from dialer.services.calls.next_calls import PromiseWork
from dialer.services.campaigns.campaign_changes import CampaignTerms, change_campaign
from dialer.services.campaigns.campaigns import campaign_card, move_campaign
from dialer.services.promises.moves import move_promise
from telephony.calls.events import Outcome


@produces(Rule.ATTEMPT_UNKNOWN)
def a_permit_for_nothing(centre: Centre) -> object:
    return consume_attempt(centre.database, "wb-00000000", centre.now)


@produces(Rule.ATTEMPT_CONSUMED)
def a_permit_twice(centre: Centre) -> object:
    one(centre)
    return consume_attempt(centre.database, centre.dial().attempt, centre.now)


@produces(Rule.ATTEMPT_STALE)
def a_permit_too_late(centre: Centre) -> object:
    one(centre)
    order = centre.open()
    return consume_attempt(centre.database, order.attempt, centre.later(hours=1))


@produces(Rule.ATTEMPT_NOT_CONNECTED)
def a_word_of_a_call_that_nobody_had(centre: Centre) -> object:
    one(centre)
    return say(centre, centre.dial(), Disposition.SAVED)


@produces(Rule.ATTEMPT_OTHER_AGENT)
def a_word_of_somebody_elses_call(centre: Centre) -> object:
    one(centre)
    order = talked(centre)
    return record_disposition(centre.database, "ben", order.attempt, Disposition.SAVED, "", None, centre.now)


@produces(Rule.ATTEMPT_OVER)
def nearly_done_with_what_is_done(centre: Centre) -> object:
    one(centre)
    order = talked(centre, Disposition.SAVED)
    return say_closing(centre.database, "anna", order.attempt, centre.now)


@produces(Rule.CAMPAIGN_NOT_RUNNING)
def paused(centre: Centre) -> object:
    work = one(centre)
    move_campaign(centre.database, "winter", CampaignEvent.PAUSE, centre.now, "test")
    return centre.try_open(work)


@produces(Rule.CAMPAIGN_OUTSIDE_HOURS)
def over_for_the_campaign(centre: Centre) -> object:
    work = one(centre)
    card = campaign_card(centre.database, "winter")
    assert card is not None
    over = {"ends_on": centre.now.date() - timedelta(days=1)}
    terms = CampaignTerms(
        **{each.name: over.get(each.name, getattr(card, each.name)) for each in fields(CampaignTerms)}
    )
    change_campaign(centre.database, card.id, terms, centre.now, "test")
    return centre.try_open(work)


@produces(Rule.LEAD_UNKNOWN)
def nobodys_lead(centre: Centre) -> object:
    return centre.try_open(replace(one(centre), lead=999))


@produces(Rule.LEAD_NOT_LISTED)
def called_already(centre: Centre) -> object:
    work = one(centre)
    centre.open(work)
    return centre.try_open(work)


@produces(Rule.LEAD_NOT_DUE)
def called_a_moment_ago(centre: Centre) -> object:
    work = one(centre)
    missed(centre)
    return centre.try_open(work)


@produces(Rule.LEADER_STALE)
def led_by_another(centre: Centre) -> object:
    work = one(centre)
    centre.leadership_of_pbx = replace(centre.leadership_of_pbx, holder="engine-2")
    return centre.try_open(work)


@produces(Rule.PROMISE_UNKNOWN)
def nobodys_promise(centre: Centre) -> object:
    return centre.try_open(promised(centre, 999))


@produces(Rule.PROMISE_NOT_OPEN)
def a_promise_being_kept(centre: Centre) -> object:
    work = promised(centre, centre.promise(0).id)
    centre.open(work)
    return centre.try_open(work)


@produces(Rule.PROMISE_NOT_DUE)
def a_promise_for_later(centre: Centre) -> object:
    work = promised(centre, centre.promise(0).id)
    centre.finish(centre.dial(work), Outcome.NO_ANSWER)
    return centre.try_open(work)


def promised(centre: Centre, promise: int) -> PromiseWork:
    return PromiseWork(promise=promise, queue="support", ring_s=30, virtual_join=centre.now, source_call="c")


@produces(Rule.PROMISE_ALREADY_OPEN)
def asked_twice(centre: Centre) -> object:
    ask_for(centre, 0)
    centre.later(minutes=5)
    return ask_for(centre, 0)


@produces(Rule.SLOT_TAKEN)
def moved_into_the_past(centre: Centre) -> object:
    made = centre.promise(0)
    return move_promise(centre.database, made.id, centre.now, "staff", centre.now)


@produces(Rule.PROMISE_TOO_MANY)
def asked_all_day(centre: Centre) -> object:
    set_up(centre, callbacks={"promises_per_day": 1})
    centre.promise(0)
    talked(centre)
    return ask_for(centre, 0)


@produces(Rule.PROMISE_SOURCE_HOUR)
def one_telephone_asks_for_many(centre: Centre) -> object:
    set_up(centre, callbacks={"source_per_hour": 1})
    ask_for(centre, 0, source="+442079460999")
    return ask_for(centre, 1, source="+442079460999")


@produces(Rule.PROMISE_SOURCE_DAY)
def one_telephone_asks_for_many_all_day(centre: Centre) -> object:
    set_up(centre, callbacks={"source_per_day": 1})
    ask_for(centre, 0, source="+442079460999")
    centre.later(hours=2)
    return ask_for(centre, 1, source="+442079460999")


@produces(Rule.PROMISE_ALL_HOUR)
def everybody_asks(centre: Centre) -> object:
    set_up(centre, callbacks={"all_per_hour": 1})
    ask_for(centre, 0)
    return ask_for(centre, 1)


@produces(Rule.PROMISE_ALL_DAY)
def everybody_asks_all_day(centre: Centre) -> object:
    set_up(centre, callbacks={"all_per_day": 1})
    ask_for(centre, 0)
    centre.later(hours=2)
    return ask_for(centre, 1)


@produces(Rule.CALL_AGAIN_NO_TIME)
def another_call_at_no_time(centre: Centre) -> object:
    one(centre)
    return say(centre, talked(centre), Disposition.CALL_AGAIN)


@produces(Rule.CALL_AGAIN_PAST)
def another_call_yesterday(centre: Centre) -> object:
    one(centre)
    order = talked(centre)
    return say(centre, order, Disposition.CALL_AGAIN, again=centre.now - timedelta(days=1))


@produces(Rule.CALL_AGAIN_BEGUN)
def another_call_on_its_way(centre: Centre) -> object:
    one(centre)
    order = talked(centre)
    say(centre, order, Disposition.CALL_AGAIN, again=centre.now + timedelta(hours=1))
    centre.later(hours=1)
    centre.dial()
    return take_back(centre.database, "anna", order.attempt, centre.now)


@produces(Rule.DISPOSITION_RECORDED)
def another_word(centre: Centre) -> object:
    one(centre)
    return say(centre, talked(centre, Disposition.SAVED), Disposition.LOST)


@produces(Rule.DISPOSITION_MISSING)
def nothing_to_take_back(centre: Centre) -> object:
    one(centre)
    return take_back(centre.database, "anna", talked(centre).attempt, centre.now)


@produces(Rule.DISPOSITION_CLOSED)
def a_word_of_yesterday(centre: Centre) -> object:
    one(centre)
    order = talked(centre, Disposition.SAVED)
    return take_back(centre.database, "anna", order.attempt, centre.later(days=1))
