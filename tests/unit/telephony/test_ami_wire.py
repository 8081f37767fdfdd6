"""The codec's rules, one by one."""

import pytest

from telephony.asterisk.ami.wire import (
    ACTION_LIMITS,
    MAX_HEADER_BYTES,
    Frame,
    FrameReader,
    banner,
    encode,
    encode_action,
    encode_event,
    encode_response,
)
from telephony.errors import HeaderError, PeerViolation

ZOE = encode_event("Newchannel", [("CallerIDName", "Zoë"), ("Uniqueid", "wb-1")])

STREAMS = [
    pytest.param(b"Event: A\r\nX: 1\r\n\r\n", [[("Event", "A"), ("X", "1")]], id="crlf"),
    pytest.param(b"Event: A\nX: 1\n\n", [[("Event", "A"), ("X", "1")]], id="lf"),
    pytest.param(b"Event: A\r\n\nEvent: B\n\r\n", [[("Event", "A")], [("Event", "B")]], id="mixed"),
    pytest.param(b"\r\n\n\r\nEvent: A\r\n\r\n\r\n", [[("Event", "A")]], id="blank-lines-between"),
    pytest.param(b"X:1\r\nY:  2 \r\nZ:\r\n\r\n", [[("X", "1"), ("Y", "2 "), ("Z", "")]], id="blanks"),
    pytest.param(b"V: a\r\nv: b\r\n\r\n", [[("V", "a"), ("v", "b")]], id="repeated"),
    pytest.param(b"AppData: one\ntwo\r\n\r\n", [[("AppData", "one"), ("", "two")]], id="no-header"),
    pytest.param(b"Name: Zo\xeb\r\n\r\n", [[("Name", "Zo\ufffd")]], id="latin-1"),
    pytest.param(b"Url: a:b: c\r\n\r\n", [[("Url", "a:b: c")]], id="colons"),
    pytest.param(ZOE, [[("Event", "Newchannel"), ("CallerIDName", "Zoë"), ("Uniqueid", "wb-1")]], id="utf-8"),
]


@pytest.mark.parametrize(("stream", "expected"), STREAMS)
def test_a_stream_is_read_whole_byte_by_byte_and_with_a_tail(
    stream: bytes, expected: list[list[tuple[str, str]]]
) -> None:
    frames = [Frame(pairs) for pairs in expected]
    whole, single, tailed = FrameReader(), FrameReader(), FrameReader()

    assert frames == list(whole.receive(stream))
    assert frames == [frame for byte in stream for frame in single.receive(bytes([byte]))]
    assert frames == list(tailed.receive(stream + b"Event: Unfin"))
    assert len(b"Event: Unfin") == tailed.pending


def test_names_are_found_without_case_and_the_first_value_wins() -> None:
    frame = Frame([("Event", "X"), ("ChanVariable", "a=1"), ("chanvariable", "b=2")])

    assert frame.get("CHANVARIABLE") == "a=1"
    assert frame.all("ChanVariable") == ("a=1", "b=2")
    assert frame.all("Missing") == ()
    assert frame.get("Missing", "none") == "none"
    assert "event" in frame


def test_a_frame_never_shows_its_values() -> None:
    assert "hush" not in repr(Frame([("Action", "Login"), ("Secret", "hush")]))


def test_the_banner_is_kept_and_the_first_frame_follows() -> None:
    reader = FrameReader(expect_banner=True)
    frames = [frame for byte in banner("9.0.0") + ZOE for frame in reader.receive(bytes([byte]))]

    assert reader.banner == "Asterisk Call Manager/9.0.0"
    assert frames[0].get("CallerIDName") == "Zoë"


@pytest.mark.parametrize("data", [b"SSH-2.0-OpenSSH_9.2\r\n", b"x" * 300, b"\r\n"])
def test_another_service_is_not_taken_for_asterisk(data: bytes) -> None:
    with pytest.raises(PeerViolation):
        list(FrameReader(expect_banner=True).receive(data))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"A: " + b"x" * 1000 + b"\r\n\r\n", id="line"),
        pytest.param(b"A: " + b"x" * 1100, id="line-that-never-ends"),
        pytest.param(b"A: 1\r\n" * 129 + b"\r\n", id="headers"),
        pytest.param((b"A: " + b"x" * 990 + b"\r\n") * 70, id="frame-that-never-ends"),
    ],
)
def test_an_action_over_a_limit_is_a_violation(data: bytes) -> None:
    with pytest.raises(PeerViolation):
        list(FrameReader(ACTION_LIMITS).receive(data))


def test_frames_before_a_violation_are_still_delivered() -> None:
    frames = FrameReader(ACTION_LIMITS).receive(b"Action: Ping\r\n\r\nA: " + b"x" * 1100)

    assert next(frames).action == "Ping"
    with pytest.raises(PeerViolation):
        next(frames)


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "a\r\nAction: Command", "\ud800"])
def test_a_value_that_would_break_a_line_is_refused(bad: str) -> None:
    with pytest.raises(HeaderError):
        encode_action("Originate", [("CallerID", bad)])


@pytest.mark.parametrize("name", ["", "A:B", "A B", "A\r\nB", "Ä", "1A", "A" * 65])
def test_a_strange_name_is_refused(name: str) -> None:
    with pytest.raises(HeaderError):
        encode_action("Originate", [(name, "x")])


def test_a_header_may_be_as_long_as_asterisk_reads_and_not_a_byte_longer() -> None:
    room = MAX_HEADER_BYTES - len("Data: ")
    encode_action("X", [("Data", "ë" * (room // 2))])

    with pytest.raises(HeaderError):
        encode_action("X", [("Data", "x" * (room + 1))])


def test_a_comma_in_variable_is_refused_whatever_the_case() -> None:
    for name in ("Variable", "VARIABLE"):
        with pytest.raises(HeaderError):
            encode_action("Originate", [(name, "A=one,B=injected")])
    assert b"CallerID: a,b\r\n" in encode_action("Originate", [("CallerID", "a,b")])


def test_a_second_action_in_one_frame_is_refused() -> None:
    with pytest.raises(HeaderError):
        encode_action("Ping", [("action", "Command")])


def test_a_secret_never_gets_into_an_error() -> None:
    with pytest.raises(HeaderError) as caught:
        encode_action("Login", [("Secret", "hush\nhush")])

    assert "hush" not in str(caught.value)


def test_too_many_headers_and_none_are_refused() -> None:
    with pytest.raises(HeaderError):
        encode_action("X", [("A", "1")] * 128)
    with pytest.raises(HeaderError):
        encode([])


def test_a_response_is_written_with_its_word_first() -> None:
    assert encode_response("Success", [("ActionID", "7")]) == b"Response: Success\r\nActionID: 7\r\n\r\n"
