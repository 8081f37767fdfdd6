"""Numbers in several columns: a code makes one number with what is behind it; a lookalike does not."""

from pathlib import Path

import pytest

from churnmodel.data.quoted_rows import TextRow
from churnmodel.data.text_blocks import RowBlock
from dialer.core.importing.column_roles import ColumnRole, as_given, given_by_roles, roles_of
from dialer.core.importing.mapping import Given, MappingRefused, infer_mapping
from dialer.core.importing.number_parts import (
    NumberParts,
    join_number,
    joined_row,
    parts_of,
    reads_as_calling_code,
)
from dialer.core.importing.row_reader import RowReader
from dialer.services.customers.register_file import read_register


def numbers(region: str, *table: tuple[str, ...], given: Given | None = None) -> list[tuple[str, ...]]:
    """The numbers of each row of a table whose first row is the heading."""
    columns, *rows = table
    sample = [dict(zip(columns, row, strict=True)) for row in rows]
    mapping = infer_mapping(columns, sample, given or Given(), region)
    block = RowBlock.of([TextRow(line, row) for line, row in enumerate(rows, start=2)], len(columns))
    return [each.numbers for each in RowReader(columns, mapping, region).read_block(block).customers]


@pytest.mark.parametrize(
    ("region", "headings", "cells", "number"),
    [
        ("DE", ("Vorwahl", "Rufnummer"), ("030", "23125000"), "+493023125000"),
        ("DE", ("Vorwahl", "Nummer"), ("(0171)", "1234567"), "+491711234567"),
        ("DE", ("Tel. Vorwahl", "Tel."), ("30", "23 12 50-00"), "+493023125000"),
        ("DE", ("Ländervorwahl", "Ortsvorwahl", "Telefon"), ("43", "01", "5131234"), "+4315131234"),
        ("DE", ("Vorwahl", "Telefon"), ("+49 30", "23125000"), "+493023125000"),
        ("SE", ("Riktnummer", "Telefon"), ("08", "123 456 78"), "+46812345678"),
        ("NO", ("Landsnr.", "Mobil"), ("46", "070-123 45 67"), "+46701234567"),
        ("NO", ("Landkode", "Tlf"), ("+47", "22 33 44 55"), "+4722334455"),
        ("DK", ("Landekode", "Telefon"), ("0047", "22 33 44 55"), "+4722334455"),
        ("FI", ("Suuntanumero", "Puhelin"), ("09", "123 4567"), "+35891234567"),
        ("US", ("Area Code", "Phone"), ("415", "781-2671"), "+14157812671"),
        ("US", ("HomeAreaCode", "HomePhone"), ("(415)", "781-2671"), "+14157812671"),
        ("GB", ("STD code", "Telephone"), ("020", "7946 0001"), "+442079460001"),
        ("NL", ("Netnummer", "Telefoon"), ("020", "624 1111"), "+31206241111"),
        ("FR", ("Indicatif pays", "Téléphone"), ("33", "01 42 68 53 00"), "+33142685300"),
    ],
)
def test_a_code_in_a_column_of_its_own_goes_before_the_number(
    region: str, headings: tuple[str, ...], cells: tuple[str, ...], number: str
) -> None:
    assert numbers(region, ("id", *headings), ("7", *cells)) == [(number,)]


@pytest.mark.parametrize("whole", ["+49 171 7654321", "0049 171 7654321", "0171 7654321", "(0171) 7654321"])
def test_a_number_that_is_whole_stays_as_it_is_beside_a_code(whole: str) -> None:
    table = (("id", "Vorwahl", "Telefon"), ("1", "030", "23125000"), ("2", "030", whole))

    assert numbers("DE", *table)[1] == ("+491717654321",)


def test_a_code_without_a_number_is_none_and_a_number_without_its_code_is_no_strangers() -> None:
    table = (("id", "Vorwahl", "Telefon"), ("1", "030", "23125000"), ("2", "030", "-"), ("3", "", "1234567"))

    assert numbers("DE", *table)[1:] == [(), ()]


@pytest.mark.parametrize(
    ("whole", "found"),
    [
        ("4157812672", ("+14157812672",)),
        ("(415) 781-2672", ("+14157812672",)),
        ("1-415-781-2672", ("+14157812672",)),
        ("415-781-2672 / 415-781-2673", ("+14157812672", "+14157812673")),
        ("2127812672", ()),  # of another area than is said
        ("415-781-2672 / 212-781-2673", ()),
        ("4157812672 ext. 5", ()),
    ],
)
@pytest.mark.parametrize("code", ["", "1"])
def test_a_number_that_repeats_its_area_is_read_where_it_makes_just_one_number(
    whole: str, found: tuple[str, ...], code: str
) -> None:
    table = (
        ("id", "Country code", "Area code", "Phone"),
        ("A", code, "415", "781-2671"),
        ("B", code, "415", "781-2675"),
        ("C", code, "415", whole),
    )

    assert numbers("US", *table) == [("+14157812671",), ("+14157812675",), found]


def test_a_number_that_begins_like_its_area_is_left_as_it_is_where_both_are_numbers() -> None:
    plain = [(f"A{place}", "030", f"2312500{place}") for place in range(3)]

    assert numbers("DE", ("id", "Vorwahl", "Telefon"), *plain, ("B", "030", "30231250"))[3] == (
        "+493030231250",
    )


def test_a_column_of_codes_that_the_numbers_hold_already_is_an_attribute() -> None:
    columns = ("id", "area code", "phone")
    sample = [
        dict(zip(columns, row, strict=True))
        for row in (("1", "415", "(415) 781-2671"), ("2", "212", "212-736-5000"))
    ]
    mapping = infer_mapping(columns, sample, Given(), "US")

    assert (mapping.area_codes, mapping.attributes(columns)) == ((), ("area code",))


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Country code", "NO"),
        ("Country code", "578"),
        ("Prefix", "Mr"),
        ("Vorwahl", "Berlin"),
        ("Vorwahl", ""),
    ],
)
def test_a_column_named_like_codes_that_holds_none_goes_before_nothing(heading: str, cell: str) -> None:
    columns = ("id", heading, "phone")
    mapping = infer_mapping(
        columns, [dict(zip(columns, ("1", cell, "22 33 44 55"), strict=True))], Given(), "NO"
    )

    assert mapping.number_parts(columns) == {"phone": NumberParts()}


def test_an_area_code_goes_before_the_next_number_and_a_calling_code_before_all_behind_it() -> None:
    columns = ("id", "first", "cc", "area", "home", "mobile", "cc2", "work")
    parts = parts_of(columns, ("work", "home", "mobile", "first"), ("cc2", "cc"), ("area",))

    assert parts == {
        "first": NumberParts("cc", None),
        "home": NumberParts("cc", "area"),
        "mobile": NumberParts("cc", None),
        "work": NumberParts("cc2", None),
    }


def test_a_code_behind_the_only_number_goes_before_it_too() -> None:
    assert parts_of(("phone", "area"), ("phone",), (), ("area",)) == {"phone": NumberParts(None, "area")}


@pytest.mark.parametrize(
    ("calling", "area", "number", "joined"),
    [
        ("47", "", "22 33 44 55", "+47 22 33 44 55"),
        ("", "", "22 33 44 55", "22 33 44 55"),
        ("k.A.", "n/a", "22 33 44 55", "22 33 44 55"),
        ("+ 49", "030", "1234567", "+49 030 1234567"),
        ("49", "0049 30", "1234567", "0049 30 1234567"),
        ("49", "+49 30", "1234567", "+49 30 1234567"),
        ("49", "30", "n/a", "n/a"),
    ],
)
def test_parts_are_joined_by_their_marks(calling: str, area: str, number: str, joined: str) -> None:
    assert join_number(calling, area, number) == joined


def test_a_person_says_which_column_is_a_code_and_it_is_remembered() -> None:
    columns = ("id", "V", "R")
    sample = [{"id": "1", "V": "030", "R": "23125000"}]
    given = Given(id="id", phones=("R",), area_codes=("V",))
    mapping = infer_mapping(columns, sample, given, "DE")

    roles = roles_of(mapping, columns)
    assert roles == {"id": ColumnRole.ID, "V": ColumnRole.AREA_CODE, "R": ColumnRole.PHONE}
    assert infer_mapping(columns, sample, given_by_roles(roles), "DE") == mapping
    assert infer_mapping(columns, sample, as_given(mapping), "DE") == mapping
    assert numbers("DE", columns, ("1", "030", "23125000"), given=given) == [("+493023125000",)]


def test_none_says_that_a_column_is_no_code() -> None:
    table = (("id", "Vorwahl", "Telefon"), ("1", "030", "0171 1234567"))
    columns, row = table
    mapping = infer_mapping(
        columns, [dict(zip(columns, row, strict=True))], Given(area_codes=("none",)), "DE"
    )

    assert mapping.attributes(columns) == ("Vorwahl",)


def test_a_code_without_any_number_is_refused() -> None:
    sample = [{"id": "1", "V": "030"}]

    with pytest.raises(MappingRefused, match="'V' goes before a number, and no column holds numbers"):
        infer_mapping(("id", "V"), sample, Given(area_codes=("V",)), "DE")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Vorwahl;Rufnummer;Name\n030;23125000;Engel\n0171;1234567;Dorn\n", [491711234567, 493023125000]),
        ("030;23125000\n0171;1234567\n", [491711234567, 493023125000]),
        ("Vorwahl;Rufnummer;Mobil\n30;23125000;0171 1234567\n", [491711234567, 493023125000]),
        ("Vorwahl;Rufnummer\n030;030 23125000\n0171;01711234567\n", [491711234567, 493023125000]),
        ("Jahr;Rufnummer\n2024;030 23125000\n2025;01711234567\n", [491711234567, 493023125000]),
    ],
)
def test_a_registers_local_numbers_are_read_with_their_area_codes(
    tmp_path: Path, text: str, numbers: list[int]
) -> None:
    path = tmp_path / "register.csv"
    path.write_text(text)

    assert read_register(path, "DE").numbers.tolist() == numbers


def test_calling_codes_are_remembered_and_a_code_is_no_prohibition() -> None:
    columns = ("id", "Landsnr.", "Sperre", "phone")
    sample = [{"id": "1", "Landsnr.": "49", "Sperre": "030", "phone": "23125000"}]
    mapping = infer_mapping(columns, sample, Given(area_codes=("Sperre",)), "NO")

    assert (mapping.calling_codes, mapping.area_codes, mapping.do_not_call) == (
        ("Landsnr.",),
        ("Sperre",),
        (),
    )
    assert infer_mapping(columns, sample, as_given(mapping), "NO") == mapping
    assert as_given(mapping).calling_codes == ("Landsnr.",)
    nothing = infer_mapping(("id", "phone"), [{"id": "1", "phone": "22334455"}], Given(), "NO")
    assert as_given(nothing).calling_codes == as_given(nothing).area_codes == ("none",)


def test_codes_without_a_column_of_numbers_are_attributes() -> None:
    columns = ("id", "Landsnr.", "Vorwahl")
    mapping = infer_mapping(columns, [dict(zip(columns, ("1", "49", "030"), strict=True))], Given(), "DE")

    assert (mapping.calling_codes, mapping.area_codes) == ((), ())
    assert mapping.attributes(columns) == ("Landsnr.", "Vorwahl")


@pytest.mark.parametrize(("wrong", "found"), [(1, ("Vorwahl",)), (2, ())])
def test_one_in_ten_may_be_no_code(wrong: int, found: tuple[str, ...]) -> None:
    columns = ("id", "Vorwahl", "Telefon")
    codes = ["Berlin"] * wrong + ["030"] * (10 - wrong)
    sample = [{"id": str(place), "Vorwahl": code, "Telefon": "23125000"} for place, code in enumerate(codes)]

    assert infer_mapping(columns, sample, Given(), "DE").area_codes == found


def test_a_calling_code_is_one_that_a_country_has() -> None:
    assert all(map(reads_as_calling_code, ("47", "+47", "0047", "1")))
    assert not any(map(reads_as_calling_code, ("578", "", "NO", "+", "4700")))


def test_a_rows_number_is_shown_as_it_is_joined() -> None:
    row = {"id": "1", "": "never", "cc": "49", "area": "030", "phone": "23125000"}

    assert joined_row(row, "phone", NumberParts("cc", "area")) == "+49 030 23125000"
    assert joined_row(row, "phone", NumberParts("cc", None)) == "+49 23125000"
    assert joined_row(row, "phone", NumberParts(None, "area")) == "030 23125000"
    del row[""], row["cc"]
    assert joined_row(row, "phone", NumberParts()) == "23125000"
    assert joined_row(row, "phone", NumberParts("cc", None)) == "23125000"
