"""What a caller adds in the call: why they called, deleted soon after its end, or that they stay."""

from pathlib import Path

import pytest
from databases.centre import Centre
from sqlalchemy import text

from callbacks.lifecycle import PromiseState
from callbacks.refusals import Refusal, Rule
from dialer.db.queries import audit
from dialer.services.evidence.recorded_reasons import ReasonsDeleted, delete_reasons
from dialer.services.evidence.retention import let_go
from dialer.services.promises.in_the_call import STAYS, note_recording, withdraw_promise
from dialer.services.promises.promises import ended_promises, promise_ledger
from dialer.services.promises.spoken_reason import spoken_reason
from dialer.settings import RetentionSettings

SAID = "winback/reasons/418"


@pytest.fixture
def call(centre: Centre) -> str:
    """The call in which a promise was made."""
    made = centre.promise()
    with centre.database.read() as tx:
        row = tx.execute(text("SELECT source_call FROM promise WHERE id = :id"), {"id": made.id})
        return str(row.scalar_one())


def recordings(centre: Centre) -> list[str | None]:
    with centre.database.read() as tx:
        return list(tx.scalars(text("SELECT reason_recording FROM promise")))


def test_a_recording_goes_with_its_name_once_the_promise_was_over_for_its_days(
    centre: Centre, call: str, tmp_path: Path
) -> None:
    file = tmp_path / f"{SAID}.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"RIFF")
    assert note_recording(centre.database, call, SAID)
    centre.later(days=30)
    assert delete_reasons(centre.database, tmp_path, 7, centre.now) == ReasonsDeleted(), "it is still open"

    withdraw_promise(centre.database, call, centre.now)
    centre.later(days=6)
    assert delete_reasons(centre.database, tmp_path, 7, centre.now) == ReasonsDeleted()
    assert file.exists()
    centre.later(days=2)
    assert delete_reasons(centre.database, tmp_path, 7, centre.now) == ReasonsDeleted(deleted=1)
    assert not file.exists()
    assert recordings(centre) == [None]


def test_where_the_folder_is_elsewhere_nothing_is_forgotten_and_the_promise_stays_too(
    centre: Centre, call: str, tmp_path: Path
) -> None:
    note_recording(centre.database, call, SAID)
    withdraw_promise(centre.database, call, centre.now)
    centre.later(days=500)

    elsewhere = tmp_path / "on-another-machine"
    assert delete_reasons(centre.database, elsewhere, 7, centre.now) == ReasonsDeleted(left=1)
    kept = RetentionSettings(attempts_d=400, refusals_d=90, audit_d=800)
    assert let_go(centre.database, kept, centre.now)["promises"] == 0
    assert recordings(centre) == [SAID]


def test_who_stays_on_the_line_leaves_a_cancelled_promise_and_the_sums_hold(
    centre: Centre, call: str
) -> None:
    assert withdraw_promise(centre.database, call, centre.now)
    assert not withdraw_promise(centre.database, call, centre.now)
    assert not withdraw_promise(centre.database, "another", centre.now)

    (card,) = ended_promises(centre.database)
    assert (card.state, card.end_reason) == (PromiseState.CANCELLED, STAYS)
    assert promise_ledger(centre.database).error == 0


def test_the_agent_who_calls_hears_the_reason_nobody_else_does_and_it_is_audited(
    centre: Centre, call: str, tmp_path: Path
) -> None:
    file = tmp_path / f"{SAID}.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"RIFF")
    note_recording(centre.database, call, SAID)
    order = centre.dial()

    def asked(agent: str, sounds: Path = tmp_path) -> object:
        return spoken_reason(centre.database, agent, order.attempt, sounds, centre.now)

    assert asked("anna") == Refusal(rule=Rule.ATTEMPT_NOT_CONNECTED)
    centre.connect(order)
    assert asked("ben") == Refusal(rule=Rule.ATTEMPT_OTHER_AGENT)
    assert asked("anna", tmp_path / "on-another-machine") is None
    assert asked("anna") == file

    with centre.database.read() as tx:
        heard = [line.actor for line in audit.latest(tx, 20) if line.action == "reason.heard"]
    assert heard == ["anna"]
