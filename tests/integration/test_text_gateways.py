"""One contract for whatever takes texts: the HTTP gateway against a real server, and the shipped file."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs

import pytest

from dialer.core.outbox.message import Delivered, NotDelivered
from dialer.jobs.carriers import LOST, FileTexts, HttpTexts, HttpWebhooks
from dialer.messaging_settings import TextSettings
from dialer.services.outbox.delivery import OutgoingText, TextGateway
from dialer.services.outbox.events import OutgoingEvent

MOBILE = "+447700900123"
TEXT = OutgoingText(key="k1", to=MOBILE, words="Acme: vi ringer opp – æøå")


@dataclass
class Received:
    """What came to the server; it answers `answers` in order and then 202, and texts nobody twice."""

    bodies: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    url: str = ""


@pytest.fixture
def server() -> Iterator[Received]:
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            status = received.answers.pop(0) if received.answers else 202
            if LOST in body:
                status = 400
            key = self.headers.get("idempotency-key", "")
            if status < 300 and (not key or key not in received.keys):
                received.keys.add(key)
                received.bodies.append(body)
                received.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(status)
            if status == 429:
                self.send_header("retry-after", "120")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        received.url = f"http://127.0.0.1:{listening.server_port}/messages"
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield received
        listening.shutdown()
        thread.join()


class Venue(Protocol):
    """A gateway, what it gave to phones, and a way to break it and to mend it."""

    gateway: TextGateway

    def sent(self) -> list[tuple[str, str]]: ...
    def break_it(self) -> None: ...
    def mend_it(self) -> None: ...


class HttpVenue:
    def __init__(self, server: Received) -> None:
        self.server = server
        self.gateway = HttpTexts(TextSettings(way="http", url=server.url, name="Acme"))

    def sent(self) -> list[tuple[str, str]]:
        return [(json.loads(body)["to"], json.loads(body)["text"]) for body in self.server.bodies]

    def break_it(self) -> None:
        self.server.answers = [503]

    def mend_it(self) -> None:
        self.server.answers = []


class FileVenue:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "var" / "texts.jsonl"
        self.path.parent.mkdir()
        self.gateway = FileTexts(self.path)

    def sent(self) -> list[tuple[str, str]]:
        if not self.path.exists():
            return []
        lines = [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]
        return [(line["to"], line["text"]) for line in lines]

    def break_it(self) -> None:
        self.path.parent.rmdir()

    def mend_it(self) -> None:
        self.path.parent.mkdir()


@pytest.fixture(params=["http", "file"])
def venue(request: pytest.FixtureRequest, tmp_path: Path) -> Venue:
    return HttpVenue(request.getfixturevalue("server")) if request.param == "http" else FileVenue(tmp_path)


def test_a_text_comes_with_its_number_and_every_letter(venue: Venue) -> None:
    assert venue.gateway.send(TEXT) == Delivered()
    assert venue.sent() == [(TEXT.to, TEXT.words)]


def test_the_same_text_again_is_taken_and_sent_once(venue: Venue) -> None:
    assert [venue.gateway.send(TEXT), venue.gateway.send(TEXT)] == [Delivered(), Delivered()]
    assert len(venue.sent()) == 1


def test_a_gateway_that_is_broken_may_be_tried_again(venue: Venue) -> None:
    venue.break_it()
    answer = venue.gateway.send(TEXT)
    assert isinstance(answer, NotDelivered)
    assert not answer.lasting
    venue.mend_it()
    assert venue.gateway.send(TEXT) == Delivered()
    assert len(venue.sent()) == 1


def test_a_number_that_it_cannot_text_is_refused_for_good(venue: Venue) -> None:
    answer = venue.gateway.send(OutgoingText(key="k2", to=LOST, words="x"))
    assert isinstance(answer, NotDelivered)
    assert answer.lasting
    assert venue.sent() == []


def test_a_gateway_is_spoken_to_in_its_own_names(server: Received) -> None:
    settings = TextSettings(
        way="http",
        url=server.url,
        token="t0ken",  # noqa: S106 - nobody's
        name="Acme",
        body="form",
        to_field="msisdn",
        text_field="message",
        sender="Acme",
    )
    assert HttpTexts(settings).send(TEXT) == Delivered()

    assert parse_qs(server.bodies[0]) == {"msisdn": [MOBILE], "message": [TEXT.words], "from": ["Acme"]}
    assert server.headers[0]["authorization"] == "Bearer t0ken"


def test_one_that_asks_to_be_left_alone_says_for_how_long(server: Received) -> None:
    server.answers = [429]
    answer = HttpTexts(TextSettings(way="http", url=server.url, name="Acme")).send(TEXT)
    assert isinstance(answer, NotDelivered)
    assert answer.after is not None
    assert answer.after.total_seconds() == 120


def test_a_webhook_that_leads_elsewhere_or_is_not_there_is_tried_again(server: Received) -> None:
    event = OutgoingEvent(url=server.url, timeout_s=2, body=b"{}", headers={"webhook-id": "k"})
    server.answers = [302, 404]
    for _ in range(2):
        answer = HttpWebhooks().post(event)
        assert isinstance(answer, NotDelivered)
        assert not answer.lasting
    assert HttpWebhooks().post(event) == Delivered()
    nowhere = OutgoingEvent(url="http://127.0.0.1:9/", timeout_s=2, body=b"{}", headers={})
    assert HttpWebhooks().post(nowhere) == NotDelivered(why="no answer: ConnectError")
