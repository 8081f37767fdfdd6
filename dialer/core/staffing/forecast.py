"""How many people come in each quarter of an hour of a coming day, from the days before it.

Two ways compete. The seasonal naive one says that a day will be as the last of its kind was. The other
smooths exponentially: a level with a damped trend (Gardner and McKenzie 1985), a share of it for each kind of
day, and a shape by which the quarters divide it (Holt and Winters). A day's kind is its weekday, or a public
holiday. Each is judged by forecasts of days that were known afterwards, made from the days before them alone
(a rolling origin), and the better one is in use.

Own code: no library that forecasts is among what Winback installs, and both ways are some lines of numpy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np

QUARTERS_A_DAY: Final = 96
SUNDAY: Final = 6
HOLIDAY: Final = 7  # the eighth kind of day, after Monday to Sunday
LEVEL: Final = 0.15  # weight of the latest day in the level: the last week counts for two thirds
SEASON: Final = 0.15  # of the latest day of a kind in its share
SHAPE: Final = 0.15  # and in its shape
TREND: Final = 0.1  # of the latest change of level in the trend
DAMPED: Final = 0.9  # of a trend is left after each day: none goes on for ever
JUDGED_DAYS: Final = 14  # two of each kind; older errors are those of another time
FEWEST_DAYS: Final = 14  # of history before a day is judged: two weeks know each weekday twice
NEIGHBOURS: Final = (0.25, 0.5, 0.25)  # a shape's quarters borrow from those beside them


class ForecastMethod(StrEnum):
    """A way of telling a coming day."""

    SEASONAL_NAIVE = "seasonal_naive"
    SMOOTHING = "smoothing"


Day = np.ndarray  # QUARTERS_A_DAY counts
History = Mapping[date, Day]
Forecaster = Callable[[History, date, frozenset[date]], Day | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastScore:
    """How far a method was off: the sum of errors by quarter of an hour over the sum of people who came."""

    method: ForecastMethod
    error: float
    bias: float  # of the days' sums: above zero it told too many
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayForecast:
    """A coming day; `method` is None where there is no history to tell it by."""

    quarters: tuple[float, ...]
    method: ForecastMethod | None
    scores: tuple[ForecastScore, ...]
    days: int


def forecast_day(history: History, day: date, holidays: frozenset[date]) -> DayForecast:
    """The day by the method that was the better one lately; without enough days to tell, by smoothing."""
    scores = score_methods(history, holidays)
    method = scores[0].method if scores else ForecastMethod.SMOOTHING
    told = FORECASTERS[method](_before(history, day), day, holidays)
    return DayForecast(
        quarters=tuple(float(each) for each in told) if told is not None else (0.0,) * QUARTERS_A_DAY,
        method=method if told is not None else None,
        scores=scores,
        days=len(history),
    )


def score_methods(history: History, holidays: frozenset[date]) -> tuple[ForecastScore, ...]:
    """Both on the latest days, each told from those before it, the better one first; none too early."""
    days = sorted(history)[FEWEST_DAYS:][-JUDGED_DAYS:]
    scores = []
    for method, forecaster in FORECASTERS.items():
        off = came = told_sum = 0.0
        judged = 0
        for day in days:
            told = forecaster(_before(history, day), day, holidays)
            if told is None:
                continue
            judged += 1
            off += float(np.abs(told - history[day]).sum())
            came += float(history[day].sum())
            told_sum += float(told.sum())
        if judged and came:
            scores.append(
                ForecastScore(method=method, error=off / came, bias=(told_sum - came) / came, days=judged)
            )
    return tuple(sorted(scores, key=lambda score: (score.error, score.method)))


def kind_of(day: date, holidays: frozenset[date]) -> int:
    """0 to 6 for a weekday, 7 for a public holiday."""
    return HOLIDAY if day in holidays else day.weekday()


def seasonal_naive(history: History, day: date, holidays: frozenset[date]) -> Day | None:
    """As the last day of its kind; a kind that was never seen is like a Sunday, or the last day of all."""
    last = _last_of_kind(history, kind_of(day, holidays), holidays)
    return history[last].astype(float) if last is not None else None


def smoothed(history: History, day: date, holidays: frozenset[date]) -> Day | None:
    """The level with its trend, times its kind's share of it, dealt out as its kind's days lately were."""
    if not history:
        return None
    days = sorted(history)
    smoothing = _smooth(history, days, holidays)
    kind = kind_of(day, holidays)
    if kind not in smoothing.seasons:
        last = _last_of_kind(history, kind, holidays)
        kind = kind_of(last, holidays) if last is not None else next(iter(smoothing.seasons))
    ahead = max(1, (day - days[-1]).days)
    growth = smoothing.trend * DAMPED * (1.0 - DAMPED**ahead) / (1.0 - DAMPED)
    level = smoothing.level * max(0.0, 1.0 + growth)
    return level * smoothing.seasons[kind] * smoothing.shapes[kind]


FORECASTERS: Final[Mapping[ForecastMethod, Forecaster]] = {
    ForecastMethod.SEASONAL_NAIVE: seasonal_naive,
    ForecastMethod.SMOOTHING: smoothed,
}


@dataclass(slots=True)
class _Smoothing:
    """How many come on a common day, its change from day to day, and by kind of day its share and shape."""

    level: float
    trend: float
    seasons: dict[int, float]
    shapes: dict[int, Day]


def _smooth(history: History, days: Sequence[date], holidays: frozenset[date]) -> _Smoothing:
    """Go through the days in their order; the latest count most."""
    first = [float(history[day].sum()) for day in days[:FEWEST_DAYS]]
    level = sum(first) / (np.count_nonzero(first) or 1)
    found = _Smoothing(level=level, trend=0.0, seasons={}, shapes={})
    for day in days:
        kind, total = kind_of(day, holidays), float(history[day].sum())
        season = found.seasons.get(kind)
        if season is None:
            season = found.seasons[kind] = total / found.level if found.level else 0.0
            found.shapes[kind] = np.zeros(QUARTERS_A_DAY)
        if season and found.level:
            expected = found.level * (1.0 + DAMPED * found.trend)
            # few people say little of the level: a quiet Sunday moves it less than a Monday
            level = expected + LEVEL * min(1.0, season) * (total / season - expected)
            change = level / found.level - 1.0
            found.trend = DAMPED * found.trend + TREND * (change - DAMPED * found.trend)
            found.level = level
        if found.level:
            found.seasons[kind] = season + SEASON * (total / found.level - season)
        _shape(found.shapes, kind, history[day], total)
    return found


def _shape(shapes: dict[int, Day], kind: int, counts: Day, total: float) -> None:
    if not total:
        return
    shape = np.convolve(counts, NEIGHBOURS, mode="same") / total
    weight = SHAPE if shapes[kind].any() else 1.0
    shape = shapes[kind] + weight * (shape - shapes[kind])
    shapes[kind] = shape / shape.sum()


def _last_of_kind(history: History, kind: int, holidays: frozenset[date]) -> date | None:
    """The latest day of this kind; where there is none, a Sunday for a holiday, or the latest day of all."""
    for wanted in (kind, SUNDAY if kind == HOLIDAY else kind):
        same = [day for day in history if kind_of(day, holidays) == wanted]
        if same:
            return max(same)
    return max(history, default=None)


def _before(history: History, day: date) -> History:
    return {each: counts for each, counts in history.items() if each < day}
