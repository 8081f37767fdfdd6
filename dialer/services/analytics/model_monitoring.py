"""Looking at the champion: its card, and whether the customers have moved away from what it learned."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from churnmodel.drift import FeatureShift, LevelGap, level_gap
from churnmodel.reports.drift_report import card_of, watch_drift
from churnmodel.risk.training import RiskModel
from churnmodel.value import Price
from dialer.db.queries import learning
from dialer.db.session import Database
from dialer.services.analytics.evaluation_rows import read_evaluation_rows
from dialer.services.analytics.label_frames import customer_frame
from dialer.services.analytics.models import ModelCard
from dialer.services.analytics.save_rate import priced, save_rate_in_use
from dialer.services.analytics.scoring import NoChampion, load_champion

FEWEST_MATURED: Final = 200  # outcomes known since the scoring; with fewer the level is chance


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """What moved since the champion was trained, worst first; nothing in it is an alarm."""

    model: int
    rows: int
    shifts: tuple[FeatureShift, ...]
    level: LevelGap | None  # None until enough outcomes became known after the scoring
    matured: int


def write_card(database: Database, now: datetime, *, price: Price) -> tuple[ModelCard, str]:
    """The champion's card as one HTML page; raises `NoChampion`."""
    card, model = _champion(database)
    evidence = read_evaluation_rows(model, Path(card.folder))
    if evidence is None:
        raise NoChampion(f"model {card.id} has no evidence beside it. Train anew with `winback train`.")
    _, frame = customer_frame(database)
    missing = [name for name in _read_by(model) if name not in frame.columns]
    identity = {
        "model": f"{card.id}, {card.kind}, {card.role}",
        "trained": f"{card.created_at:%d %B %Y %H:%M} UTC",
        "card written": f"{now:%d %B %Y %H:%M} UTC",
        "SHA-256 of its file": card.sha256,
    }
    later = None if missing or frame.is_empty() else frame
    rate = save_rate_in_use(database, price)
    return card, card_of(evidence, price=priced(price, rate), rate=rate, later=later, identity=identity)


def look_for_drift(database: Database) -> DriftReport:
    """Compare today's customers with what the champion was trained on; raises `NoChampion`."""
    card, model = _champion(database)
    _, frame = customer_frame(database)
    missing = [name for name in _read_by(model) if name not in frame.columns]
    if missing:
        raise NoChampion(
            f"the customers have no {', '.join(missing)} any more, which model {card.id} reads. "
            "Import them with it, or train anew with `winback train`."
        )
    with database.read() as tx:
        matured = learning.matured_scores(tx, card.id)
    level = None
    if len(matured) >= FEWEST_MATURED:
        risk, left = (np.array(column, dtype=np.float64) for column in zip(*matured, strict=True))
        level = level_gap(risk, left)
    return DriftReport(
        model=card.id,
        rows=frame.height,
        shifts=watch_drift(model, frame).shifts,
        level=level,
        matured=len(matured),
    )


def _champion(database: Database) -> tuple[ModelCard, RiskModel]:
    card, model = load_champion(database)
    if not model.facts.get("baseline"):
        raise NoChampion(f"model {card.id} kept no baseline. Train anew with `winback train`.")
    return card, model


def _read_by(model: RiskModel) -> list[str]:
    return [reader.name for reader in model.features.readers]
