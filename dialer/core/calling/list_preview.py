"""What a list would hold, told row by row before it is saved, from all customers or a sample of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from dialer.core.calling.list_filter import ListFilter

StepKind = Literal["everybody", "condition", "not_on", "min_risk", "min_gain", "helped", "top"]


class SeenCustomer(NamedTuple):
    """One customer who could be on a list, and what each of its conditions says of them."""

    customer: int
    e164: str
    risk: float | None
    gain: float | None
    left_out: bool  # a call would do them no good
    on_others: bool  # on a list whose people are to be left out
    waiting: bool  # on the list of a campaign that is not finished
    meets: tuple[bool, ...]  # in the order of the conditions


class ListTotals(NamedTuple):
    """How many customers with a number there are by what a filter makes of them."""

    everybody: int  # who meets the conditions, whatever their score
    matching: int  # of them, who reach the least risk and gain too
    left_out: int  # of the matching, for what a call would do
    losing: int  # of those matching and not left out, with an expected loss
    worth: int  # the same, with none
    listed_already: int  # of everybody, who waits on the list of a campaign that is not finished


@dataclass(frozen=True, slots=True, kw_only=True)
class ListStep:
    """Who is left after one row of a filter, and what a call to each of them is expected to bring in all."""

    kind: StepKind
    words: str  # the condition as it is written, or the number that is typed
    customers: int
    gain: float  # money; of those whose gain is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What comes of a filter: its rows, its totals, and the list itself from the best on."""

    steps: tuple[ListStep, ...]
    totals: ListTotals
    listed: int
    numbers: int  # telephones that they are rung at first; as many as listed where not everybody is looked at
    gain: float  # of calls to all listed
    first: tuple[SeenCustomer, ...]  # of those looked at, the first who would be listed


def narrow(
    seen: Sequence[SeenCustomer], filters: ListFilter, top: int | None, *, factor: float, first: int
) -> Narrowing:
    """Follow a filter row by row; `factor`: for how many customers each of those looked at stands."""
    steps = [_step("everybody", "", seen, factor)]
    left = list(seen)
    for number, condition in enumerate(filters.narrowed.where):
        if filters.narrowed.any_of:
            left = [each for each in seen if any(each.meets[: number + 1])]
        else:
            left = [each for each in left if each.meets[number]]
        steps.append(_step("condition", str(condition), left, factor))
    if filters.narrowed.not_on:
        left = [each for each in left if not each.on_others]
        steps.append(_step("not_on", "", left, factor))
    met = left
    if filters.min_risk is not None:
        left = [each for each in left if each.risk is not None and each.risk >= filters.min_risk]
        steps.append(_step("min_risk", f"{filters.min_risk:g}", left, factor))
    if filters.min_gain is not None:
        left = [each for each in left if each.gain is not None and each.gain >= filters.min_gain]
        steps.append(_step("min_gain", f"{filters.min_gain:g}", left, factor))
    taken = [each for each in left if not each.left_out]
    if len(taken) < len(left):
        steps.append(_step("helped", "", taken, factor))
    taken.sort(key=_order)
    fits = round(len(taken) * factor)
    listed = fits if top is None else min(fits, top)
    on_list = taken[: round(listed / factor)]
    if listed < fits:
        gain = _mean(on_list or taken[:1]) * listed
        steps.append(ListStep(kind="top", words=str(top), customers=listed, gain=gain))
    least = max(0.0, filters.min_gain or 0.0)
    counts = (
        len(met),
        len(left),
        len(left) - len(taken),
        sum(each.gain is not None and each.gain < 0 for each in taken),
        sum(each.gain is not None and each.gain >= least for each in taken),
        sum(each.waiting for each in met),
    )
    return Narrowing(
        steps=tuple(steps),
        totals=ListTotals._make(round(count * factor) for count in counts),
        listed=listed,
        numbers=listed if factor != 1.0 else len({each.e164 for each in on_list}),
        gain=steps[-1].gain,
        first=tuple(on_list[:first]),
    )


def _step(kind: StepKind, words: str, left: Sequence[SeenCustomer], factor: float) -> ListStep:
    gain = sum(each.gain for each in left if each.gain is not None) * factor
    return ListStep(kind=kind, words=words, customers=round(len(left) * factor), gain=gain)


def _mean(people: Sequence[SeenCustomer]) -> float:
    return sum(each.gain or 0.0 for each in people) / len(people) if people else 0.0


def _order(each: SeenCustomer) -> tuple[bool, float, float, int]:
    """As the list has them: the most gain first, who has none last."""
    return each.gain is None, -(each.gain or 0.0), -(each.risk or 0.0), each.customer
