"""One contract for whatever takes mails: SMTP against a server on a socket, and the shipped folder."""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

import pytest

from dialer.core.outbox.message import Delivered, NotDelivered
from dialer.jobs.mail_carriers import LOST, FileMails, SmtpMails
from dialer.messaging_settings import MailSettings
from dialer.services.outbox.mails import Attachment, MailServer, OutgoingMail

MAIL = OutgoingMail(
    key="report-1-2026-11-29",
    sender="winback@example.com",
    to="leder@example.com",
    subject="Samtaler, æøå",
    body="Seven lines.\n.\nA dot alone ends no mail.\n",
    attachment=Attachment(
        name="contacts.csv", media_type="text/csv; charset=utf-8", content=b"a,b\r\n1,2\r\n"
    ),
)


@dataclass
class Received:
    """What came to the server; `refuses` is said to the next recipient instead of 250."""

    mails: list[bytes] = field(default_factory=list)
    refuses: str = ""
    port: int = 0


@pytest.fixture
def server() -> Iterator[Received]:
    received = Received()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    lines = []
                    while (part := self.rfile.readline()) != b".\r\n":
                        lines.append(part.removeprefix(b".") if part.startswith(b"..") else part)
                    received.mails.append(b"".join(lines))
                    self.wfile.write(b"250 taken\r\n")
                elif word == b"RCPT" and (received.refuses or LOST.encode() in line):
                    self.wfile.write((received.refuses or "550 nobody there").encode() + b"\r\n")
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 well\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listening:
        received.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield received
        listening.shutdown()
        thread.join()


class Venue(Protocol):
    """A mail server, what came to people, and a way to break it and to mend it."""

    server: MailServer

    def came(self) -> list[EmailMessage]: ...
    def break_it(self) -> None: ...
    def mend_it(self) -> None: ...


class SmtpVenue:
    def __init__(self, received: Received) -> None:
        self.received = received
        self.server = SmtpMails(
            MailSettings(way="smtp", host="127.0.0.1", port=received.port, tls="none", sender=MAIL.sender)
        )

    def came(self) -> list[EmailMessage]:
        return [message_from_bytes(mail, policy=policy.default) for mail in self.received.mails]  # type: ignore[misc]

    def break_it(self) -> None:
        self.received.refuses = "451 come back later"

    def mend_it(self) -> None:
        self.received.refuses = ""


class FolderVenue:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = FileMails(folder / "mails")

    def came(self) -> list[EmailMessage]:
        return [
            message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[misc]
            for path in sorted((self.folder / "mails").glob("*.eml"))
        ]

    def break_it(self) -> None:
        (self.folder / "mails").write_text("a file where the folder is to be")

    def mend_it(self) -> None:
        (self.folder / "mails").unlink()


@pytest.fixture(params=["smtp", "folder"])
def venue(request: pytest.FixtureRequest, server: Received, tmp_path: Path) -> Venue:
    return SmtpVenue(server) if request.param == "smtp" else FolderVenue(tmp_path)


def test_a_mail_comes_whole_with_its_file_and_says_that_no_person_wrote_it(venue: Venue) -> None:
    assert Delivered() == venue.server.mail(MAIL)

    (mail,) = venue.came()
    (file,) = mail.iter_attachments()
    body = mail.get_body()
    assert body is not None
    assert (MAIL.to, MAIL.subject) == (mail["to"], mail["subject"])
    assert "." in body.get_content().splitlines()
    assert ("contacts.csv", "auto-generated") == (file.get_filename(), mail["auto-submitted"])
    assert "1,2" in file.get_content()
    assert f"<{MAIL.key}@example.com>" == mail["message-id"]


def test_a_server_that_is_broken_is_tried_again_and_an_address_it_lacks_is_not(venue: Venue) -> None:
    venue.break_it()
    broken = venue.server.mail(MAIL)
    venue.mend_it()

    assert isinstance(broken, NotDelivered)
    assert not broken.lasting
    assert Delivered() == venue.server.mail(MAIL)
    nobody = OutgoingMail(
        key="k",
        sender=MAIL.sender,
        to=f"{LOST}example.com",
        subject="…",
        body="…",
        attachment=MAIL.attachment,
    )
    refused = venue.server.mail(nobody)
    assert isinstance(refused, NotDelivered)
    assert refused.lasting
    assert 1 == len(venue.came())


def test_no_server_at_all_is_a_reason_to_come_back(server: Received) -> None:
    away = MailSettings(way="smtp", host="127.0.0.1", port=9, tls="none", sender=MAIL.sender, timeout_s=1)

    refused = SmtpMails(away).mail(MAIL)

    assert isinstance(refused, NotDelivered)
    assert not refused.lasting


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"way": "smtp", "sender": "a@example.com"}, "host"),
        ({"way": "file"}, "sender"),
        ({"way": "smtp", "host": "m", "sender": "a@b.c", "tls": "none", "password": "x"}, "in clear"),
        ({"way": "file", "sender": "a@b.c\nBcc: x@y.z"}, "sender"),
    ],
)
def test_settings_that_would_not_work_or_show_a_password_are_refused(
    given: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        MailSettings(**given)  # type: ignore[arg-type]
