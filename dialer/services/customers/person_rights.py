"""What a person may ask for by data protection law: to see, correct, restrict or erase what is kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from callbacks.lifecycle import PROMISE, PromiseEvent
from dialer.core.calling.campaign import LEAD, LeadEvent
from dialer.core.evidence import chain
from dialer.core.sentence import Figure, Sentence, Several
from dialer.db.models import Restriction
from dialer.db.queries import audit, customers, leads, persons, promises
from dialer.db.queries.persons import PersonKeys
from dialer.db.session import Database, Transaction
from dialer.services.calls.transitions import step_lead, step_promise
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.person_files import blank_files
from dialer.services.evidence.decision_log import seal
from dialer.services.recordings.recordings import ErasedRecordings, erase_recordings

BATCHES: Final = 1_000  # the newest files that were imported and may still hold an erased person


ON_ITS_WAY: Final = Sentence("a call with this person is on its way; ask again when it is over")


class UnknownPerson(LookupError):
    """There is no such customer."""

    def __init__(self, external_id: str) -> None:
        super().__init__(f"there is no customer {external_id!r}")


class CallOnItsWay(RuntimeError):
    """A person cannot be erased while a call with them is on its way."""

    def __init__(self) -> None:
        super().__init__(ON_ITS_WAY)


class ErasureGround(StrEnum):
    """Why a person is erased: the grounds of GDPR article 17(1)."""

    ASKED = "asked"
    NOT_NEEDED = "not needed any more"
    OBJECTED = "objected"
    UNLAWFUL = "unlawfully kept"
    OBLIGED = "a law obliges"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What an erasure took, and where the person may still stand."""

    numbers: int
    calls: int
    entries: int  # of the decision log, which keep no person any more
    objections: int  # kept as digests, so that they still bind
    shared: int  # numbers that another customer has too, and that stay theirs
    files: tuple[str, ...]  # in the data folder, in which the numbers were blanked
    imported: tuple[str, ...]  # customer files from which rows came
    recordings: int  # deleted, where this machine sees the PBX's folder
    calls_on_the_pbx: tuple[str, ...]  # recordings that may still be on the PBX have these names

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was done, and what is left to do by hand."""
        lines = [
            Sentence(
                "Erased. Numbers: %(numbers)s, calls: %(calls)s.",
                numbers=Figure(self.numbers),
                calls=Figure(self.calls),
            ),
            Sentence(
                "Entries of the decision log that are of nobody now: %(num)s.", num=Figure(self.entries)
            ),
            Sentence("Objections kept as digests, still binding: %(num)s.", num=Figure(self.objections))
            if self.objections
            else "",
            Sentence("Numbers kept, since another customer has them too: %(num)s.", num=Figure(self.shared))
            if self.shared
            else "",
            Sentence("Recordings deleted: %(num)s.", num=Figure(self.recordings)) if self.recordings else "",
            *(Sentence("Numbers overwritten in %(path)s.", path=path) for path in self.files),
            *self._by_hand(),
        ]
        return tuple(filter(None, lines))

    def _by_hand(self) -> Iterator[Sentence]:
        yield Sentence(
            "Still to be done by you: backups of the database, and the logs that your system keeps."
        )
        if self.imported:
            yield Sentence(
                "Still to be done by you: the customer files %(files)s.", files=Several(self.imported)
            )
        for call in self.calls_on_the_pbx:
            yield Sentence(
                "Still to be done by you: the recording %(file)s on the PBX, if there is one.",
                file=f"winback/{call}.wav",
            )


def person_name(database: Database, external_id: str) -> str:
    """A customer's name, empty where none is known; raises `UnknownPerson`."""
    with database.read() as tx:
        return customers.get(tx, _known(tx, external_id).customer).name


def export_person(database: Database, external_id: str) -> Mapping[str, Any]:
    """Everything that is kept of a customer, by table; raises `UnknownPerson`."""
    with database.read() as tx:
        return persons.rows_about(tx, _known(tx, external_id))


def hand_out_person(
    database: Database, external_id: str, reason: str, by: str, now: datetime
) -> Mapping[str, Any]:
    """The same for somebody who asked for it: that it was handed out, by whom and why, is in the audit."""
    with database.write() as tx:
        person = _known(tx, external_id)
        audit.add(tx, now, by, "person.exported", str(person.customer), {"reason": reason})
    return export_person(database, external_id)


def restrict_person(database: Database, external_id: str, reason: str, by: str, now: datetime) -> bool:
    """Ring a customer for no purpose until the restriction is lifted; False where there is one already.

    Raises `UnknownPerson`.
    """
    with database.write() as tx:
        person = _known(tx, external_id)
        entry = Restriction(customer_id=person.customer, reason=reason[:200], by=by[:60], added_at=now)
        restricted = persons.restrict(tx, entry)
        if restricted:
            audit.add(tx, now, by, "person.restriction-set", str(person.customer), {"reason": reason})
        return restricted


def lift_restriction(database: Database, external_id: str, reason: str, by: str, now: datetime) -> bool:
    """Lift a customer's restriction; False where there was none. Raises `UnknownPerson`."""
    with database.write() as tx:
        person = _known(tx, external_id)
        lifted = persons.lift(tx, person.customer)
        if lifted:
            audit.add(tx, now, by, "person.restriction-lifted", str(person.customer), {"reason": reason})
        return lifted


def rectify_person(  # noqa: PLR0917 - whom, what, why, by whom and when
    database: Database,
    external_id: str,
    changes: Mapping[str, Any],
    by: str,
    now: datetime,
    reason: str = "",
) -> bool:
    """Correct a customer's name, zone, language or numbers, checked already; False where all was so before.

    Raises `UnknownPerson`.
    """
    with database.read() as tx:
        row = customers.get(tx, _known(tx, external_id).customer)
        before = CustomerRow(
            external_id=row.external_id,
            name=row.name,
            zone=row.zone,
            language=row.language,
            household=row.household,
            residence=row.residence,
            numbers=tuple(number.e164 for number in row.numbers),
            attributes=row.attributes,
        )
        customer = row.id
    stored = store_customers(database, [before._replace(**changes)], now)
    if not stored.changed:
        return False
    with database.write() as tx:
        kept = {name: getattr(before, name) for name in changes}
        details = {"corrected": sorted(changes), "before": kept, "reason": reason}
        audit.add(tx, now, by, "person.rectified", str(customer), details)
    return True


def erase_person(  # noqa: PLR0917 - whom, where, by whom, when and why
    database: Database,
    data_dir: Path,
    external_id: str,
    by: str,
    now: datetime,
    ground: ErasureGround = ErasureGround.ASKED,
    recordings: Path | None = None,
) -> Erasure:
    """Take a person out of every table and out of the data folder's files; their objections still bind.

    The ground is a word and no text, since what is kept of an erasure must name nobody. `recordings`: the
    folder of the PBX's, where this machine sees it; theirs are deleted there. Open promises are
    cancelled and leads withdrawn. What is counted (calls, outcomes, the effect of calling)
    stays, of nobody. Raises `UnknownPerson`, and `CallOnItsWay`.
    """
    seal(database, now)  # what was decided is in the log before it loses its person
    with database.write() as tx:
        person = _known(tx, external_id)
        if persons.in_the_air(tx, person):
            raise CallOnItsWay
        _stop_calls(tx, person, now)
        said = persons.has_objected(tx, person)
        persons.keep_objections(tx, said, now)
        calls = persons.calls_of(tx, person)
        entries = persons.erase(tx, person)
        audit.add(tx, now, by, chain.ERASED, "", {"entries": entries})
        audit.add(tx, now, by, "person.erased", str(person.customer), {"ground": ground.value})
        files = tuple(dict.fromkeys(batch.file_name for batch in customers.batches(tx, BATCHES)))
    with database.write() as tx:
        persons.truncate_log(tx)
    blanked = blank_files(data_dir, person.numbers)
    heard = ErasedRecordings(deleted=0, left=calls)
    if recordings is not None:
        heard = erase_recordings(database, recordings, calls, ground.value, by, now)
    return Erasure(
        numbers=len(person.numbers),
        calls=len(person.attempts),
        entries=len(entries),
        objections=len(said),
        shared=len(person.shared),
        files=tuple(str(path) for path in blanked),
        imported=files,
        recordings=heard.deleted,
        calls_on_the_pbx=heard.left,
    )


def _stop_calls(tx: Transaction, person: PersonKeys, now: datetime) -> None:
    for number in person.promises:
        promise = promises.lock_promise(tx, number)
        if promise is not None and PROMISE.allows(promise.state, PromiseEvent.CANCEL):
            step_promise(tx, promise, PromiseEvent.CANCEL, now, reason="erased")
    for number in person.leads:
        lead = leads.lock_lead(tx, number)
        if lead is not None and LEAD.allows(lead.state, LeadEvent.WITHDRAW):
            step_lead(tx, lead, LeadEvent.WITHDRAW)
    tx.flush()


def _known(tx: Transaction, external_id: str) -> PersonKeys:
    found = persons.keys_of(tx, external_id)
    if found is None:
        raise UnknownPerson(external_id)
    return found
