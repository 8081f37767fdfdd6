"""What ails a database is named the same on both engines, and soon."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from dialer.db.database_faults import DatabaseFault, DatabaseUnavailable
from dialer.db.migrations.upgrade import upgrade
from dialer.db.session import Database, open_engine


@pytest.fixture
def impatient(empty_url: str) -> Iterator[Database]:
    """A database whose users wait for nobody."""
    upgrade(empty_url)
    database = Database(empty_url, wait_s=0.1)
    yield database
    database.close()


def test_a_database_that_can_be_written_to_proves_it_again_and_again(impatient: Database) -> None:
    impatient.prove_writable()
    impatient.prove_writable()


def test_one_that_another_writer_holds_is_locked(impatient: Database) -> None:
    other = open_engine(impatient.url)
    with other.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        with pytest.raises(DatabaseUnavailable) as refused:
            impatient.prove_writable()
    other.dispose()

    assert refused.value.fault is DatabaseFault.LOCKED
    impatient.prove_writable()


def test_a_writer_that_may_not_write_is_told_so(impatient: Database, engine_name: str) -> None:
    forbid = "SET TRANSACTION READ ONLY" if engine_name == "postgresql" else "PRAGMA query_only=ON"

    def write() -> None:
        with impatient.write() as tx:
            tx.execute(text(forbid))
            tx.execute(text("UPDATE alembic_version SET version_num = version_num"))

    with pytest.raises(DatabaseUnavailable) as refused:
        write()

    assert refused.value.fault is DatabaseFault.READ_ONLY


def test_one_whose_connections_are_all_in_use_is_busy(impatient: Database) -> None:
    held = [impatient.engine.connect() for _ in range(15)]  # five, and ten more for a while
    with pytest.raises(DatabaseUnavailable) as refused, impatient.read() as tx:
        tx.execute(text("SELECT 1"))
    for each in held:
        each.close()

    assert refused.value.fault is DatabaseFault.BUSY


def test_a_wrong_statement_is_the_programs_fault_and_not_the_databases(impatient: Database) -> None:
    with pytest.raises(Exception, match="nowhere") as refused, impatient.write() as tx:
        tx.execute(text("SELECT * FROM nowhere"))

    assert not isinstance(refused.value, DatabaseUnavailable)
