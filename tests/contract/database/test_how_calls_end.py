"""What is kept of a call that was transferred, and of a number whose line fails while it rings."""

from datetime import timedelta

from databases.centre import Centre, number

from dialer.db.models import Attempt, Lead
from dialer.services.calls.call_events import record_fact
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.promises.promises import ended_promises, open_promises
from telephony.calls.events import Finished, HandedOver, Outcome


def attempt_of(centre: Centre, order: AttemptOrder) -> Attempt:
    with centre.database.read() as tx:
        return tx.get_one(Attempt, order.attempt)


def lead_of(centre: Centre, order: AttemptOrder) -> Lead:
    with centre.database.read() as tx:
        lead = attempt_of(centre, order).lead_id
        assert lead is not None
        return tx.get_one(Lead, lead)


def test_a_transfer_is_kept_with_whom_it_went_to_and_the_agents_own_talk(centre: Centre) -> None:
    centre.customers(1, numbers=(number(0),))
    centre.campaign()
    order = centre.dial()
    centre.answer(order)
    centre.connect(order)
    over_at = centre.now + timedelta(seconds=60)
    over = HandedOver(at=over_at, attempt=order.attempt, agent="anna", talk_s=60.0)
    assert record_fact(centre.database, over, over_at)
    assert record_fact(centre.database, over, over_at) is None
    ended_at = over_at + timedelta(minutes=10)
    end = Finished(
        at=ended_at, attempt=order.attempt, outcome=Outcome.CONNECTED, talk_s=60.0, handed_to="900"
    )
    record_fact(centre.database, end, ended_at)

    row = attempt_of(centre, order)
    assert (row.talk_s, row.handed_over_at, row.handed_over_to, row.ended_at) == (
        60.0,
        over_at,
        "900",
        ended_at,
    )


def test_a_leads_number_broken_off_twice_while_it_rings_has_had_an_attempt(centre: Centre) -> None:
    centre.customers(1, numbers=(number(0),))
    centre.campaign()
    made = []
    for _ in range(2):
        rung = centre.now
        order = centre.dial()
        centre.finish(order, Outcome.BROKEN_OFF)
        lead = lead_of(centre, order)
        made.append((lead.attempts_made, attempt_of(centre, order).counted))
        centre.now = lead.next_at

    assert made == [(0, False), (1, True)]
    assert centre.now - rung == timedelta(hours=4)


def test_a_number_broken_off_again_and_again_while_it_rings_is_spaced_counted_and_closed(
    centre: Centre,
) -> None:
    centre.promise()
    seen = []
    for _ in range(4):
        centre.finish(centre.dial(), Outcome.BROKEN_OFF)
        (card,) = open_promises(centre.database) or (None,)
        if card is not None and card.next_action_at is not None:
            seen.append(((card.next_action_at - centre.now) / timedelta(minutes=1), card.attempts_made))
            centre.now = card.next_action_at

    assert seen == [(1, 0), (12, 1), (48, 2)]
    assert ["attempts.used-up"] == [card.end_reason for card in ended_promises(centre.database)]


def test_a_call_broken_off_long_ago_or_at_another_number_says_nothing_of_this_one(centre: Centre) -> None:
    for index, wait in ((0, timedelta(days=2)), (1, timedelta())):
        centre.promise(index)
        centre.finish(centre.dial(centre.work()[0][-1]), Outcome.BROKEN_OFF)
        centre.now += wait
    centre.finish(centre.dial(centre.work()[0][0]), Outcome.BROKEN_OFF)

    assert [0, 0] == [card.attempts_made for card in open_promises(centre.database)]
