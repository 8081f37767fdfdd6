"""The table of prompts: every sound in every language, and a voice for each."""

import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from callbacks.ivr_words import Prompt
from dialer.pbx_settings import Language
from telephony.asterisk.config.model import Prompts
from telephony.asterisk.config.prompts import TABLE, VOICES, NoSpeaker, speak, words_in

PLAYED_BY_THE_DIALPLAN = {Prompts().information, Prompts().offer, Prompts().consent}


def test_there_is_a_voice_for_every_language_of_the_centre() -> None:
    assert set(VOICES) == set(get_args(Language))


def test_every_prompt_has_words_in_every_language() -> None:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))

    assert {*Prompt, *PLAYED_BY_THE_DIALPLAN} <= set(table)
    assert {
        name for name, said in table.items() if set(said) != set(VOICES) or not all(said.values())
    } == set()


@pytest.mark.parametrize("language", sorted(set(VOICES) - {"en"}))
def test_a_language_is_translated_and_asks_for_the_same_keys(language: str) -> None:
    said, english = words_in(language), words_in("en")

    assert [name for name in said if said[name] == english[name]] == []
    for name, text in english.items():
        assert [key for key in "12" if key in said[name]] == [key for key in "12" if key in text], name


def test_a_voice_that_cannot_speak_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    speaker = tmp_path / "espeak-ng"
    speaker.write_text(f"#!{sys.executable}\nraise SystemExit(1)\n")
    speaker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoSpeaker, match="klingon"):
        speak({"winback/a": "First."}, tmp_path / "sounds", voice="klingon")
