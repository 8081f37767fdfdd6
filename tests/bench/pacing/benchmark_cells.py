"""The published table, cell by cell: what `docs/pacing.md` shows, for anybody to measure again."""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.pacing.daily_limit import rules_version

from dialer.lab.comparison import OPTIMUM, SEARCHED, is_over, run_cell

CELLS: Final = (
    (3, 0.3), (5, 0.3), (10, 0.3), (20, 0.3), (50, 0.3), (100, 0.3), (300, 0.3),
    (10, 0.15), (50, 0.15), (10, 0.6),
)  # fmt: skip
TARGETS: Final = (0.01, 0.03)
COLUMNS: Final = (
    "agents, answer rate", "winback", "abandoned", "known-law optimum", "ratio", "progressive",
    "fixed ratio, searched", "VICIdial, searched", "best other within the target", "idle s a call",
)  # fmt: skip
OWN: Final = "winback"
FLOOR: Final = "progressive"
MISSING: Final = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell to be measured."""

    agents: int
    answer_rate: float
    target: float
    seeds: int
    hours: float | None = None
    only: tuple[str, ...] = ()
    rules: str = field(default_factory=rules_version)


def measure(cell: Cell) -> dict[str, Any]:
    """The cell's rows by policy, as `winback lab pacing` gives them."""
    result = run_cell(
        agents=cell.agents,
        answer_rate=cell.answer_rate,
        target=cell.target,
        seeds=cell.seeds,
        hours=cell.hours,
        only=frozenset(cell.only),
    )
    return {"cell": asdict(cell), **result}


def run_cells(cells: Iterable[Cell], *, jobs: int, keep: Path | None) -> Iterator[dict[str, Any]]:
    """Measure the cells in their order; those already in the file are not measured again."""
    wanted = [json.loads(json.dumps(asdict(cell))) for cell in cells]
    known = {json.dumps(row["cell"]): row for row in read_cells(keep)} if keep is not None else {}
    missing = [cell for cell in wanted if json.dumps(cell) not in known]
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        fresh = pool.map(measure, [Cell(**(cell | {"only": tuple(cell["only"])})) for cell in missing])
        for cell in wanted:
            row = known.get(json.dumps(cell))
            if row is None:
                row = next(fresh)
                if keep is not None:
                    with keep.open("a", encoding="utf-8") as lines:
                        lines.write(json.dumps(row) + "\n")
            yield row


def read_cells(path: Path) -> list[dict[str, Any]]:
    """The cells in a file that may not exist yet. Raises ValueError if it holds anything else."""
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    if not all(isinstance(row, dict) and "cell" in row for row in rows):
        raise ValueError(f"{path}: a line is no cell of the table")
    return rows


def line_of(row: dict[str, Any]) -> str:
    """The cell as a line of a Markdown table; what was not measured says so."""
    scenario, policies = row["scenario"], row["policies"]
    own, best = policies.get(OWN), policies.get(OPTIMUM)
    within = {
        name: use["utilisation"]
        for name, use in policies.items()
        if name not in SEARCHED | {OWN, OPTIMUM, FLOOR} and not is_over(use, scenario["target"])
    }
    baseline = max(within, key=lambda name: within[name], default=None)
    cells = [f"{scenario['agents']}, {scenario['answer_rate']}"]
    cells.append(f"**{own['utilisation']:.3f}** ± {own['utilisation_ci']:.3f}" if own else MISSING)
    cells.append(f"{own['abandonment']:.2%} ± {own['abandonment_ci']:.2%}" if own else MISSING)
    cells.append(share_of(best))
    cells.append(f"{own['utilisation'] / best['utilisation']:.3f}" if own and best else MISSING)
    cells += [share_of(policies.get(name)) for name in (FLOOR, "ratio_tuned", "vicidial_tuned")]
    cells.append(f"{within[baseline]:.3f} ({baseline})" if baseline else MISSING)
    idle = [f"{policies[name]['idle_per_call_s']:.0f}" for name in (FLOOR, OWN) if name in policies]
    cells.append(" → ".join(idle) or MISSING)
    return f"| {' | '.join(cells)} |"


def share_of(row: dict[str, Any] | None) -> str:
    """A policy's utilisation."""
    return f"{row['utilisation']:.3f}" if row else MISSING


def heading() -> str:
    """The two lines above a Markdown table's body."""
    return f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"
