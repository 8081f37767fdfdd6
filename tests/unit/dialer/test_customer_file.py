"""Rows come with the line they begin on, from whatever the file is."""

import gzip
import tracemalloc
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest

from dialer.core.importing.mapping import Given
from dialer.services.customers.customer_file import CustomerFile, FileLine, FileRefused
from dialer.services.customers.imports import plan_import

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


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
def test_the_encoding_is_found_from_the_bytes_and_shown(tmp_path: Path, encoding: str) -> None:
    file = write(tmp_path / "f.csv", "id,name\n1,Zoë\n2,Ødegård\n".encode(encoding))

    assert [line.cells for line in file.lines()] == [("1", "Zoë"), ("2", "Ødegård")]
    assert encoding.removesuffix("-sig") in file.described


def test_an_encoding_that_is_named_holds_and_what_it_cannot_read_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes("id,name\n1,Zoë\n".encode("cp1252"))

    assert list(CustomerFile(path, "utf-8").lines()) == [FileLine(2, ("1", "Zo\udceb"))]


def test_where_the_bytes_leave_the_encoding_in_doubt_it_is_asked(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="--encoding cp850, --encoding mac_roman or --encoding cp1252"):
        write(tmp_path / "f.csv", "id,name\n1,Ødegård\n2,Bjørn\n".encode("cp850"))


@pytest.mark.parametrize(
    ("above", "first_row"),
    [
        ("sep=;\n", 3),
        ("\ufeffsep=;\n", 3),
        ('"sep=;"\r\n', 3),
        ("Customers as of 1 November;;;\n;;;\n", 4),
        ("Customers\n\nas of 1 November 2026\n", 5),
        ("", 2),
    ],
)
def test_what_stands_above_the_table_is_passed_over(tmp_path: Path, above: str, first_row: int) -> None:
    table = "Kundenr;Navn;Pris;By\n1;Ada;5,5;Oslo\n2;Bo;6,25;Bergen\n"
    file = write(tmp_path / "f.csv", (above + table).encode())

    assert file.columns == ("Kundenr", "Navn", "Pris", "By")
    assert [(line.number, line.cells[1]) for line in file.lines()] == [
        (first_row, "Ada"),
        (first_row + 1, "Bo"),
    ]


def test_a_zip_file_of_one_table_is_read_and_of_two_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export/customers.csv", TEXT)
    assert list(CustomerFile(path).lines()) == ROWS
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("more.csv", TEXT)
    with pytest.raises(FileRefused, match=r"customers\.csv, more\.csv"):
        CustomerFile(path)


@pytest.mark.parametrize("name", ["customers.xlsx", "customers.csv", "customers"])
def test_a_workbook_is_read_whatever_it_is_called_with_whole_numbers_and_real_dates(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    save_workbook(path, {"Notes": [["nothing"]], "Kunder": WORKBOOK_ROWS})
    file = CustomerFile(path, sheet="Kunder")

    assert file.columns == ("Kundenr", "Mobil", "Siden", "Pris")
    assert [(line.number, line.cells) for line in file.lines()] == [
        (4, ("1", "442079460001", "2021-02-03", "200.5")),
        (5, ("2", "442079460002", "2021-03-03", "1000000")),
    ]
    assert "'Kunder'; it also has Notes" in file.described


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    save_workbook(tmp_path / "f.xlsx", {"Kunder": WORKBOOK_ROWS})

    with pytest.raises(FileRefused, match=r"no sheet 'Customers'; it has: Kunder"):
        CustomerFile(tmp_path / "f.xlsx", sheet="Customers")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<html><table><tr><td>id</td></tr></table></html>", "an HTML page"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html>", "an HTML page"),
        (b"<?xml version='1.0'?><Workbook/>", "an XML file"),
        (b'{"id": 1}', "a JSON file"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\xd0\xcf\x11\xe0broken", "a workbook that cannot be read"),
    ],
)
def test_what_a_file_is_that_is_no_table_is_said(tmp_path: Path, content: bytes, what: str) -> None:
    with pytest.raises(FileRefused, match=what):
        write(tmp_path / "customers.xls", content)


def test_a_parquet_file_made_to_fill_the_memory_is_refused_before_it_does(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    pl.DataFrame({"id": ["1"] * 24, "note": ["x" * (2 << 20)] * 24}).write_parquet(path)
    tracemalloc.start()
    with pytest.raises(FileRefused, match="bytes in one row"):
        list(CustomerFile(path).lines())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 32 << 20


WORKBOOK_ROWS = [
    ["Customers of November"],
    [],
    ["Kundenr", "Mobil", "Siden", "Pris", None],
    [1, 442079460001, date(2021, 2, 3), 200.5],
    [2, "442079460002", date(2021, 3, 3), 1e6],
]


def save_workbook(path: Path, sheets: dict[str, list[list[object]]]) -> None:
    """A workbook with the parts that every reader needs: dates as serial numbers with a style."""
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        + "".join(
            f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
            for number, name in enumerate(sheets, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">'
        + "".join(
            f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" '
            f'Target="worksheets/sheet{number}.xml"/>'
            for number in range(1, len(sheets) + 1)
        )
        + f'<Relationship Id="rIdS" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    }
    for number, rows in enumerate(sheets.values(), 1):
        body = "".join(
            f'<row r="{line}">'
            + "".join(_cell(cell, line, place) for place, cell in enumerate(row))
            + "</row>"
            for line, row in enumerate(rows, 1)
        )
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
        )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def _cell(value: object, line: int, place: int) -> str:
    at = f'r="{"ABCDE"[place]}{line}"'
    if value is None:
        return ""
    if isinstance(value, date):
        return f'<c {at} s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, str):
        return f'<c {at} t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c {at}><v>{value}</v></c>"


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
        (b"\n\n", "nothing but blank lines"),
        (b"\x7fELF\0\0\0\0", "neither CSV"),
        (b"PAR1 but not really", "Parquet"),
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


def test_the_euros_latin_is_told_from_that_of_windows(tmp_path: Path) -> None:
    file = write(tmp_path / "f.csv", "id;hinta €\n1;Mäki\n".encode("iso-8859-15"))

    assert file.columns == ("id", "hinta €")


def test_a_workbook_that_was_cut_off_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="damaged or cut off"):
        write(tmp_path / "f.xlsx", b"PK\x03\x04" + bytes(200))


def test_a_zipped_workbook_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr("kunder.xlsx", b"PK\x03\x04")

    with pytest.raises(FileRefused, match=r"the workbook kunder\.xlsx\. Unpack it"):
        CustomerFile(tmp_path / "f.zip")


def test_a_file_of_names_alone_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,name\n")

    with pytest.raises(FileRefused, match="no row below them"):
        plan_import(path, Given(), region="NO")


def zipped(name: str, content: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["inner.zip", "customers.dat", "x.gz"])
def test_what_is_packed_twice_is_said_to_be(tmp_path: Path, name: str) -> None:
    inside = {
        "inner.zip": zipped("a.csv", b"id\n1\n"),
        "customers.dat": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100,
        "x.gz": gzip.compress(b"id\n1\n"),
    }[name]

    with pytest.raises(FileRefused, match="packed. Unpack it"):
        write(tmp_path / "f.zip", zipped(name, inside))
    with pytest.raises(FileRefused, match="packed. Unpack it"):
        write(tmp_path / "f.gz", gzip.compress(inside))


def test_a_zip_file_with_a_password_is_refused_in_a_sentence(tmp_path: Path) -> None:
    plain = bytearray(zipped("a.csv", b"id\n1\n"))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        plain[plain.index(signature) + flags] |= 1

    with pytest.raises(FileRefused, match="cannot be opened .*password"):
        write(tmp_path / "f.zip", bytes(plain))


@pytest.mark.parametrize("row", ["{0};Bo;9112233{0};", '{0};"Bo";9112233{0};;', "{0};Bo;9112233{0}"])
def test_delimiters_at_the_end_of_rows_are_no_cells(tmp_path: Path, row: str) -> None:
    text = "Kundenr;Navn;Mobil\n" + "".join(f"{row.format(place)}\n" for place in range(3))
    text += "3;Bo;91122333;x\n"

    plain = write(tmp_path / "f.csv", text.encode())

    cells = [(str(place), "Bo", f"9112233{place}") for place in range(3)]
    assert [line.cells for line in plain.lines()] == [*cells, ("3", "Bo", "91122333", "x")]
    (block,) = plain.pieces()
    assert (block.frame.height, len(block.odd)) == (3, 1)


@pytest.mark.parametrize(
    ("above", "columns"),
    [
        ("Kunde;;Kontakt\n", ("Kundenr", "Navn", "Mobil")),
        ("Liste fra CRM;;\nKunde;;Kontakt\n", ("Kundenr", "Navn", "Mobil")),
        ("", ("Kundenr", "Navn", "Mobil")),
    ],
)
def test_a_row_that_groups_the_headings_is_passed_over(
    tmp_path: Path, above: str, columns: tuple[str, ...]
) -> None:
    rows = "".join(f"{place};Bo;9112233{place}\n" for place in range(3))

    assert write(tmp_path / "f.csv", f"{above}Kundenr;Navn;Mobil\n{rows}".encode()).columns == columns


def test_headings_under_grouping_ones_may_have_figures_and_columns_that_are_mostly_empty(
    tmp_path: Path,
) -> None:
    rows = "".join(f'{place};"Jens\nc/o Bo";;3312340{place};2012340{place};Nej;\n' for place in range(4))
    text = f"Kunde;;;Kontakt;;Reklame;\nNr.;Navn;Navn 2;Telefon 1;Telefon 2;Frabedt;Afdød\n{rows}"

    file = write(tmp_path / "f.csv", text.encode())

    assert file.columns == ("Nr.", "Navn", "Navn 2", "Telefon 1", "Telefon 2", "Frabedt", "Afdød")


def test_a_heading_with_a_gap_over_rows_with_figures_in_the_same_places_stays_the_heading(
    tmp_path: Path,
) -> None:
    file = write(tmp_path / "f.csv", b"name;;town\nAnn 1;x;Leeds 1\nBob 2;y;York 2\nCid 3;z;Bath 3\n")

    assert file.columns == ("name", "(column 2)", "town")


def test_a_heading_with_a_gap_over_words_alone_stays_the_heading(tmp_path: Path) -> None:
    file = write(tmp_path / "f.csv", b"name;;town\nAnn;x;Leeds\nBob;y;York\nCid;z;Bath\n")

    assert file.columns == ("name", "(column 2)", "town")


def test_of_a_workbook_the_first_sheet_with_a_table_is_read(tmp_path: Path) -> None:
    table: list[list[object]] = [["id", "name"], ["1", "Ann"]]
    save_workbook(tmp_path / "f.xlsx", {"Cover": [["A report"], ["of today"]], "Empty": [], "List": table})

    file = CustomerFile(tmp_path / "f.xlsx")

    assert (file.columns, file.described) == (
        ("id", "name"),
        "a workbook, sheet 'List'; it also has Cover, Empty (--sheet)",
    )
