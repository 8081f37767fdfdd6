"""How fast scoring is: three reasons each, Parquet to Parquet, against the bare model on the same rows."""

import resource
import time
from pathlib import Path
from typing import Any, Final

import polars as pl

from churnmodel.array_types import Progress, no_progress
from churnmodel.artefact import load, save
from churnmodel.data.contract import infer_contract
from churnmodel.risk.training import train_risk
from churnmodel.scoring.partitions import PART_ROWS, plan_partitions, score_partitions
from churnmodel.scoring.score import BATCH_ROWS
from churnmodel.synthetic_customers import make_customers

TRAINING_ROWS: Final = 8_000
CANDIDATES: Final = ("ebm",)
"""The champion candidate: main effects and pairs, the heaviest of the additive models."""

KIB_A_MIB: Final = 1024


def bench_scale(
    folder: Path | str, rows: int, *, seed: int = 1, progress: Progress = no_progress
) -> dict[str, Any]:
    """Make `rows` customers in Parquet, score them bare and in full on one core; give seconds and memory.

    The bare run reads the same rows and calls `RiskModel.predict`; it writes and words nothing. Seconds
    are processor time of this process, so other work on the machine does not count; memory is its peak.
    Set OMP_NUM_THREADS=1 and POLARS_MAX_THREADS=1 before the start for a figure of one thread.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    customers = make_customers(TRAINING_ROWS, seed)
    model = train_risk(customers, infer_contract(customers), seed=seed, candidates=CANDIDATES)
    save(model, folder / "model")
    sources = []
    for number, first in enumerate(range(0, rows, PART_ROWS)):
        sources.append(folder / f"customers-{number:03d}.parquet")
        make_customers(min(PART_ROWS, rows - first), seed + 1 + number).drop("churned").write_parquet(
            sources[-1]
        )
        progress("make", min(1.0, (first + PART_ROWS) / rows))
    ready = load(folder / "model")
    started = time.process_time()
    for source in sources:
        frame = pl.read_parquet(source)
        for first in range(0, frame.height, BATCH_ROWS):
            ready.predict(frame.slice(first, BATCH_ROWS))
    bare = time.process_time() - started
    started = time.process_time()
    parts = plan_partitions(sources, folder / "scores")
    scored = sum(result.rows for result in score_partitions(folder / "model", parts, progress=progress))
    full = time.process_time() - started
    return {
        "rows": scored,
        "features": len(ready.features.names),
        "bare_seconds": round(bare, 2),
        "full_seconds": round(full, 2),
        "ratio": round(full / bare, 3),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_A_MIB,
    }
