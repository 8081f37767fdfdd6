"""What callers and customers hear: the words as text, and spoken by a machine until a person records them."""

import shutil
import subprocess
import tempfile
import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

# The dialplan's own prompts; the callback dialogue's words are in `callbacks.ivr_dialogue`.
WORDS = {
    # to everybody who waits, so it promises nothing: what can be promised is decided when the key is pressed
    "winback/offer": (
        "All our colleagues are still busy. To hear how long it takes, and to be called back without losing "
        "your place, press 1."
    ),
    "winback/information": (
        "This was a call from a company you are a customer of. All our colleagues were busy just then, "
        "and we are sorry to have disturbed you. We will not keep you waiting. Goodbye."
    ),
    "winback/consent": "This call is recorded.",
    # to agents, while a customer waits: a word each
    "winback/whisper_callback": "Callback.",
    "winback/whisper_campaign": "Campaign.",
    "winback/whisper_caller": "Caller.",
}
SPEAKER = "espeak-ng"
RATE_HZ = 8000  # Asterisk's .wav is 8 kHz, 16 bit, mono
WORDS_FILE = "winback_prompts.txt"


class NoSpeaker(Exception):
    """There is no speech program on this machine."""


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

    A file that is there is never overwritten. Raises `NoSpeaker` without espeak-ng.
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
            subprocess.run([program, "-v", voice, "-w", str(raw), text], check=True, capture_output=True)  # noqa: S603 - a list of arguments, no shell
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
