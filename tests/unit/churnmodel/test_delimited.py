"""Both readers of delimited text take the same character for the one that parts cells."""

from pathlib import Path

import pytest

from churnmodel.data.delimited import delimiter_of
from churnmodel.data.read_tables import read_table
from dialer.services.customers.customer_file import CustomerFile


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [("id,name,phone", ","), ("id;navn;telefon", ";"), ("id\tnavn", "\t"), ("id|navn", "|")],
)
def test_the_delimiter_is_what_parts_the_header(header: str, delimiter: str) -> None:
    assert delimiter == delimiter_of([header])


def test_commas_inside_quotes_part_nothing_for_either_reader(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text('"Name, first, last, and title";phone\n"Berg, Anna, , Dr";+442079460001\n')
    customers = CustomerFile(file)

    assert ("Name, first, last, and title", "phone") == customers.columns
    assert ("Berg, Anna, , Dr", "+442079460001") == next(customers.lines()).cells
    assert ["Name, first, last, and title", "phone"] == read_table(file).columns
