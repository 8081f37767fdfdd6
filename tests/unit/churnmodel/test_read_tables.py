"""Tables are read as they are exported, and the file's own evidence decides what is ambiguous."""

import gzip

import polars as pl
import pytest

from churnmodel.data.read_tables import TableUnreadable, read_table, tidy

ROWS = "größe;preis;seit;churn\n1;1,5;13.04.2026;ja\n2;1.002,25;01.05.2026;nein\n"
READ = [
    {"größe": 1, "preis": 1.5, "seit": "2026-04-13", "churn": "ja"},
    {"größe": 2, "preis": 1002.25, "seit": "2026-05-01", "churn": "nein"},
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_encodings_decimal_commas_and_dates_are_seen(tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes(ROWS.encode(encoding))

    frame = read_table(tmp_path / "a.csv")

    assert pl.Datetime == frame.schema["seit"]
    assert READ == frame.with_columns(pl.col("seit").dt.date().cast(pl.String)).to_dicts()


def test_delimiters_and_gzip_are_read(tmp_path):
    with gzip.open(tmp_path / "a.csv.gz", "wb") as file:
        file.write(b"a\tb\n1\tx\n2\t\n")

    assert [{"a": 1, "b": "x"}, {"a": 2, "b": None}] == read_table(tmp_path / "a.csv.gz").to_dicts()


def test_quotes_stray_quotes_and_names_that_occur_twice_are_read(tmp_path):
    (tmp_path / "a.csv").write_text('"a;1, really","b "\n1,2\n')
    (tmp_path / "b.csv").write_text('a,b\n1,le"v\n2,"open\n')
    (tmp_path / "c.csv").write_text("a, a\n1,2\n")

    assert [{"a;1, really": 1, "b": 2}] == read_table(tmp_path / "a.csv").to_dicts()
    assert 2 == read_table(tmp_path / "b.csv").height
    assert ["a", "a_2"] == read_table(tmp_path / "c.csv").columns


@pytest.mark.parametrize(
    ("values", "read"),
    [
        (["$1,200", "3.5"], [1200.0, 3.5]),
        (["10%", "7 %"], [10.0, 7.0]),
        (["1,5", "2"], [1.5, 2.0]),
        (["03/04/2026", "13/04/2026"], ["2026-04-03", "2026-04-13"]),
        (["04/03/26", "04/13/26"], ["2026-04-03", "2026-04-13"]),
        (["03/04/2026", "05/04/2026"], ["03/04/2026", "05/04/2026"]),  # two readings: left as words
        (["12 months", "one"], ["12 months", "one"]),
    ],
)
def test_only_what_can_be_read_in_one_way_is_a_number_or_a_date(values, read):
    found = tidy(pl.Series("x", values), comma_is_decimal=False)

    assert read == (found.dt.date().cast(pl.String) if found.dtype == pl.Datetime else found).to_list()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.csv", b"", "empty"),
        ("head.csv", b"a,b\n", "no row"),
        ("no.parquet", b"hello", "not a readable table"),
        ("cut.csv.gz", b"\x1f\x8bgarbage", "not a readable table"),
    ],
)
def test_what_is_no_table_is_refused_by_its_name(tmp_path, name, content, why):
    (tmp_path / name).write_bytes(content)

    with pytest.raises(TableUnreadable, match=f"{name}.*{why}"):
        read_table(tmp_path / name)
