"""Every version's tables, full of rows, come up to this version's, and go back down, on both engines."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from string import ascii_lowercase, digits
from typing import Any, Final

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from databases.differences import differences
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    select,
    text,
)

from dialer.db.migrations.upgrade import HERE, UpgradeFault, downgrade, known_steps, upgrade
from dialer.db.session import open_engine

AT: Final = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)
ROWS: Final = 2  # of each table: one would not show that rows keep their own values
WALK_S: Final = 900.0  # the way over all versions, twice, on a busy machine

#: what means something to a constraint or to a step; all else is made up from its type
WORDS: Final[Mapping[str, Sequence[Any]]] = {
    "lead.state": ("listed", "held_out"),
}
#: characters in the order in which every database sorts them
IN_ORDER: Final = digits + ascii_lowercase
#: which of the two rows has it: of those that stand for each other each has one
ONE_EACH: Final[Mapping[str, int]] = {
    "attempt.lead_id": 0,
    "attempt.promise_id": 1,
    "attempt.wish_id": 2,
    "given_offer.attempt_id": 0,
    "given_offer.inbound_call_id": 1,
    "survey.attempt_id": 0,
    "survey.inbound_call_id": 1,
}
#: what steps write anew on purpose: reasons in words, which nothing can turn into columns and values
WRITTEN_ANEW: Final = {"score.reasons", "lead.reasons"}
#: what a step up takes away, which the step down cannot know any more
TAKEN_AWAY: Final = {"agent.wish_reason"}

#: what a step renames: table, or table and column
RENAMED: Final[Mapping[str, str]] = {
    "place": "dialing_region",
    "callers_heard": "inbound_arrival",
    "contact_learned": "contact_model",
    "save_rate_settled": "save_rate_estimate",
    "customer_past": "customer_snapshot",
    "customer_outcome": "churn_label",
    "duty": "scheduled_job",
    "engine_view": "engine_dashboard",
    "lead.place_id": "lead.dialing_region_id",
    "customer_number.place_id": "customer_number.dialing_region_id",
}

Cells = dict[str, list[Any]]  # by "table.column", in the order of the table's key


def versions() -> list[str]:
    """Every version there ever was, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()][::-1]


def test_the_files_of_the_steps_are_named_after_them_in_their_order() -> None:
    assert versions() == known_steps()


@pytest.mark.timeout(WALK_S)
def test_full_databases_of_every_version_come_up_with_every_row_and_go_back_step_by_step(
    empty_url: str,
) -> None:
    """One database climbs: at every version rows are put into every table beside those from below.

    So what was put in at a version has gone through every step above it, at the price of one climb. On the
    way down each version finds its own rows, and those from above, as they were.
    """
    known: dict[str, Cells] = {}
    for index, version in enumerate(versions()):
        upgrade(empty_url, to=version)
        known[version] = fill(empty_url, beside=index * ROWS)
    newest = contents(empty_url)
    for version, before in known.items():
        assert tables(before) <= tables(newest), version
        assert lasting(before, newest) == shared(before, newest), version
    assert [] == differences(empty_url)
    assert [] == referring_to_nothing(empty_url)

    above = newest
    for version in versions()[-2::-1]:
        downgrade(empty_url, to=version)
        down, before = contents(empty_url), known[version]
        assert shared(above, down) == shared(down, above), version
        assert lasting(before, down, but=TAKEN_AWAY) == shared(before, down, but=TAKEN_AWAY), version
        assert [] == referring_to_nothing(empty_url), version
        above = down


def test_the_oldest_full_database_comes_up_by_every_step_at_once_and_goes_back(empty_url: str) -> None:
    upgrade(empty_url, to=versions()[0])
    before = fill(empty_url)

    upgrade(empty_url)

    after = contents(empty_url)
    assert tables(before) <= tables(after)
    assert shared(before, after) == shared(after, before)
    assert [] == differences(empty_url)
    assert [] == referring_to_nothing(empty_url)

    downgrade(empty_url, to=versions()[0])

    back = contents(empty_url)
    assert shared(before, back, but=TAKEN_AWAY) == shared(back, before, but=TAKEN_AWAY)


def test_the_newest_full_database_goes_down_by_every_step_at_once_and_up_again(empty_url: str) -> None:
    upgrade(empty_url)
    above = fill(empty_url)

    downgrade(empty_url, to=versions()[0])
    down = contents(empty_url)
    upgrade(empty_url)

    assert shared(above, down) == shared(down, above)
    after = contents(empty_url)
    assert shared(down, after) == shared(after, down)
    assert [] == differences(empty_url)
    assert [] == referring_to_nothing(empty_url)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # PostgreSQL keeps its references itself
def test_a_step_that_would_lose_references_changes_nothing(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(empty_url, to="0002")
    before = fill(empty_url)

    def lose(config: Config, _to: str) -> None:
        config.attributes["connection"].execute(text("DELETE FROM customer"))

    monkeypatch.setattr("alembic.command.upgrade", lose)
    with pytest.raises(UpgradeFault, match="attempt to customer"):
        upgrade(empty_url)

    assert before == contents(empty_url)


def fill(url: str, *, beside: int = 0) -> Cells:
    """Put rows into every table, whatever its columns are, beside so many there; read all of them back."""
    engine = open_engine(url)
    found = MetaData()
    found.reflect(engine)
    with engine.begin() as connection:
        for table in found.sorted_tables:
            if table.name != "alembic_version":
                for row in range(beside, beside + ROWS):
                    values = {column.name: made_up(column, row) for column in table.columns}
                    connection.execute(table.insert().values(values))
        cells = read(connection, found)
    engine.dispose()
    return cells


def made_up(column: Column[Any], row: int) -> Any:
    """A value that the column takes, different in every row."""
    name = f"{column.table.name}.{column.name}"
    if name in WORDS:
        return WORDS[name][row % ROWS]
    if ONE_EACH.get(name, row % ROWS) != row % ROWS:
        return None
    by_kind = (
        (JSON, {"row": row}),
        (Boolean, bool(row % ROWS)),
        (DateTime, AT),
        (Date, AT.date()),
        (Float, 0.25 + row / 2),
        (Integer, row + 1),
    )
    tens, ones = divmod(row + 1, len(IN_ORDER))
    text = IN_ORDER[tens] + IN_ORDER[ones]  # as long as a language is, in the order of the rows
    return next((value for kind, value in by_kind if isinstance(column.type, kind)), text)


def contents(url: str) -> Cells:
    """Every column of every table, in the order of the table's key."""
    engine = open_engine(url)
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        cells = read(connection, found)
    engine.dispose()
    return cells


def read(connection: Connection, found: MetaData) -> Cells:
    """The same, of the tables that were found."""
    cells: Cells = {}
    for table in found.sorted_tables:
        rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
        for index, column in enumerate(table.columns):
            name = RENAMED.get(table.name, table.name) + f".{column.name}"
            cells[RENAMED.get(name, name)] = [row[index] for row in rows]
    return {name: values for name, values in cells.items() if not name.startswith("alembic_version.")}


def shared(cells: Cells, with_those: Cells, *, but: AbstractSet[str] = frozenset()) -> Cells:
    """Those of the columns that the others have too, and that no step writes anew."""
    return {name: cells[name] for name in sorted((cells.keys() & with_those.keys()) - WRITTEN_ANEW - but)}


def lasting(before: Cells, after: Cells, *, but: AbstractSet[str] = frozenset()) -> Cells:
    """What became of these rows, which come first by their keys, in the columns that both have."""
    later = shared(after, before, but=but)
    return {name: values[: len(before[name])] for name, values in later.items()}


def tables(cells: Cells) -> set[str]:
    """The names of the tables."""
    return {name.split(".")[0] for name in cells}


def referring_to_nothing(url: str) -> list[Any]:
    """Rows whose references lead nowhere; PostgreSQL never has any."""
    if not url.startswith("sqlite"):
        return []
    engine = open_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(text("PRAGMA foreign_key_check")))
    engine.dispose()
    return found
