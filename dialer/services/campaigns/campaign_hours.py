"""A campaign's own hours, as its row has them, at one moment."""

from datetime import datetime

from dialer.core.calling.campaign_hours import CampaignHours
from dialer.core.calling.policy import CallingPolicy
from dialer.core.compliance.check import Verdict
from dialer.db.models import Campaign


def hours_of(campaign: Campaign) -> CampaignHours:
    """When this campaign calls."""
    return CampaignHours(windows=campaign.hours, starts_on=campaign.starts_on, ends_on=campaign.ends_on)


def hours_verdict(
    campaign: Campaign, policy: CallingPolicy, now: datetime, *, agreed: bool = False
) -> Verdict:
    """What they say of a call at this moment; `agreed`: the customer was told when."""
    return hours_of(campaign).verdict(policy.rulebook.queue.zone, now, agreed=agreed)
