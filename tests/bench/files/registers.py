"""Registers of millions: how long a file takes, and what a look at it costs the dial permit."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from databases.postgres import find_binaries, postgres_server
from sqlalchemy import text

from dialer.core.compliance.registers import RegisterSource
from dialer.db.migrations.upgrade import upgrade
from dialer.db.queries import registers
from dialer.db.session import Database
from dialer.services.customers.registers import RegisterFile, import_register
from telephony.bench.figures import Bar, at_most

LINES: Final = 1_000_000
IMPORT_S: Final = 10.0  # for so many lines
PERMIT_MS: Final = 1.0  # of the dial permit's look, 99th percentile
RATIO: Final = 10.0  # to the same look through the bare driver: sessions and transactions are not free
FIRST: Final = 447_400_000_000  # mobile numbers as they are shaped; nobody rings them
NUMBERS: Final = 600_000_000


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, Database]]:
    """An empty database on SQLite, and on PostgreSQL where that is installed."""
    urls = {"sqlite": f"sqlite:///{folder / 'bench.db'}"}
    if find_binaries() is None:
        yield from _opened(urls)
        return
    with postgres_server() as server:
        yield from _opened(urls | {"postgresql": server.url("postgres")})


def _opened(urls: dict[str, str]) -> Iterator[dict[str, Database]]:
    for url in urls.values():
        upgrade(url)
    opened = {name: Database(url) for name, url in urls.items()}
    try:
        yield opened
    finally:
        for database in opened.values():
            database.close()


def measure_registers(
    folder: Path, *, table_rows: int, looks: int
) -> tuple[dict[str, dict[str, Any]], list[Bar]]:
    """A million lines into each database, then looks for numbers among `table_rows`."""
    path = folder / "register.txt"
    chance = random.Random(1)  # noqa: S311 - a bench wants the same numbers again
    numbers = chance.sample(range(NUMBERS), LINES)
    path.write_text("".join(f"0{(FIRST + each) % 10**10}\n" for each in numbers))
    now = datetime.now(UTC)
    figures: dict[str, dict[str, Any]] = {}
    bars: list[Bar] = []
    with databases(folder) as opened:
        for name, database in opened.items():
            began, cpu = time.perf_counter(), time.process_time()
            file = RegisterFile(path=path, source=RegisterSource.TPS, dated=now, actor="bench", country="GB")
            import_register(database, file, now)
            took = time.perf_counter() - began
            used = time.process_time() - cpu
            _fill(database, table_rows - LINES)
            asked = [f"+{FIRST + chance.randrange(NUMBERS)}" for _ in range(looks)]
            permit = _times(partial(_permit, database), asked)
            with database.engine.connect() as connection:
                bare = _times(_bare(connection.connection.cursor(), name), asked)
            ratio = statistics.median(permit) / statistics.median(bare)
            figures[name] = {
                "import_s": round(took, 2),
                "import_cpu_s": round(used, 2),
                "rows": table_rows,
                "permit_median_ms": round(statistics.median(permit), 4),
                "permit_p99_ms": round(_p99(permit), 4),
                "bare_median_ms": round(statistics.median(bare), 4),
                "bare_p99_ms": round(_p99(bare), 4),
                "ratio": round(ratio, 1),
            }
            bars += [
                at_most(f"{name}: seconds for {LINES:,} lines", round(took, 2), IMPORT_S),
                at_most(f"{name}: permit's look P99, ms", figures[name]["permit_p99_ms"], PERMIT_MS),
                at_most(f"{name}: permit's look to a bare one", figures[name]["ratio"], RATIO),
            ]
    return figures, bars


def _permit(database: Database, e164: str) -> None:
    with database.read() as tx:
        registers.holds(tx, e164)


def _bare(cursor: Any, name: str) -> Callable[[str], object]:
    mark = "?" if name == "sqlite" else "%s"
    statement = f"SELECT 1 FROM registered_number WHERE number = {mark} LIMIT 1"

    def look(e164: str) -> object:
        cursor.execute(statement, (int(e164[1:]),))
        return cursor.fetchone()

    return look


def _times(look: Callable[[str], object], asked: list[str]) -> list[float]:
    for e164 in asked[: len(asked) // 10]:
        look(e164)
    times = []
    for e164 in asked:
        began = time.perf_counter()
        look(e164)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


def _fill(database: Database, rows: int) -> None:
    """More numbers of another register, made by the database itself."""
    if rows <= 0:
        return
    made = (
        "SELECT n FROM generate_series(1, :rows) AS made(n)"
        if database.engine.dialect.name == "postgresql"
        else "WITH RECURSIVE made(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < :rows) "
        "SELECT n FROM made"
    )
    with database.write() as tx:
        tx.execute(
            text(
                "INSERT INTO registered_number (number, register_id) "
                f"SELECT {FIRST} + n * 60, 99 FROM ({made}) AS numbers"
            ),
            {"rows": rows},
        )
