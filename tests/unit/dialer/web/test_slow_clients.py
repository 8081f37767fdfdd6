"""Clients that send half a request hold a connection for a while, and never the next one's."""

import socket
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import httpx2
import pytest

from tests.browser.conftest import Served
from tests.browser.seeded import Seeded

HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
# of a form: what is of no kind is answered without being waited for
OF_A_FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n"
HALF_A_BODY = b"POST /do-not-call HTTP/1.1\r\nHost: 127.0.0.1\r\n" + OF_A_FORM + b"\r\nnumber="
PATIENCE_S = 60.0  # a machine under load
FEW = 20  # connections


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr("dialer.web.slow_clients.CONNECTIONS_LIMIT", FEW)
    seeded = Seeded(tmp_path / "winback.db", people=5)
    served = Served(seeded).start()
    yield served
    served.stop()
    seeded.database.close()


def opened(served: Served, said: bytes) -> socket.socket:
    """A client that says so much, and no more."""
    client = socket.create_connection(served.server.servers[0].sockets[0].getsockname(), timeout=PATIENCE_S)
    client.sendall(said)
    return client


def ended(client: socket.socket) -> bool:
    """Whether the server ends the connection without an answer, while the test has patience."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_half_requests_in_any_number_keep_nobody_out(served: Served) -> None:
    slow = [opened(served, half) for half in (HALF_A_HEAD, HALF_A_BODY, b"") for _ in range(2 * FEW)]

    assert httpx2.get(f"{served.url}/healthz", timeout=PATIENCE_S).status_code == 200
    assert len(served.server.server_state.connections) <= FEW
    assert ended(slow[0]), "who waited longest made room"
    for each in slow:
        each.close()


@pytest.mark.parametrize("half", [b"", HALF_A_HEAD, HALF_A_BODY])
def test_a_request_that_does_not_come_in_is_ended_however_slowly_it_goes_on(
    served: Served, monkeypatch: pytest.MonkeyPatch, half: bytes
) -> None:
    monkeypatch.setattr("dialer.web.slow_clients.REQUEST_S", 0.2)
    began = time.monotonic()
    client = opened(served, half)

    assert ended(client)
    assert time.monotonic() - began < PATIENCE_S
    client.close()


def test_a_client_that_asks_again_and_again_has_time_for_each_request(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.web.slow_clients.REQUEST_S", 1.0)
    with httpx2.Client(base_url=served.url, timeout=PATIENCE_S) as client:
        answers = [client.get("/healthz").status_code for _ in range(5)]
        with client.stream("GET", "/dashboard/events") as source:
            views = [line for line in islice(source.iter_lines(), 5) if line]

    assert answers == [200] * 5
    assert len(views) == 3, "one now, and one after each of two seconds"
