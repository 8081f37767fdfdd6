"""Lists: whom a filter takes, what chance makes of them, and in which order they are called."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, Final, Protocol

from churnmodel.holdout import Assignment, Experiment, draw, expect, unit_of
from dialer.core.calling.campaign import LeadState
from dialer.core.calling.list_condition import NOTHING, Narrowed
from dialer.db.queries import assignments, customers, list_conditions
from dialer.db.queries.assignments import Considered, Logged, NewLead
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
    """Say whom a list takes of these, the best first: the first `top` of those who pass the thresholds.

    `left_out` marks those whom calls do no good; empty: nobody.
    """
    left = len(people) if top is None else top
    taken: list[bool] = []
    for each, unfit in zip(people, left_out or [False] * len(people), strict=True):
        passes = _reaches(each.risk, filters.min_risk) and _reaches(each.gain, filters.min_gain)
        taken.append(passes and not unfit and left > 0)
        left -= taken[-1]
    return taken


def _reaches(value: float | None, least: float | None) -> bool:
    return least is None or (value is not None and value >= least)


def log_rows(people: Sequence[Considered], drawn: Sequence[Assignment]) -> list[Logged]:
    """What is written of everyone considered, by customer."""
    rows = [
        Logged(
            customer_id=each.customer,
            household=each.household,
            arm=how.arm.value,
            listed=how.listed,
            call=how.call,
            propensity=how.propensity,
            risk=each.risk,
            value=each.value,
            gain=each.gain,
            uplift=each.uplift,
        )
        for each, how in zip(people, drawn, strict=True)
    ]
    return sorted(rows, key=attrgetter("customer_id"))


def in_order(found: Sequence[NewLead], experiment: Experiment) -> list[NewLead]:
    """The list by gain, with those whom the coin added spread over it evenly.

    At the end, where their gain would put them, they would be called last or never, and tell nothing.
    """
    on = [each for each in found if each.listed]
    dialing_regions = [(float(dialing_region), each) for dialing_region, each in enumerate(on)]
    for each in found:
        if not each.listed:
            unit = unit_of(each.external_id, each.household)
            dialing_regions.append((draw(unit, f"{experiment.name}/place", experiment.salt) * len(on), each))
    dialing_regions.sort(key=lambda pair: pair[0])
    return [each for _, each in dialing_regions]


def lead_rows(campaign: int, found: Sequence[NewLead], now: datetime) -> list[dict[str, Any]]:
    """The list as rows of the database, in its order."""
    return [
        {
            "campaign_id": campaign,
            "customer_id": each.customer,
            "state": LeadState.LISTED if each.call else LeadState.HELD_OUT,
            "rank": rank,
            "next_at": now,
            "e164": each.e164,
            "dialing_region_id": each.dialing_region,
            "risk": each.risk,
            "gain": each.gain,
            "gain_low": each.gain_low,
            "gain_high": each.gain_high,
            "reasons": each.reasons or [],
        }
        for rank, each in enumerate(found, start=1)
    ]
