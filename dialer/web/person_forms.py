"""What the page and the API ask of a person's rights alike: checked, done, and refused in one shape."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from dialer.core.compliance.windows import is_zone
from dialer.core.sentence import Sentence
from dialer.services.customers.person_rights import (
    CallOnItsWay,
    Erasure,
    UnknownPerson,
    erase_person,
    rectify_person,
)
from dialer.services.recordings.recordings import folder_of
from dialer.web.dependencies import Dependencies
from dialer.web.errors import RequestError, not_found
from dialer.web.languages import to_say
from dialer.web.schemas import EraseInput, RectifyInput, as_e164

NOT_CONFIRMED: Final = to_say("That is not this customer's id.")


@contextmanager
def known_person() -> Iterator[None]:
    """Refuse in the pages' own shape whom nobody knows, and who is on the telephone."""
    try:
        yield
    except UnknownPerson as unknown:
        raise not_found("customer") from unknown
    except CallOnItsWay as busy:
        raise RequestError("person.call-on-its-way", f"{str(busy).capitalize()}.", status=409) from busy


def rectify(deps: Dependencies, external_id: str, form: RectifyInput, by: str) -> bool:
    """Correct a customer as the form says; False where all of it was so before. Raises `RequestError`."""
    changes = changes_of(form, deps.settings.calling.default_region)
    with known_person():
        return rectify_person(deps.database, external_id, changes, by, deps.now(), form.reason)


def erase(deps: Dependencies, external_id: str, form: EraseInput, by: str) -> Erasure:
    """Erase a customer whose id was said once more. Raises `RequestError`."""
    if form.confirm != external_id:
        raise RequestError("person.not-confirmed", NOT_CONFIRMED, status=409)
    with known_person():
        return erase_person(
            deps.database,
            deps.settings.data_dir,
            external_id,
            by,
            deps.now(),
            form.ground,
            folder_of(deps.settings),
        )


def changes_of(form: RectifyInput, region: str) -> Mapping[str, Any]:
    """The columns that a form corrects, checked. Raises `RequestError` for a zone or number that is none."""
    given = {"name": form.name, "zone": form.zone, "language": form.language}
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if form.zone is not None:
        if form.zone and not is_zone(form.zone):
            raise RequestError(
                "zone.unknown",
                Sentence("%(zone)s is no time zone; write Europe/Oslo.", zone=repr(form.zone)),
                status=409,
            )
        changes["zone"] = form.zone or None
    if form.language is not None:
        changes["language"] = form.language or "en"
    typed = [text.strip() for text in form.numbers.replace("\n", ",").split(",") if text.strip()]
    if typed:
        changes["numbers"] = tuple(dict.fromkeys(as_e164(text, region) for text in typed))
    return changes
