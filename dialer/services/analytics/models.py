"""Trained models, which one is in use, and what it says of each customer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from churnmodel.reasons.phrases import Reason
from dialer.db.models import ModelVersion
from dialer.db.queries import audit, customers, learning
from dialer.db.session import Database

CHUNK: Final = 2000  # score rows in one transaction


Task = Literal["risk", "uplift"]  # who is likely to leave; whom a call helps


class ModelFiles(Protocol):
    """Where a model's files lie, and the digest that proves they are the ones."""

    @property
    def folder(self) -> Path: ...

    @property
    def sha256(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """A model version as the database has it."""

    id: int
    created_at: datetime
    folder: str
    sha256: str
    task: Task
    role: str
    kind: str
    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """What a model says of one customer; risk is 0 to 1, value and gain are money."""

    customer: int
    risk: float
    value: float
    expected_gain: float
    uplift: float | None = None  # share of leaving that being called takes away
    gain_low: float | None = None
    gain_high: float | None = None
    left_out: bool = False  # lists leave this customer out
    reasons: Sequence[Reason] = ()


class UnknownModel(LookupError):
    """There is no model with this number."""


def save_model(  # noqa: PLR0917 - what is kept of a model, in the order of its table
    database: Database,
    ref: ModelFiles,
    metrics: Mapping[str, Any],
    kind: str,
    now: datetime,
    role: Literal["champion", "challenger"] = "champion",
    task: Task = "risk",
) -> int:
    """Write a trained model down; a champion is put to use, and the one before retired: its scores stay."""
    with database.write() as tx:
        if role == "champion":
            customers.retire_champions(tx, task)
        return customers.add_model(
            tx,
            created_at=now,
            folder=str(ref.folder),
            sha256=ref.sha256,
            task=task,
            role=role,
            kind=kind,
            metrics=dict(metrics),
        )


def promote_model(  # noqa: PLR0917 - who, what, when and why, as the audit has it
    database: Database,
    model: int,
    now: datetime,
    actor: str,
    why: str,
    details: Mapping[str, Any] | None = None,
) -> ModelCard:
    """Put a model to use in the champion's place; raises `UnknownModel`.

    Customers keep the earlier champion's scores until they are scored anew.
    """
    with database.write() as tx:
        row = learning.find_model(tx, model)
        if row is None:
            raise UnknownModel(str(model))
        before = customers.champion(tx, row.task)
        if before is None or before.id != model:
            customers.retire_champions(tx, row.task)
            learning.set_role(tx, model, "champion")
            said = {"why": why, "instead_of": before.id if before else None, **(details or {})}
            audit.add(tx, now, actor, "model.promoted", str(model), said)
            tx.refresh(row)
        return _card(row)


def champion(database: Database, task: Task = "risk") -> ModelCard | None:
    """The model in use for a task, if one was ever trained."""
    with database.read() as tx:
        row = customers.champion(tx, task)
        return _card(row) if row is not None else None


def list_models(database: Database, *, limit: int = 20) -> tuple[ModelCard, ...]:
    """Model versions, newest first."""
    with database.read() as tx:
        return tuple(_card(row) for row in customers.models(tx, limit))


def save_scores(database: Database, model_id: int, rows: Iterable[ScoreRow], now: datetime) -> int:
    """Store scores, 2,000 a transaction; scores of the same model and customer are replaced."""
    waiting, saved, code = iter(rows), 0, version("winback")
    while chunk := list(islice(waiting, CHUNK)):
        with database.write() as tx:
            customers.replace_scores(
                tx,
                model_id,
                [
                    {
                        "customer_id": row.customer,
                        "model_id": model_id,
                        "scored_at": now,
                        "code": code,
                        "risk": row.risk,
                        "value": row.value,
                        "uplift": row.uplift,
                        "expected_gain": row.expected_gain,
                        "gain_low": row.gain_low,
                        "gain_high": row.gain_high,
                        "left_out": row.left_out,
                        "reasons": [reason.as_dict() for reason in row.reasons],
                    }
                    for row in chunk
                ],
            )
        saved += len(chunk)
    return saved


def _card(row: ModelVersion) -> ModelCard:
    return ModelCard(
        id=row.id,
        created_at=row.created_at,
        folder=row.folder,
        sha256=row.sha256,
        task="uplift" if row.task == "uplift" else "risk",
        role=row.role,
        kind=row.kind,
        metrics=row.metrics,
    )
