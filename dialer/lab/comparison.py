"""The comparison of pacing policies in one scenario, and how baselines' knobs are searched."""

import math
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from rich.console import Console
from rich.table import Table

from dialer.lab.baselines.impact import Impact
from dialer.lab.baselines.issabel import Issabel
from dialer.lab.baselines.uccx import Uccx
from dialer.lab.baselines.vicidial import Knobs, Vicidial
from dialer.lab.baselines.webitel import Webitel
from dialer.lab.dialing_policy import DialingPolicy
from dialer.lab.intervals import half_width
from dialer.lab.policies import Progressive, Winback
from dialer.lab.ratios import Judge, tune_ratio
from dialer.lab.scenario import Scenario
from dialer.lab.simulation import Simulation, Tally
from dialer.lab.true_distributions import true_estimators

WARM_UP_S = 1800.0
DEFAULT_SEEDS = 20
LARGE_TEAM = 40  # from here on decisions are at most one each GAP_S
GAP_S = 0.25
SEARCH_ANSWERS = 4000  # answers that one trial of a knob is judged by
SEARCH_SEED = 9_000  # trials see other customers than the table
BISECTIONS = 8
ROUGHLY = 4  # of so many seeds one judges where the best fixed ratio is to be looked for
VICIDIAL_DIFFERENCES = (0, -1)
VICIDIAL_LEVELS = 8.0
SEARCHED = frozenset({"ratio_tuned", "vicidial_tuned"})  # policies whose knobs take a while to find
OPTIMUM = "true_distributions"  # knows what no dialer can, so it is compared only if asked for
PRICE_TRIALS = 6
FIRST_PRICE = 1.5  # of known distributions, in targets; 1.2 (100 agents) to 2 (3 agents) is found
PRICE_STEP = 0.25  # trials alternate so far around the price that seems right, so that slopes are seen
ELASTICITY = 0.95  # of abandonment by price, as found from 3 to 100 agents
BY_LEAD = "winback_lead_level"
WIDE = 120  # columns of a terminal that also shows what each policy was set to
MEASURES = ("policy", "utilisation", "abandoned", "idle s a call", "calls an agent-hour")

Maker = Callable[[], DialingPolicy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One policy's result over all seeds; the intervals are 95 %, half widths."""

    utilisation: float
    utilisation_ci: float
    abandonment: float
    abandonment_ci: float
    idle_per_call_s: float
    calls_per_agent_hour: float
    answered: int
    callers: int = 0
    callers_lost: int = 0
    promises: int = 0
    promise_wait_s: float = 0.0  # from due to the agent that is kept for it
    setting: str = ""


def default_hours(agents: int) -> float:
    """Measured hours a seed, so that one cell takes less than a minute on one core."""
    steps = ((3, 12.0), (5, 10.0), (10, 6.0), (20, 4.0), (50, 2.0), (100, 1.5))
    return next((hours for most, hours in steps if agents <= most), 0.5)


def gap_for(scenario: Scenario) -> float:
    """The least time between two decisions in this scenario, in seconds."""
    return GAP_S if scenario.agents >= LARGE_TEAM else 0.0


def play(
    scenario: Scenario, make: Maker, *, seeds: Iterable[int], hours: float, warm_up_s: float = WARM_UP_S
) -> list[Tally]:
    """One cold start a seed: a warm-up that is not measured, then `hours`."""
    until_s = warm_up_s + 3600.0 * hours
    return [
        Simulation(scenario, make(), seed=seed, gap_s=gap_for(scenario)).run(
            until_s=until_s, warm_up_s=warm_up_s
        )
        for seed in seeds
    ]


def summarise(tallies: list[Tally], *, setting: str = "") -> Row:
    """The row of one policy."""
    served = sum(tally.served for tally in tallies)
    answered = sum(tally.answered for tally in tallies)
    logged_in_s = sum(tally.logged_in_s for tally in tallies)
    busy_s = sum(tally.busy_s for tally in tallies)
    return Row(
        utilisation=busy_s / logged_in_s,
        utilisation_ci=half_width([tally.utilisation for tally in tallies]),
        abandonment=sum(tally.abandoned for tally in tallies) / max(1, answered),
        abandonment_ci=half_width([tally.abandonment for tally in tallies]),
        idle_per_call_s=(logged_in_s - busy_s) / max(1, served),
        calls_per_agent_hour=3600.0 * served / logged_in_s,
        answered=answered,
        callers=sum(tally.inbound for tally in tallies),
        callers_lost=sum(tally.inbound_lost for tally in tallies),
        promises=sum(tally.promises for tally in tallies),
        promise_wait_s=sum(tally.promises_waited_s for tally in tallies)
        / max(1, sum(tally.promises_rung for tally in tallies)),
        setting=setting,
    )


def search_hours(scenario: Scenario) -> float:
    """Hours of one trial: enough answers to judge by."""
    per_hour = scenario.agents * 3600.0 * 0.8 / (scenario.talk_mean_s + scenario.wrap_mean_s)
    return SEARCH_ANSWERS / per_hour


def judge_by(scenario: Scenario, *, seeds: Sequence[int], hours: float) -> Judge:
    """Judges a dialer by these customers."""
    return lambda make: summarise(play(scenario, make, seeds=seeds, hours=hours))


def tune_vicidial(scenario: Scenario, target: float) -> Knobs:
    """VICIdial's highest level and difference that use agents best within the target.

    Counting free agents only and with its limit off: with the limit on, its level falls to 1 for hours
    whenever the day's share is above, and every search did worse.
    """
    hours = search_hours(scenario) / 2.0
    best, best_use = Knobs(free_only=True, maximum_level=1.0), 0.0
    for difference in VICIDIAL_DIFFERENCES:
        low, high = 1.0, VICIDIAL_LEVELS
        for _ in range(BISECTIONS):
            middle = (low + high) / 2.0
            knobs = Knobs(drop_share=1.0, maximum_level=middle, difference=difference, free_only=True)
            tally = play(scenario, vicidial_maker(knobs), seeds=(SEARCH_SEED,), hours=hours)[0]
            if tally.abandonment > target:
                high = middle
                continue
            low = middle
            if tally.utilisation > best_use:
                best, best_use = knobs, tally.utilisation
    return best


def vicidial_maker(knobs: Knobs) -> Maker:
    """Makes a VICIdial with searched knobs."""
    return lambda: Vicidial("hard", knobs, name="vicidial_tuned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """What the rule that knows the distributions reaches, at the price that abandons the target."""

    price: float
    utilisation: float
    utilisation_ci: float = 0.0
    answered: int = 0

    def row(self, scenario: Scenario, target: float) -> Row:
        """As a row of the table: at the target exactly, calls and idle time by the scenario's own means."""
        handling_s = scenario.talk_mean_s + scenario.wrap_mean_s
        return Row(
            utilisation=self.utilisation,
            utilisation_ci=self.utilisation_ci,
            abandonment=target,
            abandonment_ci=0.0,
            idle_per_call_s=handling_s * (1.0 - self.utilisation) / self.utilisation,
            calls_per_agent_hour=3600.0 * self.utilisation / handling_s,
            answered=self.answered,
            setting=f"told the distributions, price {self.price:.4f} by search, read off at the target",
        )


def find_optimum(scenario: Scenario, target: float, *, seeds: Sequence[int], hours: float) -> Optimum:
    """Search the price; both figures are read off the trials' lines at the target.

    Each trial takes every PRICE_TRIALS-th seed at a price near where the trials before it say the target
    lies, so that all of them together meet the customers of `seeds`, as any other policy does. Around the
    target the logarithm of the abandonment, and utilisation, are nearly straight in the price's logarithm.
    """
    log_price = math.log(FIRST_PRICE * target)
    trials: list[tuple[float, float, float, float]] = []  # weight; logarithms of price and share; utilisation
    answered = 0
    for trial in range(min(PRICE_TRIALS, len(seeds))):
        mine = seeds[trial::PRICE_TRIALS]
        tallies = play(scenario, known_maker(scenario, target, math.exp(log_price)), seeds=mine, hours=hours)
        row = summarise(tallies)
        share = max(row.abandonment, 0.5 / max(1, row.answered))
        trials.append((len(mine) / len(seeds), log_price, math.log(share), row.utilisation))
        answered += row.answered
        log_price += (-1) ** trial * PRICE_STEP + math.log(target / share) / ELASTICITY
    weights, prices, shares, uses = (list(column) for column in zip(*trials, strict=True))
    price, share, use = (weighed(weights, column) for column in (prices, shares, uses))
    spread = sum(weight * (each - price) ** 2 for weight, each in zip(weights, prices, strict=True))
    slope = (
        sum(
            weight * (each - price) * (found - use)
            for weight, each, found in zip(weights, prices, uses, strict=True)
        )
        / spread
        if spread
        else 0.0
    )
    found = price + (math.log(target) - share) / ELASTICITY
    # what each trial alone would say of utilisation at the target
    alone = [
        found_use + slope * (math.log(target) - found_share) / ELASTICITY
        for found_share, found_use in zip(shares, uses, strict=True)
    ]
    return Optimum(
        price=math.exp(found),
        utilisation=use + slope * (found - price),
        utilisation_ci=half_width(alone),
        answered=answered,
    )


def weighed(weights: Sequence[float], values: Sequence[float]) -> float:
    """The mean by these weights, which sum to 1."""
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


def known_maker(scenario: Scenario, target: float, price: float) -> Maker:
    """Makes the look-ahead that knows the scenario's distributions."""
    return lambda: true_estimators(scenario, target, price)


def policies(
    scenario: Scenario,
    target: float,
    *,
    searched: Container[str] = SEARCHED,
    seeds: Sequence[int] = (SEARCH_SEED,),
    hours: float = 1.0,
) -> dict[str, tuple[Maker, str]]:
    """Every policy of the table, and what it was set to; of those with knobs to find only `searched`.

    A fixed ratio is judged by `hours` of each of these seeds.
    """
    stock = Knobs(drop_share=target)
    makers: dict[str, tuple[Maker, str]] = {
        "winback": (lambda: Winback(target), "nothing set"),
        "progressive": (Progressive, ""),
        "vicidial_hard": (lambda: Vicidial("hard", stock), "as shipped, its limit set to the target"),
        "vicidial_average": (lambda: Vicidial("average", stock), "as shipped, its limit set to the target"),
        "vicidial_tapered": (lambda: Vicidial("tapered", stock), "as shipped, its limit set to the target"),
        "issabel": (lambda: Issabel(overcommit=False), "as shipped"),
        "issabel_overcommit": (lambda: Issabel(overcommit=True), "overcommit on; it has no limit"),
        "webitel": (lambda: Webitel(target), "as shipped, its maximum set to the target"),
        "impact": (lambda: Impact(target), "its acceptable rate set to the target"),
        "uccx_like": (lambda: Uccx(target), "its limit set to the target"),
    }
    if scenario.spread > 0.0:
        makers[BY_LEAD] = (lambda: Winback(target, lead_level=True), "lead_level on")
    if "ratio_tuned" in searched:
        ratio = tune_ratio(
            target,
            roughly=judge_by(scenario, seeds=seeds[::ROUGHLY], hours=hours),
            finally_=judge_by(scenario, seeds=seeds, hours=hours),
        )
        makers["ratio_tuned"] = (ratio.make, ratio.words())
    if "vicidial_tuned" in searched:
        knobs = tune_vicidial(scenario, target)
        makers["vicidial_tuned"] = (
            vicidial_maker(knobs),
            f"free agents only, level to {knobs.maximum_level:.2f}, difference {knobs.difference}, by search",
        )
    return makers


def run_cell(
    *,
    agents: int,
    answer_rate: float,
    target: float,
    seeds: int = DEFAULT_SEEDS,
    hours: float | None = None,
    only: frozenset[str] = frozenset(),
    tuned: bool = True,
    scenario: Scenario | None = None,
) -> dict[str, Any]:
    """Measure every policy (or `only` some) in one scenario: `{"scenario": ..., "policies": {name: row}}`."""
    base = scenario or Scenario(agents=agents, answer_rate=answer_rate)
    base = replace(base, agents=agents, answer_rate=answer_rate)
    measured = hours if hours is not None else default_hours(agents)
    searched = (SEARCHED & only if only else SEARCHED) if tuned else frozenset()
    chosen = policies(base, target, searched=searched, seeds=range(seeds), hours=measured)
    rows = {
        name: summarise(play(base, make, seeds=range(seeds), hours=measured), setting=setting)
        for name, (make, setting) in chosen.items()
        if not only or name in only
    }
    if OPTIMUM in only:
        rows[OPTIMUM] = find_optimum(base, target, seeds=range(seeds), hours=measured).row(base, target)
    facts = {key: value for key, value in asdict(base).items() if value not in ((), None)}
    return {
        "scenario": facts | {"target": target, "seeds": seeds, "hours": measured, "warm_up_s": WARM_UP_S},
        "policies": {name: rounded(row) for name, row in rows.items()},
    }


def rounded(row: Row) -> dict[str, Any]:
    """The row as plain values, to the digits that mean something."""
    return {key: round(value, 5) if isinstance(value, float) else value for key, value in asdict(row).items()}


def is_over(row: dict[str, Any], target: float) -> bool:
    """This policy abandons more than the target, beyond what chance explains."""
    return bool(row["abandonment"] - row["abandonment_ci"] > target)


def ranked(cell: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Policies within the target first, best use of agents first."""
    target = cell["scenario"]["target"]
    return sorted(
        cell["policies"].items(), key=lambda item: (is_over(item[1], target), -item[1]["utilisation"])
    )


def print_table(cell: dict[str, Any], *, console: Console) -> None:
    """The cell for a reader: best use of agents first; what is over the target is marked."""
    scenario, target = cell["scenario"], cell["scenario"]["target"]
    table = Table(
        title=f"{scenario['agents']} agents, answer rate {scenario['answer_rate']}, target {target:.1%} "
        f"({scenario['seeds']} seeds of {scenario['hours']:g} h)"
    )
    headings = [*MEASURES, "setting"] if console.width >= WIDE else list(MEASURES)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in ("policy", "setting") else "right")

    for name, row in ranked(cell):
        over = is_over(row, target)
        table.add_row(
            name,
            f"{row['utilisation']:.3f} ± {row['utilisation_ci']:.3f}",
            f"{row['abandonment']:.2%} ± {row['abandonment_ci']:.2%}" + (" over" if over else ""),
            f"{row['idle_per_call_s']:.1f}",
            f"{row['calls_per_agent_hour']:.2f}",
            *([row["setting"]] if len(headings) > len(MEASURES) else []),
        )
    console.print(table)
