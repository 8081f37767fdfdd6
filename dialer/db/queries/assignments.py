"""Who is considered for a list, and the log of how chance placed them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from churnmodel.holdout import COIN, Arm
from dialer.core.calling.campaign import CampaignState, LeadState
from dialer.core.calling.list_condition import NOTHING, Narrowed
from dialer.core.calling.shared_numbers import SharingRecord
from dialer.db.models import (
    AssignmentRow,
    Attempt,
    Campaign,
    ChurnLabelRow,
    Customer,
    CustomerNumber,
    Lead,
    Score,
)
from dialer.db.queries.list_conditions import holds
from dialer.db.queries.sources import closed_customers
from dialer.db.session import Transaction

READ_AT_ONCE: Final = 5_000  # customers, where all of them are walked through; bounds memory


class Considered(NamedTuple):
    """One customer who could be listed, with what the model in use says."""

    customer: int
    external_id: str
    household: str | None
    risk: float | None
    value: float | None
    gain: float | None
    uplift: float | None
    left_out: bool | None


def count_considered(
    tx: Transaction,
    model: int | None,
    *,
    equals: Mapping[str, Any],
    with_left: bool,
    narrowed: Narrowed = NOTHING,
    min_risk: float | None = None,
    min_gain: float | None = None,
    below_gain: float | None = None,
    left_out: bool | None = None,
) -> int:
    """How many customers with a number meet the conditions; `left_out` of lists, not so, or both."""
    conditions = _conditions(tx, equals, narrowed, with_left=with_left)
    if min_risk is not None:
        conditions.append(Score.risk >= min_risk)
    if left_out is not None:
        conditions.append(func.coalesce(Score.left_out, false()) == left_out)
    if min_gain is not None:
        conditions.append(Score.expected_gain >= min_gain)
    if below_gain is not None:
        conditions.append(Score.expected_gain < below_gain)
    chosen = _with_number(select(func.count()).select_from(Customer), model)
    return tx.scalar(chosen.where(*conditions)) or 0


def count_numbers(
    tx: Transaction,
    model: int | None,
    limit: int,
    *,
    equals: Mapping[str, Any],
    with_left: bool,
    narrowed: Narrowed = NOTHING,
    min_risk: float | None,
    min_gain: float | None,
) -> int:
    """How many telephones a list of the first `limit` customers who meet the conditions would ring first."""
    first = _first_listed(
        CustomerNumber.e164, tx, model, limit, equals, narrowed, with_left, min_risk, min_gain
    )
    listed = first.subquery()
    return tx.scalar(select(func.count(listed.c.e164.distinct()))) or 0


def considered(
    tx: Transaction,
    model: int | None,
    *,
    equals: Mapping[str, Any],
    with_left: bool,
    narrowed: Narrowed = NOTHING,
) -> Iterator[Considered]:
    """Every customer with a number who meets the conditions: most expected gain first, as they are read."""
    columns = (
        Customer.id,
        Customer.external_id,
        Customer.household,
        Score.risk,
        Score.value,
        Score.expected_gain,
        Score.uplift,
        Score.left_out,
    )
    chosen = (
        _with_number(select(*columns).select_from(Customer), model)
        .where(*_conditions(tx, equals, narrowed, with_left=with_left))
        .order_by(Score.expected_gain.is_(None), Score.expected_gain.desc(), Score.risk.desc(), Customer.id)
    )
    rows = tx.execute(chosen.execution_options(yield_per=READ_AT_ONCE))
    return map(Considered._make, rows)


def sharing(tx: Transaction) -> list[SharingRecord]:
    """Every record that has a number which another one has too."""
    twice = (
        select(CustomerNumber.e164).group_by(CustomerNumber.e164).having(func.count() > 1).scalar_subquery()
    )
    chosen = (
        select(CustomerNumber.e164, Customer.external_id, Customer.household)
        .join(Customer, Customer.id == CustomerNumber.customer_id)
        .where(CustomerNumber.e164.in_(twice))
        .order_by(CustomerNumber.e164, Customer.id)
    )
    return [SharingRecord(row[0], row[1], row[2]) for row in tx.execute(chosen)]


def _with_number(chosen: Any, model: int | None) -> Any:
    """Customers who can be rung at all, with their score by a model where they have one."""
    first = (CustomerNumber.customer_id == Customer.id) & (CustomerNumber.position == 0)
    return chosen.join(CustomerNumber, first).outerjoin(
        Score, (Score.customer_id == Customer.id) & (Score.model_id == model)
    )


def _conditions(
    tx: Transaction, equals: Mapping[str, Any], narrowed: Narrowed, *, with_left: bool
) -> list[ColumnElement[bool]]:
    """Who can be meant at all; who is known to have left is no longer there to be kept."""
    conditions = [_equals(name, value) for name, value in equals.items()]
    asked = [holds(tx, each) for each in narrowed.where]
    if asked:
        conditions.append(or_(*asked) if narrowed.any_of else and_(*asked))
    if narrowed.not_on:
        on = select(Lead.customer_id).where(Lead.campaign_id.in_(narrowed.not_on))
        conditions.append(Customer.id.not_in(on))
    conditions.append(Customer.id.not_in(closed_customers()))
    if not with_left:
        last = select(func.max(ChurnLabelRow.id)).group_by(ChurnLabelRow.customer_id)
        left = select(ChurnLabelRow.customer_id).where(ChurnLabelRow.id.in_(last), ChurnLabelRow.left)
        conditions.append(Customer.id.not_in(left))
    return conditions


def _equals(name: str, value: Any) -> ColumnElement[bool]:
    """One attribute of the customer file has this value, as text or as a number."""
    held = Customer.attributes[name]
    same: ColumnElement[bool]
    if isinstance(value, bool):
        same = held.as_boolean() == value
    elif isinstance(value, int | float):
        same = held.as_float() == float(value)
    else:
        same = held.as_string() == str(value)
    return same


def listed_already(
    tx: Transaction,
    model: int | None,
    *,
    equals: Mapping[str, Any],
    with_left: bool,
    narrowed: Narrowed,
) -> int:
    """Of those who meet the conditions, how many wait on the list of a campaign that is not finished."""
    going = select(Lead.customer_id).join(Campaign, Campaign.id == Lead.campaign_id)
    waiting = going.where(Lead.state == LeadState.LISTED, Campaign.state != CampaignState.FINISHED)
    chosen = _with_number(select(func.count()).select_from(Customer), model)
    conditions = _conditions(tx, equals, narrowed, with_left=with_left)
    return tx.scalar(chosen.where(*conditions, Customer.id.in_(waiting))) or 0


def gain_of_first(
    tx: Transaction,
    model: int | None,
    limit: int,
    *,
    equals: Mapping[str, Any],
    with_left: bool,
    narrowed: Narrowed,
    min_risk: float | None,
    min_gain: float | None,
) -> float:
    """What a call to each of the first `limit` customers who meet the conditions is expected to bring."""
    first = _first_listed(
        Score.expected_gain, tx, model, limit, equals, narrowed, with_left, min_risk, min_gain
    )
    listed = first.subquery()
    return float(tx.scalar(select(func.sum(listed.c.expected_gain))) or 0.0)


def _first_listed(  # noqa: PLR0917 - one list's conditions, as the counts above are asked
    column: Any,
    tx: Transaction,
    model: int | None,
    limit: int,
    equals: Mapping[str, Any],
    narrowed: Narrowed,
    with_left: bool,  # noqa: FBT001
    min_risk: float | None,
    min_gain: float | None,
) -> Any:
    """A column of the first `limit` customers whom a list takes, the most expected gain first."""
    conditions = _conditions(tx, equals, narrowed, with_left=with_left)
    conditions.append(func.coalesce(Score.left_out, false()) == false())
    if min_risk is not None:
        conditions.append(Score.risk >= min_risk)
    if min_gain is not None:
        conditions.append(Score.expected_gain >= min_gain)
    return (
        _with_number(select(column).select_from(Customer), model)
        .where(*conditions)
        .order_by(Score.expected_gain.is_(None), Score.expected_gain.desc(), Score.risk.desc(), Customer.id)
        .limit(limit)
    )


# The log --------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
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


def assigned(tx: Transaction, campaign: int) -> list[Assigned]:
    """Of a campaign's log whoever was listed, or called or not by the coin."""
    chosen = (
        select(AssignmentRow, Lead.id, Customer.language, Customer.attributes)
        .join(Customer, Customer.id == AssignmentRow.customer_id)
        .outerjoin(
            Lead,
            (Lead.campaign_id == AssignmentRow.campaign_id) & (Lead.customer_id == AssignmentRow.customer_id),
        )
        .where(AssignmentRow.campaign_id == campaign, _by_chance())
        .order_by(AssignmentRow.customer_id)
    )
    return [
        Assigned(
            campaign=campaign,
            customer=row.customer_id,
            lead=lead,
            household=row.household,
            arm=row.arm,
            listed=row.listed,
            call=row.call,
            propensity=row.propensity,
            risk=row.risk,
            value=row.value,
            language=language,
            attributes=attributes,
        )
        for row, lead, language, attributes in tx.execute(chosen)
    ]


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
