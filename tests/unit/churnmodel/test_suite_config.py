"""A description is read by what it means, and a fault names the file, the column and the choice."""

import polars as pl
import pytest

from churnmodel.benchmarks.suite_config import SuiteRefused, assignment, read_suite, select, understand


@pytest.fixture
def table(tmp_path):
    frame = pl.DataFrame(
        {
            "Plan ": ["S", "m", "L"] * 4,
            "on": [True, False] * 6,
            "arm": ["call", "none", "mail"] * 4,
            "y": [1.0, 0.0] * 6,
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    return lambda **more: understand(tmp_path, {"file": "a.parquet", "target": "Y", **more})


def test_names_and_values_are_found_by_what_they_mean(table):
    found = select(table(where={"plan": ["s", "M"], "on": True}, id="PLAN", drop=["nowhere"]))

    assert ["S", "m", "S", "m"] == found.frame.get_column("Plan").to_list()
    assert ("y", ("Plan",), ("nowhere",)) == (found.target, found.id, found.absent)


def test_arms_may_be_words_truths_or_several(table):
    for said, rows, treated in [
        ({"treatment": "arm", "treated": "call", "control": "none"}, 8, 4),
        ({"treatment": "arm", "treated": ["call", "mail"], "control": "NONE"}, 12, 8),
        ({"treatment": "on", "treated": 1, "control": 0}, 12, 6),
        ({"treatment": "on", "treated": "True", "control": "False"}, 12, 6),
        ({"treatment": "on"}, 12, 6),
    ]:
        listed = table(task="uplift", **said)
        frame, on = assignment(listed, select(listed))
        assert (rows, treated) == (frame.height, on.sum()), said


def run(table, said):
    listed = table(**said)
    return assignment(listed, select(listed))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"target": "yy"}, "a.parquet: there is no column 'yy' .*did you mean 'y'"),
        ({"where": {"plan": "XL"}}, "no row has Plan = 'XL'; it has 'L', 'S', 'm'"),
        ({"where": {"gone": "XL"}}, "no column 'gone' .`where`"),
        ({"task": "rank"}, "`task` is 'rank'; it can be risk or uplift"),
        ({"task": "uplift"}, "`treatment` is missing"),
        ({"file": ""}, "`file` is missing"),
        (
            {"task": "uplift", "treatment": "arm"},
            "'arm' is 1, true or yes, and `treated` does not name its arm .*'call', 'mail', 'none'",
        ),
        (
            {"task": "uplift", "treatment": "arm", "treated": "sms", "control": "none"},
            "'arm' is 'sms' .`treated`",
        ),
        (
            {"task": "uplift", "treatment": "arm", "treated": "call", "control": "call"},
            "both treated and control",
        ),
    ],
)
def test_a_fault_names_the_file_the_column_and_the_choice(table, said, why):
    with pytest.raises(SuiteRefused, match=why):
        run(table, said)


def test_a_suite_may_have_notes_beside_its_tables(tmp_path):
    (tmp_path / "bench.toml").write_text(
        'title = "mine"\n[a]\nfile = "a.csv"\ntarget = "y"\nsource = "web"\n'
    )

    assert ["a"] == list(read_suite(tmp_path))
    assert ("source",) == understand(tmp_path, read_suite(tmp_path)["a"]).unread
    (tmp_path / "bench.toml").write_text("a = [")
    with pytest.raises(SuiteRefused, match="not TOML"):
        read_suite(tmp_path)
