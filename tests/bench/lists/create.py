"""What it costs to make a campaign's list of everybody: processor time, memory, and the longest write."""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any, Final

from bench.files.imports import peak_mb
from bench.lists.server_time import Measured

from dialer.cli.unreachable_objects import look_seldom
from dialer.db.session import Database, Transaction
from dialer.services.campaigns.campaigns import CampaignDraft, create_campaign
from telephony.bench.figures import Bar, at_most

PROCESSOR_US: Final = 15.0  # a customer, of the process and the database's server: 15 s for a million
LOCK_MS: Final = 200.0  # that others who write have to wait at the most
MOST_MB: Final = 300


@dataclass(slots=True)
class Writes:
    """How long each writing transaction of this process lasted, its commit with it."""

    held_ms: list[float] = field(default_factory=list)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Until the block is left."""
        whole = Database.write
        held_ms = self.held_ms

        @contextmanager
        def write(self: Database, *, urgent: bool = False) -> Iterator[Transaction]:
            with whole(self, urgent=urgent) as tx:
                tx.connection()
                began = time.perf_counter()
                yield tx
            held_ms.append(1000 * (time.perf_counter() - began))

        Database.write = write  # type: ignore[method-assign]
        try:
            yield
        finally:
            Database.write = whole  # type: ignore[method-assign]


def measure_create(database: Measured, customers: int) -> tuple[dict[str, Any], list[Bar]]:
    """A list of everybody, made once in a process of its own, so that nobody else's memory is measured."""
    before = database.server_s()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as one:
        figures = one.submit(_create, database.url).result()
    figures["server_processor_s"] = round(database.server_s() - before, 2)
    each = 1e6 * (figures["processor_s"] + figures["server_processor_s"]) / customers
    return figures, [
        at_most("processor time a customer, µs", round(each, 1), PROCESSOR_US),
        at_most("longest write, ms", figures["longest_write_ms"], LOCK_MS),
        at_most("MB at the peak", figures["peak_mb"], MOST_MB),
    ]


def _create(url: str) -> dict[str, Any]:
    look_seldom()  # as the command does: with Python's own threshold its looks are a seventh of this process
    database, writes = Database(url), Writes()
    draft = CampaignDraft(name=f"{time.time_ns()}", queue="outbound", trunk="main")
    with writes.watched():
        began, cpu = time.perf_counter(), time.process_time()
        card = create_campaign(database, draft, datetime.now(UTC))
        took, used = time.perf_counter() - began, time.process_time() - cpu
    database.close()
    return {
        "to_call": card.to_call,
        "s": round(took, 2),
        "processor_s": round(used, 2),
        "peak_mb": peak_mb(),
        "writes": len(writes.held_ms),
        "longest_write_ms": round(max(writes.held_ms)),
    }
