"""A promise's step as an event for another program: CloudEvents 1.0 in JSON, signed.

The signature is that of Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`), which
libraries in most languages check: HMAC-SHA256 over id, time and body, so that nothing in it can be changed
and an old one is known as old.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
TYPE_PREFIX: Final = "winback."
VERSION: Final = "v1"


def event_body(
    *, key: str, kind: str, source: str, subject: str, at: datetime, data: Mapping[str, Any]
) -> bytes:
    """The event as it is sent; the same event is the same bytes at every try."""
    event = {
        "specversion": "1.0",
        "id": key,
        "source": source,
        "type": TYPE_PREFIX + kind,
        "subject": subject,
        "time": at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": dict(data),
    }
    return json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signed_headers(body: bytes, *, key: str, secret: bytes, now: datetime) -> dict[str, str]:
    """The headers of one try: what is sent, its id, when, and the signature over all three."""
    moment = str(int(now.timestamp()))
    return {
        "content-type": CONTENT_TYPE,
        "webhook-id": key,
        "webhook-timestamp": moment,
        "webhook-signature": f"{VERSION},{signature(body, key=key, moment=moment, secret=secret)}",
    }


def signature(body: bytes, *, key: str, moment: str, secret: bytes) -> str:
    """The signature over id, time and body, base64."""
    signed = hmac.new(secret, b".".join((key.encode(), moment.encode(), body)), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()
