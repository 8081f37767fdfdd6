"""Columns are guessed by name and borne out by values; flags are taken as said."""

import pytest

from dialer.core.importing.column_roles import ColumnRole, given_by_roles, roles_of
from dialer.core.importing.headings import as_written, told_apart
from dialer.core.importing.mapping import ColumnMapping, Given, MappingRefused, infer_mapping

TELCO = ("customerID", "gender", "tenure", "PhoneService", "MultipleLines", "Churn")
TELCO_ROWS = [
    dict(zip(TELCO, ("7590-VHVEG", "Female", "1", "No", "No phone service", "No"), strict=True)),
    dict(zip(TELCO, ("5575-GNVDE", "Male", "34", "Yes", "No", "Yes"), strict=True)),
]
FULL = ("Cust. No", "First name", "Last name", "Mobile", "Phone 2", "TZ", "Lang", "plan", "exited")
FULL_ROWS = [
    dict(zip(FULL, ("1", "Ada", "Engel", "020 7946 0001", "", "Europe/London", "en", "S", "0"), strict=True)),
    dict(zip(FULL, ("2", "Otis", "Dorn", "+442079460002", "0113 496 0003", "", "", "M", "1"), strict=True)),
]


def infer(columns: tuple[str, ...], rows: list[dict[str, str]], given: Given | None = None) -> ColumnMapping:
    return infer_mapping(columns, rows, given or Given(), "GB")


def test_a_column_that_only_sounds_like_a_number_is_an_attribute() -> None:
    mapping = infer(TELCO, TELCO_ROWS)

    assert mapping == ColumnMapping(id="customerID", label="Churn")
    assert mapping.attributes(TELCO) == TELCO[1:]


def test_names_numbers_and_zone_are_found() -> None:
    rows = [{**row, "id": str(index)} for index, row in enumerate(FULL_ROWS)]

    assert infer((*FULL, "id"), rows) == ColumnMapping(
        id="id",
        name=("First name", "Last name"),
        phones=("Mobile", "Phone 2"),
        zone="TZ",
        language="Lang",
        label="exited",
    )


NORDIC = (
    "Kundenummer",
    "Fornavn",
    "Etternavn",
    "Mobil",
    "Fax",
    "Telefontype",
    "Språk",
    "Husstand",
    "Oppsagt",
)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (NORDIC, ("Kundenummer", ("Fornavn", "Etternavn"), ("Mobil",), "Oppsagt")),
        (
            ("Kundnr", "Namn", "Tfn", "Mobilnummer", "Uppsagd"),
            ("Kundnr", ("Namn",), ("Mobilnummer",), "Uppsagd"),
        ),
        (("Kunde-ID", "Fuldt navn", "Tlf.", "Opsagt"), ("Kunde-ID", ("Fuldt navn",), ("Tlf.",), "Opsagt")),
        (
            ("Asiakasnumero", "Etunimi", "Sukunimi", "Puhelin 1", "Irtisanottu"),
            ("Asiakasnumero", ("Etunimi", "Sukunimi"), ("Puhelin 1",), "Irtisanottu"),
        ),
        (
            ("Kunden-Nr.", "Vorname", "Nachname", "Handy", "Telefax", "Gekündigt"),
            ("Kunden-Nr.", ("Vorname", "Nachname"), ("Handy",), "Gekündigt"),
        ),
    ],
    ids=["nb", "sv", "da", "fi", "de"],
)
def test_headings_are_known_in_the_languages_of_the_pages(
    columns: tuple[str, ...], expected: tuple[str, tuple[str, ...], tuple[str, ...], str]
) -> None:
    rows = [dict.fromkeys(columns, f"0207946000{row}") for row in range(3)]
    mapping = infer(columns, rows)

    assert (mapping.id, mapping.name, mapping.phones, mapping.label) == expected


@pytest.mark.parametrize(
    "column",
    [
        "Do Not Call",
        "DNC",
        "HasOptedOutOfCalls",
        "Opt-out",
        "phone_opt_out_date",
        "GDPR: objection to calls",
        "Reservert mot telefonsalg",
        "Reservasjon telefon",
        "Ring ikke",
        "NIX-Telefon",
        "Robinson-listen",
        "Soittokielto",
        "Werbesperre",
    ],
)
def test_a_column_that_puts_the_person_off_is_found_shown_and_no_attribute(column: str) -> None:
    columns, told = ("id", column), ("Ja", "", "2024-03-01", "nei")
    mapping = infer(columns, [{"id": str(row), column: cell} for row, cell in enumerate(told)])

    assert (mapping.do_not_call, mapping.attributes(columns)) == ((column,), ())


@pytest.mark.parametrize(
    "column", ["Email opt out", "Do not email", "SMS opt-out", "Reservasjonsnummer", "plan"]
)
def test_a_prohibition_of_another_channel_says_nothing_about_calls(column: str) -> None:
    assert infer(("id", column), [{"id": "1", column: "yes"}]).do_not_call == ()


def test_a_named_prohibition_comes_beside_the_one_that_is_found_and_none_means_none() -> None:
    columns, rows = ("id", "DNC", "state"), [{"id": "1", "DNC": "no", "state": "x"}]

    assert infer(columns, rows, Given(do_not_call=("state",))).do_not_call == ("state", "DNC")
    assert infer(columns, rows, Given(do_not_call=("none",))).do_not_call == ()


def test_flags_overrule_every_guess() -> None:
    given = Given(
        id="Cust. No",
        name=("Last name",),
        phones=("Phone 2", "Mobile"),
        zone="none",
        label="plan",
        ignored=("Lang",),
    )

    assert infer(FULL, FULL_ROWS, given) == ColumnMapping(
        id="Cust. No", name=("Last name",), phones=("Phone 2", "Mobile"), label="plan", ignored=("Lang",)
    )


def test_none_says_that_the_file_has_no_such_column() -> None:
    given = Given(id="Cust. No", name=("none",), phones=("none",), label="none")

    assert infer(FULL, FULL_ROWS, given) == ColumnMapping(id="Cust. No", zone="TZ", language="Lang")


def test_an_identifier_that_repeats_is_not_one() -> None:
    rows = [{"id": "1", "account": "7"}, {"id": "1", "account": "8"}]

    assert infer(("id", "account"), rows).id == "account"


def test_without_an_identifier_the_message_names_the_flag_and_the_columns() -> None:
    with pytest.raises(MappingRefused, match=r"--id COLUMN.*gender, age"):
        infer(("gender", "age"), [{"gender": "f", "age": "40"}])


def test_a_flag_with_an_unknown_column_names_flag_and_columns() -> None:
    with pytest.raises(MappingRefused, match=r"--phone 'mobil'.*Mobile"):
        infer(FULL, FULL_ROWS, Given(phones=("mobil",)))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(MappingRefused, match="two columns are both named 'id'"):
        infer(("id", "id"), [])


def test_a_mapping_survives_a_jobs_arguments() -> None:
    rows = [{**row, "id": str(index)} for index, row in enumerate(FULL_ROWS)]
    mapping = infer((*FULL, "id"), rows)

    assert ColumnMapping.from_dict(mapping.as_dict()) == mapping


def test_a_file_without_a_line_of_names_is_told_so() -> None:
    columns = ("1001", "Åse Bø", "911 22 333", "Ja")

    with pytest.raises(MappingRefused, match="write a line above it that names them"):
        infer_mapping(columns, [], Given(), "NO")


@pytest.mark.parametrize(
    ("headings", "region", "number"),
    [
        (("Kundenr.", "Førenamn", "Etternamn", "Tlf. (privat)"), "NO", "911 22 333"),
        (("Kund-ID", "Förnamn", "Efternamn", "Tel. bostad"), "NO", "08-123 456 78"),  # of another country
        (("Kd.-Nr.", "Vorname", "Zuname", "Tel. (geschäftlich)"), "DE", "030/1234567"),
        (("Asiakasnro", "Etunimi", "Sukunimi", "Matkapuh."), "FI", "040 1234567"),
        (("Kundenr.", "Fornavn", "Efternavn", "Fastnet"), "DK", "33 12 34 56"),
        (("Account No.", "First name", "Surname", "Phone no. (home)"), "GB", "020 7946 0001"),
    ],
)
def test_headings_with_remarks_and_short_forms_are_understood(
    headings: tuple[str, str, str, str], region: str, number: str
) -> None:
    sample = [dict(zip(headings, (f"K{place}", "Åsa", "Berg", number), strict=True)) for place in range(4)]
    mapping = infer_mapping(headings, sample, Given(), region)
    assert (mapping.id, mapping.name, mapping.phones) == (headings[0], headings[1:3], headings[3:4])


def test_a_number_of_a_person_is_no_telephone_number() -> None:
    sample = [{"id": str(place), "Personal number": f"19800101-{1000 + place}"} for place in range(4)]
    assert infer_mapping(("id", "Personal number"), sample, Given(), "SE").phones == ()


def test_st_above_states_is_the_state() -> None:
    sample = [{"id": "1", "St": "TX"}, {"id": "2", "St": "CA"}]
    assert infer_mapping(("id", "St"), sample, Given(), "US").state == "St"
    sample = [{"id": "1", "St": "3"}, {"id": "2", "St": "4"}]
    assert infer_mapping(("id", "St"), sample, Given(), "US").state is None


def test_columns_of_one_name_are_told_apart_and_each_is_what_its_name_says() -> None:
    columns = told_apart(["Kundenr", "Telefon", "Reservert", "Telefon", " Reservert "])
    assert columns == ("Kundenr", "Telefon", "Reservert", "Telefon (2)", "Reservert (2)")
    assert tuple(map(as_written, columns)) == ("Kundenr", "Telefon", "Reservert", "Telefon", "Reservert")
    sample = [dict(zip(columns, ("7", "91122333", "nei", "91122334", "ja"), strict=True))]
    mapping = infer_mapping(columns, sample, Given(), "NO")
    assert mapping.phones == ("Telefon", "Telefon (2)")
    assert mapping.do_not_call == ("Reservert", "Reservert (2)")


def test_a_column_without_a_name_is_left_out_unless_somebody_says_what_it_is() -> None:
    columns = told_apart(["", "Kundenr", "Telefon", ""])
    sample = [
        dict(zip(columns, (str(place), f"K{place}", "91122333", "x"), strict=True)) for place in range(3)
    ]
    assert columns == ("(column 1)", "Kundenr", "Telefon", "(column 4)")
    guessed = infer_mapping(columns, sample, Given(), "NO")
    assert (guessed.id, guessed.ignored) == ("Kundenr", ("(column 1)", "(column 4)"))
    said = infer_mapping(columns, sample, Given(name=("(column 4)",)), "NO")
    assert (said.name, said.ignored) == (("(column 4)",), ("(column 1)",))
    everything = given_by_roles({**roles_of(guessed, columns), "(column 4)": ColumnRole.ATTRIBUTE})
    assert infer_mapping(columns, sample, everything, "NO").ignored == ("(column 1)",)


def test_a_mark_for_number_is_the_word_number() -> None:
    columns = ("Customer #", "Work #")
    sample = [dict(zip(columns, ("17", "020 7946 0001"), strict=True))]

    found = infer_mapping(columns, sample, Given(), "GB")

    assert (found.id, found.phones) == ("Customer #", ("Work #",))


def test_the_kind_of_record_before_a_heading_is_passed_over() -> None:
    columns = ("Person - ID", "Person - Name")
    sample = [{"Person - ID": "17", "Person - Name": "Ada"}, {"Person - ID": "18", "Person - Name": "Bo"}]

    found = infer_mapping(columns, sample, Given(), "GB")

    assert (found.id, found.name) == ("Person - ID", ("Person - Name",))


@pytest.mark.parametrize(("cell", "name"), [("Ada Berg", ("Kund",)), ("Avtal 17", ()), ("Ada", ())])
def test_a_word_for_the_customer_is_a_name_where_it_holds_words_and_no_number(
    cell: str, name: tuple[str, ...]
) -> None:
    assert infer_mapping(("Kundnr", "Kund"), [{"Kundnr": "1", "Kund": cell}], Given(), "SE").name == name
