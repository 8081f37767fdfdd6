"""Who refuses calls, or has died, in words of a cell that asks something else, on whatever line."""

import polars as pl
import pytest

from churnmodel.data.quoted_rows import TextRow
from churnmodel.data.text_blocks import RowBlock
from dialer.core.importing.heading_phrases import denies, forbids, permits, tells_of_death
from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.row_reader import RowReader
from dialer.core.importing.rows import ProhibitionKind, says_no
from dialer.core.importing.spoken_refusals import (
    SpokenRefusals,
    died,
    refuses,
    said_against,
    said_beside_name,
    said_beside_number,
)

OBJECTION, DECEASED = ProhibitionKind.OBJECTION, ProhibitionKind.DECEASED


def found(columns: dict[str, list[str]], sample: int = 200) -> tuple[str, ...]:
    """The columns in which somebody says so, looked at in two parts."""
    frame = pl.DataFrame({f"c{place}": cells for place, cells in enumerate(columns.values())})
    rows = [dict(zip(columns, row, strict=True)) for row in frame.head(sample).rows()]
    spoken = SpokenRefusals(tuple(columns), tuple(columns), rows)
    half = frame.height // 2
    spoken.look(frame.head(half))
    spoken.look(frame.tail(frame.height - half))
    return spoken.columns


@pytest.mark.parametrize("line", [0, 199, 200, 399])
def test_a_refusal_is_found_on_whatever_line_it_stands(line: int) -> None:
    status = ["Active", "Dormant"] * 200
    status[line] = "Do not call"
    assert found({"Plan": ["A", "B"] * 200, "Status": status}) == ("Status",)


def test_a_column_that_is_empty_in_the_first_rows_is_asked_too() -> None:
    assert found({"Status": [""] * 300 + ["Deceased"]}) == ("Status",)


def test_among_many_different_words_only_remarks_are_asked() -> None:
    many = [*(f"word {chr(97 + place)}" for place in range(13)), "Do not call"]
    assert found({"Product": many, "Customer comments": many}) == ("Customer comments",)
    assert found({"Product": many[2:]}) == ("Product",), "twelve are few"
    assert found({"Product": many[1:]}) == ()


def test_a_file_in_which_nobody_says_so_has_none() -> None:
    assert found({"Status": ["Active", "Dormant"], "Notat": ["", "Ring igjen mandag"]}) == ()


def test_a_column_that_was_found_hides_no_other_behind_it() -> None:
    status, reason = ["Do not call", "", "", ""], ["", "", "", "Deceased"]
    assert found({"Status": status, "Reason": reason}) == ("Status", "Reason")


def test_only_columns_that_are_asked_are_looked_at() -> None:
    spoken = SpokenRefusals(("a", "b"), ("b",), [])
    spoken.look(pl.DataFrame({"x": ["Ring ikke"], "y": ["Ring ikke"]}))
    assert spoken.columns == ("b",)


def test_who_says_so_is_put_off_and_a_plain_no_to_something_else_puts_nobody_off() -> None:
    columns = ("id", "Newsletter", "Notat")
    rows = [("1", "No", ""), ("2", "Do not call", ""), ("3", "Yes", "Død 12.03.2024"), ("4", "", "Nei")]
    reader = RowReader(columns, ColumnMapping(id="id"), "GB", refusing=("Newsletter", "Notat"))
    read = reader.read_block(RowBlock.of([TextRow(line, row) for line, row in enumerate(rows)], 3))

    said = [row.prohibition.reason if row.prohibition else None for row in read.customers]
    assert said == [None, "Newsletter: Do not call", "Notat: Død 12.03.2024", None]
    assert read.customers[1].attributes == {"Newsletter": "Do not call"}, "it stays for the model"


@pytest.mark.parametrize(
    "remark",
    [
        "STOP APPELS",
        "Slutt å ringe meg",
        "Sluta ringa",
        "Lopettakaa soittaminen",
        "Stop calling",
        "stop med at ringe",
        "Stop met bellen",
        "Cessez de m'appeler",
        "12.03.2024: ønsker ikke å bli oppringt",
        "Ring ikke (2024-03-12 14:05)",
        "Do Not Mail; Do Not Phone",
        "Asked about the last invoice and got a copy of it by mail. Please do not call.",
        "do not call again",
        "ring ikke igjen",
        "Bitte nicht wieder anrufen",
        "Ønsker ikke å bli oppringt igen",
        "Keine Werbung",
    ],
)
def test_calls_are_refused_by(remark: str) -> None:
    assert refuses(remark)


@pytest.mark.parametrize(
    "remark",
    [
        "not reached, please call again",
        "ikke svar, ring igjen",
        "did not call back",
        "did not call again",
        "Ring ikke kl. 16",
        "nicht anrufen bis 12.03.2027",
        "Wants to stop marketing emails",
        "Ring etter 12.03.2027",
        "bus stop by the house of a friend who calls",
        "called to stop the newspaper",
        "Wants to stop, call customer",
        "Vill sluta, ring kunden",
        "Abonnemang slut, kontakta kund",
        "Oppsigelse: slutt, ring kunden",
        "stop marketing",
        "stop",
        "stop the",
        "stop by and have a look, then call",
    ],
)
def test_calls_are_not_refused_by(remark: str) -> None:
    assert not refuses(remark)


@pytest.mark.parametrize(
    "cell",
    [
        "Passed away",
        "Gått bort",
        "Afgået ved døden 12.03.2024",
        "Kunden døde i mars",
        "Customer died in March 2024",
        "Hun er død",
        "ist verstorben",
        "On kuollut",
    ],
)
def test_a_death_of_the_customer_is_told_by(cell: str) -> None:
    assert died(cell)


@pytest.mark.parametrize(
    "cell", ["", "Her husband died", "Ikke død", "nicht verstorben", "Passed", "away", "in March", "Mors dag"]
)
def test_a_death_of_the_customer_is_not_told_by(cell: str) -> None:
    assert not died(cell)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DO NOT CALL - Mr P. Brown", OBJECTION),
        ("Mr Bob Grey (do not ring)", OBJECTION),
        ("OBS! RING IKKE Ola Hansen", OBJECTION),
        ("Ada Byron (DNC)", OBJECTION),
        ("Ring ikke Ola Hansen", OBJECTION),
        ("Ada Byron *don’t call*", OBJECTION),
        ("Aino Laine / älä soita", OBJECTION),
        ("The late Mr Tom White", DECEASED),
        ("Klein †", DECEASED),
        ("Ola Hansen (død)", DECEASED),
        ("Robinson", None),
        ("Nix", None),
        ("Smith - Robinson", None),
        ("Kari Ring", None),
        ("No Young-jin", None),
        ("Ej Bell", None),
        ("", None),
    ],
)
def test_a_name_with_a_refusal_or_a_death_beside_it(name: str, kind: ProhibitionKind | None) -> None:
    said = said_beside_name("Name", name)
    assert (said.kind if said else None) == kind
    row = RowReader(("id", "Name"), ColumnMapping(id="id", name=("Name",)), "GB").read(2, ("1", name))
    assert getattr(row, "prohibition", None) == said


def test_what_puts_off_names_the_column_and_what_it_says() -> None:
    said = said_beside_name("Name", "Ada (DNC)")
    assert said is not None
    assert said.reason == "Name: Ada (DNC)"
    said = said_against("Notat", " Ring ikke \n")
    assert said is not None
    assert said.reason == "Notat: Ring ikke"


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("0664-123 45 77 (nicht anrufen)", OBJECTION),
        ("ikke ring 912 34 567", OBJECTION),
        ("0664 1234578 verst.", DECEASED),
        ("0664 1234578 nicht anrufen 16-18", None),
        ("0664 1234570 Mutter", None),
        ("kein Telefon", None),
    ],
)
def test_digits_of_a_number_are_no_hours_of_a_refusal(cell: str, kind: ProhibitionKind | None) -> None:
    said = said_beside_number("Telefon", cell)
    assert (said.kind if said else None) == kind


@pytest.mark.parametrize(
    ("column", "cell", "is_refused"),
    [
        ("Kontaktkanal", "kein Telefon", True),
        ("Contact Preferences", "Email; No Phone", True),
        ("Preferred way of contact", "Email, no phone", True),
        ("Kontakt per", "keine Telefonate", True),
        ("Contact Preferences", "no headphone", False),
        ("Contact Preferences", "Email|Phone", False),
        ("Contact Preferences", "No email; Phone", False),
        ("Status", "No phone", False),  # there is none
        ("Contact Preferences", "No phone before noon", False),
    ],
)
def test_no_telephone_among_the_ways_to_be_reached_is_a_refusal(
    column: str, cell: str, *, is_refused: bool
) -> None:
    assert (said_against(column, cell) is not None) is is_refused


@pytest.mark.parametrize(
    "heading",
    [
        "Einwilligung widerrufen am",
        "Samtykke trukket tilbage",
        "Samtycke återkallat",
        "Suostumus peruttu",
        "Consent withdrawn on",
        "Indsigelse mod markedsføring",
        "Spärrad t.o.m. för samtal",
        "Telefonsperre bis",
    ],
)
def test_a_consent_taken_back_and_an_objection_forbid_calls(heading: str) -> None:
    assert forbids(heading)


@pytest.mark.parametrize("heading", ["Consent given", "Order withdrawn", "Samtykke", "Trukket"])
def test_a_consent_alone_or_something_else_taken_back_forbids_none(heading: str) -> None:
    assert not forbids(heading)


@pytest.mark.parametrize(("between", "near"), [(0, True), (4, True), (5, False)])
def test_what_denies_reaches_over_four_words(between: int, *, near: bool) -> None:
    assert denies(("not", *("a" for _ in range(between)), "call")) is near


def test_a_death_in_several_words_heads_a_column() -> None:
    assert tells_of_death("Afgået ved døden")
    assert not tells_of_death("")


def test_letters_of_the_answers_behind_a_question_change_nothing() -> None:
    assert permits("Accepte les appels (O/N)")
    assert forbids("Soittokielto K/E")
    assert forbids("Opt out (Y/N)")


@pytest.mark.parametrize("cell", ["1900-01-00", "00.01.1900", "1/0/1900", "0/1/1900", "0-Jan-00", "E"])
def test_the_day_before_a_spreadsheets_first_is_none(cell: str) -> None:
    assert says_no(cell)
