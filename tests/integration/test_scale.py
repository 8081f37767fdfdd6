"""The scale benchmark scores what it makes; its figures are the benchmark's, not a test's."""

from bench.churn.throughput import bench_scale


def test_every_row_made_is_scored(tmp_path, monkeypatch):
    monkeypatch.setattr("bench.churn.throughput.TRAINING_ROWS", 600)
    monkeypatch.setattr("bench.churn.throughput.PART_ROWS", 500)

    found = bench_scale(tmp_path, 1200)

    assert 1200 == found["rows"]
    assert 3 == len(list((tmp_path / "scores").glob("*.parquet")))
