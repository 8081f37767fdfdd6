"""A source's next file has new columns: what they forbid holds beside what was said of the file before."""

from collections.abc import Mapping, Sequence

import pytest

from dialer.core.importing.column_roles import ColumnRole, roles_of
from dialer.core.importing.mapping import (
    Given,
    MappingRefused,
    infer_mapping,
    is_number_name,
    with_prohibitions,
)
from dialer.core.importing.readings import Reading

COLUMNS = ("id", "name", "phone")


def rows(**cells: Sequence[str]) -> list[Mapping[str, str]]:
    """Rows of these columns, as many as the shortest has cells."""
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=False)]


def test_a_new_column_that_forbids_calls_is_added_to_the_one_that_was_said() -> None:
    given = Given(do_not_call=("Reservert",))
    sample = rows(**{"Do not call": ["yes", "no", " "]})

    assert with_prohibitions(given, ["Do not call"], sample).do_not_call == ("Reservert", "Do not call")


def test_any_reason_given_for_calling_nobody_is_a_prohibition_and_tells_of_no_death() -> None:
    column, reasons = "Do not call reason", [f"asked for it on day {day}" for day in range(30)]
    found = with_prohibitions(Given(), [column], rows(**{column: reasons}))

    assert (found.do_not_call, found.deceased) == ((column,), None)


def test_none_said_of_the_file_before_says_nothing_of_a_new_column() -> None:
    given = Given(do_not_call=("none",))

    assert with_prohibitions(given, ["Do not call"], rows(**{"Do not call": ["yes"]})).do_not_call == (
        "Do not call",
    )


def test_without_a_new_prohibition_what_was_said_stays_as_it_was() -> None:
    for said in (None, ("none",), ("Reservert",)):
        given = Given(do_not_call=said, deceased=said)

        assert with_prohibitions(given, ["plan"], rows(plan=["S", "M"])) == given


def test_a_new_column_of_the_deceased_is_one_of_the_deceased_and_no_other_prohibition() -> None:
    found = with_prohibitions(Given(), ["Deceased"], rows(Deceased=["yes", "no"]))

    assert found.deceased == ("Deceased",)
    assert found.do_not_call is None


def test_a_new_column_that_says_who_may_be_called_is_obeyed_and_is_no_prohibition() -> None:
    found = with_prohibitions(Given(), ["May we call?"], rows(**{"May we call?": ["yes", "no"]}))

    assert found.may_call == ("May we call?",)
    assert found.do_not_call is None


def test_a_column_without_a_name_is_refused() -> None:
    with pytest.raises(MappingRefused, match="a column has no name"):
        infer_mapping(["id", " "], [], Given(id="id", name=(), phones=()), "GB")


@pytest.mark.parametrize(
    ("flag", "given"),
    [
        ("--id", Given(id="nowhere")),
        ("--name", Given(name=("nowhere",))),
        ("--phone", Given(phones=("nowhere",))),
        ("--zone", Given(zone="nowhere")),
        ("--state", Given(state="nowhere")),
        ("--postcode", Given(postcode="nowhere")),
        ("--country", Given(country="nowhere")),
        ("--language", Given(language="nowhere")),
        ("--household", Given(household="nowhere")),
        ("--label", Given(label="nowhere")),
        ("--do-not-call", Given(do_not_call=("nowhere",))),
        ("deceased", Given(deceased=("nowhere",))),
        ("may be called", Given(may_call=("nowhere",))),
        ("--calling-code", Given(calling_codes=("nowhere",))),
        ("--area-code", Given(area_codes=("nowhere",))),
        ("--notation", Given(readings={"nowhere": Reading.COMMA})),
        ("--ignore", Given(ignored=("nowhere",))),
    ],
)
def test_every_flag_is_named_where_its_column_is_not_there(flag: str, given: Given) -> None:
    with pytest.raises(MappingRefused) as refused:
        infer_mapping(COLUMNS, [], given, "GB")

    assert str(refused.value).startswith(f"{flag} 'nowhere'")


@pytest.mark.parametrize("named", ["label", "zone", "language", "household", "state", "postcode", "country"])
def test_a_column_that_a_flag_names_is_no_prohibition_whatever_it_is_called(named: str) -> None:
    columns = (*COLUMNS, "Do not call")
    sample = rows(id=["1", "2"], name=["A", "B"], phone=["", ""], **{"Do not call": ["yes", "no"]})
    given = Given(**{named: "Do not call"})  # type: ignore[arg-type]

    assert infer_mapping(columns, sample, given, "GB").do_not_call == ()


@pytest.mark.parametrize("given", [Given(name=("Do not call",)), Given(phones=("Do not call",))])
def test_nor_is_one_that_is_said_to_be_a_name_or_a_number(given: Given) -> None:
    columns = (*COLUMNS, "Do not call")
    sample = rows(id=["1", "2"], name=["A", "B"], phone=["", ""], **{"Do not call": ["yes", "no"]})

    assert infer_mapping(columns, sample, given, "GB").do_not_call == ()


def test_a_country_column_is_one_whose_cells_are_countries() -> None:
    def country(*cells: str) -> str | None:
        sample = rows(id=[str(place) for place in range(len(cells))], country=cells)
        return infer_mapping(("id", "country"), sample, Given(), "GB").country

    assert country("NO", "Sweden", "DE") == "country"
    assert country("rock", "jazz", "polka") is None


def test_a_language_column_holds_short_codes_and_no_sentences() -> None:
    def language(*cells: str) -> str | None:
        sample = rows(id=[str(place) for place in range(len(cells))], language=cells)
        return infer_mapping(("id", "language"), sample, Given(), "GB").language

    assert language("nb", "en-GB", "sv-Finla") == "language"
    assert language("Norwegian", "Norwegian", "Norwegian") is None


def test_a_whole_name_is_taken_before_its_parts_unless_both_parts_are_there() -> None:
    def name(*columns: str) -> tuple[str, ...]:
        sample = [dict.fromkeys(columns, "x") | {"id": str(place)} for place in range(3)]
        return infer_mapping(("id", *columns), sample, Given(), "GB").name

    assert name("name", "first name") == ("name",)
    assert name("name", "last name") == ("name",)
    assert name("name", "first name", "last name") == ("first name", "last name")


def test_a_name_of_numbers_with_a_figure_or_a_remark_is_one_and_of_a_line_none() -> None:
    def phones(column: str, cell: str) -> tuple[str, ...]:
        sample = rows(id=["1", "2", "3"], **{column: [cell] * 3})
        return infer_mapping(("id", column), sample, Given(), "GB").phones

    assert phones("Phone 2", "020 7946 0001") == ("Phone 2",)
    assert phones("Customer phone", "020 7946 0001") == ("Customer phone",)
    assert phones("Customer phone", "yes") == ()
    assert phones("Phone", "") == ("Phone",)
    assert phones("Fax phone", "020 7946 0001") == ()
    assert phones("Phone service", "020 7946 0001") == ()


def test_a_language_is_no_longer_than_a_customers_may_be() -> None:
    def language(cell: str) -> str | None:
        return infer_mapping(("id", "language"), rows(id=["1"], language=[cell]), Given(), "GB").language

    assert language("zh-Hans1") == "language"
    assert language("zh-Hans12") is None


def test_a_column_that_is_said_to_be_one_thing_is_nothing_else() -> None:
    sample = rows(id=["1", "2"], phone=["020 7946 0001", "020 7946 0002"], state=["TX", "CA"])

    assert infer_mapping(("id", "phone", "state"), sample, Given(id="phone"), "GB").phones == ()
    assert infer_mapping(("id", "phone", "state"), sample, Given(label="state"), "GB").state is None


def test_one_in_four_of_the_first_rows_may_be_written_twice() -> None:
    def identity(*cells: str) -> str:
        return infer_mapping(("id", "account"), rows(id=cells, account="wxyz"), Given(), "GB").id

    assert identity("1", "1", "2", "3") == "id"
    assert identity("1", "1", "2", "2") == "account"


@pytest.mark.parametrize("column", ["E164", "phone2", "Contact number 2", "Tel. (home)", "Phone no. 3"])
def test_what_is_named_like_numbers_is_so_with_a_figure_too(column: str) -> None:
    assert is_number_name(column)


@pytest.mark.parametrize("column", ["Number of phones", "Phone plan", "Fax 2", "Phone type 2", "E 2", "id"])
def test_what_is_named_like_a_fact_about_a_line_is_not(column: str) -> None:
    assert not is_number_name(column)


@pytest.mark.parametrize(
    "column", ["Telefax 2", "Tele-Fax 2", "Phone type 2", "Mobile data 1", "Fax-Telefon"]
)
def test_numbers_in_a_column_of_such_a_fact_are_none_that_is_rung(column: str) -> None:
    sample = rows(id=["1", "2"], **{column: ["020 7946 0001", "020 7946 0002"]})

    assert infer_mapping(("id", column), sample, Given(), "GB").phones == ()


@pytest.mark.parametrize(
    "column", ["Kontakt-ID", "Record ID", "Debitor", "Kontaktnr.", "Kd.-Nr.", "Customer_Id__c"]
)
def test_what_systems_call_their_customers_number_is_the_id(column: str) -> None:
    sample = rows(**{column: ["1", "2"], "plan": ["S", "M"]})

    assert infer_mapping((column, "plan"), sample, Given(), "NO").id == column


def test_an_identifier_that_stands_twice_is_named_where_no_other_column_is_one() -> None:
    sample = rows(KUNDENR=["1", "1", "2", "2"], NAVN=["A", "B", "C", "D"])

    with pytest.raises(MappingRefused, match=r"'KUNDENR' is named so, but often has the same value twice"):
        infer_mapping(("KUNDENR", "NAVN"), sample, Given(), "NO")
    with pytest.raises(MappingRefused, match=r"apart\. Name one"):
        infer_mapping(("NAVN",), rows(NAVN=["A", "B"]), Given(), "NO")


def test_where_a_person_will_say_it_a_file_without_an_identifier_is_no_fault() -> None:
    columns, sample = ("NAVN", "Mobil"), rows(NAVN=["A", "B"], Mobil=["91122333", "91122334"])
    mapping = infer_mapping(columns, sample, Given(), "NO", undecided=True)

    assert (mapping.id, mapping.name, mapping.phones) == ("", ("NAVN",), ("Mobil",))
    assert ColumnRole.ID not in roles_of(mapping, columns).values()
    with pytest.raises(MappingRefused, match="write a line above it that names them"):
        infer_mapping(("Åse Bø", "911 22 333"), [], Given(), "NO", undecided=True)
