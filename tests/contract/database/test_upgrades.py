"""Every version's tables, full of rows, come up to this version's, and go back down, on both engines."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Boolean, Column, DateTime, Float, Integer, MetaData, select, text

from dialer.db.base import Base
from dialer.db.migrations.upgrade import HERE, UpgradeFault, downgrade, upgrade
from dialer.db.session import open_engine

AT: Final = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)
ROWS: Final = 2  # of each table: one would not show that rows keep their own values

#: what means something to a constraint or to a step; all else is made up from its type
WORDS: Final[Mapping[str, Sequence[Any]]] = {
    "lead.state": ("listed", "held_out"),
    "attempt.lead_id": (1, None),
    "attempt.promise_id": (None, 1),
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


@pytest.mark.parametrize("version", versions())
def test_a_full_database_of_every_version_comes_up_with_every_row_and_goes_back(
    empty_url: str, version: str
) -> None:
    upgrade(empty_url, to=version)
    before = fill(empty_url)

    upgrade(empty_url)

    after = contents(empty_url)
    assert tables(before) <= tables(after)
    assert shared(before, after) == shared(after, before)
    assert [] == differences(empty_url)
    assert [] == referring_to_nothing(empty_url)

    downgrade(empty_url, to=version)

    back = contents(empty_url)
    assert shared(before, back, but=TAKEN_AWAY) == shared(back, before, but=TAKEN_AWAY)


def test_a_full_database_goes_down_step_by_step_and_up_again(empty_url: str) -> None:
    upgrade(empty_url)
    above = fill(empty_url)

    for version in versions()[-2::-1]:
        downgrade(empty_url, to=version)
        down = contents(empty_url)
        assert shared(above, down) == shared(down, above), version
        assert [] == referring_to_nothing(empty_url), version
        above = down
    upgrade(empty_url)

    after = contents(empty_url)
    assert shared(above, after) == shared(after, above)
    assert [] == differences(empty_url)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)  # PostgreSQL keeps its references itself
def test_a_step_that_would_lose_references_changes_nothing(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(empty_url, to="0002")
    before = fill(empty_url)

    def lose(config: Config, _to: str) -> None:
        config.attributes["connection"].execute(text("DELETE FROM customer"))

    monkeypatch.setattr("dialer.db.migrations.upgrade.command.upgrade", lose)
    with pytest.raises(UpgradeFault, match="attempt to customer"):
        upgrade(empty_url)

    assert before == contents(empty_url)


def fill(url: str) -> Cells:
    """Put rows into every table, whatever its columns are, and read them back."""
    engine = open_engine(url)
    found = MetaData()
    found.reflect(engine)
    with engine.begin() as connection:
        for table in found.sorted_tables:
            if table.name != "alembic_version":
                for row in range(ROWS):
                    values = {column.name: made_up(column, row) for column in table.columns}
                    connection.execute(table.insert().values(values))
    engine.dispose()
    return contents(url)


def made_up(column: Column[Any], row: int) -> Any:
    """A value that the column takes, different in every row."""
    name = f"{column.table.name}.{column.name}"
    if name in WORDS:
        return WORDS[name][row]
    kind = column.type
    if isinstance(kind, JSON):
        return {"row": row}
    if isinstance(kind, Boolean):
        return bool(row)
    if isinstance(kind, DateTime):
        return AT
    if isinstance(kind, Float):
        return 0.25 + row / 2
    if isinstance(kind, Integer):
        return row + 1
    return f"{row + 1}"


def contents(url: str) -> Cells:
    """Every column of every table, in the order of the table's key."""
    engine = open_engine(url)
    found = MetaData()
    found.reflect(engine)
    cells: Cells = {}
    with engine.connect() as connection:
        for table in found.sorted_tables:
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            for index, column in enumerate(table.columns):
                name = RENAMED.get(table.name, table.name) + f".{column.name}"
                cells[RENAMED.get(name, name)] = [row[index] for row in rows]
    engine.dispose()
    return {name: values for name, values in cells.items() if not name.startswith("alembic_version.")}


def shared(cells: Cells, with_those: Cells, *, but: AbstractSet[str] = frozenset()) -> Cells:
    """Those of the columns that the others have too, and that no step writes anew."""
    return {name: cells[name] for name in sorted((cells.keys() & with_those.keys()) - WRITTEN_ANEW - but)}


def tables(cells: Cells) -> set[str]:
    """The names of the tables."""
    return {name.split(".")[0] for name in cells}


def differences(url: str) -> list[object]:
    """In what the tables are not those of the models."""
    engine = open_engine(url)
    with engine.begin() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    return list(found)


def referring_to_nothing(url: str) -> list[Any]:
    """Rows whose references lead nowhere; PostgreSQL never has any."""
    if not url.startswith("sqlite"):
        return []
    engine = open_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(text("PRAGMA foreign_key_check")))
    engine.dispose()
    return found
