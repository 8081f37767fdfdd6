"""Parquet parts: whole or absent, resumable, the same whatever the cut."""

import polars as pl
import pytest

from churnmodel.artefact import ArtefactRefused, save
from churnmodel.data.contract import infer_contract
from churnmodel.risk.candidates import QUICK
from churnmodel.risk.training import train_risk
from churnmodel.scoring.partitions import Partition, plan_partitions, score_partition, score_partitions
from churnmodel.scoring.score import score
from churnmodel.synthetic_customers import make_customers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def customers():
    return make_customers(3000, seed=1)


@pytest.fixture
def folders(tmp_path, customers):
    customers.head(2000).write_parquet(tmp_path / "a.parquet")
    customers.tail(1000).write_parquet(tmp_path / "b.parquet")
    model = train_risk(customers, infer_contract(customers), seed=1, candidates=QUICK)
    save(model, tmp_path / "model")
    return tmp_path, model


def read_back(folder):
    return pl.concat([pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))])


def test_parts_give_the_scores_of_the_whole(folders, customers):
    """Cut at 700 rows over two files: ids, risks and money as if scored at once."""
    folder, model = folders
    parts = plan_partitions([folder / "a.parquet", folder / "b.parquet"], folder / "out", rows=700)

    results = list(score_partitions(folder / "model", parts))

    assert [700, 700, 600, 700, 300] == [result.rows for result in results]
    found, whole = read_back(folder / "out"), score(model, customers)
    assert whole.get_column("id").to_list() == found.get_column("id").to_list()
    assert whole.select("risk", "value", "expected_gain").equals(
        found.select("risk", "value", "expected_gain")
    )
    assert found.get_column("reasons").list.len().max() == 3


def test_part_done_by_the_same_model_is_skipped_and_a_missing_one_is_made(folders):
    """A run that was killed goes on where it stopped."""
    folder, _ = folders
    parts = plan_partitions([folder / "a.parquet"], folder / "out", rows=500)
    list(score_partitions(folder / "model", parts[:2]))
    (folder / "out" / ".scores-000-0000001000.parquet.123").write_bytes(b"half a file of a worker that died")

    results = list(score_partitions(folder / "model", parts))

    assert [True, True, False, False] == [result.skipped for result in results]


def test_new_model_scores_again(folders, customers):
    """A target made by another model is not taken for this one's."""
    folder, _ = folders
    parts = plan_partitions([folder / "b.parquet"], folder / "out")
    list(score_partitions(folder / "model", parts))
    save(train_risk(customers, infer_contract(customers), seed=9, candidates=QUICK), folder / "model")

    assert [False] == [result.skipped for result in score_partitions(folder / "model", parts)]


def test_part_travels_as_plain_values(folders):
    """A job queue hands over a dictionary; running it twice does the work once."""
    folder, _ = folders
    part = plan_partitions([folder / "b.parquet"], folder / "out")[0].as_dict()

    assert not score_partition(str(folder / "model"), part, price={"call_cost": 4.0}).skipped
    assert score_partition(str(folder / "model"), part, price={"call_cost": 4.0}).skipped
    assert Partition(**part).rows == 1000


def test_part_without_a_model_is_refused(tmp_path, folders):
    folder, _ = folders
    part = plan_partitions([folder / "b.parquet"], folder / "out")[0]

    with pytest.raises(ArtefactRefused, match="artefact.absent"):
        score_partition(tmp_path / "nowhere", part)
