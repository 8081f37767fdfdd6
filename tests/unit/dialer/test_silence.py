"""A part of a recording is silenced: there it is quiet, elsewhere not one sample changes."""

import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.recordings.silence import NotSilenced, length_of, silence

RATE = 100


def recording(samples: bytes, *, width: int = 2) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(width)
        target.setframerate(RATE)
        target.writeframes(samples)
    return written.getvalue()


def samples_of(made: bytes) -> bytes:
    with wave.open(io.BytesIO(made)) as source:
        return source.readframes(source.getnframes())


@given(st.binary(min_size=400, max_size=400), st.integers(0, 190), st.integers(1, 300))
def test_only_the_part_is_silent_and_the_length_stays(said: bytes, first: int, more: int) -> None:
    last = min(200, first + more)
    made = silence(recording(said), first / RATE, (first + more) / RATE)
    left = samples_of(made)

    assert 2.0 == length_of(made)
    assert bytes(2 * (last - first)) == left[2 * first : 2 * last]
    assert said[: 2 * first] + said[2 * last :] == left[: 2 * first] + left[2 * last :]


def test_eight_bits_are_quiet_in_their_middle() -> None:
    assert b"\x01\x80\x80\x01" == samples_of(silence(recording(b"\x01" * 4, width=1), 0.01, 0.03))


@pytest.mark.parametrize("part", [(2.0, 3.0), (1.0, 1.0), (1.5, 0.5)])
def test_a_part_that_is_not_there_is_refused_with_the_length(part: tuple[float, float]) -> None:
    with pytest.raises(NotSilenced, match="lasts 2 s"):
        silence(recording(bytes(400)), *part)


@pytest.mark.parametrize("broken", [b"", b"RIFF", b"not a recording at all", recording(bytes(3), width=3)])
def test_what_is_no_recording_is_refused_and_never_half_written(broken: bytes) -> None:
    with pytest.raises(NotSilenced):
        silence(broken, 0.0, 1.0)
