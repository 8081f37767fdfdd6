"""Scoring a frame: risk, value, expected gain and three reasons for every customer."""

import numpy as np
import polars as pl

from churnmodel.arrays import Progress, no_progress, sigmoid
from churnmodel.contract import Role
from churnmodel.kinds import present_text
from churnmodel.reasons import reasons
from churnmodel.risk import RiskModel
from churnmodel.value import Price, customer_value, expected_gain

BATCH_ROWS = 100_000
"""Rows scored at once: bounds memory at about 60 MB for 50 features and costs no speed."""


def score(
    model: RiskModel,
    frame: pl.DataFrame,
    *,
    price: Price | None = None,
    language: str = "en",
    progress: Progress = no_progress,
) -> pl.DataFrame:
    """Give one row a customer, in the order of the frame.

    Columns: `id` (text; the row number where the contract has no id), `risk` (0 to 1), `value` and
    `expected_gain` (money, see `Price`), `reasons` (list of up to three texts).
    """
    price = price or Price()
    pieces = []
    for start in range(0, max(frame.height, 1), BATCH_ROWS):
        piece = frame.slice(start, BATCH_ROWS)
        pieces.append(_score_piece(model, piece, start, price, language))
        progress("score", min(1.0, (start + piece.height) / max(1, frame.height)))
    return pl.concat(pieces)


def _score_piece(
    model: RiskModel, frame: pl.DataFrame, start: int, price: Price, language: str
) -> pl.DataFrame:
    parts = model.contributions(model.features.matrix(frame))
    risk = sigmoid(model.base + parts.sum(axis=1))
    value = customer_value(frame, price)
    ids = [name for name in model.contract.named(Role.ID) if name in frame.columns]
    identity = (
        present_text(frame.get_column(ids[0]))
        if ids
        else pl.Series(np.arange(start, start + frame.height)).cast(pl.String)
    )
    return pl.DataFrame(
        {
            "id": identity,
            "risk": risk,
            "value": value,
            "expected_gain": expected_gain(price.save_rate * risk, value, price),
            "reasons": reasons(model, frame, parts, language),
        }
    )
