"""How fast customers come in: rows a second of CPU, to what bare polars and executemany need for the same."""

import random
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl
from bench.files.registers import databases

from dialer.core.importing.mapping import Given
from dialer.db.session import Database
from dialer.services.customers.imports import ImportReport, import_customers, plan_import
from telephony.bench.figures import Bar, at_least

FIRST: Final = 20_000  # rows a second of CPU, of a file that is new
AGAIN: Final = 100_000  # and of one that is in the database just so
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
            _import(database, warm)
            first, again = (_speed(database, path, rows) for _ in range(2))
            figures[name] = {
                "rows_per_cpu_s": round(first),
                "again_rows_per_cpu_s": round(again),
                "ratio_to_bare": round(first / bare, 3),
            }
            bars += [
                at_least(f"{name}: rows a CPU second", round(first), FIRST),
                at_least(f"{name}: unchanged rows a CPU second", round(again), AGAIN),
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


def _speed(database: Database, path: Path, rows: int) -> float:
    began = time.process_time()
    report = _import(database, path)
    if report.good != rows:
        raise RuntimeError(f"{report.good} rows of {rows} came in")
    return rows / (time.process_time() - began)


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
