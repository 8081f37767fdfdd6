"""Rows come with the line they begin on, from whatever the file is."""

import gzip
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dialer.services.customers.customer_file import CustomerFile, FileLine, FileRefused

ROWS = [FileLine(2, ("1", "Zoë", "a,b")), FileLine(3, ("2", "two\nlines", "")), FileLine(5, ("3", "x", "y"))]
TEXT = 'id,name,plan\n1,Zoë,"a,b"\n2,"two\nlines",\n3,x,y\n\n'


def write(path: Path, content: bytes) -> CustomerFile:
    path.write_bytes(content)
    return CustomerFile(path)


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").replace("two\r\n", "two\n").encode(),
        gzip.compress(TEXT.encode()),
        TEXT.encode("utf-16"),
    ],
    ids=["utf-8", "with BOM", "CRLF", "gzip", "utf-16"],
)
def test_csv_in_its_usual_forms(tmp_path: Path, content: bytes) -> None:
    file = write(tmp_path / "customers", content)

    assert file.columns == ("id", "name", "plan")
    assert list(file.lines()) == ROWS
    assert file.share_read == 1.0


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_is_the_one_the_first_line_has_most_of(tmp_path: Path, delimiter: str) -> None:
    file = write(tmp_path / "f.csv", f"id{delimiter}name, full{delimiter}plan\n".encode())

    assert file.columns == ("id", "name, full", "plan")


def test_another_encoding_is_found_by_row_and_read_when_named(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    file = write(path, "id,name\n1,Zoë\n".encode("cp1252"))

    assert list(file.lines()) == [FileLine(2, ("1", "Zo\udceb"))]
    assert list(CustomerFile(path, "cp1252").lines()) == [FileLine(2, ("1", "Zoë"))]


def test_parquet_reads_as_the_same_table_written_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "f.bin"
    pl.DataFrame(
        {
            "id": [1, 2],
            "fee": [20.0, None],
            "rate": [0.25, float("nan")],
            "paid": [True, False],
            "on": date(2026, 1, 2),
        }
    ).write_parquet(path)

    file = CustomerFile(path)
    assert file.columns == ("id", "fee", "rate", "paid", "on")
    assert list(file.lines()) == [
        FileLine(1, ("1", "20", "0.25", "true", "2026-01-02")),
        FileLine(2, ("2", "", "", "false", "2026-01-02")),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n\n", "neither CSV"),
        (b"\x7fELF\0\0\0\0", "neither CSV"),
        (b"PAR1 but not really", "Parquet"),
        ("nummer;größe\n".encode("cp1252"), "--encoding"),
    ],
)
def test_what_is_no_customer_file_is_refused_with_the_fix(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(FileRefused, match=message):
        write(tmp_path / "f", content)


def test_a_missing_file_and_a_strange_encoding_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="there is no file"):
        CustomerFile(tmp_path / "nothing.csv")
    path = tmp_path / "f.csv"
    path.write_text("id\n1\n")
    with pytest.raises(FileRefused, match="--encoding 'latin-none'"):
        CustomerFile(path, "latin-none")


def test_a_gzip_file_that_breaks_off_says_where(tmp_path: Path) -> None:
    rows = "".join(f"{number},{number * 7919 % 10007}\n" for number in range(60_000))
    whole = gzip.compress(f"id,value\n{rows}".encode())
    file = write(tmp_path / "f.csv.gz", whole[: len(whole) // 2])

    with pytest.raises(FileRefused, match="breaks off after line"):
        list(file.lines())


def test_an_unclosed_quote_costs_its_own_line_and_reading_goes_on(tmp_path: Path) -> None:
    rest = "".join(f"{number},x\n" for number in range(3, 50_000))
    file = write(tmp_path / "f.csv", f'id,name\n2,"never closed\n{rest}'.encode())
    lines = list(file.lines())

    assert lines[0] == FileLine(2, ("2", '"never closed'), "row.quote")
    assert [line.number for line in lines] == list(range(2, 50_000))
    assert not any(line.fault for line in lines[1:])
