"""A caller who asks to be called back hears the truth about the wait, or why there will be no call."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from books.world import MONDAY, World, number
from sqlalchemy import select

from callbacks.estimate import Gap, Window
from callbacks.offers import Offer, OfferRules
from callbacks.quotes import QuoteScore
from callbacks.refusals import Refusal
from dialer.core.compliance.windows import QueueHours, read_hours
from dialer.core.policy import Policy
from dialer.db.models import Refusal as RefusalRow
from dialer.services.offers import AskingCaller, consider
from dialer.services.promises import MadePromise, PromiseRequest, ended_promises, make_promise, open_promises
from dialer.services.quotes import quote_score
from telephony.calls.events import Outcome

Decide = Callable[..., Offer | Refusal]


@pytest.fixture
def decide(world: World, monkeypatch: pytest.MonkeyPatch) -> Decide:
    """Ask for a caller who joined just now, with two agents at work; `hours` and `rules` are the house's."""

    def ask(*, hours: str = "Mon-Sun 00:00-24:00", rules: OfferRules | None = None, **more: Any) -> Any:
        policy = Policy(offers=rules or OfferRules())
        queue = QueueHours(zone="Europe/London", windows=read_hours(hours))
        policy = replace(policy, rulebook=replace(policy.rulebook, queue=queue))
        monkeypatch.setattr(world.book, "policy", policy)
        facts: dict[str, Any] = {
            "queue": "support",
            "number": number(7),
            "joined_at": world.now,
            "others_joined": (),
            "logged_in": 2,
            "at_work": 2,
            **more,
        }
        return consider(world.book, AskingCaller(**facts), world.now)

    return ask


def ago(world: World, seconds: float) -> datetime:
    return world.now - timedelta(seconds=seconds)


def rules_written(world: World) -> list[tuple[str, str]]:
    with world.book.read() as tx:
        return [(row.rule, row.e164) for row in tx.scalars(select(RefusalRow))]


def test_people_on_the_line_and_people_at_home_stand_in_front_by_when_they_joined(
    world: World, decide: Decide
) -> None:
    world.promise(1, joined=ago(world, 300))
    world.promise(2, joined=ago(world, 10))
    line = (ago(world, 200), ago(world, 20), world.now)

    offer = decide(joined_at=ago(world, 60), others_joined=line)

    assert isinstance(offer, Offer)
    assert offer.place == 3


def test_without_departures_the_wait_is_told_by_the_agents_and_the_usual_call(
    world: World, decide: Decide
) -> None:
    waiting = tuple(ago(world, 60 + place) for place in range(9))

    offer = decide(others_joined=waiting)  # the tenth, 120 s between two departures

    assert Offer(place=10, window=Window(from_min=10, to_min=30)) == offer


def test_a_measured_pace_counts_before_the_plan(world: World, decide: Decide) -> None:
    waiting = tuple(ago(world, 60 + place) for place in range(9))
    gaps = tuple(Gap(ended_at=ago(world, 10 * place), seconds=10.0, agents=2) for place in range(20))

    offer = decide(others_joined=waiting, gaps=gaps)

    assert Offer(place=10, window=Window(from_min=0, to_min=5)) == offer


def test_one_whose_turn_is_near_is_told_so_once_in_five_minutes(world: World, decide: Decide) -> None:
    rules = OfferRules(call_s=60.0)

    first = decide(rules=rules)
    again = decide(rules=rules, told_at=ago(world, 60))

    assert Offer(place=1, window=Window(from_min=0, to_min=5), nearly=True) == first
    assert Offer(place=1, window=Window(from_min=0, to_min=5), nearly=False) == again


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
    world: World, decide: Decide, rule: str, facts: dict[str, Any]
) -> None:
    assert MONDAY == world.now
    world.promise(1, joined=ago(world, 300))  # two agents make one call in two minutes

    assert Refusal(rule=rule) == decide(**facts)
    assert [(rule, number(7))] == rules_written(world)


def test_while_the_pbx_cannot_be_seen_a_call_is_offered_and_no_time_is_said(
    world: World, decide: Decide
) -> None:
    unseen = decide(logged_in=None, at_work=None)
    all_on_a_break = decide(at_work=0)

    assert Offer(place=1, window=None) == unseen == all_on_a_break
    assert [] == rules_written(world)


def test_what_was_told_stands_with_the_promise_and_is_scored_by_the_first_call(world: World) -> None:
    told = Window(from_min=5, to_min=10)
    for place in range(4):
        request = PromiseRequest(
            e164=number(place),
            queue="support",
            source_call=f"call-{place}",
            virtual_join=ago(world, 60 - place),
            window=told,
        )
        assert isinstance(make_promise(world.book, request, world.now), MadePromise)
    world.promise(4, joined=world.now)  # told nothing: not scored
    card = open_promises(world.book)[0]
    assert (MONDAY + timedelta(minutes=5), MONDAY + timedelta(minutes=10)) == (
        card.said_from,
        card.said_until,
    )
    assert QuoteScore(waiting=4) == quote_score(world.book, world.now)

    early = world.dial()
    world.finish(early, Outcome.NO_ANSWER)
    world.later(minutes=6)
    kept = world.dial()
    world.talk(kept)
    world.later(minutes=10)
    second_try = world.dial()  # whoever was called too soon and did not answer
    world.talk(second_try)

    assert QuoteScore(early=1, within=1, late=2, kept=1) == quote_score(world.book, world.now)
    assert [MONDAY, MONDAY + timedelta(minutes=6)] == [card.called_at for card in ended_promises(world.book)]
