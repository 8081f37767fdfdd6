"""Times, shares and lengths read as people write them; typed moments are on the customer's clock."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from dialer.web.campaign_inputs import CampaignInput
from dialer.web.errors import RequestError
from dialer.web.languages import speaking, write_day
from dialer.web.schemas import DispositionInput, Line, as_e164, on_customers_clock
from dialer.web.templating import (
    write_cell,
    write_detail,
    write_language,
    write_length,
    write_moment,
    write_place,
    write_share,
    write_words,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 00 min"),
        (172_800, "2 d"),
        (-5, "0 s"),
    ],
)
def test_lengths_get_the_unit_that_fits(seconds: float, text: str) -> None:
    assert write_length(seconds) == text


def test_moments_are_on_the_named_clock() -> None:
    at = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)

    assert write_moment(at) == "Wed 01 Jul 12:00 UTC"
    assert write_moment(at, "Europe/Paris") == "Wed 01 Jul 14:00 CEST"


def test_what_is_not_known_is_a_dash_and_not_a_zero() -> None:
    assert {write_share(None), write_length(None), write_moment(None)} == {"\N{EN DASH}"}
    assert write_share(0.0) == "0.0 %"


def test_words_lose_their_underscores() -> None:
    assert write_words("wrapping_up") == "wrapping up"


def test_a_customers_cells_are_read_out_and_ids_stay_as_they_are() -> None:
    with speaking("de"):
        said = [write_cell(cell) for cell in ("false", "59.33", "2026-12-31", "007", "XL", 12)]

    assert said == ["nein", "59,33", "31.12.2026", "007", "XL", 12]
    assert write_cell("59.33") == "59.33"


def test_what_an_act_was_about_is_read_out_and_what_was_left_open_is_not() -> None:
    filters = {
        "min_risk": 0.3,
        "min_gain": None,
        "with_left": False,
        "top": 0,
        "where": ["plan = XL", "a >= 6"],
    }

    assert write_detail(filters) == "min risk: 0.3; top: 0; where: plan = XL, a >= 6"
    assert [write_detail(None), write_detail("offer_made")] == ["\N{EN DASH}", "offer made"]


def test_days_countries_and_languages_are_named_as_the_page_speaks() -> None:
    assert [write_day("2026-08-09"), write_place("United Kingdom")] == ["2026-08-09", "United Kingdom"]
    with speaking("fi"):
        named = [
            write_day("2026-08-09"),
            write_place("United Kingdom"),
            write_place("strict"),
            write_language("en"),
        ]

    assert named == ["9.8.2026", "Iso-Britannia", "tiukka", "englanti"]


def test_a_typed_moment_is_on_the_customers_clock() -> None:
    meant = on_customers_clock(datetime(2026, 7, 1, 9, 30), ("America/New_York",))  # noqa: DTZ001 - as a form sends it

    assert meant == datetime(2026, 7, 1, 13, 30, tzinfo=UTC)


def test_a_moment_with_an_offset_stays_as_it_is() -> None:
    at = datetime(2026, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))

    assert on_customers_clock(at, ("America/New_York",)) == at


def test_an_hour_the_clock_skips_is_refused() -> None:
    with pytest.raises(RequestError) as refused:
        on_customers_clock(datetime(2026, 3, 29, 1, 30), ("Europe/London",))  # noqa: DTZ001 - as a form sends it

    assert refused.value.code == "time.not-on-the-clock"


@pytest.mark.parametrize("year", [1, 1999, 2200, 9999])
def test_years_without_calls_are_refused_before_arithmetic_overflows(year: int) -> None:
    with pytest.raises(RequestError):
        on_customers_clock(datetime(year, 1, 1, tzinfo=UTC), ())


def test_numbers_are_read_as_people_write_them() -> None:
    assert as_e164("020 7946 0958", "GB") == "+442079460958"
    with pytest.raises(RequestError) as refused:
        as_e164("12", "GB")
    assert refused.value.code.startswith("number.")


@pytest.mark.parametrize("text", ["two\nlines", "bell\x07", "null\x00", "\x7f", "\ud800"])
def test_a_line_holds_no_control_characters(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Line).validate_python(text)


def test_empty_form_fields_say_nothing() -> None:
    form = CampaignInput.model_validate({"name": "Spring", "min_risk": "", "attribute": " ", "equals": ""})

    assert (form.min_risk, form.attribute, form.equals) == (None, None, None)


def test_a_note_may_have_lines_but_no_end() -> None:
    words = {"agent": "agent-1", "disposition": "saved"}

    assert DispositionInput.model_validate(words | {"note": "a\nb"}).note == "a\nb"
    with pytest.raises(ValidationError):
        DispositionInput.model_validate(words | {"note": "x" * 2001})


def test_fields_nobody_knows_are_refused() -> None:
    with pytest.raises(ValidationError):
        CampaignInput.model_validate({"name": "Spring", "state": "running"})
