"""A fact that cannot be written is set aside, audited and counted; those behind it go on."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from databases.centre import PBX, Centre
from sqlalchemy.exc import OperationalError

from dialer.bootstrap import App
from dialer.core.calling.attempt import AttemptState
from dialer.db.database_faults import DatabaseFault, DatabaseUnavailable
from dialer.db.models import Attempt, Audit, SetAsideFact
from dialer.db.session import Database
from dialer.engine import fact_writer
from dialer.engine.fact_writer import TRIES, FactWriter
from dialer.services.calls.set_aside_facts import MOST_REPR, facts_set_aside, set_aside_fact
from dialer.services.dashboard.dashboard import read_dashboard
from dialer.settings import Settings
from telephony.calls.events import Abandoned, Answered, CallFact, Connected, Finished, Outcome

DEADLINE_S = 60.0
AGAIN_S = 0.001


@pytest.fixture
def centre(database: Database) -> Centre:
    centre = Centre(database)
    centre.customers(3)
    centre.campaign()
    return centre


def long_name(centre: Centre, attempt: str) -> CallFact:
    """Wider than its column, which PostgreSQL alone enforces."""
    return Connected(at=centre.now, attempt=attempt, agent="n" * 73, waited_s=0.5)


def without_zone(centre: Centre, attempt: str) -> CallFact:
    """A moment nobody can place."""
    return Answered(at=centre.now.replace(tzinfo=None), attempt=attempt)


def endless_wait(centre: Centre, attempt: str) -> CallFact:
    """A number of seconds that leads before all time."""
    return Abandoned(at=centre.now, attempt=attempt, waited_s=1e18)


def with_nul(centre: Centre, attempt: str) -> CallFact:
    """A character that PostgreSQL keeps nowhere."""
    return Connected(at=centre.now, attempt=attempt, agent="a\0b", waited_s=0.5)


POISONS = (long_name, without_zone, endless_wait, with_nul)
ENFORCED_BY_POSTGRESQL_ALONE = (long_name, with_nul)


def begin_writer(centre: Centre) -> FactWriter:
    settings = Settings.model_validate({"pbx": {"name": PBX}})
    app = App(settings=settings, database=centre.database, clock=lambda: centre.now)
    return FactWriter(app, again_s=AGAIN_S)


def write(centre: Centre, *facts: CallFact) -> None:
    """Write these facts as an engine in its term does."""

    async def play() -> None:
        writer = begin_writer(centre)
        for fact in facts:
            writer.put(fact)
        task = asyncio.create_task(writer.write())
        try:
            async with asyncio.timeout(DEADLINE_S):
                await writer.join()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    asyncio.run(play())


def state_of(centre: Centre, attempt: str) -> AttemptState:
    with centre.database.read() as tx:
        row = tx.get(Attempt, attempt)
        assert row is not None
        return row.state


def finished(centre: Centre, attempt: str) -> Finished:
    return Finished(at=centre.now, attempt=attempt, outcome=Outcome.NO_ANSWER)


@pytest.mark.parametrize("poison", POISONS)
def test_a_fact_that_cannot_be_written_stops_none_of_those_behind_it(
    centre: Centre, engine_name: str, poison: Callable[[Centre, str], CallFact]
) -> None:
    kept_in_its_place = poison in ENFORCED_BY_POSTGRESQL_ALONE and engine_name == "sqlite"
    poisoned, behind = centre.dial().attempt, centre.dial().attempt
    fact = poison(centre, poisoned)

    write(centre, fact, finished(centre, behind), finished(centre, poisoned))

    assert [AttemptState.FINISHED] * 2 == [state_of(centre, poisoned), state_of(centre, behind)]
    with centre.database.read() as tx:
        found = tx.query(SetAsideFact).all()
        assert len(found) == (0 if kept_in_its_place else 1)
        if kept_in_its_place:
            return
        (kept,) = found
        (said,) = tx.query(Audit).filter(Audit.action == "fact.set-aside").all()
    assert (kept.attempt_id, kept.kind, kept.pbx) == (poisoned, type(fact).__name__, PBX)
    assert poisoned in kept.fact
    assert (said.subject, said.details) == (poisoned, {"fact": kept.kind, "error": kept.error})


def test_a_database_that_is_away_is_waited_for_and_nothing_is_set_aside(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt, record = centre.dial().attempt, fact_writer.record_fact
    away: list[Exception] = [
        *(DatabaseUnavailable(DatabaseFault.LOCKED) for _ in range(TRIES + 1)),
        *(OperationalError("", {}, Exception()) for _ in range(TRIES + 1)),
    ]

    def record_when_there(*args: object) -> object:
        if away:
            raise away.pop()
        return record(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(fact_writer, "record_fact", record_when_there)

    write(centre, finished(centre, attempt))

    assert AttemptState.FINISHED is state_of(centre, attempt)
    assert 0 == facts_set_aside(centre.database, centre.now).lately


def test_a_database_that_goes_away_while_a_fact_is_set_aside_is_waited_for_too(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt, keep = centre.dial().attempt, fact_writer.set_aside_fact
    away = [DatabaseUnavailable(DatabaseFault.FULL)]

    def keep_when_there(*args: object) -> None:
        if away:
            raise away.pop()
        keep(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(fact_writer, "set_aside_fact", keep_when_there)

    write(centre, without_zone(centre, attempt))

    assert 1 == facts_set_aside(centre.database, centre.now).lately


def test_a_fact_heard_at_the_end_of_a_term_stops_none_of_those_behind_it(centre: Centre) -> None:
    poisoned, behind = centre.dial().attempt, centre.dial().attempt
    writer = begin_writer(centre)
    writer.put(without_zone(centre, poisoned))
    writer.put(finished(centre, behind))

    asyncio.run(writer.write_the_rest())

    assert AttemptState.FINISHED is state_of(centre, behind)
    assert 1 == facts_set_aside(centre.database, centre.now).lately


def test_what_was_set_aside_is_counted_for_a_day_and_the_newest_is_named(centre: Centre) -> None:
    first, second = centre.dial().attempt, centre.dial().attempt
    for attempt in (first, second):
        error = ValueError("no zone")
        set_aside_fact(centre.database, PBX, without_zone(centre, attempt), error, centre.now)
        centre.later(minutes=1)

    seen = facts_set_aside(centre.database, centre.now)

    assert (2, second, "Answered", "ValueError") == (
        seen.lately,
        seen.newest_attempt,
        seen.newest_kind,
        seen.newest_error,
    )
    assert 2 == read_dashboard(centre.database, centre.now).facts_set_aside
    later = centre.now + timedelta(days=1)
    assert 0 == read_dashboard(centre.database, later).facts_set_aside
    assert second == facts_set_aside(centre.database, later).newest_attempt


def test_a_fact_that_is_not_even_json_is_kept_as_far_as_it_can_be(centre: Centre) -> None:
    causes: Any = ({(1,): 2}, "\0" * 9_000)  # JSON has no such key
    fact = Finished(at=centre.now, attempt="\ud800", outcome=Outcome.UNKNOWN, causes=causes)

    set_aside_fact(centre.database, PBX, fact, ValueError(), centre.now)

    with centre.database.read() as tx:
        (kept,) = tx.query(SetAsideFact).all()
    assert kept.attempt_id is None
    assert kept.fact.startswith("Finished(")
    assert len(kept.fact) == MOST_REPR
