"""Days that change: what a change costs, beside what the look-ahead told each part's scenario reaches.

A shift of four hours after half an hour that is not measured, or from a cold start. Each part of it is a
scenario of its own; the optimum of a part is what `comparison.find_optimum` finds there, and that of a shift
the mean of its parts, weighed by the agents' time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any, Final

from dialer.lab.comparison import SEARCH_ANSWERS, WARM_UP_S, find_optimum, gap_for, search_hours
from dialer.lab.intervals import half_width
from dialer.lab.policies import Winback
from dialer.lab.scenario import Break, Scenario, ScenarioPhase
from dialer.lab.simulation import Simulation, Tally

SHIFT_S: Final = 4 * 3600.0
HOUR_S: Final = 3600.0
THIRD_S: Final = SHIFT_S / 3
BURST_SHARE: Final = 0.25  # of the agents' time that a burst of callers takes
SLACK_FEW: Final = 0.003  # abandonment above the target that a shift may end with, up to FEW agents
SLACK_MANY: Final = 0.001
FEW: Final = 10
OPTIMUM_ANSWERS: Final = 16_000.0  # that a part's optimum rests on
OPTIMUM_RUNS: Final = 18
LEAST_RATIO: Final = 0.985  # of the optimum


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPart:
    """A stretch of the shift in which nothing changes: its share of the time, and its scenario."""

    share: float
    scenario: Scenario


# of how many agents there are, and of when the shift begins
Maker = Callable[[int, float], tuple[Scenario, tuple[ShiftPart, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A day that changes: its scenario from a shift's beginning on, and the stationary ones of its parts."""

    name: str
    after_s: float  # of the shift, when it changes first
    make: Maker


def handling_s(scenario: Scenario) -> float:
    """Talk and wrap-up, on average."""
    return scenario.talk_mean_s + scenario.wrap_mean_s


def at_half(before: Mapping[str, float], after: Mapping[str, float]) -> Maker:
    """A scenario that is another one from the middle of the shift on."""

    def make(agents: int, begins_s: float) -> tuple[Scenario, tuple[ShiftPart, ...]]:
        first = replace(Scenario(agents=agents, answer_rate=0.3), **before)  # type: ignore[arg-type]
        phase = ScenarioPhase(start_s=begins_s + SHIFT_S / 2, **after)  # type: ignore[arg-type]
        second = replace(first, **after)  # type: ignore[arg-type]
        return replace(first, phases=(phase,)), (
            ShiftPart(share=0.5, scenario=first),
            ShiftPart(share=0.5, scenario=second),
        )

    return make


def lunch(*, announced: bool) -> Maker:
    """Half of the agents are away for the middle third of the shift."""

    def make(agents: int, begins_s: float) -> tuple[Scenario, tuple[ShiftPart, ...]]:
        whole = Scenario(agents=agents, answer_rate=0.3)
        few = replace(whole, agents=agents - agents // 2)
        away = Break(start_s=begins_s + THIRD_S, length_s=THIRD_S, agents=agents // 2, announced=announced)
        return replace(whole, breaks=(away,)), (
            ShiftPart(share=2 / 3, scenario=whole),
            ShiftPart(share=1 / 3, scenario=few),
        )

    return make


def burst(agents: int, begins_s: float) -> tuple[Scenario, tuple[ShiftPart, ...]]:
    """Live callers take a quarter of the agents' time for the middle third of the shift."""
    quiet = Scenario(agents=agents, answer_rate=0.3)
    per_hour = BURST_SHARE * agents * 3600.0 / handling_s(quiet)
    phases = (
        ScenarioPhase(start_s=begins_s + THIRD_S, inbound_per_hour=per_hour),
        ScenarioPhase(start_s=begins_s + 2 * THIRD_S, inbound_per_hour=0.0),
    )
    return replace(quiet, phases=phases), (
        ShiftPart(share=2 / 3, scenario=quiet),
        ShiftPart(share=1 / 3, scenario=replace(quiet, inbound_per_hour=per_hour)),
    )


CHANGES: Final = (
    Change(
        name="answer rate doubles, 0.15 to 0.3",
        after_s=SHIFT_S / 2,
        make=at_half({"answer_rate": 0.15}, {"answer_rate": 0.3}),
    ),
    Change(
        name="answer rate doubles, 0.3 to 0.6", after_s=SHIFT_S / 2, make=at_half({}, {"answer_rate": 0.6})
    ),
    Change(
        name="answer rate halves, 0.3 to 0.15", after_s=SHIFT_S / 2, make=at_half({}, {"answer_rate": 0.15})
    ),
    Change(
        name="talk doubles, 180 s to 360 s", after_s=SHIFT_S / 2, make=at_half({}, {"talk_mean_s": 360.0})
    ),
    Change(name="half leave for lunch and come back", after_s=THIRD_S, make=lunch(announced=False)),
    Change(name="the same, announced", after_s=THIRD_S, make=lunch(announced=True)),
    Change(name="a burst of live callers", after_s=THIRD_S, make=burst),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One shift: the whole of it, and its abandonment in the first hour after the first change."""

    tally: Tally
    first_hour: Tally


def play_shift(scenario: Scenario, target: float, *, begins_s: float, change_s: float, seed: int) -> Shift:
    """One shift of Winback's pacing, told nothing."""
    simulation = Simulation(scenario, Winback(target), seed=seed, gap_s=gap_for(scenario))
    if begins_s > 0.0:
        simulation.run(until_s=begins_s)
    stretches = ((begins_s, change_s), (change_s, change_s + HOUR_S), (change_s + HOUR_S, begins_s + SHIFT_S))
    tallies = [simulation.run(until_s=until_s, warm_up_s=from_s) for from_s, until_s in stretches]
    return Shift(tally=sum_up(tallies), first_hour=tallies[1])


def sum_up(tallies: Iterable[Tally]) -> Tally:
    """One tally for several stretches."""
    columns = zip(*(astuple(tally) for tally in tallies), strict=True)
    return Tally(*(sum(column) for column in columns))


def best_of(
    parts: Sequence[ShiftPart], target: float, known: dict[Scenario, float], *, answers: float
) -> float:
    """The optimum of a shift: its parts', weighed by their agents' time; `known` keeps what is found."""
    for part in parts:
        if part.scenario not in known:
            known[part.scenario] = find_optimum(
                part.scenario, target, seeds=range(OPTIMUM_RUNS), hours=hours_for(part.scenario, answers)
            ).utilisation
    weights = [part.share * part.scenario.agents for part in parts]
    uses = [known[part.scenario] for part in parts]
    return sum(weight * use for weight, use in zip(weights, uses, strict=True)) / sum(weights)


def hours_for(scenario: Scenario, answers: float) -> float:
    """Hours of each run, so that all of them come to so many answers."""
    return search_hours(scenario) * answers / SEARCH_ANSWERS / OPTIMUM_RUNS


def run_changes(
    *, agents: int, target: float, seeds: int, cold: bool, only: str = "", answers: float = OPTIMUM_ANSWERS
) -> dict[str, Any]:
    """Every change (or those whose name holds `only`) for one team, with its bars."""
    begins_s = 0.0 if cold else WARM_UP_S
    known: dict[Scenario, float] = {}
    slack = SLACK_FEW if agents <= FEW else SLACK_MANY
    rows = {}
    for change in CHANGES:
        if only not in change.name:
            continue
        scenario, parts = change.make(agents, begins_s)
        change_s = begins_s + change.after_s
        shifts = [
            play_shift(scenario, target, begins_s=begins_s, change_s=change_s, seed=seed)
            for seed in range(seeds)
        ]
        whole = sum_up(shift.tally for shift in shifts)
        best = best_of(parts, target, known, answers=answers)
        ratio = whole.utilisation / best
        rows[change.name] = {
            "utilisation": round(whole.utilisation, 5),
            "utilisation_ci": round(half_width([shift.tally.utilisation for shift in shifts]), 5),
            "optimum": round(best, 5),
            "ratio": round(ratio, 5),
            "abandonment": round(whole.abandonment, 5),
            "abandonment_ci": round(half_width([shift.tally.abandonment for shift in shifts]), 5),
            "first_hour": round(sum_up(shift.first_hour for shift in shifts).abandonment, 5),
            "callers": whole.inbound,
            "callers_lost": whole.inbound_lost,
            "within": whole.abandonment <= target + slack and ratio >= LEAST_RATIO,
        }
    return {
        "scenario": {"agents": agents, "target": target, "seeds": seeds, "cold": cold, "shift_s": SHIFT_S},
        "bars": {"abandonment": round(target + slack, 5), "ratio": LEAST_RATIO},
        "changes": rows,
    }
