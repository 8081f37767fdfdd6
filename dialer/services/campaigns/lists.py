"""Lists: whom a filter takes, what its rows do, and what chance is expected to make of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from random import Random
from typing import Final, Protocol

from churnmodel.holdout import Experiment, expect
from churnmodel.reasons.phrases import in_words
from dialer.core.calling.list_filter import ListFilter
from dialer.core.calling.list_preview import ListStep, Narrowing, narrow
from dialer.db.queries import customers, list_people
from dialer.db.queries.list_people import ListAsked
from dialer.db.session import Database, Transaction

FEWEST_HELD_OUT: Final = 30  # fewer on a side say nothing of what calling changed
LOOKED_AT: Final = 3_000  # customers of a larger book: a share of a half is told to within 1.8 of a hundredth
FIRST_SHOWN: Final = 5
DRAWN_BY: Final = 20261129  # the same customers at each look, so that what was typed makes the difference
SIDE_BY_SIDE: Final = 10  # ids that are drawn together: a database reads them at once, ten times as quick


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCount:
    """How many a filter lets through, and what chance is expected to make of the list."""

    matching: int
    left_out: int  # of them, for what a call would do: it drives them away, or helps them least
    listed: int
    numbers: int  # telephones that they are rung at first; fewer than listed where some share one
    called: int  # expected, as all below; who it is, is settled when the list is saved
    held_out: int  # of the list, never called by any campaign
    explored: int  # called or not by a coin, on the list and off it
    losing: int  # of the list, whose call is expected to cost more than it brings
    gain: float  # what a call to each of the listed is expected to bring, in all
    listed_already: int  # of those matching the columns, on the list of a campaign that goes on
    measurable: bool  # enough on each side for this campaign's effect to be measured by itself


class Scored(Protocol):
    """A customer as a model sees them."""

    @property
    def risk(self) -> float | None: ...
    @property
    def gain(self) -> float | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstListed:
    """One of the first customers on a list, and why they stand there; reasons in words."""

    customer: int
    external_id: str
    name: str
    risk: float | None
    gain: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPreview:
    """A list before it is saved: after each row of its filter, in all, and its first customers.

    Of a book larger than `LOOKED_AT` a sample of the customers is looked at, and every count is an estimate.
    """

    customers: int  # in the book; of a large one, as all counts, as many as the sample says
    looked_at: int
    exact: bool
    steps: tuple[ListStep, ...]
    count: ListCount
    first: tuple[FirstListed, ...]


def count_list(
    database: Database,
    filters: ListFilter,
    now: datetime,
    top: int | None = None,
    *,
    holdout_share: float = 0.1,
    explore_share: float = 0.1,
) -> ListCount:
    """What a list would hold, before anything is saved; every customer is looked at."""
    with database.read() as tx:
        asked = ListAsked(filters=filters, model=_model(tx), now=now)
        totals = list_people.totals(tx, asked)
        fits = totals.matching - totals.left_out
        listed = fits if top is None else min(fits, top)
        numbers, gain = list_people.numbers_and_gain(tx, asked, listed)
    narrowed = Narrowing(steps=(), totals=totals, listed=listed, numbers=numbers, gain=gain, first=())
    return _count(narrowed, holdout_share, explore_share)


def preview_list(
    database: Database,
    filters: ListFilter,
    now: datetime,
    top: int | None = None,
    *,
    holdout_share: float = 0.1,
    explore_share: float = 0.1,
    language: str = "en",
) -> ListPreview:
    """What each row of a filter does, and who would be called first; soon, however large the book is."""
    with database.read() as tx:
        asked = ListAsked(filters=filters, model=_model(tx), now=now)
        everybody = looked_at = list_people.count_up_to(tx, LOOKED_AT + 1)
        among = None
        if everybody > LOOKED_AT:
            ids = list_people.id_span(tx)
            among = _drawn(ids)
            looked_at = list_people.count_ids(tx, among)
            everybody = round(looked_at * len(ids) / len(among))
        seen = list_people.seen(tx, asked, among)
        found = narrow(
            seen,
            filters,
            top,
            factor=everybody / looked_at if everybody and looked_at else 1.0,
            first=FIRST_SHOWN,
        )
        told = list_people.described(tx, asked.model, [each.customer for each in found.first])
    return ListPreview(
        customers=everybody,
        looked_at=looked_at,
        exact=among is None,
        steps=found.steps,
        count=_count(found, holdout_share, explore_share),
        first=tuple(
            FirstListed(
                customer=each.customer,
                external_id=told[each.customer].external_id,
                name=told[each.customer].name,
                risk=each.risk,
                gain=each.gain,
                reasons=in_words(told[each.customer].reasons, language),
            )
            for each in found.first
        ),
    )


def _model(tx: Transaction) -> int | None:
    model = customers.champion(tx)
    return model.id if model else None


def _drawn(ids: range) -> list[int]:
    """Ids by chance, a few side by side; where many are nobody's, the sample is the smaller."""
    begins = ids[::SIDE_BY_SIDE]
    drawn = Random(DRAWN_BY).sample(begins, min(len(begins), LOOKED_AT // SIDE_BY_SIDE))  # noqa: S311 - no secret
    return [each for begin in sorted(drawn) for each in range(begin, min(begin + SIDE_BY_SIDE, ids.stop))]


def _count(found: Narrowing, holdout_share: float, explore_share: float) -> ListCount:
    totals, listed = found.totals, found.listed
    experiment = Experiment(name="a list", salt="any", control=holdout_share, explore=explore_share)
    expected = expect(experiment, listed, max(0, totals.everybody - listed))
    uncalled = listed * (holdout_share + (1 - holdout_share) * explore_share / 2)
    return ListCount(
        matching=totals.matching,
        left_out=totals.left_out,
        listed=listed,
        numbers=found.numbers,
        called=round(expected.called),
        held_out=round(expected.control),
        explored=round(expected.explored),
        # the list begins with the greatest gain
        losing=min(totals.losing, max(0, listed - totals.worth)),
        gain=found.gain,
        listed_already=totals.listed_already,
        measurable=min(listed - uncalled, uncalled) >= FEWEST_HELD_OUT,
    )


def takes(people: Sequence[Scored], filters: ListFilter, top: int | None) -> list[bool]:
    """Say whom a list takes of these, the best first: the first `top` who reach the least risk and gain."""
    before = count()
    fit = (_reaches(each.risk, filters.min_risk) and _reaches(each.gain, filters.min_gain) for each in people)
    return [each and (top is None or next(before) < top) for each in fit]


def _reaches(value: float | None, least: float | None) -> bool:
    return least is None or (value is not None and value >= least)
