"""Which sound tells an agent what call comes: the callback's, the campaign's own, or all campaigns'."""

import pytest
from pydantic import ValidationError

from dialer.engine.dial_permit import whisper_of
from dialer.pbx_settings import WhisperSettings
from dialer.services.calls.attempts import DialPermit

SOUNDS = WhisperSettings(callback="w/back", campaign="w/any", campaigns={"spring": "w/spring"}, caller=None)


def permit(campaign: str | None) -> DialPermit:
    return DialPermit(
        attempt="wb-00000001", number_digits="1", trunk="t", caller_id="1", ring_s=30, campaign=campaign
    )


@pytest.mark.parametrize(
    ("campaign", "sound"), [(None, "w/back"), ("spring", "w/spring"), ("autumn", "w/any")]
)
def test_the_sound_is_chosen_for_each_call(campaign: str | None, sound: str) -> None:
    assert whisper_of(SOUNDS, permit(campaign)) == sound
    assert whisper_of(WhisperSettings(), permit(campaign)) == ""


@pytest.mark.parametrize("name", ["a,b", "${EVAL(x)}", "../x", "a&b", "a b", ""])
def test_a_sound_is_a_name_and_nothing_else(name: str) -> None:
    with pytest.raises(ValidationError):
        WhisperSettings(callback=name)
