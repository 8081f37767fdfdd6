"""An attempt's way: committed first, consumed once, ended together with what it was for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from databases.centre import MONDAY, PBX, Centre, attempt_of, lead_of, number
from sqlalchemy import select

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.core.calling.attempt import AttemptState
from dialer.core.calling.campaign import CampaignEvent, LeadState
from dialer.core.importing.rows import Prohibited, ProhibitionKind
from dialer.db.models import Attempt, Audit, Customer, CustomerNumber, Lead, RefusalRow
from dialer.db.session import Database
from dialer.services.calls.attempts import DialPermit, consume_attempt, open_attempts
from dialer.services.calls.call_events import lose_attempt, record_fact
from dialer.services.calls.open_attempt import AttemptOrder, open_attempt
from dialer.services.campaigns.campaigns import move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.suppression import add_do_not_call
from dialer.services.promises.promises import cancel_promise, open_promises
from telephony.calls.events import Abandoned, Answered, Connected, Finished, Outcome, Ringing


def refusals(centre: Centre) -> list[str]:
    with centre.database.read() as tx:
        return list(tx.scalars(select(RefusalRow.rule).order_by(RefusalRow.id)))


def test_the_intent_is_committed_before_anybody_can_act_on_it(ready: Centre, url: str) -> None:
    work = ready.work()[1][0]
    order = ready.try_open(work)

    assert isinstance(order, AttemptOrder)
    elsewhere = Database(url)  # another process, with connections of its own
    seen = open_attempts(elsewhere, PBX)
    elsewhere.close()
    assert [(order.attempt, AttemptState.INTENT)] == [(one.id, one.state) for one in seen]
    assert LeadState.CALLING is lead_of(ready, work).state


def test_an_order_names_no_number_to_the_pbx_and_the_permit_gives_digits(ready: Centre) -> None:
    order = ready.open()
    permit = consume_attempt(ready.database, order.attempt, ready.now)

    assert number(0).removeprefix("+") not in order.attempt
    assert (
        DialPermit(
            attempt=order.attempt,
            number_digits=number(0).removeprefix("+"),
            trunk="main",
            caller_id="+442079460999",
            ring_s=30,
            campaign="winter",
            language="en",
        )
        == permit
    )


def test_the_dial_permit_consumes_an_attempt_once_under_eight_callers(ready: Centre) -> None:
    order = ready.open()
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: consume_attempt(ready.database, order.attempt, ready.now), range(8))
        )

    permits = [answer for answer in answers if isinstance(answer, DialPermit)]
    refused = [answer.rule for answer in answers if isinstance(answer, Refusal)]
    assert 1 == len(permits)
    assert ["attempt.consumed"] * 7 == refused


def test_of_eight_engines_that_want_the_same_lead_one_gets_it(ready: Centre) -> None:
    work = ready.work()[1][0]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ready.try_open(work), range(8)))

    assert 1 == sum(isinstance(answer, AttemptOrder) for answer in answers)
    assert 1 == len(open_attempts(ready.database, PBX))


def test_one_person_on_two_lists_is_never_rung_twice_at_once(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign("one")
    centre.campaign("two")
    _, leads = centre.work()
    centre.promise(0)
    promises, leads_left = centre.work()
    assert (2, 1, 0) == (len(leads), len(promises), len(leads_left))

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(centre.try_open, [*promises, *leads]))

    assert 1 == sum(isinstance(answer, AttemptOrder) for answer in answers)
    assert {"number.busy", "promise.open"} >= {
        answer.rule for answer in answers if isinstance(answer, Refusal)
    }
    assert 1 == len(open_attempts(centre.database, PBX))
    assert ((), ()) == centre.work()  # and while the phone rings, nobody looks at that person again


def test_the_dial_permit_refuses_a_person_who_was_put_off_meanwhile(ready: Centre) -> None:
    order = ready.open()
    with ready.database.read() as tx:
        customer = tx.scalars(
            select(Customer).join(CustomerNumber).where(CustomerNumber.e164 == order.e164)
        ).one()
    said = Prohibited(ProhibitionKind.DECEASED, "deceased", "yes")
    person = CustomerRow(external_id=customer.external_id, numbers=(order.e164,), prohibition=said)
    store_customers(ready.database, [person], ready.now)
    refused = consume_attempt(ready.database, order.attempt, ready.now)

    assert isinstance(refused, Refusal)
    assert "dnc.person" == refused.rule


def test_the_dial_permit_checks_again_at_the_last_moment(ready: Centre) -> None:
    order = ready.open()
    add_do_not_call(ready.database, order.e164, "asked not to", "letter", ready.now)
    refused = consume_attempt(ready.database, order.attempt, ready.now)

    assert isinstance(refused, Refusal)
    assert "dnc.listed" == refused.rule
    assert AttemptState.REFUSED is attempt_of(ready, order).state
    assert LeadState.LISTED is lead_of(ready, order).state
    assert ["dnc.listed"] == refusals(ready)
    again = consume_attempt(ready.database, order.attempt, ready.now)
    assert isinstance(again, Refusal)
    assert "attempt.consumed" == again.rule


def test_an_attempt_that_waits_past_closing_is_refused_and_comes_up_at_opening(ready: Centre) -> None:
    ready.now = MONDAY.replace(hour=19, minute=59, second=50)
    order = ready.open()
    refused = consume_attempt(ready.database, order.attempt, ready.later(seconds=30))

    opening = (MONDAY + timedelta(days=1)).replace(hour=9)
    assert Refusal(rule=Rule.HOURS_CLOSED, until=opening) == refused
    assert opening == lead_of(ready, order).next_at
    assert 0 == lead_of(ready, order).attempts_made


def test_a_paused_campaign_lets_nothing_more_through(ready: Centre) -> None:
    order = ready.open()
    waiting = ready.work()[1][0]
    move_campaign(ready.database, "winter", CampaignEvent.PAUSE, ready.now, "test")

    refused = consume_attempt(ready.database, order.attempt, ready.now)
    unopened = ready.try_open(waiting)

    assert isinstance(refused, Refusal)
    assert isinstance(unopened, Refusal)
    assert "campaign.not-running" == refused.rule == unopened.rule
    assert ((), ()) == ready.work()


def test_an_attempt_the_dialplan_asks_about_too_late_is_stale(ready: Centre) -> None:
    order = ready.open()
    refused = consume_attempt(ready.database, order.attempt, ready.later(seconds=121))

    assert isinstance(refused, Refusal)
    assert "attempt.stale" == refused.rule


def test_an_attempt_nobody_opened_is_unknown(ready: Centre) -> None:
    refused = consume_attempt(ready.database, "wb-nosuchattempt", ready.now)

    assert Refusal(rule=Rule.ATTEMPT_UNKNOWN) == refused


def test_an_attempt_of_another_pbx_is_unknown_and_stays_good_for_its_own(ready: Centre) -> None:
    order = ready.open()
    refused = consume_attempt(ready.database, order.attempt, ready.now, pbx="another")

    assert Refusal(rule=Rule.ATTEMPT_UNKNOWN) == refused
    assert isinstance(consume_attempt(ready.database, order.attempt, ready.now, pbx=PBX), DialPermit)


def test_who_asks_for_a_permit_proves_that_the_order_was_taken(ready: Centre) -> None:
    order = ready.open()
    assert (AttemptState.INTENT, None) == (attempt_of(ready, order).state, attempt_of(ready, order).sent_at)

    consume_attempt(ready.database, order.attempt, ready.later(seconds=1))

    row = attempt_of(ready, order)
    assert (AttemptState.DIALLING, ready.now) == (row.state, row.sent_at)


def test_a_conversation_moves_attempt_and_lead_together(ready: Centre) -> None:
    order = ready.dial()
    ready.later(seconds=8)
    ready.connect(order)
    assert AttemptState.CONNECTED is attempt_of(ready, order).state
    assert LeadState.CALLING is lead_of(ready, order).state
    ready.later(seconds=90)
    ready.finish(order, Outcome.CONNECTED, 90)

    row = attempt_of(ready, order)
    assert (AttemptState.FINISHED, Outcome.CONNECTED, "anna", 90, [16]) == (
        row.state, row.outcome, row.agent, row.talk_s, row.causes,
    )  # fmt: skip
    assert LeadState.DONE is lead_of(ready, order).state
    assert () == open_attempts(ready.database, PBX)


def test_facts_heard_twice_or_late_change_nothing(ready: Centre) -> None:
    order = ready.dial()
    at = ready.now
    facts = [
        Answered(attempt=order.attempt, at=at),
        Connected(attempt=order.attempt, at=at, agent="anna", waited_s=0.2),
        Finished(attempt=order.attempt, at=at, outcome=Outcome.CONNECTED, talk_s=20),
    ]
    for fact in facts:
        assert record_fact(ready.database, fact, at) is not None
        assert record_fact(ready.database, fact, at) is None
    before = vars(attempt_of(ready, order)).copy()
    for fact in facts:
        assert record_fact(ready.database, fact, ready.later(seconds=5)) is None
    after = vars(attempt_of(ready, order)).copy()
    before.pop("_sa_instance_state"), after.pop("_sa_instance_state")
    assert before == after
    assert 1 == lead_of(ready, order).attempts_made


def test_a_bridge_whose_answer_was_missed_still_counts(ready: Centre) -> None:
    order = ready.dial()
    fact = Connected(attempt=order.attempt, at=ready.now, agent="anna", waited_s=1.5)

    assert record_fact(ready.database, fact, ready.now) is not None
    assert ready.now - timedelta(seconds=1.5) == attempt_of(ready, order).answered_at


def test_an_end_whose_bridge_was_missed_is_still_a_conversation(ready: Centre) -> None:
    order = ready.dial()
    ready.later(seconds=60)
    fact = Finished(attempt=order.attempt, at=ready.now, outcome=Outcome.CONNECTED, talk_s=45, agent="bo")
    record_fact(ready.database, fact, ready.now)

    row = attempt_of(ready, order)
    assert (ready.now - timedelta(seconds=45), "bo") == (row.connected_at, row.agent)
    assert LeadState.DONE is lead_of(ready, order).state


def test_a_customer_on_the_line_of_an_attempt_the_dial_permit_never_saw_changes_only_the_audit(
    ready: Centre,
) -> None:
    order = ready.open()
    at = ready.now
    facts = [
        Answered(attempt=order.attempt, at=at),
        Connected(attempt=order.attempt, at=at, agent="anna", waited_s=0.1),
        Abandoned(attempt=order.attempt, at=at, waited_s=2.0),
    ]

    assert [None, None, None] == [record_fact(ready.database, fact, at) for fact in facts]
    assert AttemptState.INTENT is attempt_of(ready, order).state
    assert attempt_of(ready, order).answered_at is None
    with ready.database.read() as tx:
        told = list(tx.scalars(select(Audit.subject).where(Audit.action == "fact.impossible")))
    assert [order.attempt] * 3 == told


def test_facts_of_strangers_and_of_ringing_say_nothing(ready: Centre) -> None:
    order = ready.dial()
    unknown = Finished(attempt="wb-stranger00", at=ready.now, outcome=Outcome.BUSY)

    assert record_fact(ready.database, unknown, ready.now) is None
    assert record_fact(ready.database, Ringing(attempt=order.attempt, at=ready.now), ready.now) is None


@pytest.mark.parametrize(
    ("outcome", "counted", "made"),
    [
        (Outcome.BUSY, True, 1),
        (Outcome.NO_ANSWER, True, 1),
        (Outcome.REJECTED, True, 1),
        (Outcome.MACHINE, True, 1),
        (Outcome.HUNG_UP_WAITING, True, 1),
        (Outcome.UNKNOWN, True, 1),
        (Outcome.CONGESTION, False, 0),
        (Outcome.FAILED, False, 0),
        (
            Outcome.REFUSED,
            False,
            0,
        ),  # the dial permit said yes, and died before the dialplan heard the last word
    ],
)
def test_a_lead_not_reached_waits_its_spacing_and_ours_costs_it_nothing(
    ready: Centre, outcome: Outcome, *, counted: bool, made: int
) -> None:
    order = ready.dial()
    rung = ready.now
    ready.later(seconds=30)
    ready.finish(order, outcome)

    lead = lead_of(ready, order)
    wait = timedelta(hours=4) if counted else timedelta(seconds=90)
    assert (LeadState.LISTED, made, rung + wait) == (lead.state, lead.attempts_made, lead.next_at)
    assert counted is attempt_of(ready, order).counted


def test_a_lead_waits_longer_with_each_failure_of_ours_in_a_row(centre: Centre) -> None:
    centre.customers(1, numbers=(number(0),))
    centre.campaign()
    waits = []
    for _ in range(4):
        order = centre.dial()
        centre.finish(order, Outcome.CONGESTION)
        waits.append(lead_of(centre, order).next_at - centre.now)
        centre.now = lead_of(centre, order).next_at

    assert [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)] == waits
    assert 0 == lead_of(centre, order).attempts_made


def test_a_lead_is_exhausted_after_its_last_attempt(ready: Centre) -> None:
    lead = ready.work()[1][0].lead
    for day in range(3):
        ready.now = MONDAY + timedelta(days=day)
        work = next(work for work in ready.work()[1] if work.lead == lead)
        order = ready.dial(work)
        ready.finish(order, Outcome.NO_ANSWER)

    assert (LeadState.EXHAUSTED, 3) == (lead_of(ready, order).state, lead_of(ready, order).attempts_made)


def test_a_bad_number_moves_to_the_customers_next_one_and_the_last_ends_the_lead(centre: Centre) -> None:
    centre.customers(1, numbers=(number(0), number(50)))
    centre.campaign(max_attempts=9)
    first = centre.dial()
    centre.finish(first, Outcome.BAD_NUMBER)
    assert number(50) == lead_of(centre, first).e164
    centre.later(hours=5)
    second = centre.dial()
    centre.finish(second, Outcome.BAD_NUMBER)

    assert (number(0), number(50)) == (first.e164, second.e164)
    assert LeadState.EXHAUSTED is lead_of(centre, second).state


def test_an_abandoned_call_is_kept_as_such_whatever_the_end_says(ready: Centre) -> None:
    order = ready.dial()
    ready.answer(order)
    gone = Abandoned(attempt=order.attempt, at=ready.later(seconds=2), waited_s=2.0)
    record_fact(ready.database, gone, ready.now)
    ready.finish(order, Outcome.HUNG_UP_WAITING)

    row = attempt_of(ready, order)
    assert (True, Outcome.ABANDONED, 2.0) == (row.abandoned, row.outcome, row.waited_s)


def test_after_an_abandoned_call_only_an_agents_own_call_may_follow(ready: Centre) -> None:
    order = ready.dial()
    record_fact(ready.database, Abandoned(attempt=order.attempt, at=ready.now, waited_s=2.0), ready.now)
    ready.finish(order, Outcome.ABANDONED)
    ready.later(days=1)
    work = next(work for work in ready.work()[1] if work.lead == order.lead)

    without = ready.try_open(work, agent=None)
    assert isinstance(without, Refusal)
    assert "abandoned.agent-only" == without.rule

    ready.now = MONDAY + timedelta(days=2)  # the refusal named Thursday; another lead proves the rule
    with ready.database.write() as tx:
        tx.get_one(Lead, order.lead).next_at = ready.now
    assert isinstance(ready.try_open(work, agent="anna"), AttemptOrder)


def test_a_lost_attempt_counts_and_waits_its_normal_spacing(ready: Centre) -> None:
    order = ready.dial()
    rung = ready.now

    assert lose_attempt(ready.database, order.attempt, ready.later(minutes=2))
    row, lead = attempt_of(ready, order), lead_of(ready, order)
    assert (AttemptState.UNKNOWN, Outcome.UNKNOWN, True) == (row.state, row.outcome, row.counted)
    assert (LeadState.LISTED, 1, rung + timedelta(hours=4)) == (lead.state, lead.attempts_made, lead.next_at)
    assert not lose_attempt(ready.database, order.attempt, ready.now)


def test_a_customer_talked_with_is_reached_even_if_the_end_was_lost(ready: Centre) -> None:
    order = ready.dial()
    ready.connect(order)
    lose_attempt(ready.database, order.attempt, ready.later(minutes=2))

    assert LeadState.DONE is lead_of(ready, order).state


def test_rings_count_across_campaigns_and_callbacks(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    centre.promise(0)
    centre.talk(centre.dial())
    work = centre.work()[1][0]
    refused = centre.try_open(work)

    assert isinstance(refused, Refusal)
    assert ("spacing", MONDAY + timedelta(hours=4)) == (refused.rule, refused.until)
    assert ["spacing"] == refusals(centre)
    assert () == centre.work()[1]
    centre.now = MONDAY + timedelta(hours=4)
    assert 1 == len(centre.work()[1])


def test_cancelling_a_promise_stops_its_call_at_the_dial_permit(centre: Centre) -> None:
    made = centre.promise()
    order = centre.open()

    assert cancel_promise(centre.database, made.id, "customer rang in", centre.now)
    refused = consume_attempt(centre.database, order.attempt, centre.now)
    assert isinstance(refused, Refusal)
    assert "promise.not-open" == refused.rule
    assert () == open_promises(centre.database)


def test_a_lead_on_the_list_of_a_finished_day_is_not_in_the_next_work(ready: Centre) -> None:
    ready.now = MONDAY.replace(hour=20)
    assert ((), ()) == ready.work()
    ready.now = MONDAY.replace(hour=19, minute=59)
    assert 5 == len(ready.work()[1])


def test_a_refused_promise_comes_up_again_when_the_rule_allows_it(centre: Centre) -> None:
    made = centre.promise(0)
    blocked = number(0)
    with centre.database.write() as tx:  # six rings of this number today, whatever they were for
        for ring in range(6):
            tx.add(
                Attempt(
                    id=f"wb-earlier{ring}", pbx=PBX, promise_id=made.id, e164=blocked, queue="q", trunk="t",
                    caller_id="", ring_s=30, fencing=1, state=AttemptState.FINISHED,
                    outcome=Outcome.NO_ANSWER, created_at=MONDAY - timedelta(minutes=20 * (ring + 1)),
                    consumed_at=MONDAY - timedelta(minutes=20 * (ring + 1)),
                    ended_at=MONDAY - timedelta(minutes=20 * ring),
                )
            )  # fmt: skip
    refused = centre.try_open(centre.work()[0][0])

    until = MONDAY - timedelta(minutes=120) + timedelta(hours=24)  # by day, so that the night adds nothing
    assert Refusal(rule=Rule.CAP_RINGS, until=until) == refused
    card = open_promises(centre.database)[0]
    assert (PromiseState.WAITING, until) == (card.state, card.next_action_at)


def test_an_attempt_is_opened_by_the_pbx_that_leads_and_listed_there_only(ready: Centre) -> None:
    work = ready.work()[1][0]
    order = open_attempt(ready.database, ready.leadership_of_pbx, work, "anna", ready.now)

    assert isinstance(order, AttemptOrder)
    assert () == open_attempts(ready.database, "another")
    assert ["anna"] == [one.reserved_agent for one in open_attempts(ready.database, PBX)]


def test_a_talk_never_lasts_less_than_nothing_though_the_clock_was_set_back(ready: Centre) -> None:
    order = ready.dial()
    ready.connect(order)
    ready.later(seconds=-817)
    ready.finish(order, Outcome.CONNECTED, -817.0)

    assert 0.0 == attempt_of(ready, order).talk_s
