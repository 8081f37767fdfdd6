"""The ways of a mail: a mail server by SMTP (RFC 5321), and a folder of mails to try things with.

Neither raises: what went wrong is an answer, and tells whether the same again may work.
"""

import os
import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Final

from dialer.core.outbox.message import Delivered, Delivery, NotDelivered
from dialer.messaging_settings import MailSettings
from dialer.services.outbox.mails import OutgoingMail

LASTING: Final = 500  # SMTP replies from here on are for good (RFC 5321, 4.2.1)
PRIVATE: Final = 0o600
LOST: Final = "nobody@"  # an address that the folder refuses, as a server refuses one it does not have


class SmtpMails:
    """A mail server of the usual kind. A mail that may have been taken twice has one Message-ID."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    def mail(self, mail: OutgoingMail) -> Delivery:
        """Hand one mail over, in a session of its own."""
        settings = self._settings
        try:
            with self._open() as server:
                if settings.tls == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if settings.user:
                    server.login(
                        settings.user, settings.password.get_secret_value() if settings.password else ""
                    )
                server.send_message(as_message(mail))
        except smtplib.SMTPRecipientsRefused as refused:
            return _refused(*next(iter(refused.recipients.values())))
        except smtplib.SMTPAuthenticationError as refused:
            # the password can be put right before the day is over
            return NotDelivered(why=f"the mail server refused the log-in: {refused.smtp_code}")
        except smtplib.SMTPResponseException as refused:
            return _refused(refused.smtp_code, refused.smtp_error)
        except (smtplib.SMTPException, OSError) as fault:
            return NotDelivered(why=f"no mail server: {type(fault).__name__}")
        return Delivered()

    def _open(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.tls == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout_s, context=context)
        return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_s)


class FileMails:
    """Writes each mail as a file that mail programs open, to see what would be sent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mail(self, mail: OutgoingMail) -> Delivery:
        """Write one mail; the same one twice is one file."""
        if mail.to.startswith(LOST):
            return NotDelivered(why="there is no such address", lasting=True)
        name = re.sub(r"[^A-Za-z0-9_-]", "_", mail.key) + ".eml"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with open(self._folder / name, "wb", opener=_private) as file:
                file.write(as_message(mail).as_bytes())
        except OSError as fault:
            return NotDelivered(why=f"it cannot be written: {fault.strerror}")
        return Delivered()


def as_message(mail: OutgoingMail) -> EmailMessage:
    """The mail as it goes over the wire; a line end in a header is refused by the library."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mail.sender, mail.to, mail.subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<{mail.key}@{mail.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in answer to it
    message.set_content(mail.body)
    main, _, sub = mail.attachment.media_type.partition(";")[0].partition("/")
    message.add_attachment(mail.attachment.content, maintype=main, subtype=sub, filename=mail.attachment.name)
    return message


def _refused(code: int, _said: bytes | str) -> NotDelivered:
    return NotDelivered(why=f"the mail server answered {code}", lasting=code >= LASTING)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE)
