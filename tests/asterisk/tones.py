"""Voices that cannot be mistaken: everybody who speaks in a test is a tone of their own."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
_AMPLITUDE = 6000.0
_WINDOW_S = 0.1
# share of a window's power within a few hertz of the tone, above which it is heard; two voices at
# once have about half each, and GSM or u-law noise has none
_HEARD = 0.15
_NEAR_HZ = 15.0
# below this a window is silence
_QUIET = 50.0


def write_tone(path: Path, hz: float, seconds: float) -> None:
    """A sound file of this tone, as Asterisk reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    moments = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    samples = (_AMPLITUDE * np.sin(2 * np.pi * hz * moments)).astype("<i2")
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(samples.tobytes())


def heard(
    path: Path, hz: float, *, since_s: float = 0.0, until_s: float | None = None
) -> tuple[float, float]:
    """When this tone is first heard in (a part of) a recording, and for how long altogether; seconds."""
    with wave.open(str(path), "rb") as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(np.float64)
    size = int(RATE_HZ * _WINDOW_S)
    windows = samples[: len(samples) // size * size].reshape(-1, size)
    end = None if until_s is None else round(until_s / _WINDOW_S)
    skipped = max(0, round(since_s / _WINDOW_S))
    there = [False] * skipped + [_share(window, hz) > _HEARD for window in windows[skipped:end]]
    first = there.index(True) * _WINDOW_S if any(there) else float("inf")
    return first, sum(there) * _WINDOW_S


def _share(window: NDArray[np.float64], hz: float) -> float:
    if np.abs(window).max() < _QUIET:
        return 0.0
    power = np.abs(np.fft.rfft(window * np.hanning(len(window)))) ** 2
    near = np.abs(np.fft.rfftfreq(len(window), 1 / RATE_HZ) - hz) <= _NEAR_HZ
    return float(power[near].sum() / power.sum())
