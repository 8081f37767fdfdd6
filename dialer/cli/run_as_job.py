"""Work put on the job queue by a command, and watched until a worker has done it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dialer.cli.console_output import console, fail, meter

if TYPE_CHECKING:
    from dialer.settings import Settings


def run_as_job(
    settings: "Settings", task: str, job_id: str, arguments: Mapping[str, Any], stages: dict[str, str]
) -> dict[str, Any] | None:
    """Put the task on the queue and wait for its result; None where no worker is there to wait for.

    Ends the command with the job's own error where it fails. Ctrl-C stops the waiting, not the job.
    """
    from dialer.jobs.job_queue import ask_for, count_workers, follow
    from dialer.jobs.redis import RedisMissing, open_redis

    try:
        with open_redis(settings) as redis_server, redis_server.connect() as connection:
            ask_for(connection, task, job_id, arguments)
            if count_workers(connection) == 0:
                console.print(f"Job {job_id} waits for a worker; start one with `winback worker`.")
                return None
            console.print(f"Job {job_id} is on the queue. Ctrl-C leaves it there.")
            with meter(stages) as show:
                for card in follow(connection, job_id):
                    show(card.stage, card.share)
            if card.status != "finished":
                fail(f"Job {job_id} {card.status}: {card.error}", code=1)
            return card.result
    except RedisMissing as missing:
        fail(missing)
    except KeyboardInterrupt:
        console.print(f"\nJob {job_id} goes on without you.")
        return None
