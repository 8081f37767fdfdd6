"""The centre's own day, on the clock of its queues."""

from datetime import UTC, datetime, time

from dialer.core.calling.policy import CallingPolicy
from dialer.core.compliance.windows import zone_of


def day_began(policy: CallingPolicy, now: datetime) -> datetime:
    """The last midnight on the centre's clock, as UTC."""
    zone = zone_of(policy.rulebook.queue.zone)
    today = now.astimezone(zone).date()
    return datetime.combine(today, time(), tzinfo=zone).astimezone(UTC)
