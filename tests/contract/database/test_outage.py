"""After a long outage yesterday's promises wait for a person, and nothing else does."""

from datetime import datetime, timedelta

import pytest
from databases.centre import Centre, number

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.core.outbox.message import MessageChannel
from dialer.services.agents.last_roster import RosterSeen, save_roster
from dialer.services.outbox.outbox import latest_messages
from dialer.services.promises.moves import move_promise
from dialer.services.promises.one_promise import call_now
from dialer.services.promises.outage import close_held, held_promises, hold_overdue, ring_held
from dialer.services.promises.promise_faults import promise_faults
from dialer.services.promises.promises import (
    PromiseRequest,
    ended_promises,
    make_promise,
    open_promises,
    promise_ledger,
    settle_promise,
)
from dialer.services.promises.slots import open_slots
from dialer.services.promises.texts_due import TextDue
from dialer.services.promises.unkept import unkept_promises
from telephony.calls.events import Outcome


def seen(centre: Centre, at: datetime, pbx: str = "pbx") -> None:
    save_roster(centre.database, pbx, RosterSeen(seen_at=at, booted_at=None))


def after_an_outage(centre: Centre, **length: float) -> None:
    seen(centre, centre.now)
    centre.later(**length)


def test_after_two_hours_what_was_due_is_held_and_rung_in_its_order_once_somebody_says_so(
    centre: Centre,
) -> None:
    later = centre.promise(901, joined=centre.now - timedelta(minutes=1))
    first = centre.promise(900, joined=centre.now - timedelta(minutes=5))
    after_an_outage(centre, hours=2)

    seen_before = centre.work()[0]
    assert hold_overdue(centre.database, centre.now) == 2
    assert centre.work()[0] == ()
    assert centre.try_open(seen_before[0]) == Refusal(rule=Rule.PROMISE_NOT_DUE), (
        "decided on by an older look"
    )
    assert [card.id for card in held_promises(centre.database)] == [first.id, later.id]
    assert promise_ledger(centre.database).open == 2
    assert promise_faults(centre.database, centre.now).stuck == ()

    assert ring_held(centre.database, "anna", centre.now) == 2
    assert [work.promise for work in centre.work()[0]] == [first.id, later.id]
    assert held_promises(centre.database) == ()


@pytest.mark.parametrize(
    ("back_at", "told_at"), [({"hours": 26}, {"hours": 26}), ({"hours": 16}, {"hours": 21})]
)
def test_who_is_held_is_told_by_day_that_they_keep_their_place(
    centre: Centre, back_at: dict[str, float], told_at: dict[str, float]
) -> None:
    made, died_at = centre.promise(900), centre.now  # at eleven
    after_an_outage(centre, **back_at)  # at one, and at three in the night
    hold_overdue(centre.database, centre.now)
    hold_overdue(centre.database, centre.later(minutes=1))

    (told,) = [each for each in latest_messages(centre.database) if each.channel is MessageChannel.TEXT]
    assert (told.promise, told.kind, told.due_at) == (made.id, TextDue.OUTAGE, died_at + timedelta(**told_at))


def test_a_call_that_the_outage_cut_short_is_not_made_again_before_somebody_has_said_so(
    centre: Centre,
) -> None:
    made = centre.promise()
    lost = centre.dial()
    after_an_outage(centre, hours=26)

    assert hold_overdue(centre.database, centre.now) == 1
    assert held_promises(centre.database) == (), "it may yet turn out that the call goes on"
    centre.finish(lost, Outcome.UNKNOWN)
    assert [card.id for card in held_promises(centre.database)] == [made.id]
    centre.later(hours=1)
    assert centre.work()[0] == ()


def test_closed_ones_are_on_the_list_of_what_could_not_be_kept(centre: Centre) -> None:
    made = centre.promise()
    after_an_outage(centre, hours=13)
    hold_overdue(centre.database, centre.now)

    assert close_held(centre.database, "anna", centre.now) == 1
    (card,) = ended_promises(centre.database)
    assert (card.state, card.end_reason) == (PromiseState.CLOSED, "outage")
    assert [row.id for row in unkept_promises(centre.database)] == [made.id]
    assert promise_ledger(centre.database).error == 0


def test_a_short_outage_asks_nobody(centre: Centre) -> None:
    centre.promise()
    after_an_outage(centre, minutes=119)

    assert hold_overdue(centre.database, centre.now) == 0
    assert len(centre.work()[0]) == 1


def test_a_long_wait_while_an_engine_runs_on_any_pbx_is_no_outage(centre: Centre) -> None:
    centre.promise()
    after_an_outage(centre, hours=5)
    seen(centre, centre.now - timedelta(seconds=5), pbx="another")

    assert hold_overdue(centre.database, centre.now) == 0


def test_what_is_made_or_due_after_the_outage_is_rung_as_ever_and_overtakes_nobody(centre: Centre) -> None:
    held = centre.promise(900)
    after_an_outage(centre, hours=3)
    fresh = centre.promise(901)
    hold_overdue(centre.database, centre.now)

    assert [work.promise for work in centre.work()[0]] == [fresh.id]
    centre.later(minutes=2)
    centre.talk(centre.dial())
    centre.later(minutes=2)
    assert promise_faults(centre.database, centre.now).overtaken == ()
    assert [card.id for card in open_promises(centre.database)] == [held.id]


def test_whoever_was_served_meanwhile_waits_for_no_decision(centre: Centre) -> None:
    made = centre.promise()
    after_an_outage(centre, hours=3)
    hold_overdue(centre.database, centre.now)
    settle_promise(centre.database, made.id, "rang in, and was served", centre.now)

    assert held_promises(centre.database) == ()
    assert ring_held(centre.database, "anna", centre.now) == 0


def test_a_held_promise_that_is_asked_for_again_is_rung(centre: Centre) -> None:
    made = centre.promise(900)
    after_an_outage(centre, hours=3)
    hold_overdue(centre.database, centre.now)

    again = PromiseRequest(e164=number(900), queue="support", source_call="again", virtual_join=centre.now)
    assert make_promise(centre.database, again, centre.now) == Refusal(rule=Rule.PROMISE_ALREADY_OPEN)

    assert held_promises(centre.database) == ()
    assert [work.promise for work in centre.work()[0]] == [made.id]


@pytest.mark.parametrize("closes_the_others", [False, True])
def test_a_held_promise_that_is_moved_is_rung_at_that_time_whatever_becomes_of_the_others(
    centre: Centre, *, closes_the_others: bool
) -> None:
    made, other = centre.promise(900), centre.promise(901)
    after_an_outage(centre, hours=3)
    hold_overdue(centre.database, centre.now)
    slot = open_slots(centre.database, "support", number(900), centre.now)[0]

    assert move_promise(centre.database, made.id, slot.start, "customer", centre.now) == slot
    assert [card.id for card in held_promises(centre.database)] == [other.id]
    if closes_the_others:
        close_held(centre.database, "anna", centre.now)
    centre.now = slot.quarter
    assert [work.promise for work in centre.work()[0]] == [made.id]


def test_call_now_decides_on_one_held_promise(centre: Centre) -> None:
    made, other = centre.promise(900), centre.promise(901)
    after_an_outage(centre, hours=3)
    hold_overdue(centre.database, centre.now)

    assert call_now(centre.database, made.id, "carol", centre.now) is None
    assert [work.promise for work in centre.work()[0]] == [made.id]
    assert [card.id for card in held_promises(centre.database)] == [other.id]
