"""Scoring a frame: risk, value, expected gain and three reasons for every customer."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from churnmodel.array_types import Floats, Progress, no_progress, sigmoid
from churnmodel.customer_value import customer_value
from churnmodel.data.column_types import present_text
from churnmodel.data.contract import Role
from churnmodel.gain import expected_gain
from churnmodel.reasons.ranked import Speaker, reasons, speaker
from churnmodel.risk.lookup import Lookup
from churnmodel.risk.training import RiskModel
from churnmodel.value import Price

BATCH_ROWS: Final = 40_000
"""Rows scored at once: 50 features of them fit a processor's cache, which is worth a factor of three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """A model ready to score many frames: tables joined, words made."""

    model: RiskModel
    lookup: Lookup | None
    speaker: Speaker
    price: Price

    def batch(self, frame: pl.DataFrame, first: int = 0) -> pl.DataFrame:
        """Score one frame at once; `first` numbers its rows where there is no id."""
        matrix = self.model.features.matrix(frame)
        parts = self.contributions(matrix)
        risk = sigmoid(self.model.base + parts.sum(axis=1))
        value = customer_value(frame, self.price)
        return pl.DataFrame(
            {
                "id": self._identity(frame, first),
                "risk": risk,
                "value": value,
                "expected_gain": expected_gain(self.price.save_rate * risk, value, self.price),
                "reasons": reasons(self.speaker, frame, matrix, parts),
            }
        )

    def contributions(self, matrix: Floats) -> Floats:
        """Give the exact parts, by the look-up where the model has one."""
        return self.model.contributions(matrix) if self.lookup is None else self.lookup.contributions(matrix)

    def _identity(self, frame: pl.DataFrame, first: int) -> pl.Series:
        ids = [name for name in self.model.contract.named(Role.ID) if name in frame.columns]
        if ids:
            column = frame.get_column(ids[0])
            return column if column.dtype == pl.String else present_text(column)
        return pl.Series(np.arange(first, first + frame.height)).cast(pl.String)


def scorer(
    model: RiskModel, sample: pl.DataFrame, *, price: Price | None = None, language: str | None = "en"
) -> Scorer:
    """Prepare a model for scoring; `sample` shows the range of the numbers that will be worded."""
    return Scorer(
        model=model,
        lookup=model.compiled(),
        speaker=speaker(model, sample, language),
        price=price or Price(),
    )


def score(
    model: RiskModel,
    frame: pl.DataFrame,
    *,
    price: Price | None = None,
    language: str | None = "en",
    progress: Progress = no_progress,
) -> pl.DataFrame:
    """Give one row a customer, in the order of the frame.

    Columns: `id` (text; the row number where the contract has no id), `risk` (0 to 1), `value` and
    `expected_gain` (money, see `Price`), `reasons` (list of up to three texts).
    """
    ready = scorer(model, frame, price=price, language=language)
    pieces = []
    for start in range(0, max(frame.height, 1), BATCH_ROWS):
        piece = frame.slice(start, BATCH_ROWS)
        pieces.append(ready.batch(piece, start))
        progress("score", min(1.0, (start + piece.height) / max(1, frame.height)))
    return pl.concat(pieces)
