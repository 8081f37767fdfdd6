"""Many simulated days under a legal limit of each day: how many end above it, and what keeping it costs.

A day begins cold, knows nothing and is one legal window (16 CFR 310.4 counts by campaign and period, UK
practice by 24 hours). Days differ by their seed alone, so they are independent of each other, may be
played in any order by any number of processes, and are kept one JSON object a line: a run that was
stopped goes on where it ended.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from scipy.special import betaincinv

import dialer.core.pacing
from dialer.lab.comparison import gap_for
from dialer.lab.intervals import half_width
from dialer.lab.policies import Winback
from dialer.lab.scenario import Scenario
from dialer.lab.simulation import Simulation

SURE: Final = 0.95  # of the one-sided bound on the share of days above the limit
CHUNK: Final = 4  # days handed to a process at once


def rules_version() -> str:
    """A fingerprint of the pacing rules' source: days of another version are not taken for this one's."""
    seen = hashlib.sha256()
    for folder in dialer.core.pacing.__path__:
        for file in sorted(Path(folder).glob("*.py")):
            seen.update(file.read_bytes())
    return seen.hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What one day is played with. `limit` is the legal limit of the day; None: no such statute."""

    agents: int
    answer_rate: float
    target: float
    limit: float | None = None
    hours: float = 8.0
    rules: str = field(default_factory=rules_version)  # which pacing rules answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How one day ended; areas are agent-seconds."""

    question: Question
    seed: int
    answered: int
    abandoned: int
    busy_s: float
    logged_in_s: float

    @property
    def share(self) -> float:
        """Abandoned / answered by a person."""
        return self.abandoned / self.answered if self.answered else 0.0

    @property
    def utilisation(self) -> float:
        """(talk + wrap-up) / logged-in time."""
        return self.busy_s / self.logged_in_s


def play_day(question: Question, seed: int) -> Day:
    """One day from a cold start."""
    scenario = Scenario(agents=question.agents, answer_rate=question.answer_rate)
    policy = Winback(question.target, legal_limit=question.limit)
    tally = Simulation(scenario, policy, seed=seed, gap_s=gap_for(scenario)).run(
        until_s=3600.0 * question.hours
    )
    return Day(
        question=question,
        seed=seed,
        answered=tally.answered,
        abandoned=tally.abandoned,
        busy_s=tally.busy_s,
        logged_in_s=tally.logged_in_s,
    )


def play_days(question: Question, count: int, *, jobs: int, keep: Path | None) -> Iterator[Day]:
    """So many days, those already in the file first; new ones are added to it as they end."""
    kept = [day for day in read_days(keep) if day.question == question and day.seed < count] if keep else []
    yield from kept
    known = {day.seed for day in kept}
    missing = [seed for seed in range(count) if seed not in known]
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        for day in pool.map(play_day, [question] * len(missing), missing, chunksize=CHUNK):
            if keep is not None:
                with keep.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(asdict(day)) + "\n")
            yield day


def read_days(path: Path) -> Iterator[Day]:
    """The days of a file that may not exist yet. Raises ValueError naming a line that is no day."""
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                yield Day(**(row | {"question": Question(**row["question"])}))
            except (ValueError, TypeError, KeyError) as wrong:
                raise ValueError(f"{path}, line {number}: not a day ({wrong})") from wrong


def upper_bound(hits: int, count: int) -> float:
    """One-sided 95 % upper bound of hits / count, exact (Clopper and Pearson 1934, Biometrika 26:404)."""
    return 1.0 if hits >= count else float(betaincinv(hits + 1, count - hits, SURE))


def summarise_days(days: Iterable[Day], limit: float) -> dict[str, Any]:
    """Share of days above `limit` with its bound, the highest day, mean abandonment and utilisation."""
    days = list(days)
    above = sum(day.share > limit for day in days)
    return {
        "days": len(days),
        "above": above,
        "share_above": round(above / len(days), 5),
        "share_above_at_most": round(upper_bound(above, len(days)), 5),
        "highest_day": round(max(day.share for day in days), 5),
        "abandonment": round(sum(day.abandoned for day in days) / max(1, sum(d.answered for d in days)), 5),
        "answered_a_day": round(sum(day.answered for day in days) / len(days), 1),
        "utilisation": round(sum(day.busy_s for day in days) / sum(day.logged_in_s for day in days), 5),
        "utilisation_ci": round(half_width([day.utilisation for day in days]), 5),
    }


def run_days(
    question: Question, limit: float, *, days: int, compared: int, jobs: int = 1, keep: Path | None = None
) -> dict[str, Any]:
    """Days under the limit, and `compared` of the same days with the limit as target and no statute.

    `cost` is what keeping the limit takes from utilisation, on the days that were played both ways.
    """
    lawless = replace(question, target=limit, limit=None)
    lawful = list(play_days(replace(question, limit=limit), days, jobs=jobs, keep=keep))
    free = list(play_days(lawless, min(days, compared), jobs=jobs, keep=keep))
    both = {day.seed: day for day in lawful}
    costs = [day.utilisation - both[day.seed].utilisation for day in free]
    return {
        "scenario": asdict(question) | {"limit": limit},
        "with_limit": summarise_days(lawful, limit),
        "without_limit": summarise_days(free, limit),
        "cost": round(sum(costs) / len(costs), 5),
        "cost_ci": round(half_width(costs), 5),
    }
