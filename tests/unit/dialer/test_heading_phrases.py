"""A heading in several words that puts somebody off is obeyed in every language of the dictionary."""

import polars as pl
import pytest

from dialer.core.importing.heading_phrases import forbids, permits, tells_of_death
from dialer.core.importing.mapping import Given, infer_mapping
from dialer.core.importing.spoken_refusals import SpokenRefusals, refuses

FORBIDDING = (
    *("Må ikke kontaktes", "Ønsker ikke å bli oppringt", "Skal ikkje ringjast", "Telefonsalg reservert"),
    *("Vill ej bli uppringd", "Får inte kontaktas", "Spärrad för telefonförsäljning", "Nej tak til opkald"),
    *("Frameldt telefonsalg", "Ei halua puheluita", "Ei saa ottaa yhteyttä", "Puhelinmyyntikielto"),
    *("Möchte keine Anrufe", "Kein Kontakt gewünscht", "Telefon gesperrt", "Widerspruch Telefon"),
    *(
        "Kontakta ej per telefon",
        "Reklamebeskyttelse",
        "Ynskjer ikkje telefon",
        "Kontakt ikke",
        "GDPR objection",
    ),
    *("Anrufsperrvermerk", "Telefonschutz", "Remove from call list", "Telefonisk kontakt ønskes ikke"),
    *("Consent withdrawn", "No contact by phone", "Vil ikkje ha telefon meir", "Ønsker ikke telefoner"),
    *("Kunden vil ikkje ha telefon", "Any calls not wanted", "No. of a customer not to be called"),
    *("Not a b c d call",),  # five words on
    *("Doesn't want calls", "Calls not wanted", "DoNotContact", "Opted out of calls", "TPS Y/N"),
)
SAYING_ELSE = (
    *("Phone no.", "No. of calls", "Antall samtaler", "Printering", "Reserve phone", "Call barring"),
    *("Contract not signed", "Not paid", "International calls blocked", "Kan kontaktes", "Calls dropped"),
    *("Ikke telefon", "Bonus not wanted", "Calls not answered", "Not a b c d e call"),
    *("Last call", "Called", "Calls", "Call result", "Phone number", "Ring number"),
)
PERMITTING = (
    *(
        "Kan kontaktes",
        "Får ringas",
        "Saa soittaa",
        "Darf angerufen werden",
        "OK to call",
        "Phone permission",
    ),
    *("Call (Y/N)", "Wishes to be called"),
    *("Call?", "Anrufen", "Saako soittaa?", "Skal ringes", "Ring?"),
    *("Lov å ringe", "Kontakt erlaubt", "Må kontaktes"),
)
DEAD = ("Deceased Y/N", "Verstorben am", "Kunde død", "Date of death", "Kuollut (pvm)", "Avliden den")


@pytest.mark.parametrize("heading", FORBIDDING)
def test_a_heading_that_forbids_is_understood(heading: str) -> None:
    assert (forbids(heading), permits(heading)) == (True, False)


@pytest.mark.parametrize("heading", SAYING_ELSE)
def test_a_heading_that_forbids_nothing_is_left_alone(heading: str) -> None:
    assert not forbids(heading)


@pytest.mark.parametrize("heading", PERMITTING)
def test_a_heading_that_permits_is_understood(heading: str) -> None:
    assert (permits(heading), forbids(heading)) == (True, False)


@pytest.mark.parametrize("heading", DEAD)
def test_a_heading_that_tells_of_a_death_is_understood(heading: str) -> None:
    assert tells_of_death(heading)


@pytest.mark.parametrize("heading", ["Death benefit", "Todesfall-Leistung", "Is customer", "Dødvekt"])
def test_a_heading_that_only_speaks_of_it_is_not(heading: str) -> None:
    assert not tells_of_death(heading)


def mapped(heading: str, *cells: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    sample = [{"id": str(place), heading: cell} for place, cell in enumerate(cells)]
    mapping = infer_mapping(("id", heading), sample, Given(), "NO")
    return mapping.do_not_call, mapping.may_call, mapping.deceased


def spoken(heading: str, *cells: str) -> bool:
    """Whether a column is one in which somebody refuses calls, or has died, in words."""
    found = SpokenRefusals((heading,), (heading,), [{heading: cell} for cell in cells])
    found.look(pl.DataFrame({"": cells}))
    return found.columns == (heading,)


@pytest.mark.parametrize("cell", ["Ja", "x", "2026-10-31", "1", "Telefon"])
def test_answers_and_days_under_it_put_off(cell: str) -> None:
    assert mapped("Må ikke kontaktes", "", cell, "Nei") == (("Må ikke kontaktes",), (), ())


def test_counts_under_it_are_no_answers() -> None:
    assert mapped("Blocked calls", "0", "3", "12") == ((), (), ())


def test_a_number_under_it_is_no_answer() -> None:
    assert mapped("Ikke ring", "911 22 333", "", "Nei") == (("Ikke ring",), (), ())  # named so, word by word
    assert mapped("Skal ikke ringes på", "911 22 333", "911 22 334") == ((), (), ())


def test_a_heading_about_letters_says_nothing_of_calls() -> None:
    assert mapped("Ikke kontakt på e-post", "Ja", "Nei") == ((), (), ())
    assert mapped("Ikke ring eller send e-post", "Ja", "Nei")[0] == ("Ikke ring eller send e-post",)


def test_who_may_be_called_stays_for_the_model_and_a_death_does_not() -> None:
    assert mapped("Kan kontaktes", "Ja", "Nei") == ((), ("Kan kontaktes",), ())
    assert mapped("Verstorben am", "", "12.03.2026") == ((), (), ("Verstorben am",))
    sample = [{"id": "1", "Kan kontaktes": "Nei"}]
    mapping = infer_mapping(("id", "Kan kontaktes"), sample, Given(), "NO")
    assert mapping.attributes(("id", "Kan kontaktes")) == ("Kan kontaktes",)
    left_out = infer_mapping(("id", "Kan kontaktes"), sample, Given(may_call=("none",)), "NO")
    assert left_out.may_call == ()


@pytest.mark.parametrize(
    "heading", ["Phone cancelled", "Calls", "May leave", "Phone permission withdrawn, no"]
)
def test_a_heading_that_permits_no_call_is_no_permission(heading: str) -> None:
    assert not permits(heading)


def test_an_outcome_in_more_words_is_the_label() -> None:
    said = [{"id": "1", "Har sagt opp?": "nei"}, {"id": "2", "Har sagt opp?": "ja"}]
    assert infer_mapping(("id", "Har sagt opp?"), said, Given(), "NO").label == "Har sagt opp?"
    sample = [{"id": "1", "Has churned?": "No"}, {"id": "2", "Has churned?": "Yes"}]
    assert infer_mapping(("id", "Has churned?"), sample, Given(), "GB").label == "Has churned?"


@pytest.mark.parametrize(
    "refusal", ["Do not call", "Ring ikke", "Ring inte", "Ring ikke til", "Älä soita", "Bitte nicht anrufen"]
)
def test_an_answer_that_refuses_calls_puts_off_whatever_was_asked(refusal: str) -> None:
    assert spoken("Contact preference", refusal, "", "E-mail only")


def test_a_refusal_of_ten_words_is_one_and_a_longer_text_is_a_story() -> None:
    ten = "The customer does not want to be called by us"

    assert refuses(ten)
    assert not refuses(f"{ten} again")


@pytest.mark.parametrize("answer", ["No contact", "No answer", "Ikke kontakt", "Blocked", "Nei"])
def test_an_answer_that_tells_of_something_else_does_not(answer: str) -> None:
    assert mapped("Result", answer, "", "Reached") == ((), (), ())
    assert not spoken("Result", answer, "", "Reached")


def test_a_question_of_calls_without_answers_of_yes_and_no_is_none() -> None:
    assert mapped("Call", "2026-10-31", "Thursday", "") == ((), (), ())


@pytest.mark.parametrize(("words", "answers"), [(12, True), (13, False)])
def test_more_than_twelve_different_answers_are_none(words: int, *, answers: bool) -> None:
    cells = [f"reason {chr(97 + place)}" for place in range(words)]

    assert (mapped("Do not call", *cells)[0] == ("Do not call",)) is answers


def test_any_number_of_days_are_answers() -> None:
    assert mapped("Do not call", *(f"2026-10-{day}" for day in range(10, 30)), "no")[0] == ("Do not call",)


def test_a_prohibition_inside_a_longer_name_is_found() -> None:
    assert mapped("CRM_DONOTCALL_X", "yes", "no")[0] == ("CRM_DONOTCALL_X",)


@pytest.mark.parametrize(
    "heading",
    [
        "Sperr-Kz",
        "Sperrkennzeichen",
        "Reserverad mot DM",
        "Spärrad för DM",
        "Nej tack till direktmarknadsföring",
    ],
)
def test_a_mark_that_bars_a_person_and_an_objection_to_direct_marketing_forbid(heading: str) -> None:
    assert forbids(heading)


@pytest.mark.parametrize("heading", ["IsDeceased__c", "verst.", "Verst. am"])
def test_short_forms_and_fields_of_a_house_tell_of_a_death(heading: str) -> None:
    assert tells_of_death(heading)


def test_a_field_of_a_house_is_what_its_name_says_without_the_mark() -> None:
    columns = ("Customer_Id__c", "First_Name__c", "Phone__c", "Do_Not_Call__c", "Deceased__c")
    sample = [dict(zip(columns, ("7", "Ada", "020 7946 0001", "false", "0"), strict=True))]
    mapping = infer_mapping(columns, sample, Given(), "GB")

    assert (mapping.id, mapping.name, mapping.phones) == (columns[0], columns[1:2], columns[2:3])
    assert (mapping.do_not_call, mapping.deceased) == (columns[3:4], columns[4:])


def test_days_without_marks_and_noughts_for_none_are_answers_to_when_somebody_died() -> None:
    assert mapped("Verstorben am", "00000000", "20240312", "00000000") == ((), (), ("Verstorben am",))
    assert mapped("Verstorben am", "31", "12") == ((), (), ())


def test_a_status_that_tells_of_a_death_is_obeyed_and_stays_for_the_model() -> None:
    assert mapped("Status", "Aktiv", "Utmeldt", "Død") == ((), (), ())
    assert spoken("Status", "Aktiv", "Utmeldt", "Død")
    assert not spoken("Status", "Aktiv", "Utmeldt", "Tapt")
    many = [f"Død {chr(97 + place)}" for place in range(13)]  # no answers
    assert not spoken("Sted", *many, "Død")
    assert spoken("Notat", *many, "Død"), "a remark says it whatever the others say"
