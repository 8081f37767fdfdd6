"""How what is asked all the time grows with a house's past: the same questions of books of several sizes.

A book is filled by SQL alone, so that a million leads are there in seconds. Each question is asked several
times and the quickest answer counts, since a busy machine only ever makes one slower; beside it stands the
time that this process spent on it itself, by which SQLite is judged. Where both differ much, clocks say
little, and that is said.
"""

import math
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from dialer.cli.console_output import say
from dialer.core.calling.campaign import CampaignEvent
from dialer.core.compliance.rulebook import Purpose
from dialer.db import sample_book
from dialer.db.migrations.upgrade import upgrade
from dialer.db.server_processor import ServerProcessor
from dialer.db.session import Database
from dialer.lab.demo_agents import opening_time
from dialer.services.calls.next_calls import Surroundings, look_around, look_for_work, make_way
from dialer.services.campaigns.campaigns import (
    CampaignDraft,
    campaign_list,
    create_campaign,
    move_campaign,
    running_campaigns,
)
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.dashboard.dashboard import DashboardWatch, read_dashboard
from dialer.services.promises.ledger_audit import carry_forward
from telephony.bench.figures import Bar, at_most
from telephony.numbers import fictional_numbers

TIMES: Final = 7  # each question is asked
AHEAD: Final = 40  # leads, as a turn asks for
GROWTH: Final = 0.25  # exponent: ten times the book may take 1.8 times as long
TURN_MS: Final = 10.0
WORK_MS: Final = 2.0
PAGE_MS: Final = 10.0
DASHBOARD_MS: Final = 20.0  # read every second for all who look at it together: a fiftieth of a processor
BUSY: Final = 2.0  # as long on the clock as on the processor
ATTEMPTS: Final = 10  # for each lead
CUSTOMERS_FIRST: Final = 100  # by hand; the others are copies of the first of them


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSize:
    """Leads, ten times as many attempts, half as many kept promises; so many numbers not to be rung."""

    leads: int
    barred: int


@dataclass(frozen=True, slots=True)
class Took:
    """The quickest answer, by the clock and on this process's processor, milliseconds.

    It is judged by the processor where the database is in this process, since nothing else is then waited
    for that is its own, and where its server's time is known, too; else, where a server works `elsewhere`, by
    the clock.
    """

    wall_ms: float
    cpu_ms: float
    elsewhere: bool = False
    server_ms: float | None = None  # on the processor of a server that runs on this machine

    @property
    def judged_ms(self) -> float:
        """What it cost, as far as can be told."""
        if not self.elsewhere:
            return self.cpu_ms
        return self.wall_ms if self.server_ms is None else self.cpu_ms + self.server_ms


def measure_books(
    sizes: Sequence[BookSize], database_url: str | None
) -> tuple[dict[str, dict[str, Any]], list[Bar]]:
    """The answers' times for each size, how they grow, and the bars they are held to."""
    found: dict[BookSize, dict[str, Took]] = {}
    for size in sizes:
        say(f"A book of {size.leads:,} leads, {size.barred:,} numbers not to be rung")
        with book_at(database_url) as database:
            found[size] = Book(database).measure(size)
    figures: dict[str, dict[str, Any]] = {
        f"{size.leads} leads, {size.barred} barred": {name: told(took) for name, took in answers.items()}
        for size, answers in found.items()
    }
    first, last = sizes[0], sizes[-1]
    if last.leads > first.leads:
        figures["growth, as an exponent"] = {
            name: exponent(first.leads, found[first][name], last.leads, found[last][name])
            for name in found[first]
        }
    if any(is_busy(took) for answers in found.values() for took in answers.values()):
        figures["machine"] = {"busy": True}
        say("The machine was too busy, or the database is elsewhere: times on the clock are upper bounds.")
    return figures, bars_of(figures, found[last])


def told(took: Took) -> dict[str, float]:
    """An answer's times for a table."""
    figures = {"ms": took.wall_ms, "processor_ms": took.cpu_ms, "server_ms": took.server_ms}
    return {name: round(value, 2) for name, value in figures.items() if value is not None}


def bars_of(figures: dict[str, dict[str, Any]], largest: dict[str, Took]) -> list[Bar]:
    """What has to hold in the largest book, and as it grows."""
    most = {"next work": WORK_MS, "next work behind resting leads": TURN_MS, "campaigns that run": TURN_MS}
    most |= {"first page of a list": PAGE_MS, "last page of a list": PAGE_MS, "dashboard": DASHBOARD_MS}
    bars = [at_most(f"{name}, ms", round(largest[name].judged_ms, 2), bar) for name, bar in most.items()]
    grown = figures.get("growth, as an exponent", {})
    return bars + [at_most(f"{name}, growth", grown[name], GROWTH) for name in most if name in grown]


def exponent(few: int, took_few: Took, many: int, took_many: Took) -> float:
    """0: as long whatever the size; 1: twice as long for twice as much."""
    return round(math.log(took_many.judged_ms / took_few.judged_ms) / math.log(many / few), 3)


def is_busy(took: Took) -> bool:
    """Whether a clock says little about this answer."""
    worked = took.cpu_ms + (took.server_ms or 0.0)
    return took.wall_ms > BUSY * worked and took.wall_ms - worked > 1.0


@contextmanager
def book_at(url: str | None) -> Iterator[Database]:
    """A new SQLite file, or the empty database of this address, which is left as it is filled."""
    with tempfile.TemporaryDirectory(prefix="winback-book-") as folder:
        at = url or f"sqlite:///{Path(folder) / 'book.db'}"
        upgrade(at)
        database = Database(at)
        try:
            yield database
        finally:
            database.close()


class Book:
    """A house with a past."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._now = opening_time(datetime.now(UTC))

    def measure(self, size: BookSize) -> dict[str, Took]:
        """Fill it, and ask."""
        self._begin(size)
        database, now = self._database, self._now
        around, watch = look_around(database, now), DashboardWatch()

        def work() -> None:
            look_for_work(database, around, now, limit=AHEAD)

        asked: dict[str, Callable[[], object]] = {
            "next work": work,
            "campaigns that run": lambda: running_campaigns(database, now),
            "dashboard, cold": lambda: read_dashboard(database, now),
            "dashboard": lambda: read_dashboard(database, now, watch=watch),
            "first page of a list": lambda: campaign_list(database, 1, 0),
            "last page of a list": lambda: campaign_list(database, 1, size.leads // 50),
        }
        found = {name: self._quickest(ask) for name, ask in asked.items()}
        sample_book.let_rest(database, size.leads // 2, now + timedelta(hours=5))
        found["next work behind resting leads"] = self._quickest(work)
        found["next work behind barred leads"] = self._barred_in_front(size, around)
        return found

    def _barred_in_front(self, size: BookSize, around: Surroundings) -> Took:
        """A turn that meets nothing but numbers not to be rung, and puts them out of the way."""
        sample_book.bar(self._database, size.leads // 4, after=size.leads // 2)

        def turn() -> None:
            found = look_for_work(self._database, around, self._now, limit=AHEAD)
            make_way(self._database, found, self._now)

        return self._quickest(turn)

    def _quickest(self, ask: Callable[[], object]) -> Took:
        return quickest(ask, self._database)

    def _begin(self, size: BookSize) -> None:
        database, now = self._database, self._now
        numbers = fictional_numbers(CUSTOMERS_FIRST)
        rows = (
            CustomerRow(external_id=f"c{index}", name="", numbers=(number.e164,), attributes={})
            for index, number in enumerate(numbers)
        )
        store_customers(database, rows, now)
        draft = CampaignDraft(
            name="book", queue="outbound", trunk="main", holdout_share=0.0, purpose=Purpose.MARKETING
        )
        create_campaign(database, draft, now)
        move_campaign(database, "book", CampaignEvent.START, now, "bench")
        at = now - timedelta(days=30)
        sample_book.fill(database, leads=size.leads, attempts=ATTEMPTS * size.leads, at=at)
        sample_book.keep(database, size.leads // 2, after=0, at=at)
        carry_forward(database, now)  # as every night
        sample_book.bar(database, size.barred, after=2 * size.leads)  # nobody on the list


def quickest(ask: Callable[[], object], database: Database) -> Took:
    """Ask a database some times; the first is warm-up."""
    ask()
    server = ServerProcessor(database)
    wall: list[float] = []
    cpu: list[float] = []
    served: list[float] = []
    for _ in range(TIMES):
        before = server.ms()
        began, began_cpu = time.perf_counter(), time.thread_time()
        ask()
        wall.append(time.perf_counter() - began)
        cpu.append(time.thread_time() - began_cpu)
        after = server.ms()
        if before is not None and after is not None:
            served.append(after - before)
    return Took(
        wall_ms=1000 * min(wall),
        cpu_ms=1000 * min(cpu),
        elsewhere=database.engine.dialect.name != "sqlite",
        server_ms=min(served, default=None),
    )
