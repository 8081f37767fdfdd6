"""What callers and customers hear: the words as text, and spoken by a machine until a person records them."""

import shutil
import subprocess
import tempfile
import tomllib
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from scipy.signal import resample_poly

TABLE: Final = Path(__file__).with_name("prompts.toml")
#: by language, as a folder of sounds is named, the voice that speaks it until a person has recorded it
VOICES: Final[Mapping[str, str]] = {
    "en": "en-gb",
    "nb": "nb",
    "sv": "sv",
    "da": "da",
    "fi": "fi",
    "de": "de",
}
SPEAKER = "espeak-ng"
RATE_HZ = 8000  # Asterisk's .wav is 8 kHz, 16 bit, mono
WORDS_FILE = "winback_prompts.txt"


class NoSpeaker(Exception):
    """There is no speech program on this machine, or none that speaks this language."""


def words_in(language: str) -> dict[str, str]:
    """The words of every prompt in one of `VOICES`, by sound name."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: said[language] for name, said in table.items()}


def write_words(words: Mapping[str, str], folder: Path) -> Path:
    """Write down what has to be recorded, one file name and its words a line."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / WORDS_FILE
    path.write_text(
        "".join(f"{name}.wav: {text}\n" for name, text in sorted(words.items())), encoding="utf-8"
    )
    return path


def speak(words: Mapping[str, str], folder: Path, *, voice: str = "en-gb") -> tuple[Path, ...]:
    """Speak what is not recorded yet into `folder/<name>.wav`; returns what was written.

    A file that is there is never overwritten. Raises `NoSpeaker` without espeak-ng or that voice.
    """
    program = shutil.which(SPEAKER)
    if program is None:
        raise NoSpeaker(f"the program {SPEAKER} is not installed (apt-get install {SPEAKER})")
    written = []
    for name, text in words.items():
        path = folder / f"{name}.wav"
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            raw = Path(scratch) / "spoken.wav"
            try:
                subprocess.run([program, "-v", voice, "-w", str(raw), text], check=True, capture_output=True)  # noqa: S603 - a list of arguments, no shell
            except subprocess.CalledProcessError as fault:
                raise NoSpeaker(f"{SPEAKER} did not speak with the voice {voice!r}") from fault
            _to_asterisk(raw, path)
        written.append(path)
    return tuple(written)


def _to_asterisk(raw: Path, path: Path) -> None:
    with wave.open(str(raw), "rb") as spoken:
        rate = spoken.getframerate()
        samples = np.frombuffer(spoken.readframes(spoken.getnframes()), dtype="<i2")
    slower = resample_poly(samples.astype(np.float64), RATE_HZ, rate)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(np.clip(slower, -32768, 32767).astype("<i2").tobytes())
