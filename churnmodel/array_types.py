"""The array types and the progress port that every room of the model factory shares."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

Progress = Callable[[str, float], None]
"""Told a short stage name and the share done, 0 to 1; called often, must be cheap."""


def no_progress(stage: str, share: float) -> None:
    """Tell nobody."""


def sigmoid(logit: Floats) -> Floats:
    """Turn log-odds into probabilities without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logit)), dtype=np.float64)
