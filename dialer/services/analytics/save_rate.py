"""The share of leavers a call keeps, as it was settled last: every gain in the database was made with it."""

from dataclasses import replace
from datetime import datetime

from churnmodel.save_rate import SaveRate, settle
from churnmodel.uplift.ranking_policy import RankingPolicy
from churnmodel.value import Price
from dialer.core.sentence import Sentence
from dialer.db.queries import learning
from dialer.db.session import Database
from dialer.services.analytics.ranking_policy import policy_in_use


def keep_save_rate(database: Database, rate: SaveRate, now: datetime) -> None:
    """Write down the rate that the scores of this moment are made with."""
    with database.write() as tx:
        learning.add_save_rate(tx, settled_at=now, body=rate.as_dict())


def save_rate_in_use(database: Database, price: Price) -> SaveRate:
    """The rate that the scores were made with; before any scoring the assumption."""
    with database.read() as tx:
        body = learning.latest_save_rate(tx)
    return settle(price.save_rate) if body is None else SaveRate.from_dict(body)


def priced(price: Price, rate: SaveRate) -> Price:
    """The same prices with a save rate in place of the assumption."""
    return replace(price, save_rate=rate.used)


def priced_by(database: Database, rate: SaveRate) -> str:
    """What gains rest on, in words for a page or a command."""
    if policy_in_use(database) is not RankingPolicy.UPLIFT:
        return rate.in_words()
    said = Sentence("Gains do not rest on it while lists are ranked by what a call changes.")
    return f"{rate.in_words()} {said}"
