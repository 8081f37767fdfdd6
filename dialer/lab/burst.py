"""Bursts of no answers: what stands in the air when people pick up again, and what becomes of them.

Nobody picks up for a while (a carrier's outage, a news event), once an hour. Whoever takes that for a new
answer rate rings several times as many people as there are agents, and those people pick up when it is over.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

from bench.pacing.nonstationary import sum_up

from dialer.lab.comparison import gap_for
from dialer.lab.intervals import half_width
from dialer.lab.policies import Winback
from dialer.lab.scenario import Outage, Scenario
from dialer.lab.simulation import Simulation, Tally

LENGTHS_S: Final = (10.0, 60.0, 180.0, 600.0)
EVERY_S: Final = 3600.0  # from one burst's beginning to the next: time for what was learned to settle
FIRST_S: Final = 5400.0  # before the first one: a cold start, and an hour of the usual
SOON_S: Final = 120.0
AFTER_S: Final = 600.0  # that abandonment is judged over
LOOK_S: Final = 1.0  # how often calls in the air are counted
MOST_TIMES: Final = 2.0  # the target that may be abandoned in the ten minutes after


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """One burst of no answers: the most calls in the air in it and after, and what came after."""

    usual: int  # the most calls in the air in the ten minutes before
    peak: int
    soon: Tally  # of the first two minutes after
    after: Tally  # of the ten minutes after, those two included


def play_bursts(scenario: Scenario, target: float, *, length_s: float, count: int, seed: int) -> list[Burst]:
    """So many bursts of one length in one run of Winback's pacing, told nothing."""
    starts_s = [FIRST_S + EVERY_S * index for index in range(count)]
    outages = tuple(Outage(start_s=start_s, length_s=length_s) for start_s in starts_s)
    simulation = Simulation(
        replace(scenario, outages=outages), Winback(target), seed=seed, gap_s=gap_for(scenario)
    )
    return [watch(simulation, start_s, start_s + length_s) for start_s in starts_s]


def watch(simulation: Simulation, start_s: float, end_s: float) -> Burst:
    """Run over one burst and the ten minutes after it."""
    simulation.run(until_s=start_s - AFTER_S)
    usual = peak_until(simulation, start_s)[0]
    during = peak_until(simulation, end_s)[0]
    first, soon = peak_until(simulation, end_s + SOON_S)
    later, rest = peak_until(simulation, end_s + AFTER_S)
    return Burst(usual=usual, peak=max(during, first, later), soon=soon, after=sum_up((soon, rest)))


def peak_until(simulation: Simulation, until_s: float) -> tuple[int, Tally]:
    """Run until then: the most calls in the air at any look, and what was measured."""
    simulation.samples.clear()
    tally = simulation.run(until_s=until_s, warm_up_s=simulation.floor.now, sample_s=LOOK_S)
    return max((sample.ringing for sample in simulation.samples), default=0), tally


def run_bursts(
    *,
    agents: int,
    answer_rate: float,
    target: float,
    seeds: int,
    bursts: int,
    lengths_s: Sequence[float] = LENGTHS_S,
    jobs: int = 1,
) -> dict[str, Any]:
    """Bursts of each length for one team, with the bar: at most twice the target in the ten minutes after."""
    scenario = Scenario(agents=agents, answer_rate=answer_rate)
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        runs = {
            length_s: [
                pool.submit(play_bursts, scenario, target, length_s=length_s, count=bursts, seed=seed)
                for seed in range(seeds)
            ]
            for length_s in lengths_s
        }
        rows = {
            f"{length_s:g}": summarise([run.result() for run in played], target)
            for length_s, played in runs.items()
        }
    return {
        "scenario": {"agents": agents, "answer_rate": answer_rate, "target": target, "seeds": seeds},
        "bars": {"abandonment_after": MOST_TIMES * target},
        "bursts": rows,
    }


def summarise(runs: Sequence[Sequence[Burst]], target: float) -> dict[str, Any]:
    """What bursts of one length did; the interval is over the runs."""
    bursts = [burst for run in runs for burst in run]
    soon, after = (sum_up(burst.soon for burst in bursts), sum_up(burst.after for burst in bursts))
    return {
        "bursts": len(bursts),
        "usual_peak": max(burst.usual for burst in bursts),
        "peak": max(burst.peak for burst in bursts),
        "peak_mean": round(sum(burst.peak for burst in bursts) / len(bursts), 1),
        "answered_after": after.answered,
        "abandoned_after": after.abandoned,
        "abandonment_soon": round(soon.abandonment, 5),
        "abandonment_after": round(after.abandonment, 5),
        "abandonment_after_ci": round(
            half_width([sum_up(burst.after for burst in run).abandonment for run in runs]), 5
        ),
        "utilisation_after": round(after.utilisation, 5),
        "within": after.abandonment <= MOST_TIMES * target,
    }
