"""What workers do. Arguments and results are JSON; every task may be run again at any time.

A task opens an installation of its own from the settings of its process, and says how far it is.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from churnmodel.scoring import partitions
from dialer.bootstrap import open_app
from dialer.core.importing.column_roles import as_given
from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.picked_readings import read_readings
from dialer.jobs.progress import teller
from dialer.services.analytics.scoring import score_customers
from dialer.services.analytics.training import train_model
from dialer.services.customers.import_sources import WhenMissing
from dialer.services.customers.sourced_imports import FileAsked, import_of, plan_of
from dialer.settings import Settings


def import_file(
    path: str,
    mapping: dict[str, Any],
    *,
    fictional: bool = False,
    encoding: str | None = None,
    sheet: str | None = None,
    source: str | None = None,
    missing: str | None = None,
    readings: dict[str, str] | None = None,
    numbers_of: str | None = None,
) -> dict[str, Any]:
    """Import a customer file with a mapping, and readings of columns, that were settled before.

    `numbers_of`: the country of its numbers without a country's code, where that is not the house's own.
    """
    asked = FileAsked(
        path=Path(path),
        given=replace(
            as_given(ColumnMapping.from_dict(mapping)),
            readings=read_readings(readings or {}),
            region=numbers_of,
        ),
        source=source,
        missing=WhenMissing(missing) if missing is not None else None,
        encoding=encoding,
        sheet=sheet,
        fictional=fictional,
    )
    tell = teller()
    with open_app(Settings()) as app:
        region = app.settings.calling.default_region
        sourced = plan_of(app.database, asked, region=region)
        report, gone = import_of(
            app.database, sourced, app.clock(), region=region, progress=lambda share: tell("import", share)
        )
    return {**report.as_dict(), "missing": gone.as_dict() if gone is not None else None}


def train(*, label: str | None = None, quick: bool = False, seed: int = 1) -> dict[str, Any]:
    """Train a risk model on every customer whose outcome is known; the first becomes the champion."""
    with open_app(Settings()) as app:
        report = train_model(
            app.database,
            app.settings.data_dir,
            app.clock(),
            label=label,
            audit=app.settings.model.audit,
            quick=quick,
            seed=seed,
            progress=teller(),
        )
    return report.as_dict()


def score() -> dict[str, Any]:
    """Score every customer with the champion."""
    with open_app(Settings()) as app:
        report = score_customers(app.database, app.settings, app.clock(), progress=teller())
    return report.as_dict()


def score_part(
    model_folder: str, part: dict[str, Any], price: dict[str, Any], language: str = "en"
) -> dict[str, Any]:
    """Score one part of a Parquet file; a part that is done already is left as it is."""
    return asdict(partitions.score_partition(model_folder, part, price=price, language=language))
