"""Attempts that rang nobody: our own failures, which cost no customer a try."""

from databases.centre import Centre, attempt_of, lead_of

from callbacks.refusals import Refusal
from dialer.core.calling.attempt import AttemptState
from dialer.core.calling.campaign import LeadState
from dialer.services.calls.attempts import consume_attempt
from dialer.services.calls.call_events import fail_attempt, lose_attempt, record_fact
from dialer.services.calls.open_attempt import AttemptOrder
from telephony.calls.events import OriginateFailed, Outcome


def test_an_attempt_that_never_reached_the_dial_permit_costs_nobody_anything(ready: Centre) -> None:
    order = ready.open()

    assert fail_attempt(ready.database, order.attempt, "link down", ready.now)
    row = attempt_of(ready, order)
    assert (AttemptState.FAILED, False, "link down") == (row.state, row.counted, row.reason)
    assert 0 == lead_of(ready, order).attempts_made
    assert not fail_attempt(ready.database, order.attempt, "again", ready.now)
    refused = consume_attempt(ready.database, order.attempt, ready.now)
    assert isinstance(refused, Refusal)


def test_failing_an_attempt_the_dial_permit_let_through_does_nothing(ready: Centre) -> None:
    order = ready.dial()

    assert not fail_attempt(ready.database, order.attempt, "too late", ready.now)
    assert AttemptState.DIALLING is attempt_of(ready, order).state


def test_an_originate_that_failed_before_the_dial_permit_fails_the_attempt(ready: Centre) -> None:
    order = ready.open()
    record_fact(ready.database, OriginateFailed(attempt=order.attempt, at=ready.now, reason=0), ready.now)
    assert AttemptState.FAILED is attempt_of(ready, order).state

    rung = ready.dial()
    fact = OriginateFailed(attempt=rung.attempt, at=ready.now, reason=3)
    assert record_fact(ready.database, fact, ready.now) is None
    assert AttemptState.DIALLING is attempt_of(ready, rung).state


def test_a_call_that_ended_before_the_dial_permit_is_our_failure(ready: Centre) -> None:
    order = ready.open()
    ready.finish(order, Outcome.NO_ANSWER)

    assert (AttemptState.FAILED, False) == (attempt_of(ready, order).state, attempt_of(ready, order).counted)


def test_a_call_that_passed_the_dial_permit_and_rang_nobody_costs_the_customer_nothing(ready: Centre) -> None:
    order = ready.dial()
    ready.finish(order, Outcome.FAILED)

    row, lead = attempt_of(ready, order), lead_of(ready, order)
    assert (AttemptState.FINISHED, Outcome.FAILED, False) == (row.state, row.outcome, row.counted)
    assert (LeadState.LISTED, 0, order.e164) == (lead.state, lead.attempts_made, lead.e164)
    ready.now = lead.next_at or ready.now
    work = next(work for work in ready.work()[1] if work.lead == order.lead)
    assert isinstance(ready.try_open(work), AttemptOrder), "no spacing follows a phone that never rang"


def test_the_dial_permit_refuses_an_attempt_that_was_given_up_before_it_asked(ready: Centre) -> None:
    order = ready.open()
    ready.finish(order, Outcome.FAILED)
    refused = consume_attempt(ready.database, order.attempt, ready.later(seconds=2))

    assert isinstance(refused, Refusal)
    assert "attempt.consumed" == refused.rule
    assert (AttemptState.FAILED, None) == (
        attempt_of(ready, order).state,
        attempt_of(ready, order).consumed_at,
    )


def test_an_attempt_that_never_reached_the_dial_permit_cannot_be_lost(ready: Centre) -> None:
    order = ready.open()

    assert not lose_attempt(ready.database, order.attempt, ready.now)
    assert AttemptState.INTENT is attempt_of(ready, order).state
