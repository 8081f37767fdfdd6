"""A challenger takes over only if it is better out of time, beyond chance."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from churnmodel.artefact import save
from churnmodel.data.contract import infer_contract
from churnmodel.risk.candidates import QUICK
from churnmodel.risk.training import RiskModel, train_risk
from churnmodel.synthetic_customers import make_customers
from dialer.services.analytics.promotion import compare, latest_half, no_better_than_chance

pytestmark = pytest.mark.slow

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def trained(frame: pl.DataFrame) -> RiskModel:
    contract = infer_contract(frame, target="churned", id=("id",))
    return train_risk(frame, contract, seed=1, candidates=QUICK)


def later_ids(frame: pl.DataFrame) -> dict[str, datetime]:
    return {name: THEN + timedelta(minutes=index) for index, name in enumerate(frame.get_column("id"))}


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    first = make_customers(1500, seed=1)
    folder = tmp_path_factory.mktemp("champion")
    save(trained(first), folder)
    return folder, make_customers(1500, seed=2)


def test_a_population_that_turned_round_promotes_the_challenger(
    population: tuple[Path, pl.DataFrame],
) -> None:
    folder, later = population
    turned = later.with_columns((1 - pl.col("churned")).alias("churned"))

    said = compare(trained(turned), str(folder), turned, later_ids(turned), id_column="id", seed=1)

    assert said.promote, said.why
    assert said.gain > said.error > 0
    assert said.challenger_auc > said.champion_auc


def test_the_same_population_keeps_the_champion_with_the_figures(
    population: tuple[Path, pl.DataFrame],
) -> None:
    folder, later = population

    said = compare(trained(later), str(folder), later, later_ids(later), id_column="id", seed=1)

    assert not said.promote or said.gain > said.error
    assert 750 == said.rows
    assert "log-loss" in said.why


def test_without_later_outcomes_it_stays_a_challenger(population: tuple[Path, pl.DataFrame]) -> None:
    folder, later = population

    said = compare(trained(later), str(folder), later, {}, id_column="id", seed=1)

    assert not said.promote
    assert "20 of each are needed" in said.why


def test_another_outcome_is_never_compared(population: tuple[Path, pl.DataFrame]) -> None:
    folder, later = population
    other = later.rename({"churned": "left"})
    contract = infer_contract(other, target="left", id=("id",))
    model = train_risk(other, contract, seed=1, candidates=QUICK)

    said = compare(model, str(folder), other, later_ids(other), id_column="id", seed=1)

    assert not said.promote
    assert "cannot be compared" in said.why


def test_a_champion_that_cannot_be_used_makes_room(
    population: tuple[Path, pl.DataFrame], tmp_path: Path
) -> None:
    _, later = population

    assert compare(trained(later), str(tmp_path), later, {}, id_column="id", seed=1).promote


def test_the_latest_half_of_later_outcomes_is_judged() -> None:
    known = {"b": THEN, "c": THEN + timedelta(1), "d": THEN + timedelta(2), "e": THEN + timedelta(3)}

    judged = latest_half(["a", "e", "b", "d", "c"], known)

    assert np.array_equal(judged, [False, True, False, True, False])


def test_a_model_that_learned_from_drawn_outcomes_is_said_to_be_no_better_than_chance() -> None:
    frame = make_customers(600, 4)
    drawn = frame.get_column("churned").sample(fraction=1.0, shuffle=True, seed=5)
    said = no_better_than_chance(trained(frame.with_columns(churned=drawn)).facts)
    assert said is not None
    assert "no better than chance (ROC-AUC 0." in said


def test_a_model_that_tells_who_leaves_is_not() -> None:
    assert no_better_than_chance(trained(make_customers(600, 4)).facts) is None


@pytest.mark.parametrize(
    ("auc", "rows", "by_lot"), [(0.55, 300, True), (0.55, 30_000, False), (0.4, 30_000, True)]
)
def test_how_far_chance_reaches_depends_on_how_many_were_judged(auc: float, rows: int, by_lot: bool) -> None:  # noqa: FBT001 - a row of the table
    said = no_better_than_chance({"figures": {"roc_auc": auc}, "rows": rows, "positives": rows // 5})
    assert by_lot is (said is not None)
