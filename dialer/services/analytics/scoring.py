"""From the champion to scores: every customer's risk, value, gain of a call, and three reasons.

Customers are read, scored and stored a part at a time: ten million take the memory that twenty thousand do.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from churnmodel.array_types import Progress, no_progress
from churnmodel.artefact import ArtefactRefused, load
from churnmodel.customer_value import guess_charge_column
from churnmodel.reasons.phrases import Reason
from churnmodel.reasons.ranked import decode
from churnmodel.risk.training import RiskModel
from churnmodel.save_rate import SaveRate
from churnmodel.scoring.score import Scorer, scorer
from churnmodel.uplift.training import CallEffect
from churnmodel.value import Price
from dialer.db.session import Database
from dialer.services.analytics.label_frames import customer_frames
from dialer.services.analytics.models import ModelCard, ScoreRow, champion, save_scores
from dialer.services.analytics.prices import price_from
from dialer.services.analytics.save_rate import keep_save_rate, priced, priced_by
from dialer.services.analytics.save_rate_settling import settle_save_rate
from dialer.services.analytics.uplift import effect_in_use, worth_of
from dialer.services.customers.customers import count_customers
from dialer.settings import Settings


class NoChampion(ValueError):
    """There is no usable model; the message says how to get one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreReport:
    """What scoring came to."""

    model: int
    scored: int
    mean_risk: float
    worth_a_call: int  # customers whose expected gain is above zero
    left_out: int = 0  # of lists, for what a call would do
    save_rate: float = 0.0  # share of leavers that a call is taken to keep
    priced_by: str = ""  # where that comes from, in words

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a job's result."""
        return asdict(self)


def load_champion(database: Database) -> tuple[ModelCard, RiskModel]:
    """The model in use and its card.

    Raises:
        NoChampion: nothing was trained yet, or the model's file is gone or was changed.
    """
    card = champion(database)
    if card is None:
        raise NoChampion("there is no model yet. Train one with `winback train`.")
    try:
        return card, load(card.folder)
    except ArtefactRefused as refused:
        raise NoChampion(f"{refused}. Train a model anew with `winback train`.") from refused


def score_customers(
    database: Database, settings: Settings, now: datetime, *, progress: Progress = no_progress
) -> ScoreReport:
    """Score every customer with the champion; a customer's earlier score by it is replaced.

    Broken off it leaves the scores that it has stored so far, beside the earlier ones of the other customers.

    Raises:
        NoChampion: nothing was trained yet, or the model's file is gone or was changed.
    """
    card, model = load_champion(database)
    try:
        effect = effect_in_use(database)
    except ArtefactRefused as refused:
        raise NoChampion(f"{refused}. Train models anew with `winback train`.") from refused
    customers = count_customers(database)
    if customers == 0:
        return ScoreReport(model=card.id, scored=0, mean_risk=0.0, worth_a_call=0)
    assumed = price_from(settings)
    rate = settle_save_rate(database, assumed, now)
    keep_save_rate(database, rate, now)
    scoring = _Scoring(model=model, effect=effect, price=_charged(priced(assumed, rate), model), rate=rate)
    stored, risk, worth_a_call, left_out = 0, 0.0, 0, 0
    for ids, frame in customer_frames(database):
        rows = list(scoring.rows(ids, frame))
        stored += save_scores(database, card.id, rows, now)
        risk += sum(row.risk for row in rows)
        worth_a_call += sum(row.expected_gain > 0 for row in rows)
        left_out += sum(row.left_out for row in rows)
        progress("score", min(1.0, stored / customers))
    progress("score", 1.0)
    return ScoreReport(
        model=card.id,
        scored=stored,
        mean_risk=risk / max(1, stored),
        worth_a_call=worth_a_call,
        left_out=left_out,
        save_rate=rate.used,
        priced_by=priced_by(database, rate),
    )


def _charged(price: Price, model: RiskModel) -> Price:
    """The column that customers pay by, named once: a part without it must not be read by another one."""
    names = [column.name for column in model.contract.columns]
    return replace(price, charge_column=price.charge_column or guess_charge_column(names))


class _Scoring:
    """A model at work on one part of the customers after the other."""

    def __init__(self, *, model: RiskModel, effect: CallEffect | None, price: Price, rate: SaveRate) -> None:
        self._model, self._effect, self._price, self._rate = model, effect, price, rate
        self._ready: Scorer | None = None
        self._reasons: dict[str, Reason] = {}  # what many customers have in common is read once

    def rows(self, customers: list[int], frame: pl.DataFrame) -> Iterator[ScoreRow]:
        """A score for each of these customers, whose rows the frame has in the same order."""
        if self._ready is None:  # the first part shows the range of the numbers that reasons name
            self._ready = scorer(self._model, frame, price=self._price, language=None)
        scores = self._ready.batch(frame)
        risks, values = (scores.get_column(name).to_numpy().astype(np.float64) for name in ("risk", "value"))
        worth = worth_of(self._effect, frame, risks, values, self._price, self._rate)
        reasons = scores.get_column("reasons").to_list()
        for index, customer in enumerate(customers):
            yield ScoreRow(
                customer=customer,
                risk=float(risks[index]),
                value=float(values[index]),
                uplift=None if worth.uplift is None else float(worth.uplift[index]),
                expected_gain=float(worth.gain.estimate[index]),
                gain_low=float(worth.gain.low[index]),
                gain_high=float(worth.gain.high[index]),
                left_out=bool(worth.left_out[index]),
                reasons=tuple(map(self._read, reasons[index])),
            )

    def _read(self, text: str) -> Reason:
        reason = self._reasons.get(text)
        if reason is None:
            reason = self._reasons[text] = decode(text)
        return reason
