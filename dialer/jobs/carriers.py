"""The ways out of the house: a text gateway over HTTP, a file of texts to try things with, and webhooks.

None of them raises: what went wrong is an answer, and tells whether the same again may work.
"""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx2

from dialer.core.outbox.message import Delivered, Delivery, NotDelivered
from dialer.messaging_settings import TextSettings
from dialer.services.outbox.delivery import OutgoingText
from dialer.services.outbox.events import OutgoingEvent

#: answers that say "not now": a time-out there, a limit, too early; and everything from 500 on
NOT_NOW: Final = frozenset({408, 409, 425, 429})
SERVER_FAULTS: Final = 500
OK: Final = range(200, 300)
IN_WHOLE: Final = range(200, 207)  # 207, Multi-Status, tells of parts that were not taken
PRIVATE: Final = 0o600  # customers' numbers and the words to them
LOST: Final = (
    "+442079460000"  # a made-up number that the file refuses, as a gateway refuses one it cannot text
)


class HttpTexts:
    """A text gateway of the usual kind: one POST a text, with a bearer token.

    Every try of one text carries the same `Idempotency-Key`, so that a gateway that knows it texts once.
    """

    def __init__(self, settings: TextSettings) -> None:
        self._settings = settings

    def send(self, text: OutgoingText) -> Delivery:
        """Hand one text over."""
        settings = self._settings
        fields = {settings.to_field: text.to, settings.text_field: text.words}
        if settings.sender:
            fields[settings.from_field] = settings.sender
        headers = {"Idempotency-Key": text.key}
        if settings.token is not None:
            headers["Authorization"] = f"Bearer {settings.token.get_secret_value()}"
        if settings.body == "json":
            headers["Content-Type"] = "application/json"
            content = json.dumps(fields).encode()
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            content = str(httpx2.QueryParams(fields)).encode()
        return _post(settings.url, content, headers, settings.timeout_s, lasting=True)


class FileTexts:
    """Writes each text as a line of JSON, to see what customers would be told."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, text: OutgoingText) -> Delivery:
        """Write one text down; a second try of it is written once."""
        if text.to == LOST:
            return NotDelivered(why="the gateway answered 400", lasting=True)
        line = json.dumps({"key": text.key, "to": text.to, "text": text.words}, ensure_ascii=False) + "\n"
        try:
            if self._path.exists() and f'"key": "{text.key}"' in self._path.read_text(encoding="utf-8"):
                return Delivered()
            with open(
                self._path, "a", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, PRIVATE)
            ) as file:
                file.write(line)
        except OSError as fault:
            return NotDelivered(why=f"{self._path.name} cannot be written: {fault.strerror}")
        return Delivered()


class HttpWebhooks:
    """Posts events to other programs; a redirect is not followed: it may lead anywhere."""

    def post(self, event: OutgoingEvent) -> Delivery:
        """Hand one event over."""
        taken = IN_WHOLE if event.in_whole else OK
        headers = dict(event.headers)
        return _post(event.url, event.body, headers, event.timeout_s, method=event.method, taken=taken)


def _post(
    url: str,
    content: bytes,
    headers: dict[str, str],
    timeout_s: float,
    *,
    method: str = "POST",
    lasting: bool = False,
    taken: range = OK,
) -> Delivery:
    """One request, of whose answer only the head is read; `lasting`: a 4xx is an answer for good."""
    try:
        with (
            httpx2.Client(timeout=timeout_s, follow_redirects=False) as client,
            client.stream(method, url, content=content, headers=headers) as answer,
        ):
            status, after = answer.status_code, answer.headers.get("retry-after", "")
    except (httpx2.HTTPError, httpx2.InvalidURL) as fault:
        return NotDelivered(why=f"no answer: {type(fault).__name__}")
    if status in taken:
        return Delivered()
    later = status in NOT_NOW or status >= SERVER_FAULTS
    return NotDelivered(
        why=f"it answered {status}",
        lasting=lasting and not later,
        after=timedelta(seconds=int(after)) if after.isascii() and after.isdigit() else None,
    )
