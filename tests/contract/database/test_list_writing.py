"""A list is written a part at a time; what breaks off dials nobody and leaves nothing."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from databases.centre import Centre
from sqlalchemy import delete, event, select, text

from churnmodel.holdout import Arm, Place
from dialer.core.calling.campaign import CampaignEvent, CampaignState
from dialer.db import bounded_writes
from dialer.db.models import AssignmentRow, Customer, Lead
from dialer.db.queries import list_rows
from dialer.db.queries.list_rows import DrawnRow
from dialer.db.session import Transaction
from dialer.services.campaigns import campaigns
from dialer.services.campaigns.campaigns import (
    CampaignNameTaken,
    campaign_card,
    list_campaigns,
    move_campaign,
    running_campaigns,
)
from dialer.services.campaigns.list_draw import DrawnList
from dialer.services.campaigns.list_writing import take_out_broken_off
from telephony.state_machine import IllegalTransition

CUSTOMERS = 7
PART = 2  # rows
MANY = 5_000  # customers: enough that one is looked up rather than all of them read
CROWD = (
    """
    INSERT INTO customer (id, external_id, name, language, attributes, imported_at)
    SELECT n, 'x' || n, '', 'en', '{}', imported_at FROM customer, generate_series(1001, :last) AS n
    WHERE id = (SELECT min(id) FROM customer)
    """,
    """
    INSERT INTO customer_number (customer_id, e164, position, dialing_region_id)
    SELECT n, '+4420' || (60000000 + n), 0, dialing_region_id
    FROM customer_number, generate_series(1001, :last) AS n
    WHERE customer_id = (SELECT min(id) FROM customer)
    """,
)


class PowerCut(BaseException):
    """Nothing after it runs."""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST", "LEAST", "MOST"):
        monkeypatch.setattr(bounded_writes, name, PART)


def break_off(monkeypatch: pytest.MonkeyPatch, fault: BaseException, after: int) -> None:
    """Let the writing end with this after so many parts."""
    left, whole = [after], list_rows.add

    def add(tx: Transaction, *part: Any) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise fault
        return whole(tx, *part)

    monkeypatch.setattr(list_rows, "add", add)


def cut_off(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a campaign whose maker is killed in the middle of its list."""
    centre.customers(CUSTOMERS)
    with monkeypatch.context() as patched:
        break_off(patched, PowerCut(), after=2)
        patched.setattr(campaigns, "taken_out_on_failure", lambda *_: nullcontext())
        with pytest.raises(PowerCut):
            centre.campaign(started=False)


def test_a_list_in_parts_is_whole_and_in_order(centre: Centre) -> None:
    centre.customers(CUSTOMERS)
    card = centre.campaign(started=False)

    rows = campaigns.campaign_list(centre.database, card.id)
    assert (CampaignState.DRAFT, CUSTOMERS) == (card.state, card.to_call)
    assert list(range(1, CUSTOMERS + 1)) == [row.rank for row in rows]


def test_who_is_erased_while_a_list_is_written_is_in_no_later_part(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.customers(CUSTOMERS)
    erased, whole = {3, 6}, DrawnList.rows

    def rows(drawn: DrawnList) -> Iterator[DrawnRow]:
        for row in whole(drawn):
            if row[0] in erased:
                with centre.database.write() as tx:
                    tx.execute(delete(Customer).where(Customer.id == row[0]))
            yield row

    monkeypatch.setattr(DrawnList, "rows", rows)
    card = centre.campaign(started=False)

    kept = set(range(1, CUSTOMERS + 1)) - erased
    with centre.database.read() as tx:
        for table in (Lead, AssignmentRow):
            written = select(table.customer_id).where(table.campaign_id == card.id)
            assert kept == set(tx.scalars(written))
        if centre.database.engine.dialect.name == "sqlite":  # which takes it on trust while it writes
            assert [] == tx.execute(text("PRAGMA foreign_key_check")).all()


def test_a_list_that_cannot_be_finished_leaves_nothing(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.customers(CUSTOMERS)
    with monkeypatch.context() as patched:
        break_off(patched, RuntimeError("the disk is full"), after=2)
        with pytest.raises(RuntimeError, match="the disk is full"):
            centre.campaign(started=False)

    assert () == list_campaigns(centre.database)
    assert CUSTOMERS == centre.campaign(started=False).to_call


def test_half_a_list_dials_nobody_and_cannot_be_started(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(centre, monkeypatch)

    with pytest.raises(IllegalTransition):
        move_campaign(centre.database, "winter", CampaignEvent.START, centre.now, "test")
    assert () == running_campaigns(centre.database, centre.now)


def test_a_list_that_may_still_be_written_keeps_its_name(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(centre, monkeypatch)

    assert 0 == take_out_broken_off(centre.database)
    with pytest.raises(CampaignNameTaken):
        centre.campaign(started=False)


def test_half_a_list_is_taken_out_by_the_next_campaign(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_rows, "AT_WORK", timedelta(seconds=-1))
    cut_off(centre, monkeypatch)
    broken = campaign_card(centre.database, "winter")
    monkeypatch.undo()
    card = centre.campaign(started=False)

    assert broken is not None
    assert (CampaignState.PREPARING, 2 * PART) == (broken.state, broken.to_call)
    assert (CampaignState.DRAFT, CUSTOMERS) == (card.state, card.to_call)
    assert [card.id] == [each.id for each in list_campaigns(centre.database)]


def test_who_is_silent_for_too_long_writes_no_more(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_off(centre, monkeypatch)
    card = campaign_card(centre.database, "winter")
    assert card is not None
    with centre.database.write() as tx:
        list_rows.give_up(tx, campaign=card.id)

    with centre.database.write() as tx:
        assert not list_rows.still_at_work(tx, card.id)
    assert 1 == take_out_broken_off(centre.database)
    assert () == list_campaigns(centre.database)


def test_a_part_of_a_list_joins_what_was_given_to_nothing_but_an_index(centre: Centre) -> None:
    """A prepared statement is planned once for parts of any length: no row is to be compared with each."""
    if centre.database.engine.dialect.name == "sqlite":
        return  # it looks every row up in the order that it is told
    centre.customers(1)
    with centre.database.write() as tx:
        for statement in CROWD:
            tx.execute(text(statement), {"last": 1000 + MANY})
    with centre.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    asked: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(centre.database.engine, "before_cursor_execute", hear)
    with centre.database.write() as tx:
        place = Place(arm=Arm.LIST, listed=True, call=True, propensity=1.0)
        list_rows.add(tx, 1, None, [place], [(0, None, 0, None, None, None, None, None)])  # nobody's
    event.remove(centre.database.engine, "before_cursor_execute", hear)
    (part,) = (statement for statement in asked if "INSERT INTO assignment" in statement)
    given, numbers = part.count("%s"), count(1)
    while "%s" in part:
        part = part.replace("%s", f"${next(numbers)}", 1)
    with centre.database.write() as tx:
        connection = tx.connection()
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        connection.exec_driver_sql(f"PREPARE part AS {part}")
        told = ", ".join(["NULL"] * given)
        plan = [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN EXECUTE part ({told})")]
        connection.exec_driver_sql("DEALLOCATE part")

    joined = [line for line in plan if "Join Filter" in line or "Hash Cond" in line or "Merge Cond" in line]
    assert all("customer_id" not in line for line in joined), "\n".join(plan)
    for table in ("customer", "customer_number"):
        assert not any(f"Seq Scan on {table} " in line for line in plan), "\n".join(plan)
