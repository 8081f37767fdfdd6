"""A small blocking manager session: the second pair of eyes, apart from the link that is looked at."""

import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Self

from telephony.asterisk.ami.wire import Frame, FrameReader, encode_action
from telephony.errors import LoginRefused

ANSWER_S: Final = 30.0  # milliseconds are usual; a busy machine stalls for seconds


class NobodyAnswered(AssertionError):
    """A call that was ordered did not come about; shows what Asterisk said meanwhile."""


class RawAmi:
    """Log in, send actions, wait for frames; every frame heard is kept in `heard`."""

    def __init__(self, host: str, port: int, user: str, secret: str) -> None:
        self._address = (host, port)
        self._login = (("Username", user), ("Secret", secret))
        self._serial = 0
        self._reader = FrameReader(expect_banner=True)
        self._unread: deque[Frame] = deque()
        self.times: list[tuple[float, Frame]] = []
        self._socket = socket.create_connection(self._address, timeout=ANSWER_S)

    def __enter__(self) -> Self:
        answer = self.ask("Login", self._login)
        if answer.response != "Success":
            raise LoginRefused(answer.get("Message"))
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session."""
        self._socket.close()

    @property
    def heard(self) -> list[Frame]:
        """Every frame so far."""
        return [frame for _, frame in self.times]

    def ask(self, action: str, pairs: Iterable[tuple[str, str]] = (), *, within_s: float = ANSWER_S) -> Frame:
        """Send an action and return its response."""
        action_id = self.send(action, pairs)
        return self.wait_for(
            lambda frame: bool(frame.response) and frame.action_id == action_id, within_s=within_s
        )

    def send(self, action: str, pairs: Iterable[tuple[str, str]] = ()) -> str:
        """Send an action; returns its ActionID."""
        pairs = list(pairs)
        given = [value for name, value in pairs if name == "ActionID"]
        self._serial += 1
        action_id = given[0] if given else f"raw-{self._serial}"
        self._socket.sendall(encode_action(action, pairs if given else [*pairs, ("ActionID", action_id)]))
        return action_id

    def call(self, *pairs: tuple[str, str]) -> None:
        """Order a call, and return once its channel has answered and goes where it was sent.

        The session is held until then. Asterisk says of an order only that it is queued; who leaves at
        that word never hears that nothing came of it, and waits for what cannot come.
        Raises `NobodyAnswered` where the call fails.
        """
        mark = len(self.times)
        order = self.send("Originate", [*pairs, ("Async", "true")])
        came = self.wait_for(
            lambda frame: (
                frame.action_id == order and (frame.event == "OriginateResponse" or frame.response == "Error")
            )
        )
        if came.response != "Success":
            raise NobodyAnswered(came.pairs, [frame.pairs for frame in self.heard[mark:]])

    def list_of(
        self, action: str, done: str, pairs: Iterable[tuple[str, str]] = (), *, within_s: float = ANSWER_S
    ) -> list[Frame]:
        """Send a list action; returns its events, without the closing one."""
        action_id = self.send(action, pairs)
        found: list[Frame] = []
        while True:
            frame = self.wait_for(lambda frame: frame.action_id == action_id, within_s=within_s)
            if frame.event == done:
                return found
            if frame.event:
                found.append(frame)

    def wait_for(self, wanted: Callable[[Frame], bool], *, within_s: float = ANSWER_S) -> Frame:
        """The next frame that fits, from now on; frames before it are kept in `heard`."""
        deadline = time.monotonic() + within_s
        while True:
            while self._unread:
                frame = self._unread.popleft()
                if wanted(frame):
                    return frame
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the frame did not come")
            self._receive(left)

    def wait_from(self, mark: int, wanted: Callable[[Frame], bool], *, within_s: float = ANSWER_S) -> Frame:
        """The first frame that fits among those heard after the first `mark`, or yet to come."""
        deadline = time.monotonic() + within_s
        while True:
            for _, frame in self.times[mark:]:
                if wanted(frame):
                    return frame
            mark = len(self.times)
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the frame did not come")
            self._receive(left)

    def listen(self, seconds: float) -> None:
        """Hear whatever comes for so long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                self._receive(left)
            except TimeoutError:
                return

    def _receive(self, within_s: float) -> None:
        self._socket.settimeout(within_s)
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the manager closed the session")
        for frame in self._reader.receive(data):
            self.times.append((time.monotonic(), frame))
            self._unread.append(frame)
