"""Lists: whom a filter takes, and what chance is expected to make of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

from churnmodel.holdout import Experiment, expect
from dialer.core.calling.list_condition import NOTHING, Narrowed
from dialer.db.queries import assignments, customers, list_conditions
from dialer.db.session import Database

VALUES_SHOWN: Final = 6  # of each column; the rest is read in the file
FEWEST_HELD_OUT: Final = 30  # fewer on a side say nothing of what calling changed


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """Which customers belong on a list; risk is 0 to 1, gain is money, `equals` is by attribute."""

    min_risk: float | None = None
    min_gain: float | None = None
    with_left: bool = False  # also those of whom was said last that they left: for a win-back
    equals: Mapping[str, Any] = field(default_factory=dict)
    narrowed: Narrowed = NOTHING


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


def count_list(
    database: Database,
    filters: ListFilter,
    top: int | None = None,
    *,
    holdout_share: float = 0.1,
    explore_share: float = 0.1,
) -> ListCount:
    """What a list would hold, before anything is saved."""
    with database.read() as tx:
        model = customers.champion(tx)
        key = model.id if model else None
        count = partial(
            assignments.count_considered,
            tx,
            key,
            equals=filters.equals,
            with_left=filters.with_left,
            narrowed=filters.narrowed,
        )
        passing = partial(count, min_risk=filters.min_risk, min_gain=filters.min_gain)
        matching, left_out, everybody = passing(), passing(left_out=True), count()
        lose = passing(left_out=False, below_gain=0.0)
        worth = passing(left_out=False, min_gain=max(0.0, filters.min_gain or 0.0))
        listed = matching - left_out if top is None else min(matching - left_out, top)
        numbers = assignments.count_numbers(
            tx,
            key,
            listed,
            equals=filters.equals,
            with_left=filters.with_left,
            min_risk=filters.min_risk,
            min_gain=filters.min_gain,
            narrowed=filters.narrowed,
        )
        gain = assignments.gain_of_first(
            tx,
            key,
            listed,
            equals=filters.equals,
            with_left=filters.with_left,
            narrowed=filters.narrowed,
            min_risk=filters.min_risk,
            min_gain=filters.min_gain,
        )
        already = assignments.listed_already(
            tx, key, equals=filters.equals, with_left=filters.with_left, narrowed=filters.narrowed
        )
    experiment = Experiment(name="a list", salt="any", control=holdout_share, explore=explore_share)
    expected = expect(experiment, listed, everybody - listed)
    uncalled = listed * (holdout_share + (1 - holdout_share) * explore_share / 2)
    return ListCount(
        matching=matching,
        left_out=left_out,
        listed=listed,
        numbers=numbers,
        called=round(expected.called),
        held_out=round(expected.control),
        explored=round(expected.explored),
        losing=min(lose, max(0, listed - worth)),  # the list begins with the greatest gain
        gain=gain,
        listed_already=already,
        measurable=min(listed - uncalled, uncalled) >= FEWEST_HELD_OUT,
    )


class Taking:
    """Says of customers, the best first, whom a list takes: the first `top` who pass the thresholds."""

    def __init__(self, filters: ListFilter, top: int | None) -> None:
        self._filters = filters
        self._left = top

    def takes(self, risk: float | None, gain: float | None, *, left_out: bool) -> bool:
        """Whether the next one is taken; `left_out`: calls do them no good."""
        if left_out or self._left == 0:
            return False
        if not (_reaches(risk, self._filters.min_risk) and _reaches(gain, self._filters.min_gain)):
            return False
        if self._left is not None:
            self._left -= 1
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSeen:
    """A column of the customers' own, how many of the sampled have it, and what stands in it most often."""

    name: str
    known: int
    values: tuple[tuple[str, int], ...]


def known_columns(database: Database) -> tuple[ColumnSeen, ...]:
    """The columns of the newest customers, each with its most frequent values."""
    with database.read() as tx:
        sampled = list_conditions.sampled_attributes(tx)
    counted: dict[str, Counter[str]] = {}
    for attributes in sampled:
        for name, value in attributes.items():
            if value is not None:
                counted.setdefault(name, Counter())[str(value)] += 1
    return tuple(
        ColumnSeen(name=name, known=values.total(), values=tuple(values.most_common(VALUES_SHOWN)))
        for name, values in sorted(counted.items())
    )


def takes(
    people: Sequence[Scored], filters: ListFilter, top: int | None, *, left_out: Sequence[bool] = ()
) -> list[bool]:
    """Say whom a list takes of these, the best first.

    `left_out` marks those whom calls do no good; empty: nobody.
    """
    taking = Taking(filters, top)
    unfit = left_out or [False] * len(people)
    return [taking.takes(each.risk, each.gain, left_out=out) for each, out in zip(people, unfit, strict=True)]


def _reaches(value: float | None, least: float | None) -> bool:
    return least is None or (value is not None and value >= least)
