"""Looking at a model in use: what moved in the data, whether its level still holds, and its card."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from churnmodel.array_types import Floats
from churnmodel.customer_value import customer_value
from churnmodel.data.contract import Role
from churnmodel.drift import Baseline, Concern, FeatureShift, LevelGap, level_gap, shifts
from churnmodel.reports.card import CardEvidence, model_card
from churnmodel.reports.fairness import audit_groups
from churnmodel.risk.training import RiskModel, Trained
from churnmodel.save_rate import SaveRate, settle
from churnmodel.value import Price


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftWatch:
    """What moved, worst first, and the gap of level where outcomes are known."""

    shifts: tuple[FeatureShift, ...]
    level: LevelGap | None

    @property
    def concern(self) -> Concern:
        """The worst of all."""
        found = [shift.concern for shift in self.shifts] + ([self.level.concern] if self.level else [])
        return max(found, key=list(Concern).index, default=Concern.NONE)


def watch_drift(model: RiskModel, frame: pl.DataFrame, *, churned: Floats | None = None) -> DriftWatch:
    """Compare a later file with what the model was trained on.

    Args:
        model: from `train_risk`, which keeps a description of its rows.
        frame: the later file.
        churned: outcomes of those rows (0/1) once their horizon is over.
    """
    matrix = model.features.matrix(frame)
    risk = model.predict_matrix(matrix)
    base = Baseline.from_dict(model.facts["baseline"])
    return DriftWatch(
        shifts=shifts(base, model.features, matrix, risk),
        level=None if churned is None else level_gap(risk, churned),
    )


def card_of(
    trained: Trained,
    *,
    price: Price | None = None,
    rate: SaveRate | None = None,
    later: pl.DataFrame | None = None,
    identity: Mapping[str, str] | None = None,
) -> str:
    """Write the model card of a training run as HTML; `later` adds what has moved since.

    `rate` says where the save rate of the price comes from; unset: it is an assumption.
    `identity` says in words which model it is.
    """
    price = price or Price()
    audited = trained.model.contract.named(Role.AUDIT)
    return model_card(
        trained.model.facts,
        trained.model.contract,
        CardEvidence(
            truth=trained.truth,
            risk=trained.risk,
            value=customer_value(trained.frame, price),
            price=price,
            rate=rate or settle(price.save_rate),
            shifts=() if later is None else watch_drift(trained.model, later).shifts,
            groups={
                name: audit_groups(trained.frame.get_column(name), trained.truth, trained.risk)
                for name in audited
            },
        ),
        identity=identity,
    )
