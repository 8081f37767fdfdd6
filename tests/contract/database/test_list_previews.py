"""A preview looks a sample's customers up one by one, however large what it asks about them has grown."""

import pytest
from databases.centre import Centre
from databases.plans import plans
from sqlalchemy import text

from dialer.core.calling.list_condition import Narrowed, read_condition
from dialer.core.calling.list_filter import ListFilter
from dialer.services.campaigns import lists
from dialer.services.campaigns.lists import count_list, preview_list

MANY = 20_000  # customers: enough that finding a whole set for the sample looks cheap
SAMPLE = 2_000
MADE = "WITH RECURSIVE made(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < :many)"
CROWD = (
    """
    INSERT INTO customer (id, external_id, name, language, attributes, imported_at)
    SELECT n + 100, 'x' || n, '', 'en', '{}', imported_at FROM customer, made WHERE id = 1
    """,
    """
    INSERT INTO customer_number (customer_id, e164, position, dialing_region_id)
    SELECT n + 100, '+4420' || (60000000 + n), 0, dialing_region_id
    FROM customer_number, made WHERE customer_id = 1
    """,
    """
    INSERT INTO lead (campaign_id, customer_id, state, rank, attempts_made, next_at, asked_again, e164,
                      dialing_region_id, reasons)
    SELECT campaign_id, n + 100, 'listed', n + 3, 0, next_at, asked_again, '+4420' || (60000000 + n),
           dialing_region_id, '[]'
    FROM lead, made WHERE rank = 1
    """,
    """
    INSERT INTO attempt (id, pbx, campaign_id, lead_id, customer_id, e164, queue, trunk, caller_id, ring_s,
                         fencing, state, counted, created_at, connected_at, ended_at, abandoned,
                         machine_suspected, causes)
    SELECT 'wb-' || n, 'pbx', campaign_id, id, n + 100, '+4420' || (60000000 + n), '', '', '', 30, 1, 'ended',
           TRUE, next_at, next_at, next_at, FALSE, FALSE, '[]'
    FROM lead, made WHERE rank = 1
    """,
    """
    INSERT INTO churn_label (customer_id, "left", at, known_at, source)
    SELECT n + 100, n % 10 = 0, imported_at, imported_at, '' FROM customer, made WHERE id = 1
    """,
    """
    INSERT INTO import_source (id, name, columns, given, encoding, sheet, missing, file_name, imported_at)
    SELECT 1, 'crm', '[]', '{}', '', '', 'close', '', imported_at FROM customer WHERE id = 1
    """,
    """
    INSERT INTO source_member (source_id, customer_id, missing_since, closed_at)
    SELECT 1, n + 100, imported_at, CASE WHEN n % 10 = 1 THEN imported_at END
    FROM customer, made WHERE id = 1
    """,
)
SETS = ("lead", "attempt", "churn_label", "source_member")
ASKED = ("@last_contact not in last 30 days", "@last_word = none")


@pytest.fixture
def crowded(centre: Centre) -> Centre:
    """Many customers on another list: all were rung once, some left, some a source's file is without."""
    centre.customers(1)
    centre.campaign()
    with centre.database.write() as tx:
        for statement in CROWD:
            tx.execute(
                text((MADE if "made" in statement else "") + statement),
                {"many": MANY} if "made" in statement else {},
            )
    if centre.database.engine.dialect.name == "postgresql":
        with centre.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    return centre


def narrowed(*lines: str, not_on: tuple[int, ...] = ()) -> ListFilter:
    return ListFilter(narrowed=Narrowed(where=tuple(map(read_condition, lines)), not_on=not_on))


def test_whoever_is_looked_at_is_looked_up_by_index_in_all_that_grows(
    crowded: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "LOOKED_AT", SAMPLE)

    plan = plans(
        crowded.database,
        lambda: preview_list(crowded.database, narrowed(*ASKED, not_on=(1,)), crowded.now),
        "customer_number",
    )

    for name in SETS:
        assert f"Seq Scan on {name}" not in plan, plan
        assert f"SCAN {name}" not in plan, plan


@pytest.mark.parametrize(
    ("filters", "matching"),
    [
        (narrowed(), 16_001),  # a tenth left, a tenth is closed; nobody of either is on a list
        (narrowed("@last_contact in last 3650 days"), 16_000),
        (narrowed("@last_contact not in last 3650 days"), 1),
        (narrowed(not_on=(1,)), 0),
    ],
    ids=["nothing", "talked with", "not talked with", "on another list"],
)
def test_who_is_in_a_set_is_told_the_same_of_a_few_and_of_everybody(
    crowded: Centre, monkeypatch: pytest.MonkeyPatch, filters: ListFilter, matching: int
) -> None:
    monkeypatch.setattr(lists, "LOOKED_AT", 2 * MANY)

    counted = count_list(crowded.database, filters, crowded.now)

    assert matching == counted.matching
    assert counted == preview_list(crowded.database, filters, crowded.now).count
