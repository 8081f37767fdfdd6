"""Views for other tools: they are there, only read, show no customer, and outlive a change of tables."""

import re
from contextlib import nullcontext
from pathlib import Path

import pytest
from databases.centre import Centre
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from dialer.db.migrations.upgrade import downgrade, upgrade
from dialer.db.report_views import VIEWS, drop_views, make_views
from dialer.db.session import open_engine

DOCS = Path(__file__).parents[3] / "docs/reports.md"
#: what tells who a customer is
PERSONAL = {"e164", "number", "name", "external_id", "customer_id", "note", "caller", "caller_id_number"}


def test_every_column_of_every_view_stands_in_the_docs_and_none_tells_who_a_customer_is(
    centre: Centre,
) -> None:
    said: dict[str, list[str]] = {}
    for line in DOCS.read_text().splitlines():
        if found := re.match(r"\| `(report_\w+)` \| [^|]+ \| (.+) \|$", line):
            said[found[1]] = re.findall(r"`(\w+)`", found[2])
    with centre.database.read() as tx:
        looked = inspect(tx.connection())
        there = {name: [column["name"] for column in looked.get_columns(name)] for name in VIEWS}

    assert said == there
    assert all(not PERSONAL & set(columns) for name, columns in there.items() if name != "report_campaigns")


def test_a_view_says_what_the_tables_say(ready: Centre) -> None:
    order = ready.dial()
    ready.talk(order)
    ready.promise()

    with ready.database.read() as tx:
        attempt = tx.execute(text("SELECT id, agent, outcome, talk_s FROM report_attempts")).one()
        promises = tx.execute(text("SELECT queue, state FROM report_promises")).all()

    assert (order.attempt, "anna", "connected", 60.0) == tuple(attempt)
    assert [("support", "waiting")] == [tuple(row) for row in promises]


@pytest.mark.timeout(120)
def test_a_change_of_tables_makes_the_views_anew_and_who_may_read_them_reads_nothing_else(
    empty_url: str, engine_name: str
) -> None:
    upgrade(empty_url)
    engine = open_engine(empty_url)
    with engine.begin() as connection:
        if engine_name == "postgresql":
            connection.execute(text('CREATE ROLE "bi tool"'))
            connection.execute(text('GRANT SELECT ON report_attempts TO "bi tool"'))
        make_views(connection, drop_views(connection))
    if engine_name == "postgresql":
        for statement, allowed in (
            ("SELECT * FROM report_attempts", True),
            ("DELETE FROM report_attempts", False),
            ("SELECT * FROM report_promises", False),
            ("SELECT * FROM attempt", False),
        ):
            with (
                engine.connect() as connection,
                nullcontext() if allowed else pytest.raises(DBAPIError),
            ):
                connection.execute(text('SET ROLE "bi tool"'))
                connection.execute(text(statement))
        with engine.begin() as connection:
            connection.execute(text('DROP OWNED BY "bi tool"'))
            connection.execute(text('DROP ROLE "bi tool"'))
    downgrade(empty_url, to="-1")
    with engine.connect() as connection:
        assert not set(VIEWS) & set(inspect(connection).get_view_names()), "they belong to the newest tables"
    upgrade(empty_url)
    with engine.connect() as connection:
        assert set(VIEWS) == set(inspect(connection).get_view_names())
    engine.dispose()
