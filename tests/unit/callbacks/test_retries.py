"""A promise gets its attempts; our own failures use up none of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.retries import BLAMES, Blame, GiveUp, Kept, RetryRules, TryAgain, plan_next_attempt
from telephony.calls.events import Outcome

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RULES = RetryRules()


def test_a_talk_keeps_the_promise_however_short_it_was() -> None:
    assert Kept() == plan_next_attempt(Outcome.CONNECTED, attempts_made=0, now=NOW, rules=RULES)


def test_a_customer_cut_off_is_called_again_at_once() -> None:
    assert TryAgain(at=NOW, counts=True, blame=None) == plan_next_attempt(
        Outcome.CONNECTED, attempts_made=0, now=NOW, rules=RULES, cut_off=True
    )


@pytest.mark.parametrize(
    ("outcome", "made", "minutes", "blame"),
    [
        (Outcome.BUSY, 0, 4, Blame.BUSY),
        (Outcome.NO_ANSWER, 0, 12, Blame.NOT_REACHED),
        (Outcome.NO_ANSWER, 1, 48, Blame.NOT_REACHED),
        (Outcome.MACHINE, 0, 12, Blame.NOT_REACHED),
        (Outcome.NO_KEY, 0, 12, Blame.NOT_REACHED),
        (Outcome.UNKNOWN, 0, 12, Blame.NOT_REACHED),
        (Outcome.ABANDONED, 0, 1, Blame.LEFT_ALONE),
    ],
)
def test_an_attempt_that_reached_the_phone_counts(
    outcome: Outcome, made: int, minutes: int, blame: Blame
) -> None:
    expected = TryAgain(at=NOW + timedelta(minutes=minutes), counts=True, blame=blame)

    assert expected == plan_next_attempt(outcome, attempts_made=made, now=NOW, rules=RULES)


def test_the_third_counted_attempt_is_the_last() -> None:
    assert GiveUp(reason="attempts.used-up") == plan_next_attempt(
        Outcome.NO_ANSWER, attempts_made=2, now=NOW, rules=RULES
    )


def test_a_number_that_does_not_exist_is_not_rung_again() -> None:
    assert GiveUp(reason="number.bad") == plan_next_attempt(
        Outcome.BAD_NUMBER, attempts_made=0, now=NOW, rules=RULES
    )


@given(
    st.sampled_from([outcome for outcome, blame in BLAMES.items() if blame is Blame.OURS]),
    st.integers(0, 2),
    st.integers(0, 10_000),
)
def test_our_own_failures_never_use_up_an_attempt(outcome: Outcome, made: int, in_a_row: int) -> None:
    plan = plan_next_attempt(outcome, attempts_made=made, now=NOW, rules=RULES, ours_in_a_row=in_a_row)

    assert isinstance(plan, TryAgain)
    assert not plan.counts
    assert NOW + timedelta(minutes=1) <= plan.at <= NOW + timedelta(minutes=15)


def test_a_line_that_fails_while_it_rings_is_ours_once_and_then_the_numbers() -> None:
    once = plan_next_attempt(Outcome.BROKEN_OFF, attempts_made=0, now=NOW, rules=RULES)
    twice = plan_next_attempt(Outcome.BROKEN_OFF, attempts_made=0, now=NOW, rules=RULES, again=True)
    used_up = plan_next_attempt(Outcome.BROKEN_OFF, attempts_made=2, now=NOW, rules=RULES, again=True)

    assert once == TryAgain(at=NOW + timedelta(minutes=1), counts=False, blame=Blame.OURS)
    assert twice == TryAgain(at=NOW + timedelta(minutes=12), counts=True, blame=Blame.NOT_REACHED)
    assert used_up == GiveUp(reason="attempts.used-up")


def test_a_refusal_waits_for_the_compliance_checks_own_moment() -> None:
    opens = NOW + timedelta(hours=14)
    plan = plan_next_attempt(Outcome.REFUSED, attempts_made=0, now=NOW, rules=RULES, not_before=opens)

    assert TryAgain(at=opens, counts=False, blame=Blame.OURS) == plan


def test_every_outcome_of_a_call_has_a_next_attempt() -> None:
    assert set(Outcome) == {*BLAMES, Outcome.CONNECTED}


@given(
    st.sampled_from(list(Outcome)),
    st.integers(0, 5),
    st.sampled_from(["normal", "failed"]),
    st.integers(1, 5),
    st.integers(0, 99),
)
def test_no_next_attempt_is_ever_in_the_past(
    outcome: Outcome, made: int, causes: str, attempts: int, in_a_row: int
) -> None:
    rules = RetryRules(attempts=attempts)
    plan = plan_next_attempt(
        outcome, attempts_made=made, now=NOW, rules=rules, cut_off=causes == "failed", ours_in_a_row=in_a_row
    )

    assert not isinstance(plan, TryAgain) or plan.at >= NOW
    assert not isinstance(plan, TryAgain) or not plan.counts or made + 1 < attempts


def test_later_by_key_costs_no_attempt_and_an_agents_talk_wins_over_it() -> None:
    asked = {"attempts_made": 2, "now": NOW, "rules": RULES, "asked_later": True}

    assert plan_next_attempt(Outcome.DECLINED, **asked) == TryAgain(
        at=NOW + RULES.later, counts=False, blame=None
    )
    assert plan_next_attempt(Outcome.CONNECTED, **asked) == Kept()


@pytest.mark.parametrize("outcome", sorted(BLAMES))
def test_a_call_that_missed_who_rang_us_meanwhile_costs_no_attempt_and_gives_nothing_up(
    outcome: Outcome,
) -> None:
    rang_in = {"attempts_made": RULES.attempts - 1, "now": NOW, "rules": RULES, "rang_in": True}
    opens = NOW + timedelta(hours=9)

    soon = TryAgain(at=NOW + RULES.ours, counts=False, blame=None)
    assert plan_next_attempt(outcome, **rang_in) == soon
    assert plan_next_attempt(outcome, **rang_in, not_before=opens) == replace(soon, at=opens)


def test_a_talk_keeps_the_promise_of_who_rang_us_meanwhile_too() -> None:
    plan = plan_next_attempt(Outcome.CONNECTED, attempts_made=0, now=NOW, rules=RULES, rang_in=True)

    assert plan == Kept()
