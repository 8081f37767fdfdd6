"""Any bytes either parse or raise exactly PeerViolation, and where they were cut changes nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telephony.asterisk.ami.wire import ACTION_LIMITS, Frame, FrameLimits, FrameReader, encode, encode_action
from telephony.errors import HeaderError, PeerViolation

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,20}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=60).map(
    lambda text: text.lstrip(" ")
)
PAIRS = st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=12)
#: small limits, so that the fuzzer meets them
TIGHT = FrameLimits(line=24, frame=64, headers=4)
#: bytes that have meaning to the codec, more often than chance would bring them
NOISE = st.lists(
    st.one_of(
        st.sampled_from(
            [b"\r", b"\n", b"\r\n", b"\n\n", b"\r\n\r\n", b": ", b":", b"Event: X", b"\xc3", b"\xab"]
        ),
        st.binary(max_size=12),
    ),
    max_size=30,
).map(b"".join)


def read(pieces: list[bytes], limits: FrameLimits, *, greeted: bool) -> tuple[list[Frame], bool]:
    """The frames, and whether the stream ended in a violation."""
    reader = FrameReader(limits, expect_banner=greeted)
    frames: list[Frame] = []
    try:
        for piece in pieces:
            frames.extend(reader.receive(piece))
    except PeerViolation:
        return frames, True
    return frames, False


@given(PAIRS)
def test_what_is_written_is_read(pairs: list[tuple[str, str]]) -> None:
    assert [Frame(pairs)] == list(FrameReader().receive(encode(pairs)))


@given(st.lists(PAIRS, min_size=1, max_size=4), st.data())
def test_a_stream_may_be_split_anywhere(frames: list[list[tuple[str, str]]], data: st.DataObject) -> None:
    stream = b"".join(encode(pairs) for pairs in frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert [Frame(pairs) for pairs in frames] == read(pieces, ACTION_LIMITS, greeted=False)[0]


@given(noise=NOISE, greeted=st.booleans(), limits=st.sampled_from([TIGHT, ACTION_LIMITS]))
@example(noise=b"A: b\n\r\nC: d\n\n", greeted=False, limits=TIGHT)
@example(noise=b"A: " + b"x" * 25, greeted=False, limits=TIGHT)
@example(noise=b"A: " + b"x" * 25 + b"\nB: c", greeted=False, limits=TIGHT)
def test_garbage_parses_or_violates_and_cuts_change_nothing(
    *, noise: bytes, greeted: bool, limits: FrameLimits
) -> None:
    whole = read([noise], limits, greeted=greeted)
    by_byte = read([bytes([byte]) for byte in noise], limits, greeted=greeted)

    assert whole == by_byte


@given(NAMES, st.text(max_size=40), st.sampled_from("\r\n\0"), st.text(max_size=40))
def test_line_ends_and_nul_are_never_written(name: str, before: str, bad: str, after: str) -> None:
    with pytest.raises(HeaderError):
        encode_action("Originate", [(name, before + bad + after)])


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=50)), max_size=6))
def test_an_action_is_refused_or_arrives_as_exactly_one_action(pairs: list[tuple[str, str]]) -> None:
    try:
        data = encode_action("Originate", pairs)
    except HeaderError:
        return
    frames = list(FrameReader(ACTION_LIMITS).receive(data))

    assert len(frames) == 1
    assert frames[0].all("Action") == ("Originate",)
    assert 1 + len(pairs) == len(frames[0])
