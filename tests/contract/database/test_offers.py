"""A caller who asks to be called back hears the truth about the wait, or why there will be no call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from databases.centre import MONDAY, Centre, number
from sqlalchemy import select

from callbacks.lifecycle import PromiseState
from callbacks.offers import Offer, OfferRules
from callbacks.queue_position import Person
from callbacks.quotes import QuoteScore
from callbacks.refusals import Refusal
from callbacks.wait_estimate import DepartureGap, WaitWindow
from dialer.core.calling.policy import CallingPolicy
from dialer.core.compliance.windows import QueueHours, read_hours
from dialer.db.models import Promise, RefusalRow
from dialer.services.promises.offers import AskingCaller, consider, foresee
from dialer.services.promises.promises import (
    MadePromise,
    PromiseRequest,
    ended_promises,
    make_promise,
    open_promises,
)
from dialer.services.promises.quotes import quote_score
from telephony.calls.events import Outcome

Decide = Callable[..., Offer | Refusal]


@pytest.fixture
def decide(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Decide:
    """Ask for a caller who joined just now, with two agents at work; `hours` and `rules` are the centre's."""

    def ask(*, hours: str = "Mon-Sun 00:00-24:00", rules: OfferRules | None = None, **more: Any) -> Any:
        policy = CallingPolicy(offers=rules or OfferRules())
        queue = QueueHours(zone="Europe/London", windows=read_hours(hours))
        policy = replace(policy, rulebook=replace(policy.rulebook, queue=queue))
        monkeypatch.setattr(centre.database, "policy", policy)
        facts: dict[str, Any] = {
            "queue": "support",
            "number": number(7),
            "joined_at": centre.now,
            "others": (),
            "logged_in": 2,
            "at_work": 2,
            **more,
        }
        return consider(centre.database, AskingCaller(**facts), centre.now)

    return ask


def on_the_line(*joined: datetime) -> tuple[Person, ...]:
    return tuple(Person(key=f"line-{index}", virtual_join=at) for index, at in enumerate(joined))


def ago(centre: Centre, seconds: float) -> datetime:
    return centre.now - timedelta(seconds=seconds)


def rules_written(centre: Centre) -> list[tuple[str, str]]:
    with centre.database.read() as tx:
        return [(row.rule, row.e164) for row in tx.scalars(select(RefusalRow))]


def test_people_on_the_line_and_people_at_home_stand_in_front_by_when_they_joined(
    centre: Centre, decide: Decide
) -> None:
    centre.promise(1, joined=ago(centre, 300))
    centre.promise(2, joined=ago(centre, 10))
    line = (ago(centre, 200), ago(centre, 20), centre.now)

    offer = decide(joined_at=ago(centre, 60), others=on_the_line(*line))

    assert isinstance(offer, Offer)
    assert offer.queue_position == 3


def test_whoever_is_promised_a_call_and_still_or_again_on_the_line_stands_there_once(
    centre: Centre, decide: Decide
) -> None:
    hears_it = centre.promise(1, call="hears-it", joined=ago(centre, 300))
    centre.promise(2, joined=ago(centre, 200))
    talks = centre.promise(3, joined=ago(centre, 400))
    with centre.database.write() as tx:
        tx.get_one(Promise, talks.id).state = PromiseState.CONNECTED
    people = (
        Person(key="hears-it", virtual_join=ago(centre, 300)),
        Person(key="rings-again", virtual_join=ago(centre, 100), number=number(2)),
        Person(key="hidden", virtual_join=ago(centre, 90)),
    )

    offer = decide(joined_at=ago(centre, 60), others=people)
    wanted = PromiseRequest(
        e164=number(7), queue="support", source_call="7", virtual_join=ago(centre, 60), others=people
    )
    made = make_promise(centre.database, wanted, centre.now)

    assert hears_it.queue_position == 1
    assert isinstance(offer, Offer)
    assert isinstance(made, MadePromise)
    assert (offer.queue_position, made.queue_position) == (4, 4), (
        "two at home, one on the line, and then this one"
    )


def test_without_departures_the_wait_is_told_by_the_agents_and_the_usual_call(
    centre: Centre, decide: Decide
) -> None:
    waiting = tuple(ago(centre, 60 + index) for index in range(9))

    offer = decide(others=on_the_line(*waiting))  # the tenth, 120 s between two departures

    assert Offer(queue_position=10, window=WaitWindow(from_min=10, to_min=30)) == offer


def test_a_measured_pace_counts_before_the_plan(centre: Centre, decide: Decide) -> None:
    waiting = tuple(ago(centre, 60 + index) for index in range(9))
    gaps = tuple(
        DepartureGap(ended_at=ago(centre, 10 * index), seconds=10.0, agents=2) for index in range(20)
    )

    offer = decide(others=on_the_line(*waiting), gaps=gaps)

    assert Offer(queue_position=10, window=WaitWindow(from_min=0, to_min=5)) == offer


def test_one_whose_turn_is_near_is_told_so_once_in_five_minutes(centre: Centre, decide: Decide) -> None:
    rules = OfferRules(call_s=60.0)

    first = decide(rules=rules)
    again = decide(rules=rules, told_at=ago(centre, 60))

    assert Offer(queue_position=1, window=WaitWindow(from_min=0, to_min=5), nearly=True) == first
    assert Offer(queue_position=1, window=WaitWindow(from_min=0, to_min=5), nearly=False) == again


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("offer.closed", {"hours": "Mon-Fri 12:00-20:00"}),
        ("offer.no-agents", {"logged_in": 0, "at_work": 0}),
        ("offer.full", {"hours": "Mon-Fri 09:00-11:02"}),
        ("offer.closing", {"hours": "Mon-Fri 09:00-11:05"}),
    ],
)
def test_a_call_that_could_not_be_made_is_refused_and_written_down(
    centre: Centre, decide: Decide, rule: str, facts: dict[str, Any]
) -> None:
    assert MONDAY == centre.now
    centre.promise(1, joined=ago(centre, 300))  # two agents make one call in two minutes

    assert Refusal(rule=rule) == decide(**facts)
    assert [(rule, number(7))] == rules_written(centre)


def test_while_the_pbx_cannot_be_seen_a_call_is_offered_and_no_time_is_said(
    centre: Centre, decide: Decide
) -> None:
    unseen = decide(logged_in=None, at_work=None)
    all_on_a_break = decide(at_work=0)

    assert Offer(queue_position=1, window=None) == unseen == all_on_a_break
    assert [] == rules_written(centre)


def test_what_was_told_stands_with_the_promise_and_is_scored_by_the_first_call(centre: Centre) -> None:
    told = WaitWindow(from_min=5, to_min=10)
    for index in range(4):
        request = PromiseRequest(
            e164=number(index),
            queue="support",
            source_call=f"call-{index}",
            virtual_join=ago(centre, 60 - index),
            window=told,
        )
        assert isinstance(make_promise(centre.database, request, centre.now), MadePromise)
    centre.promise(4, joined=centre.now)  # told nothing: not scored
    card = open_promises(centre.database)[0]
    assert (MONDAY + timedelta(minutes=5), MONDAY + timedelta(minutes=10)) == (
        card.said_from,
        card.said_until,
    )
    assert QuoteScore(waiting=4) == quote_score(centre.database, centre.now)

    early = centre.dial()
    centre.finish(early, Outcome.NO_ANSWER)
    centre.later(minutes=6)
    kept = centre.dial()
    centre.talk(kept)
    centre.later(minutes=10)
    second_try = centre.dial()  # whoever was called too soon and did not answer
    centre.talk(second_try)

    assert QuoteScore(early=1, within=1, late=2, kept=1) == quote_score(centre.database, centre.now)
    assert [MONDAY, MONDAY + timedelta(minutes=6)] == [
        card.called_at for card in ended_promises(centre.database)
    ]


def test_what_would_be_offered_to_who_rings_in_is_the_same_and_leaves_nothing_behind(
    centre: Centre, decide: Decide
) -> None:
    line = on_the_line(*(ago(centre, 10 * index) for index in range(1, 9)))
    asked = decide(others=line)
    facts = AskingCaller(
        queue="support", number=number(7), joined_at=centre.now, others=line, logged_in=2, at_work=2
    )

    assert foresee(centre.database, facts, centre.now) == asked
    decide(hours="Mon-Sun 00:00-10:59")
    written = rules_written(centre)
    refused = foresee(centre.database, facts, centre.now)
    assert isinstance(refused, Refusal)
    assert rules_written(centre) == written
