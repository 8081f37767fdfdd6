"""Steps of promises in a CRM's own words, against programs here that take nothing but what is published."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import validator_for

from dialer.bootstrap import App, open_app
from dialer.core.outbox.adapters import StepFacts
from dialer.core.outbox.message import MessageState
from dialer.jobs.couriers import deliver_once
from dialer.messaging_settings import STEP_FACTS, WebhookSettings
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.outbox.outbox import MessageCard, latest_messages, try_again
from dialer.services.promises.promises import PromiseRequest, make_promise
from dialer.settings import Settings

MOBILE = "+447700900123"
SECRET = "s3cret"  # noqa: S105 - of a program in this test
UPSERT = "/crm/v3/objects/contacts/batch/upsert"
#: BatchInputSimplePublicObjectBatchInputUpsert of HubSpot's published description of the contacts API, v3
CONTACTS = {
    "type": "object",
    "required": ["inputs"],
    "additionalProperties": False,
    "properties": {
        "inputs": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "items": {
                "type": "object",
                "required": ["id", "properties"],
                "additionalProperties": False,
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "idProperty": {"type": "string"},
                    "objectWriteTraceId": {"type": "string"},
                    "properties": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
        }
    },
}
#: what the other CRM says it takes
NOTE = {
    "type": "object",
    "required": ["subject", "at"],
    "additionalProperties": False,
    "properties": {"subject": {"type": "string"}, "at": {"type": "string", "format": "date-time"}},
}


@dataclass
class Crm:
    """Two programs in one: what they took, and what to answer next instead of taking it."""

    contacts: dict[str, dict[str, str]] = field(default_factory=dict)
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    url: str = ""

    def take(self, method: str, path: str, token: str, key: str, body: Any) -> int:
        """The status of the answer."""
        if token != f"Bearer {SECRET}":
            return 401
        if self.answers:
            return self.answers.pop(0)
        if (method, path) == ("POST", UPSERT):
            if not validator_for(CONTACTS).is_valid(body):
                return 400
            for each in body["inputs"]:
                self.contacts.setdefault(f"{each['idProperty']}={each['id']}", {}).update(each["properties"])
            return 200
        if method == "PUT" and (found := re.fullmatch(r"/customers/([^/]+)/notes", path)):
            if not validator_for(NOTE, validate_formats=True).is_valid(body):
                return 400
            self.notes.setdefault(key, {"customer": found[1], **body})
            return 204
        return 404


@pytest.fixture
def crm() -> Iterator[Crm]:
    crm = Crm()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            said = [self.headers.get(name, "") for name in ("authorization", "idempotency-key")]
            self.send_response(crm.take(self.command, self.path, *said, body))
            self.end_headers()

        do_POST = answer  # noqa: N815 - as the library wants it
        do_PUT = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        crm.url = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield crm
        listening.shutdown()
        thread.join()


@pytest.fixture
def app(crm: Crm, tmp_path: Path) -> Iterator[App]:
    """A centre with one customer, whose steps go to both programs."""
    webhooks = [
        WebhookSettings(name="hubspot", adapter="hubspot", url=crm.url + UPSERT, token=SECRET),  # type: ignore[arg-type]
        WebhookSettings(
            name="crm",
            adapter="rest",
            url=crm.url + "/customers/{customer}/notes",
            method="PUT",
            token=SECRET,  # type: ignore[arg-type]
            fields={"subject": "Callback {reference}: {state}", "at": "{time}"},
        ),
    ]
    with open_app(Settings(data_dir=tmp_path, webhooks=webhooks)) as app:
        row = CustomerRow(external_id="A/1 ø", name="Ann", numbers=(MOBILE,))
        store_customers(app.database, [row], app.clock())
        yield app


def promise(app: App, number: str = MOBILE) -> str:
    request = PromiseRequest(
        e164=number, queue="support", source_call=f"call-{number}", virtual_join=app.clock()
    )
    return make_promise(app.database, request, app.clock()).reference  # type: ignore[union-attr]


def messages(app: App) -> dict[str, MessageCard]:
    return {card.receiver: card for card in latest_messages(app.database)}


def test_each_crm_is_told_in_its_own_words_of_the_customer_it_knows(app: App, crm: Crm) -> None:
    reference = promise(app)
    deliver_once(app)

    contact = crm.contacts["customer_number=A/1 ø"]
    (note,) = crm.notes.values()
    assert ("waiting", reference, "winback.promise.made") == tuple(
        contact[f"winback_callback_{name}"] for name in ("state", "reference", "event")
    )
    assert ("A%2F1%20%C3%B8", f"Callback {reference}: waiting") == (note["customer"], note["subject"])
    assert MOBILE[1:] not in json.dumps([crm.contacts, crm.notes])


def test_a_part_that_was_not_taken_is_shown_and_tried_again(app: App, crm: Crm) -> None:
    promise(app)
    crm.answers = [207, 503]
    deliver_once(app)
    waiting = messages(app)

    assert {MessageState.WAITING} == {card.state for card in waiting.values()}
    assert {"it answered 207", "it answered 503"} == {card.fault for card in waiting.values()}
    assert crm.contacts == crm.notes == {}
    assert not try_again(app.database, waiting["crm"].id, "maria", datetime.now(UTC)), "it has not failed"


def test_a_caller_whom_the_crm_cannot_know_is_told_to_nobody(app: App, crm: Crm) -> None:
    promise(app, "+447700900999")
    deliver_once(app)

    assert {MessageState.WITHDRAWN} == {card.state for card in messages(app).values()}
    assert crm.contacts == crm.notes == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"adapter": "rest", "fields": {"a": "{number}"}}, "no fact"),
        ({"adapter": "rest", "fields": {"a": "{event.__class__}"}}, None),
        ({"adapter": "rest"}, "fields"),
        ({"adapter": "event"}, "secret"),
    ],
)
def test_what_a_crm_is_told_are_facts_of_the_list_and_nothing_else(
    given: dict[str, Any], said: str | None
) -> None:
    facts = StepFacts(**{each.name: each.name.upper() for each in fields(StepFacts)})

    assert {each.name for each in fields(StepFacts)} == set(STEP_FACTS)
    if said is None:
        (template,) = WebhookSettings(name="x", url="https://crm.example.com", **given).fields.values()
        assert template == facts.fill(template), "no fact's name: text as it stands"
        return
    with pytest.raises(ValueError, match=said):
        WebhookSettings(name="x", url="https://crm.example.com/{customer}", **given)
