"""FastAGI lines: what is read, what is written, what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.agi.wire import (
    MAX_LINE,
    AgiReader,
    Reply,
    Request,
    Sign,
    command,
    encode_reply,
    encode_request,
    variable,
)
from telephony.errors import HeaderError, PeerViolation

OPENING = encode_request(
    [
        ("network", "yes"),
        ("network_script", "permit?try=1"),
        ("uniqueid", "wb-1"),
        ("callerid", "unknown"),
        ("extension", "wb-aaaaaaaaaa"),
        ("arg_1", "Zoë"),
    ]
)


def read(*pieces: bytes) -> list[Request | Reply | Sign]:
    reader = AgiReader()
    return [message for piece in pieces for message in reader.receive(piece)]


def test_a_request_tells_path_channel_extension_and_caller() -> None:
    request = read(OPENING)[0]

    assert isinstance(request, Request)
    assert (request.path, request.unique_id, request.extension) == ("permit", "wb-1", "wb-aaaaaaaaaa")
    assert (request.fields["arg_1"], request.caller) == ("Zoë", None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"200 result=1\n", Reply(code=200, result="1", data="")),
        (b"200 result=1 (a (b) c)\r\n", Reply(code=200, result="1", data="a (b) c")),
        (b"200 result=12# (timeout)\n", Reply(code=200, result="12#", data="timeout")),
        (b"200 result= (timeout)\n", Reply(code=200, result="", data="timeout")),
        (b"200 result=49 endpos=1200\n", Reply(code=200, result="49", data="")),
        (b"510 Invalid or unknown command\n", Reply(code=510, result="", data="")),
        (b"511 Command Not Permitted on a dead channel\n", Reply(code=511, result="", data="")),
        (
            b"520-Invalid syntax.\nUsage: x\n520 End of proper usage.\n",
            Reply(code=520, result="", data="Usage: x"),
        ),
        (b"HANGUP\n", Sign.HANGUP),
    ],
)
def test_every_reply_is_read_whole_and_byte_by_byte(line: bytes, expected: Reply | Sign) -> None:
    assert read(OPENING + line)[1:] == [expected]
    assert read(*(bytes([byte]) for byte in OPENING + line))[1:] == [expected]


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"agi_x\n",
        b"x" * (MAX_LINE + 1),
        b"agi_x: 1\n" * 300,
        OPENING + b"hello\n",
        OPENING + b"520-\n" + b"x\n" * 300,
    ],
)
def test_what_is_not_agi_is_a_violation(data: bytes) -> None:
    with pytest.raises(PeerViolation):
        read(data)


@given(
    st.lists(
        st.one_of(st.binary(max_size=20), st.sampled_from([b"\n", OPENING, b"200 result=", b"HANGUP\n"]))
    )
)
def test_any_bytes_parse_or_violate_and_cuts_change_nothing(pieces: list[bytes]) -> None:
    def outcome(*parts: bytes) -> tuple[list[Request | Reply | Sign], bool]:
        reader, seen = AgiReader(), []
        try:
            for part in parts:
                seen.extend(reader.receive(part))
        except PeerViolation:
            return seen, True
        return seen, False

    stream = b"".join(pieces)
    assert outcome(stream) == outcome(*(bytes([byte]) for byte in stream))


def test_words_are_quoted_where_they_must_be() -> None:
    assert command(["SET", "VARIABLE", "WB_OK", "1"]) == b"SET VARIABLE WB_OK 1\n"
    assert command(["VERBOSE", 'say "hi" \\ now', ""]) == b'VERBOSE "say \\"hi\\" \\\\ now" ""\n'


@pytest.mark.parametrize("bad", ["a\nEXEC System", "a\r", "a\0", "x" * 2000, "\ud800"])
def test_a_word_that_would_become_a_second_command_is_refused(bad: str) -> None:
    with pytest.raises(HeaderError):
        command(["VERBOSE", bad])


@pytest.mark.parametrize("bad", ["", "A B", "SHELL(x)", "1A", "A=1", "__A,B"])
def test_only_a_plain_variable_can_be_set(bad: str) -> None:
    with pytest.raises(HeaderError):
        variable(bad)


def test_a_pbx_can_write_what_is_read() -> None:
    assert read(OPENING, encode_reply("1", data="v"))[1] == Reply(code=200, result="1", data="v")
    with pytest.raises(HeaderError):
        encode_reply("1", data="a\nb")
    with pytest.raises(HeaderError):
        encode_request([("x", "a\nb")])
