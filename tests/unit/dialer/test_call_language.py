"""In which language a call's sounds are: its caller's, or the customer's where there are sounds in it."""

import pytest
from pydantic import ValidationError

from dialer.engine.dial_permit import language_of
from dialer.pbx_settings import SoundSettings
from dialer.services.calls.attempts import DialPermit

RECORDED = SoundSettings(languages=["en", "nb", "pt_BR"])


def permit(language: str, campaign: str | None) -> DialPermit:
    return DialPermit(
        attempt="wb-00000001",
        number_digits="1",
        trunk="t",
        caller_id="1",
        ring_s=30,
        campaign=campaign,
        language=language,
    )


def test_a_promised_call_speaks_as_its_caller_was_spoken_to_whatever_is_recorded() -> None:
    assert language_of(SoundSettings(), permit("sv", campaign=None)) == "sv"
    assert language_of(RECORDED, permit("", campaign=None)) == ""


@pytest.mark.parametrize(
    ("customers", "spoken"),
    [("nb", "nb"), ("nb-NO", "nb"), ("pt_BR", "pt_BR"), ("pt", ""), ("sv", ""), ("", "")],
)
def test_a_campaigns_call_speaks_the_customers_language_where_it_is_recorded(
    customers: str, spoken: str
) -> None:
    assert language_of(RECORDED, permit(customers, campaign="spring")) == spoken


def test_without_recorded_languages_a_campaign_leaves_the_language_to_the_pbx() -> None:
    assert language_of(SoundSettings(), permit("nb", campaign="spring")) == ""


@pytest.mark.parametrize("name", ["../en", "e", "en,nb", "${X}", "svenska"])
def test_a_language_that_cannot_be_a_folder_of_sounds_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        SoundSettings(languages=[name])
