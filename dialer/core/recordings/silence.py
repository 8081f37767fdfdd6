"""Silencing a part of a recorded talk: a card's number is taken out, and the rest stays as it was."""

import io
import wave
from math import ceil, floor
from typing import Final

#: of a sample, by its bytes: eight bits are without a sign, so that the middle is 128 (RIFF WAVE, 1991)
QUIET: Final = {1: b"\x80", 2: b"\x00\x00"}
FINE: Final = 6  # digits of a sample's place: 0.07 s times 8,000 is not to be 560.0000000000001


class NotSilenced(ValueError):
    """It is no recording that can be changed, or has no such part; the message says which."""


def length_of(recording: bytes) -> float:
    """How long a recording lasts, seconds. Raises `NotSilenced`."""
    with _opened(recording) as source:
        return source.getnframes() / source.getframerate()


def silence(recording: bytes, first_s: float, last_s: float) -> bytes:
    """The same recording, silent from one second to another. Raises `NotSilenced`.

    What was said there is not in the result in any form: samples are written anew.
    """
    with _opened(recording) as source:
        rate, width = source.getframerate(), source.getsampwidth() * source.getnchannels()
        frames, count = bytearray(source.readframes(source.getnframes())), source.getnframes()
        if last_s <= first_s:
            raise NotSilenced(f"A part ends after it begins; the recording lasts {count / rate:.0f} s.")
        first = floor(round(first_s * rate, FINE))
        last = min(count, ceil(round(last_s * rate, FINE)))
        if not 0 <= first < last:
            raise NotSilenced(f"The recording lasts {count / rate:.0f} s: there is nothing to silence there.")
        quiet = QUIET[source.getsampwidth()] * source.getnchannels()
        frames[first * width : last * width] = quiet * (last - first)
        written = io.BytesIO()
        with wave.open(written, "wb") as target:
            target.setparams(source.getparams())
            target.writeframes(bytes(frames))
        return written.getvalue()


def _opened(recording: bytes) -> wave.Wave_read:
    try:
        source = wave.open(io.BytesIO(recording), "rb")  # noqa: SIM115 - it is the caller's to close
    except (wave.Error, EOFError) as fault:
        raise NotSilenced(
            f"It is no recording that can be read: {str(fault) or 'it ends too early'}."
        ) from fault
    if source.getsampwidth() not in QUIET or not source.getframerate():
        raise NotSilenced("It is no recording of 8 or 16 bits.")
    return source
