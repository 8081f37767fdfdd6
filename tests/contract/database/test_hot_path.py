"""What is asked at every turn is found by an index, however much has been called and whoever must not be."""

from datetime import datetime, timedelta

import pytest
from databases.centre import MONDAY, PBX, Centre, number
from databases.plans import plans
from sqlalchemy import select, text, update

from callbacks.refusals import Refusal, Rule
from dialer.db import sample_book
from dialer.db.models import DoNotCall, Lead
from dialer.db.queries import due_leads, leads, ledger_balance
from dialer.services.calls.leadership import acquire_lease, release_lease
from dialer.services.calls.look_ahead import look_ahead
from dialer.services.calls.next_calls import look_around, look_for_work, make_way, next_work
from dialer.services.calls.open_attempt import AttemptOrder, CallRequest, open_together
from dialer.services.campaigns.campaigns import campaign_list, running_campaigns
from dialer.services.customers.suppression import add_do_not_call, remove_do_not_call
from dialer.services.promises.ledger_audit import carry_forward
from dialer.services.promises.promise_faults import promise_faults
from dialer.services.promises.promises import promise_ledger

MANY = 20_000  # leads, and numbers on each list: enough that reading all of them looks cheap

COUNTED = "WITH RECURSIVE made(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < :many)"
CROWD = (
    """
    INSERT INTO customer (id, external_id, name, language, attributes, imported_at)
    SELECT n + 100, 'x' || n, '', 'en', '{}', imported_at FROM customer, made WHERE id = 1
    """,
    """
    INSERT INTO lead (campaign_id, customer_id, state, rank, attempts_made, next_at, asked_again, e164,
                      dialing_region_id, reasons)
    SELECT campaign_id, n + 100, CASE WHEN n < :half THEN 'done' ELSE 'listed' END, n + 3, 0, next_at,
           asked_again, '+4420' || (60000000 + n), dialing_region_id, '[]'
    FROM lead, made WHERE rank = 1
    """,
    """
    INSERT INTO do_not_call (e164, reason, source, added_at)
    SELECT '+4420' || (80000000 + n), '', '', imported_at FROM customer, made WHERE id = 1
    """,
    """
    INSERT INTO registered_number (number, register_id)
    SELECT 442080000000 + n, 1 FROM customer, made WHERE id = 1
    """,
    """
    INSERT INTO attempt (id, pbx, campaign_id, lead_id, e164, queue, trunk, caller_id, ring_s, fencing, state,
                         counted, created_at, ended_at, abandoned, machine_suspected, causes)
    SELECT 'wb-' || n, 'pbx', campaign_id, id, '+4420' || (60000000 + n), '', '', '', 30, 1, 'ended',
           TRUE, next_at, next_at, FALSE, FALSE, '[]'
    FROM lead, made WHERE rank = 1
    """,
)


@pytest.fixture
def crowded(centre: Centre) -> Centre:
    """A long list, of which half was called, and as long a list of numbers that must not be."""
    centre.customers(3)
    centre.campaign()
    with centre.database.write() as tx:
        for statement in CROWD:
            tx.execute(text(COUNTED + statement), {"many": MANY, "half": MANY // 2})
    if centre.database.engine.dialect.name == "postgresql":
        with centre.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    return centre


def test_the_next_work_is_found_by_the_lists_own_order_and_looks_candidates_up_one_by_one(
    crowded: Centre,
) -> None:
    plan = plans(crowded.database, lambda: crowded.work(5), "FROM lead")

    assert "ix_lead_next" in plan
    assert "ix_lead_list" not in plan
    for table in ("lead", "do_not_call", "registered_number"):
        assert f"Seq Scan on {table}" not in plan
        assert f"SCAN {table}" not in plan
    assert plan.count("TEMP B-TREE") <= 2, (
        "at most the few that were found are sorted, agreed calls and others"
    )
    assert "Hash" not in plan.replace("hashed SubPlan", "")


def test_nobody_who_must_not_be_rung_is_looked_for_in_a_whole_list_however_many_are_asked_for(
    crowded: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With many candidates a planner takes an anti-join for cheap, and with old figures a list for small."""
    monkeypatch.setattr(due_leads, "CANDIDATES", due_leads.MOST_CANDIDATES)
    if crowded.database.engine.dialect.name == "postgresql":
        with crowded.database.write() as tx:  # as if the lists had been counted long ago
            tx.execute(
                text(
                    "UPDATE pg_class SET reltuples = 1 WHERE relname IN ('do_not_call', 'registered_number')"
                )
            )

    plan = plans(crowded.database, lambda: crowded.work(1000), "FROM lead")

    for table in ("do_not_call", "registered_number"):
        assert f"Seq Scan on {table}" not in plan, plan
        assert f"SCAN {table}" not in plan, plan


def test_the_abandonment_of_a_day_is_known_without_a_look_at_any_call(crowded: Centre) -> None:
    assert not plans(
        crowded.database, lambda: running_campaigns(crowded.database, crowded.now), "FROM attempt"
    )


def test_an_engine_that_looks_for_work_reads_no_promise_that_was_kept_and_no_day_that_is_over(
    centre: Centre,
) -> None:
    """Neither at the first look nor once its statements are planned for good."""
    centre.customers(1)
    centre.campaign()
    with centre.database.write() as tx:
        tx.execute(
            text(
                COUNTED
                + "INSERT INTO call_count (campaign_id, slot, pbx, answered, abandoned) "
                + "SELECT 1, :before, 'pbx' || n, 1, 0 FROM made"
            ),
            {"many": MANY, "before": (centre.now - timedelta(days=9)).replace(tzinfo=None)},
        )
    waiting = centre.promise(0).id
    sample_book.keep(centre.database, MANY, after=waiting, at=centre.now - timedelta(days=9))
    around = look_around(centre.database, centre.now)

    def look() -> None:
        found = look_ahead(centre.database, around, centre.now, limit=40)
        assert [work.promise for work in found.work.promises] == [waiting]

    plan = "\n".join(plans(centre.database, look, table) for table in ("FROM promise", "JOIN call_count"))

    assert "ix_promise_due" in plan, plan
    for table in ("promise", "call_count"):
        assert f"Seq Scan on {table}" not in plan, plan
        assert f"SCAN {table}" not in plan.replace(f"SCAN {table} USING", ""), plan


def test_who_is_on_another_pbxs_line_is_found_without_a_look_at_calls_that_are_over(centre: Centre) -> None:
    with centre.database.write() as tx:
        tx.execute(
            text(
                COUNTED
                + "INSERT INTO inbound_call (pbx, caller, queue, e164, joined_at, ended_at, abandoned) "
                + "SELECT :pbx, 'c' || n, 'support', '+4420' || (60000000 + n), :at, :at, FALSE FROM made"
            ),
            {"many": MANY, "pbx": PBX, "at": centre.now.replace(tzinfo=None)},
        )
    around = look_around(centre.database, centre.now, "south")

    plan = plans(
        centre.database,
        lambda: look_ahead(centre.database, around, centre.now, limit=40),
        "FROM inbound_call",
    )

    assert "ix_inbound_call_open" in plan, plan


def test_the_ledger_is_shown_without_a_look_at_promises_that_were_audited(centre: Centre) -> None:
    centre.customers(1)
    sample_book.keep(centre.database, MANY, after=0, at=centre.now)
    carry_forward(centre.database, centre.now)

    plan = plans(centre.database, lambda: promise_ledger(centre.database), "FROM promise")

    assert "USING" in plan or "Index" in plan
    assert "SCAN promise" not in plan, plan
    assert "Seq Scan on promise" not in plan, plan
    assert MANY == promise_ledger(centre.database).kept


def test_what_came_since_an_audit_is_not_looked_for_among_all_that_ended(centre: Centre) -> None:
    sample_book.keep(centre.database, MANY, after=0, at=centre.now)
    carry_forward(centre.database, centre.now)

    def count() -> None:
        with centre.database.read() as tx:
            found = ledger_balance.brought_forward(tx)
            assert found is not None
            ledger_balance.counted_since(tx, found[0])

    plan = plans(centre.database, count, "FROM promise")

    assert "ix_promise_due" not in plan, plan  # the index of states, which every promise ever kept is in
    assert "Seq Scan on promise" not in plan, plan


def test_a_page_of_a_list_is_found_by_rank(crowded: Centre) -> None:
    plan = plans(crowded.database, lambda: campaign_list(crowded.database, 1, 3), "FROM lead")

    assert "ix_lead_list" in plan
    assert "Seq Scan on customer" not in plan


def test_leads_behind_any_number_of_barred_ones_are_found(centre: Centre) -> None:
    centre.customers(400)
    centre.campaign()
    with centre.database.write() as tx:
        for place in range(390):
            tx.add(DoNotCall(e164=number(place), reason="", source="", added_at=MONDAY))

    found = centre.work(50)[1]

    with centre.database.read() as tx:
        ranks = tx.execute(text("SELECT rank FROM lead WHERE e164 NOT IN (SELECT e164 FROM do_not_call)"))
        assert 10 == len(found) == len(ranks.all())


def test_leads_that_rest_in_front_of_a_list_are_not_walked_through(crowded: Centre) -> None:
    until = crowded.now + timedelta(hours=2)
    with crowded.database.write() as tx:
        tx.execute(
            text(
                "UPDATE lead SET rests = :yes, next_at = :until, held_by = 'hours.closed' WHERE rank < :last"
            ),
            {"yes": True, "until": until.replace(tzinfo=None), "last": MANY},
        )
    if crowded.database.engine.dialect.name == "postgresql":
        with crowded.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE lead"))

    plan = plans(crowded.database, lambda: crowded.work(40), "FROM lead")

    assert "ix_lead_resting" in plan, plan
    assert "ix_lead_next" in plan, plan
    assert "Seq Scan on lead" not in plan, plan
    with crowded.database.read() as tx:
        ranks = [tx.get_one(Lead, work.lead).rank for work in crowded.work(40)[1]]
    assert ranks == [MANY, MANY + 1, MANY + 2, MANY + 3], "whose moment is to come is not among them"


def test_leads_of_a_closed_place_or_a_listed_number_rest_until_their_moment(centre: Centre) -> None:
    centre.customers(5)
    centre.campaign()
    barred = number(0)
    add_do_not_call(centre.database, barred, "asked", "desk", centre.now)

    def look(now: datetime) -> list[str]:
        found = look_for_work(centre.database, look_around(centre.database, now), now, limit=40)
        make_way(centre.database, found, now)
        with centre.database.read() as tx:
            return sorted(tx.get_one(Lead, work.lead).e164 for work in found.leads)

    night = MONDAY.replace(hour=3)
    with centre.database.write() as tx:
        tx.execute(update(Lead).values(next_at=night))
    assert look(night) == []
    with centre.database.read() as tx:
        held = {lead.e164: (lead.rests, lead.held_by, lead.next_at) for lead in tx.scalars(select(Lead))}
    assert held.pop(barred) == (True, Rule.DNC_LISTED.value, night + timedelta(days=1))
    opens = MONDAY.replace(hour=9)
    assert set(held.values()) == {(True, Rule.HOURS_CLOSED.value, opens)}, held

    assert look(opens - timedelta(minutes=1)) == []
    assert look(opens) == sorted(number(place) for place in range(1, 5))
    remove_do_not_call(centre.database, barred, "desk", opens)
    assert look(opens) == sorted(number(place) for place in range(5)), "off the list, and free at once"


def test_the_leads_at_a_number_are_found_by_the_customers_who_have_it(crowded: Centre) -> None:
    barred = number(0)
    add_do_not_call(crowded.database, barred, "asked", "desk", crowded.now)

    def ask() -> None:
        with crowded.database.write() as tx:
            waiting = leads.waiting_with(tx, barred)
            assert [waiting] == list(leads.with_number(tx, 1, barred, but=0))
        remove_do_not_call(crowded.database, barred, "desk", crowded.now)

    plan = plans(crowded.database, ask, "customer_number.e164")

    assert 3 == plan.count("uq_lead_customer_id") + plan.count("lead_1 (customer_id=?"), plan
    assert "Seq Scan on lead" not in plan, plan
    assert "SCAN lead" not in plan, plan


def test_a_list_whose_moment_came_is_called_in_its_order_again(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_leads, "CANDIDATES", 4)
    monkeypatch.setattr(due_leads, "MOST_CANDIDATES", 4)
    centre.customers(20)
    centre.campaign()
    with centre.database.write() as tx:  # the last of the list rested first
        for lead in tx.scalars(select(Lead)):
            lead.rests, lead.next_at = True, centre.now - timedelta(minutes=lead.rank)

    first = look_for_work(centre.database, look_around(centre.database, centre.now), centre.now, limit=4)
    make_way(centre.database, first, centre.now)

    with centre.database.read() as tx:
        assert [1, 2, 3, 4] == [tx.get_one(Lead, work.lead).rank for work in centre.work(4)[1]]


def test_two_engines_reach_for_leads_of_their_own_and_one_left_alone_for_all(centre: Centre) -> None:
    centre.customers(40)
    centre.campaign()

    def leads_of(pbx: str, limit: int) -> set[int]:
        return {work.lead for work in next_work(centre.database, centre.now, limit=limit, pbx=pbx)[1]}

    alone = leads_of(PBX, 10)
    other = acquire_lease(centre.database, "another", "engine 2", 60.0)
    assert other is not None

    assert not leads_of(PBX, 10) & leads_of("another", 10)
    assert 10 == len(alone) == len(leads_of(PBX, 10))
    assert leads_of(PBX, 40) == leads_of("another", 40), (
        "nobody's lead waits for an engine that has no agents"
    )
    release_lease(centre.database, other)
    assert alone == leads_of(PBX, 10)


def test_four_engines_that_look_at_the_same_moment_open_what_they_found(centre: Centre) -> None:
    centre.customers(160)
    centre.campaign()
    engines = [centre.leadership_of_pbx]
    for name in ("second", "third", "fourth"):
        lease = acquire_lease(centre.database, name, f"engine of {name}", 60.0)
        assert lease is not None
        engines.append(lease)

    seen = [
        look_for_work(
            centre.database, look_around(centre.database, centre.now, lease.name), centre.now, limit=30
        )
        for lease in engines
    ]
    opened = [
        order
        for lease, found in zip(engines, seen, strict=True)
        for order in open_together(
            centre.database,
            lease,
            [CallRequest(work=work, agent="anna") for work in found.leads],
            centre.now,
        )
    ]

    assert [order for order in opened if isinstance(order, Refusal)] == []
    assert len({order.lead for order in opened if isinstance(order, AttemptOrder)}) == 4 * 30


def test_as_many_leads_come_as_were_asked_for(centre: Centre) -> None:
    centre.customers(200)
    centre.campaign()

    assert 150 == len(centre.work(150)[1])
    assert 3 == len(centre.work(3)[1])


def test_faulty_promises_are_looked_for_among_the_open_and_the_latest(centre: Centre) -> None:
    """A dashboard asks every few seconds, after however many promises were kept."""
    centre.promise()
    on_postgres = centre.database.engine.dialect.name == "postgresql"
    numbers = (
        "generate_series(1, 20000) AS made(n)"
        if on_postgres
        else "(WITH RECURSIVE m(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM m WHERE n<20000) SELECT n FROM m)"
    )
    kept = (
        "INSERT INTO promise (reference, e164, queue, source_call, virtual_join, made_at, state, "
        "attempts_made, ours_in_a_row, ended_at) "
        "SELECT 'x' || n, '+4420' || (60000000 + n), queue, 'old' || n, virtual_join, made_at, "
        "'kept', 1, 0, made_at FROM promise, MADE WHERE reference NOT LIKE 'x%'"
    )
    talked = (
        "INSERT INTO promise_step (promise_id, at, event, state) "
        "SELECT id, made_at, 'talked', 'kept' FROM promise WHERE ended_at IS NOT NULL"
    )
    with centre.database.write() as tx:
        tx.execute(text(kept.replace("MADE", numbers)))
        tx.execute(text(talked))
    if on_postgres:
        with centre.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))

    plan = plans(centre.database, lambda: promise_faults(centre.database, centre.now), "FROM promise")

    for whole in ("Seq Scan on promise", "SCAN promise"):
        assert whole not in plan, plan
    assert "uq_promise_open" in plan or "ix_promise_due" in plan, plan
