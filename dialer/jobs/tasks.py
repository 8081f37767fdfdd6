"""What workers do. Arguments and results are JSON; every task may be run again at any time.

A task opens an installation of its own from the settings of its process, and says how far it is.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from churnmodel.scoring import partitions
from dialer.bootstrap import open_app
from dialer.core.importing.mapping import ColumnMapping, Given
from dialer.jobs.progress import teller
from dialer.services.analytics.training import score_customers, train_model
from dialer.services.customers.imports import import_customers, plan_import
from dialer.settings import Settings


def import_file(
    path: str,
    mapping: dict[str, Any],
    *,
    fictional: bool = False,
    encoding: str | None = None,
    sheet: str | None = None,
) -> dict[str, Any]:
    """Import a customer file with a mapping that was settled before."""
    settled = ColumnMapping.from_dict(mapping)
    given = given_by(settled)
    tell = teller()
    with open_app(Settings()) as app:
        region = app.settings.calling.default_region
        plan = plan_import(
            Path(path), given, region=region, fictional=fictional, encoding=encoding, sheet=sheet
        )
        report = import_customers(
            app.database, plan, app.clock(), region=region, progress=lambda share: tell("import", share)
        )
    return report.as_dict()


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


def given_by(mapping: ColumnMapping) -> Given:
    """A settled mapping as flags that leave nothing to guess."""
    return Given(
        id=mapping.id,
        name=mapping.name,
        phones=mapping.phones,
        zone=mapping.zone or "none",
        language=mapping.language or "none",
        household=mapping.household or "none",
        label=mapping.label or "none",
        do_not_call=mapping.do_not_call or ("none",),
        deceased=mapping.deceased or ("none",),
        ignored=mapping.ignored,
    )
