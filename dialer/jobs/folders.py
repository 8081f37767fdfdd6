"""Watched folders: whatever a worker finds in them that nobody writes to any more is imported."""

from dataclasses import asdict
from typing import Any

import structlog

from dialer.bootstrap import open_app
from dialer.settings import Settings

log = structlog.get_logger()


def watch() -> dict[str, Any]:
    """Look once into every watched folder; what became of each file, and which folders cannot be used."""
    from dialer.services.customers.watched_folders import watch_folder  # noqa: PLC0415 - it loads what reads tables

    taken, faults = [], {}
    with open_app(Settings(), upgraded=True) as app:
        settings = app.settings
        for folder in settings.imports.folders:
            try:
                taken += watch_folder(
                    app.database,
                    folder,
                    app.clock,
                    region=settings.calling.default_region,
                    settle_s=settings.imports.settle_s,
                    wall=lambda: app.clock().timestamp() - settings.clock_shift_s,
                )
            except OSError as fault:
                faults[str(folder.path)] = f"{type(fault).__name__}: {fault.strerror}"
                log.warning("folder_not_watched", folder=str(folder.path), error=fault.strerror)
    return {"taken": [asdict(each) for each in taken], "faults": faults}
