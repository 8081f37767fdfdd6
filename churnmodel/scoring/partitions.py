"""Scoring Parquet files of any size: part by part, on any machine, resumable, memory bounded by the batch.

A part is a range of rows of one source file and one target file. Scoring a part writes beside and renames,
so a target that exists is whole; a part whose target was made by the same model is skipped. Parts know
nothing of each other: run them in a loop on one core or hand each to a worker. A part travels as plain
values.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from churnmodel.array_types import Progress, no_progress
from churnmodel.artefact import load, read_manifest
from churnmodel.customer_value import guess_charge_column
from churnmodel.risk.training import versions
from churnmodel.scoring.score import BATCH_ROWS, Scorer, scorer
from churnmodel.value import Price

PART_ROWS: Final = 250_000
"""Rows of one part: about a second of work and a hundred megabytes, so a lost worker costs little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Rows `first` to `first + rows` of one source, to be scored into one target."""

    source: str
    first: int
    rows: int
    target: str

    def as_dict(self) -> dict[str, Any]:
        """Give plain values, for a job queue."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionResult:
    """What became of a part: `skipped` if its target was already there, made by the same model."""

    target: str
    rows: int
    skipped: bool


def plan_partitions(
    sources: Sequence[Path | str], folder: Path | str, *, rows: int = PART_ROWS
) -> tuple[Partition, ...]:
    """Cut sources into parts with targets in `folder`; the same sources give the same parts."""
    folder = Path(folder)
    parts: list[Partition] = []
    for number, source in enumerate(sources):
        total = int(pl.scan_parquet(source).select(pl.len()).collect().item())
        parts += [
            Partition(
                source=str(source),
                first=first,
                rows=min(rows, total - first),
                target=str(folder / f"scores-{number:03d}-{first:010d}.parquet"),
            )
            for first in range(0, max(total, 1), rows)
        ]
    return tuple(parts)


def score_partition(
    model_folder: Path | str,
    part: Partition | Mapping[str, Any],
    *,
    price: Price | Mapping[str, Any] | None = None,
    language: str | None = "en",
) -> PartitionResult:
    """Score one part; arguments are plain values or their types, so that a job can call it.

    Safe to run twice, also at once: the target appears whole or not at all. Raises `ArtefactRefused` for a
    model that must not be used.
    """
    part = part if isinstance(part, Partition) else Partition(**part)
    price = price if isinstance(price, Price) or price is None else Price(**price)
    manifest = read_manifest(model_folder)
    if _is_done(part, manifest["manifest_sha256"], language):
        return PartitionResult(target=part.target, rows=part.rows, skipped=True)
    return _score(part, None, Path(model_folder), price, language, manifest["manifest_sha256"])[0]


def score_partitions(
    model_folder: Path | str,
    parts: Sequence[Partition],
    *,
    price: Price | None = None,
    language: str | None = "en",
    progress: Progress = no_progress,
) -> Iterator[PartitionResult]:
    """Score parts one after the other on this core, skipping those already done."""
    mark = read_manifest(model_folder)["manifest_sha256"]
    ready: Scorer | None = None
    for number, part in enumerate(parts):
        if _is_done(part, mark, language):
            result = PartitionResult(target=part.target, rows=part.rows, skipped=True)
        else:
            result, ready = _score(part, ready, Path(model_folder), price, language, mark)
        progress("parts", (number + 1) / len(parts))
        yield result


def _score(  # noqa: PLR0917 - one part and all that its scoring needs
    part: Partition,
    ready: Scorer | None,
    model_folder: Path,
    price: Price | None,
    language: str | None,
    mark: str,
) -> tuple[PartitionResult, Scorer]:
    frame = (
        pl.scan_parquet(part.source)
        .select(_columns(model_folder, part, price))
        .slice(part.first, part.rows)
        .collect()
    )
    if ready is None:
        ready = scorer(load(model_folder), frame, price=price, language=language)
    pieces = [
        ready.batch(frame.slice(start, BATCH_ROWS), part.first + start)
        for start in range(0, max(frame.height, 1), BATCH_ROWS)
    ]
    target = Path(part.target)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    # lz4 costs a fraction of the default's time for reasons that are repetitive anyway
    pl.concat(pieces).write_parquet(beside, compression="lz4", statistics=False)
    beside.replace(target)
    note = _note(part)
    beside = note.with_name(f".{note.name}.{os.getpid()}")
    beside.write_text(json.dumps({**_made(part, mark, language), "code": versions()["winback"]}))
    beside.replace(note)
    return PartitionResult(target=part.target, rows=frame.height, skipped=False), ready


def _columns(model_folder: Path, part: Partition, price: Price | None) -> list[str]:
    """Only the columns that scoring reads: features, ids, and whatever may hold the monthly charge."""
    manifest = read_manifest(model_folder)
    used = {feature["name"] for feature in manifest["features"]}
    used |= {column["name"] for column in manifest["contract"]["columns"] if column["role"] == "id"}
    names = pl.scan_parquet(part.source).collect_schema().names()
    used.add((price.charge_column if price else "") or guess_charge_column(names))
    return [name for name in names if name in used]


def _note(part: Partition) -> Path:
    return Path(part.target).with_suffix(".json")


def _made(part: Partition, mark: str, language: str | None) -> dict[str, Any]:
    return {"model": mark, "language": language, **part.as_dict()}


def _is_done(part: Partition, mark: str, language: str | None) -> bool:
    """Whether the target is there and its note names this model, these rows and this language."""
    note = _note(part)
    if not Path(part.target).is_file() or not note.is_file():
        return False
    try:
        said = json.loads(note.read_text())
    except ValueError:
        return False
    return isinstance(said, dict) and said.items() >= _made(part, mark, language).items()
