"""The log of everyone considered for a list: how chance placed them, and what was said of them since."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, true

from churnmodel.holdout import COIN, Arm
from dialer.db.models import AssignmentRow, Attempt, Campaign, ChurnLabelRow, Customer, Lead
from dialer.db.session import Transaction

READ_AT_ONCE: Final = 10_000  # rows of the log that are in memory twice


class Logged(NamedTuple):
    """One row of a campaign's log; the names are the table's columns after `campaign_id`."""

    customer_id: int
    household: str | None
    arm: str  # an `Arm`
    listed: bool
    call: bool
    propensity: float
    risk: float | None
    value: float | None
    gain: float | None
    uplift: float | None


class Assigned(NamedTuple):
    """One customer of a campaign's log who was assigned by chance."""

    campaign: int
    customer: int
    lead: int | None
    household: str | None
    arm: Arm
    listed: bool
    call: bool
    propensity: float
    risk: float | None
    value: float | None
    language: str
    attributes: dict[str, Any]

    @property
    def chance(self) -> float:
        """The chance of a call among those who are compared.

        Whom only the coin could have added is compared with whom it did not add: what decided that the coin
        was thrown told nothing of them.
        """
        return COIN if self.arm is Arm.EXPLORE and not self.listed else self.propensity


def assigned(tx: Transaction, campaign: int, *, attributes: bool = True) -> list[Assigned]:
    """Of a campaign's log whoever was listed, or called or not by the coin.

    `attributes`: with the company's own columns, which are half of what it costs to read them; {} without.
    """
    chosen = (
        select(
            AssignmentRow.campaign_id,
            AssignmentRow.customer_id,
            Lead.id,
            AssignmentRow.household,
            AssignmentRow.arm,
            AssignmentRow.listed,
            AssignmentRow.call,
            AssignmentRow.propensity,
            AssignmentRow.risk,
            AssignmentRow.value,
            Customer.language,
            *([Customer.attributes] if attributes else []),
        )
        .join(Customer, Customer.id == AssignmentRow.customer_id)
        .outerjoin(
            Lead,
            (Lead.campaign_id == AssignmentRow.campaign_id) & (Lead.customer_id == AssignmentRow.customer_id),
        )
        .where(AssignmentRow.campaign_id == campaign, _by_chance())
        .order_by(AssignmentRow.customer_id)
    )
    nothing: tuple[dict[str, Any], ...] = () if attributes else ({},)
    found = tx.execute(chosen.execution_options(yield_per=READ_AT_ONCE))
    return [Assigned(*row, *nothing) for row in found]


def _by_chance() -> ColumnElement[bool]:
    """Where a call, or none, is evidence: on the list, or where the coin was thrown off it."""
    return or_(AssignmentRow.listed, (AssignmentRow.arm == Arm.EXPLORE) & (AssignmentRow.propensity > 0))


def log_of(tx: Transaction, campaign: int) -> list[Logged]:
    """A campaign's whole log: everyone who was considered when its list was made, by customer."""
    chosen = (
        select(
            AssignmentRow.customer_id,
            AssignmentRow.household,
            AssignmentRow.arm,
            AssignmentRow.listed,
            AssignmentRow.call,
            AssignmentRow.propensity,
            AssignmentRow.risk,
            AssignmentRow.value,
            AssignmentRow.gain,
            AssignmentRow.uplift,
        )
        .where(AssignmentRow.campaign_id == campaign)
        .order_by(AssignmentRow.customer_id)
    )
    return [Logged._make(row) for row in tx.execute(chosen)]


def placed(tx: Transaction, campaign: int, least: float) -> list[tuple[int, str | None, bool, float]]:
    """Customer, household, whether to be called and the chance of it: of the called or likely enough so."""
    chosen = select(
        AssignmentRow.customer_id, AssignmentRow.household, AssignmentRow.call, AssignmentRow.propensity
    ).where(AssignmentRow.campaign_id == campaign, or_(AssignmentRow.call, AssignmentRow.propensity >= least))
    return [(row[0], row[1], row[2], row[3]) for row in tx.execute(chosen)]


def count_randomised(tx: Transaction) -> tuple[int, int]:
    """Assignments by chance whose outcome is known since, and how many of these customers left."""
    since = (
        select(func.max(ChurnLabelRow.id).label("id"))
        .join(AssignmentRow, AssignmentRow.customer_id == ChurnLabelRow.customer_id)
        .join(Campaign, Campaign.id == AssignmentRow.campaign_id)
        .where(AssignmentRow.propensity > 0, AssignmentRow.propensity < 1, _by_chance())
        .where(ChurnLabelRow.at >= Campaign.created_at)
        .group_by(AssignmentRow.campaign_id, AssignmentRow.customer_id)
    ).subquery()
    chosen = select(func.count(), func.count().filter(ChurnLabelRow.left)).select_from(ChurnLabelRow)
    row = tx.execute(chosen.join(since, since.c.id == ChurnLabelRow.id)).one()
    return row[0], row[1]


def count_up_to(tx: Transaction, limit: int) -> int:
    """How many rows the log has, or `limit` where it has more."""
    some = select(AssignmentRow.customer_id).limit(limit).subquery()
    return tx.scalar(select(func.count()).select_from(some)) or 0


def last_told(tx: Transaction) -> tuple[int, int]:
    """The last that was said of a customer, and the last campaign: while both stay, so does what is known."""
    label, campaign = tx.scalar(select(func.max(ChurnLabelRow.id))), tx.scalar(select(func.max(Campaign.id)))
    return label or 0, campaign or 0


class Said(NamedTuple):
    """What was said of one customer: whether they had left, at which moment; undated: some time before it."""

    customer: int
    left: bool
    at: datetime
    known_at: datetime

    @property
    def dated(self) -> bool:
        """Whether it was told when."""
        return self.at != self.known_at


def outcomes_of_campaign(
    tx: Transaction, campaign: int, since: datetime, *, everyone: bool = False
) -> list[Said]:
    """What was said of a campaign's customers about moments from `since` on, oldest first.

    `everyone`: also of those considered whom chance left where the list had left them.
    """
    chosen = (
        select(
            ChurnLabelRow.customer_id,
            ChurnLabelRow.left,
            ChurnLabelRow.at,
            ChurnLabelRow.known_at,
        )
        .join(AssignmentRow, AssignmentRow.customer_id == ChurnLabelRow.customer_id)
        .where(AssignmentRow.campaign_id == campaign, true() if everyone else _by_chance())
        .where(ChurnLabelRow.at >= since)
        .order_by(ChurnLabelRow.at, ChurnLabelRow.id)
    )
    return [Said._make(row) for row in tx.execute(chosen)]


def left_before(tx: Transaction, campaign: int, moment: datetime, *, everyone: bool = False) -> set[int]:
    """Customers in a campaign's experiment (or of its whole log) who had left before a moment."""
    chosen = (
        select(ChurnLabelRow.customer_id)
        .join(AssignmentRow, AssignmentRow.customer_id == ChurnLabelRow.customer_id)
        .where(AssignmentRow.campaign_id == campaign, true() if everyone else _by_chance())
        .where(ChurnLabelRow.at < moment, ChurnLabelRow.left)
    )
    return set(tx.scalars(chosen))


def dialled(tx: Transaction, campaign: int) -> bool:
    """Whether any call was placed for a campaign."""
    return tx.scalar(select(Attempt.id).where(Attempt.campaign_id == campaign).limit(1)) is not None
