"""What a database that is new still lacks before anybody is called."""

from typing import Final

from sqlalchemy import exists, select

from dialer.core.calling.campaign import CampaignState
from dialer.db.models import Campaign, Customer
from dialer.db.session import Transaction

BEGUN: Final = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.FINISHED)


def has_customers(tx: Transaction) -> bool:
    """Whether anybody is there to be called."""
    return bool(tx.scalar(select(exists().where(Customer.id > 0))))


def has_campaigns(tx: Transaction) -> bool:
    """Whether a campaign was made, begun or not."""
    return bool(tx.scalar(select(exists().where(Campaign.id > 0))))


def has_begun(tx: Transaction) -> bool:
    """Whether a campaign was ever started, or finished without it."""
    return bool(tx.scalar(select(exists().where(Campaign.state.in_(BEGUN)))))
