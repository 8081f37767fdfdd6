"""The house's own day, on the clock of its queues."""

from datetime import UTC, datetime, time

from dialer.core.compliance.windows import zone_of
from dialer.core.policy import Policy


def day_began(policy: Policy, now: datetime) -> datetime:
    """The last midnight on the house's clock, as UTC."""
    zone = zone_of(policy.rulebook.queue.zone)
    today = now.astimezone(zone).date()
    return datetime.combine(today, time(), tzinfo=zone).astimezone(UTC)
