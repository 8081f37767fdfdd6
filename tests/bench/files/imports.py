"""How fast customers come in: rows a second of CPU, to what bare polars and executemany need for the same."""

import random
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import polars as pl
from bench.files.registers import databases

from dialer.core.importing.mapping import Given
from dialer.db.session import Database
from dialer.services.customers.imports import ImportReport, import_customers, plan_import
from telephony.bench.figures import Bar, at_least, at_most

FIRST: Final = 20_000  # rows a second of CPU, of a file that is new
AGAIN: Final = 100_000  # and of one that is in the database just so
MOST_MB: Final = 500  # of memory that the process needs at its peak, a million rows included
KIB_A_MB: Final = 1024
WARM: Final = 1_000  # rows before the clock runs: statements and plans are compiled once
COLUMNS: Final = (
    "customer_id,first_name,last_name,phone,mobile,email,city,contract,monthly,tenure,since,churned"
)


def measure_imports(folder: Path, *, rows: int) -> tuple[dict[str, dict[str, Any]], list[Bar]]:
    """The same file twice into each database."""
    path, warm = folder / "customers.csv", folder / "warm.csv"
    lines = list(_lines(rows))
    path.write_text("\n".join([COLUMNS, *lines]) + "\n")
    warm.write_text("\n".join([COLUMNS, *(f"w{line}" for line in lines[:WARM])]) + "\n")
    bare = _bare(path, folder / "bare.db", rows)
    figures: dict[str, dict[str, Any]] = {"bare": {"rows_per_cpu_s": round(bare)}}
    bars: list[Bar] = []
    with databases(folder) as opened:
        for name, database in opened.items():
            url = database.engine.url.render_as_string(hide_password=False)
            # each in a process of its own, so that nobody else's peak is measured
            measured = [_in_a_process(url, path, rows) for _ in range(2)]
            (first, peak), (again, peak_again) = measured
            figures[name] = {
                "rows_per_cpu_s": round(first),
                "again_rows_per_cpu_s": round(again),
                "ratio_to_bare": round(first / bare, 3),
                "peak_mb": peak,
                "againpeak_mb": peak_again,
            }
            bars += [
                at_least(f"{name}: rows a CPU second", round(first), FIRST),
                at_least(f"{name}: unchanged rows a CPU second", round(again), AGAIN),
                at_most(f"{name}: MB at the peak", max(peak, peak_again), MOST_MB),
            ]
    return figures, bars


def _lines(rows: int) -> list[str]:
    chance = random.Random(5)  # noqa: S311 - a bench wants the same file again
    return [
        f"K{row:07d},Anna{row % 97},Hansen{row % 991},020 7946 {row % 10_000:04d},"
        f"0{7_400_000_000 + row * 7},a{row}@example.com,{chance.choice(('Leeds', 'York', 'Bath'))},"
        f"{chance.choice(('monthly', 'yearly'))},{chance.uniform(10, 99):.2f},{chance.randrange(72)},"
        f"{2015 + row % 11}-{1 + row % 12:02d}-{1 + row % 28:02d},{chance.choice(('yes', 'no'))}"
        for row in range(rows)
    ]


def _import(database: Database, path: Path) -> ImportReport:
    plan = plan_import(path, Given(), region="GB")
    return import_customers(database, plan, datetime.now(UTC), region="GB")


def _in_a_process(url: str, path: Path, rows: int) -> tuple[float, int]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as one:
        return one.submit(_measure, url, path, rows).result()


def _measure(url: str, path: Path, rows: int) -> tuple[float, int]:
    """Rows a second of CPU, and MB at the peak of this process."""
    database = Database(url)
    warm = path.with_name("warm.csv")
    _import(database, warm)  # statements and plans are compiled once
    began = time.process_time()
    report = _import(database, path)
    spent = time.process_time() - began
    database.close()
    if report.good != rows:
        raise RuntimeError(f"{report.good} rows of {rows} came in")
    return rows / spent, peak_mb()


def peak_mb() -> int:
    """Linux's own figure of this program; that of `getrusage` has the parent's in it."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0]) // KIB_A_MB


def _bare(path: Path, target: Path, rows: int) -> float:
    began = time.process_time()
    frame = pl.read_csv(path, infer_schema=False)
    connection = sqlite3.connect(target)
    connection.execute(f"CREATE TABLE bare ({', '.join(frame.columns)})")
    marks = ", ".join("?" for _ in frame.columns)
    connection.executemany(f"INSERT INTO bare VALUES ({marks})", frame.iter_rows())
    connection.commit()
    connection.close()
    return rows / (time.process_time() - began)
