"""Events to other programs: signed CloudEvents, or a request in a CRM's own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dialer.core.outbox.adapters import StepFacts, write_contact, write_request
from dialer.core.outbox.cloud_event import TYPE_PREFIX, event_body, signed_headers
from dialer.core.outbox.message import Impossible
from dialer.db.models import OutboxMessage
from dialer.db.queries import customers
from dialer.db.session import Transaction
from dialer.messaging_settings import WebhookSettings
from dialer.settings import Settings

NOBODY_S = "it is of nobody whom the CRM could know"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEvent:
    """One event, as it is posted to an endpoint."""

    url: str
    timeout_s: float
    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"
    in_whole: bool = False  # an answer of 207 says that a part was not taken


def ready_event(
    tx: Transaction, settings: Settings, row: OutboxMessage, now: datetime
) -> OutgoingEvent | Impossible:
    """What one program is sent of a step, as it wants it; or why it is told nothing."""
    endpoint = next((each for each in settings.webhooks if each.name == row.endpoint), None)
    if endpoint is None:
        return Impossible(why="there is no such webhook any more")
    if endpoint.adapter != "event":
        return _in_its_words(tx, endpoint, row)
    body = event_body(
        key=row.key,
        kind=row.kind,
        source=settings.public.address or "/winback",
        subject=f"promise/{row.promise_id}",
        at=row.created_at,
        data=row.data,
    )
    secret = endpoint.secret.get_secret_value().encode() if endpoint.secret is not None else b""
    return OutgoingEvent(
        url=endpoint.url,
        timeout_s=endpoint.timeout_s,
        body=body,
        headers=signed_headers(body, key=row.key, secret=secret, now=now),
    )


def _in_its_words(
    tx: Transaction, endpoint: WebhookSettings, row: OutboxMessage
) -> OutgoingEvent | Impossible:
    found = customers.find(tx, row.data.get("customer"))
    if found is None:
        return Impossible(why=NOBODY_S)
    said = {name: "" if row.data.get(name) is None else str(row.data[name]) for name in row.data}
    facts = StepFacts(
        event=TYPE_PREFIX + row.kind,
        id=row.key,
        time=row.created_at.isoformat().replace("+00:00", "Z"),
        customer=found.external_id,
        promise=said.get("promise", ""),
        reference=said.get("reference", ""),
        queue=said.get("queue", ""),
        state=said.get("state", ""),
        reason=said.get("reason", ""),
    )
    headers = {"content-type": "application/json", "idempotency-key": row.key}
    if endpoint.token is not None:
        headers["authorization"] = f"Bearer {endpoint.token.get_secret_value()}"
    if endpoint.adapter == "hubspot":
        return OutgoingEvent(
            url=endpoint.url,
            timeout_s=endpoint.timeout_s,
            body=write_contact(endpoint.id_property, endpoint.fields, facts),
            headers=headers,
            in_whole=True,
        )
    url, body = write_request(endpoint.url, endpoint.fields, facts)
    return OutgoingEvent(
        url=url, timeout_s=endpoint.timeout_s, body=body, headers=headers, method=endpoint.method
    )
