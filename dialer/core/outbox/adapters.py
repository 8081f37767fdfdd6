"""A promise's step in another program's own words: a CRM by REST, or contacts as HubSpot has them.

HubSpot: "Upsert a batch of contacts", POST /crm/v3/objects/contacts/batch/upsert; each input has `id`, the
value of the unique property `idProperty`, and `properties`, text by name. It answers 207 where it took part.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from dialer.messaging_settings import PLACE


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """What may be said of a step. `customer` is the company's own id; no number and no name is among them."""

    event: str  # winback.promise.made
    id: str  # the same at every try
    time: str  # ISO 8601, UTC
    customer: str
    promise: str
    reference: str
    queue: str
    state: str
    reason: str

    def fill(self, template: str, *, in_address: bool = False) -> str:
        """The template with facts in place of `{names}`; in an address a fact is never more than text."""
        return PLACE.sub(
            lambda found: quote(getattr(self, found[1]), safe="") if in_address else getattr(self, found[1]),
            template,
        )


#: what HubSpot is told where nothing else is said; the properties have to be made there first
CONTACT: Final[Mapping[str, str]] = {
    "winback_callback_state": "{state}",
    "winback_callback_reference": "{reference}",
    "winback_callback_event": "{event}",
    "winback_callback_at": "{time}",
}


def write_request(url: str, body: Mapping[str, str], facts: StepFacts) -> tuple[str, bytes]:
    """Address and JSON body of a request to a CRM."""
    told = {name: facts.fill(value) for name, value in body.items()}
    return facts.fill(url, in_address=True), _as_json(told)


def write_contact(id_property: str, properties: Mapping[str, str], facts: StepFacts) -> bytes:
    """The body of a batch of one contact, known by the company's own id; it is made where there is none."""
    told = {name: facts.fill(value) for name, value in (properties or CONTACT).items()}
    contact = {"idProperty": id_property, "id": facts.customer, "properties": told}
    return _as_json({"inputs": [contact]})


def _as_json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
