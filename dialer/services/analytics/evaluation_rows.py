"""What a model's card is made from, kept beside the model: what was said of rows it had not seen."""

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from churnmodel.customer_value import guess_charge_column
from churnmodel.data.contract import Role
from churnmodel.risk.training import RiskModel, Trained

FILE: Final = "judged.parquet"
TRUTH: Final = "winback truth"
RISK: Final = "winback risk"


def keep_evaluation_rows(trained: Trained, folder: Path) -> None:
    """Write the judged rows; of the customers no more than the card shows: audited groups and charges."""
    charge = guess_charge_column(trained.frame.columns)
    shown = {*trained.model.contract.named(Role.AUDIT), *([charge] if charge else [])}
    columns = [name for name in trained.frame.columns if name in shown]
    judged = pl.DataFrame({TRUTH: trained.truth, RISK: trained.risk})
    kept = judged.with_columns(trained.frame.get_column(name) for name in columns)
    beside = folder / f".{FILE}"
    kept.write_parquet(beside)
    beside.replace(folder / FILE)


def read_evaluation_rows(model: RiskModel, folder: Path) -> Trained | None:
    """The judged rows of a model, or None where they were not kept."""
    path = folder / FILE
    if not path.is_file():
        return None
    kept = pl.read_parquet(path)
    return Trained(
        model=model,
        frame=kept.drop(TRUTH, RISK),
        truth=kept.get_column(TRUTH).to_numpy().astype(np.float64),
        risk=kept.get_column(RISK).to_numpy().astype(np.float64),
    )
