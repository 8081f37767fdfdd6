"""Whatever a manager port sends, the wall raises nothing, tells the loss once, and sends nothing itself."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from telephony.asterisk.ami.actions import Hangup
from telephony.asterisk.ami.panoramisk_link import SentAction, WalledProtocol
from telephony.asterisk.ami.transport import LINK
from telephony.asterisk.ami.wire import Frame, banner, encode_event, encode_response
from telephony.ports import LinkState

PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"\r\n",
            b"\n\n",
            b"\r\n\r\n",
            banner(),
            encode_event("FullyBooted", [("Status", "Fully Booted")]),
            encode_response("Success", [("ActionID", "a-1"), ("Message", "Originate successfully queued")]),
            encode_response("Error", [("ActionID", "a-1"), ("Message", "no")]),
            encode_response("Follows", [("ActionID", "a-1")]),
            encode_response("Success"),
            encode_event("Shutdown", [("Restart", "True")]),
            encode_event("OriginateResponse", [("ActionID", "a-1"), ("Response", "Failure")]),
            b"Response: Failure\r\n\r\n",
            b"x" * 70_000,
        ]
    ),
)


class Transport:
    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = 0

    def is_closing(self) -> bool:
        return self.closed > 0

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written.append(data)

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        self.closed += 1


@given(greeted=st.booleans(), pieces=st.lists(PIECES, max_size=20), lost=st.booleans())
def test_nothing_a_peer_sends_gets_through_the_wall(
    *, greeted: bool, pieces: list[bytes], lost: bool
) -> None:
    async def scenario() -> None:
        frames: list[Frame] = []
        losses: list[str] = []
        transport: Any = Transport()
        wall = WalledProtocol(frames.append, losses.append)
        wall.connection_made(transport)
        if greeted:
            wall.data_received(banner())
        action = Hangup(channel="x")
        answer = wall.send(SentAction({"Action": action.name, "ActionID": "a-1", "Channel": "x"}))
        for piece in pieces:
            wall.data_received(piece)
        if lost:
            wall.connection_lost(None)
        wall.close()
        told = list(losses)
        wall.connection_lost(None)  # asyncio says so in any case, and perhaps much later

        assert len(transport.written) == 1
        assert transport.closed == 1
        assert losses == told
        assert len(losses) <= 1
        assert answer.done()
        answer.exception()
        assert wall.responses == {}
        assert all(frame.event for frame in frames)

    asyncio.run(scenario())


def test_every_link_state_can_be_reached_and_left_but_the_last() -> None:
    assert {LINK.start, *LINK.table.values()} == set(LinkState)
    assert {state for state, _ in LINK.table} == set(LinkState) - LINK.ends
