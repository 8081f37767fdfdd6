"""An attempt that cannot be closed after a gap holds up no other one."""

import asyncio
from datetime import datetime

import pytest
from databases.centre import PBX, Centre

from dialer.bootstrap import App
from dialer.core.agents.floor import FloorState
from dialer.core.calling.attempt import AttemptState
from dialer.db.database_faults import DatabaseFault, DatabaseUnavailable
from dialer.db.models import Attempt
from dialer.db.session import Database
from dialer.engine import reconcile
from dialer.engine.reconcile import CERTAIN_AFTER, Reconciler
from dialer.settings import Settings
from telephony.calls.events import PbxSnapshot


@pytest.fixture
def centre(database: Database) -> Centre:
    centre = Centre(database)
    centre.customers(2)
    centre.campaign()
    return centre


def look_twice(centre: Centre) -> Reconciler:
    """Two looks at a PBX that has no calls, far enough apart to be certain."""
    settings = Settings.model_validate({"pbx": {"name": PBX}})
    app = App(settings=settings, database=centre.database, clock=lambda: centre.now)
    reconciler = Reconciler(app, FloorState(inbound="support"))
    centre.later(minutes=1)
    for _ in range(2):
        asyncio.run(reconciler.look(PbxSnapshot(taken_at=centre.now, booted_at=None)))
        centre.later(seconds=CERTAIN_AFTER.total_seconds())
    return reconciler


def fail_for(monkeypatch: pytest.MonkeyPatch, attempt: str, error: Exception) -> None:
    """Let this attempt's end be one that cannot be written."""
    lose = reconcile.lose_attempt

    def lose_others(database: Database, lost: str, now: datetime) -> bool:
        if lost == attempt:
            raise error
        return lose(database, lost, now)

    monkeypatch.setattr(reconcile, "lose_attempt", lose_others)


def state_of(centre: Centre, attempt: str) -> AttemptState:
    with centre.database.read() as tx:
        return tx.get_one(Attempt, attempt).state


@pytest.mark.parametrize("place", [0, 1])  # whichever is looked at first
def test_an_attempt_that_cannot_be_closed_holds_up_no_other_one(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    attempts = [centre.dial().attempt, centre.dial().attempt]
    poisoned, other = attempts[place], attempts[1 - place]
    fail_for(monkeypatch, poisoned, ValueError("a text that fits nowhere"))

    reconciler = look_twice(centre)

    assert AttemptState.UNKNOWN is state_of(centre, other)
    assert AttemptState.DIALLING is state_of(centre, poisoned)
    assert reconciler.unsettled


def test_a_database_that_is_away_ends_the_look(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_for(monkeypatch, centre.dial().attempt, DatabaseUnavailable(DatabaseFault.AWAY))

    with pytest.raises(DatabaseUnavailable):
        look_twice(centre)
