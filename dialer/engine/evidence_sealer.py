"""Takes what the dial permit decided up into the decision log, a few seconds after the fact."""

import asyncio
from typing import Final

import structlog

from dialer.bootstrap import App
from dialer.services.evidence.decision_log import seal

log = structlog.get_logger()

SEAL_EVERY_S: Final = 5.0  # for so long a decision can be changed without a trace


async def seal_regularly(app: App) -> None:
    """Seal until cancelled; while the database is away what was decided waits in its own rows."""
    while True:
        try:
            await asyncio.to_thread(seal, app.database, app.clock())
        except Exception as error:  # noqa: BLE001 - the next round seals the same
            log.warning("decisions_not_sealed", error=repr(error))
        await asyncio.sleep(SEAL_EVERY_S)
