"""How far a job is, said in its own `meta`."""

import time
from collections.abc import Callable
from typing import Final

from rq import get_current_job

TELL_EVERY_S: Final = 0.5

Tell = Callable[[str, float], None]


def teller() -> Tell:
    """Says how far the present job is, at most twice a second; outside a job, to nobody."""
    job = get_current_job()
    told_at = 0.0

    def tell(stage: str, share: float) -> None:
        nonlocal told_at
        if job is None or (time.monotonic() - told_at < TELL_EVERY_S and share < 1):
            return
        told_at = time.monotonic()
        job.meta.update(stage=stage, share=round(share, 3))
        job.save_meta()  # type: ignore[no-untyped-call] # rq does not annotate it

    return tell
