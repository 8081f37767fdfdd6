"""What pages say of a list: of a short one counted at once, of a long one beside them, with its moment."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from databases.centre import Centre
from sqlalchemy import delete, update
from sqlalchemy.exc import NoResultFound

from dialer.db.models import Lead
from dialer.db.statement_count import StatementCount
from dialer.services.analytics.effect import CampaignEffect, measure_campaign
from dialer.services.analytics.prices import Price
from dialer.services.campaigns.campaigns import CampaignCard, campaign_card, list_worth
from dialer.services.campaigns.held_leads import look_at_list
from dialer.services.campaigns.list_figures import GOOD_FOR, ListFigures


class CountedLater(ThreadPoolExecutor):
    """Counts wait until they are told to go on, as those of a long list take their time."""

    def __init__(self) -> None:
        super().__init__(1)
        self.waiting: list[tuple[Future[Any], Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Asked for, and not begun."""
        asked: Future[Any] = Future()
        self.waiting.append((asked, lambda: fn(*args, **kwargs)))
        return asked

    def go_on(self) -> int:
        """Count what was asked for; how many that were."""
        asked, self.waiting = self.waiting, []
        for each, count in asked:
            each.set_result(super().submit(count).result())
        return len(asked)


@pytest.fixture
def later() -> Iterator[CountedLater]:
    with CountedLater() as beside:
        yield beside


def card_of(centre: Centre) -> CampaignCard:
    card = campaign_card(centre.database, "winter")
    assert card is not None
    return card


def test_a_lists_worth_is_summed_once_and_anew_once_somebody_is_gone(
    centre: Centre, later: CountedLater
) -> None:
    centre.customers(3)
    centre.campaign()
    with centre.database.write() as tx:
        tx.execute(update(Lead).values(gain=10.0))
    figures = ListFigures(centre.database, later)
    first = figures.worth(card_of(centre), centre.now)

    card, count = card_of(centre), StatementCount(centre.database)
    again = figures.worth(card, centre.now)

    assert 0 == count.statements
    assert again is not None
    assert (3, 30.0) == (again.calls, again.gain)
    assert first == again
    with centre.database.write() as tx:
        tx.execute(delete(Lead).where(Lead.rank == 1))
    fewer = figures.worth(card_of(centre), centre.now)
    assert list_worth(centre.database, card.id) == fewer
    assert fewer is not None
    assert 20.0 == fewer.gain
    assert [] == later.waiting


def test_no_page_waits_for_a_long_list_to_be_counted_and_what_it_shows_says_of_when_it_is(
    centre: Centre, later: CountedLater
) -> None:
    centre.customers(3)
    centre.campaign()
    figures, began = ListFigures(centre.database, later, at_once=2), centre.now

    card, count = card_of(centre), StatementCount(centre.database)
    assert figures.now(card, began) is None
    assert figures.now(card, began) is None
    assert figures.worth(card, began) is None
    assert 0 == count.statements
    assert 2 == later.go_on(), "the look once, however many ask, and the worth"

    found = look_at_list(centre.database, card.id, began)
    centre.now += GOOD_FOR / 2
    assert found == figures.now(card_of(centre), centre.now) == figures.now_of_late(card, centre.now)
    assert began == found.at
    assert [] == later.waiting
    centre.now = began + GOOD_FOR
    assert figures.now_of_late(card, centre.now) is None, "too old for a program, which gets no word of it"
    assert found == figures.now(card_of(centre), centre.now), "the old one, until the new one is there"
    assert 1 == later.go_on()
    anew = figures.now(card_of(centre), centre.now)
    assert anew is not None
    assert centre.now == anew.at
    assert list_worth(centre.database, card.id) == figures.worth(card, centre.now)


def test_who_was_randomised_is_counted_beside_pages_and_anew_once_a_list_was_made(
    centre: Centre, later: CountedLater
) -> None:
    centre.customers(3)
    centre.campaign()
    figures = ListFigures(centre.database, later, at_once=2)

    assert figures.ranking(centre.now) is None
    assert 1 == later.go_on()
    assert figures.ranking(centre.now) is not None
    assert [] == later.waiting
    centre.campaign(name="spring")
    assert figures.ranking(centre.now) is None


def test_a_count_that_failed_is_begun_again_by_the_next_who_asks(centre: Centre, later: CountedLater) -> None:
    centre.customers(3)
    centre.campaign()
    card = card_of(centre)
    gone = CampaignCard(**{name: getattr(card, name) for name in card.__slots__} | {"id": card.id + 1})
    figures = ListFigures(centre.database, later, at_once=2)
    for _ in range(2):
        assert figures.now_of_late(gone, centre.now) is None
        with pytest.raises(NoResultFound):
            later.go_on()
    assert figures.now_of_late(card, centre.now) is None
    later.go_on()
    found = figures.now_of_late(card, centre.now)
    assert found is not None
    assert 3 == found.callable


def test_what_calling_changed_is_measured_beside_the_page_of_a_long_list_alone(
    centre: Centre, later: CountedLater
) -> None:
    centre.customers(3)
    centre.campaign()
    card = card_of(centre)

    def measure() -> CampaignEffect:
        return measure_campaign(centre.database, card.id, centre.now, price=Price(), stop=False)

    short, long = (ListFigures(centre.database, later, at_once=most) for most in (3, 2))

    assert measure() == short.effect(card, centre.now, so_far=False, measure=measure)
    assert long.effect(card, centre.now, so_far=False, measure=measure) is None
    assert long.effect(card, centre.now, so_far=True, measure=measure) is None
    assert 2 == later.go_on(), "at the horizon's end and so far are two"
    assert measure() == long.effect(card, centre.now, so_far=False, measure=measure)
