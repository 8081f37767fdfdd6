"""What Winback knows of customers besides their columns, as SQL: talks, words, consent, files."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, union_all

from churnmodel.data.words import HEADINGS, MISSING_WORDS, YES_WORDS, folded
from dialer.core.calling.list_condition import NEVER, ConditionSign, KnownFact, ListCondition
from dialer.db.models import Attempt, Customer, DispositionRow, ImportBatch, InboundCall
from dialer.db.queries.customer_sets import is_in
from dialer.db.queries.written_values import written_day
from dialer.db.session import Transaction


def fact_holds(
    tx: Transaction,
    condition: ListCondition,
    now: datetime,
    columns: Callable[[], Collection[str]],
    *,
    few: bool,
) -> ColumnElement[bool]:
    """A condition on what is known; `columns` reads the customers' own, among which consent is looked for.

    `few`: it is asked of a few customers only.
    """
    fact, values = KnownFact(condition.column), condition.values
    one: ColumnElement[bool]
    if fact is KnownFact.LAST_CONTACT:
        lately = or_(
            *(is_in(talks, few=few) for talks in _talked_since(now - timedelta(days=condition.days)))
        )
        return lately if condition.comparison is ConditionSign.IN_LAST else ~lately
    if fact is KnownFact.LAST_WORD:
        one = func.coalesce(_last_word(), NEVER).in_(values)
    elif fact is KnownFact.CONSENT:
        consents = func.coalesce(_consents(tx, now, columns()), false())
        one = or_(*(consents if value == "yes" else ~consents for value in values))
    elif fact is KnownFact.IMPORT:
        one = Customer.imported_at.in_(_moments_of_files(values))
    else:
        one = func.lower(Customer.language).in_([value.lower() for value in values])
    return one if condition.comparison is ConditionSign.IS else ~one


def _talked_since(moment: datetime) -> tuple[Select[Any], Select[Any]]:
    """Who was rung and talked with since then, and who rang."""
    rung = select(Attempt.customer_id).where(
        Attempt.created_at >= moment, Attempt.connected_at.is_not(None), Attempt.customer_id.is_not(None)
    )
    rang = select(InboundCall.customer_id).where(
        InboundCall.joined_at >= moment,
        InboundCall.connected_at.is_not(None),
        InboundCall.customer_id.is_not(None),
    )
    return rung, rang


def _last_word() -> Any:
    """The last word that an agent said of a customer; NULL where nobody has said one."""
    rung = (
        select(DispositionRow.disposition.label("said"), DispositionRow.recorded_at.label("at"))
        .join(Attempt, Attempt.id == DispositionRow.attempt_id)
        .where(Attempt.customer_id == Customer.id)
        .correlate(Customer)
    )
    rang = (
        select(InboundCall.disposition.label("said"), InboundCall.recorded_at.label("at"))
        .where(InboundCall.customer_id == Customer.id, InboundCall.disposition.is_not(None))
        .correlate(Customer)
    )
    words = union_all(rung, rang).subquery("words")
    return select(words.c.said).order_by(words.c.at.desc()).limit(1).correlate(Customer).scalar_subquery()


def _consents(tx: Transaction, now: datetime, columns: Collection[str]) -> ColumnElement[bool]:
    """As `core.compliance.consent` judges it, which the compliance check asks again before each call.

    A yes with marks around it, which only that one reads, is none here: unknown is closed.
    """
    today = now.astimezone(UTC).date().isoformat()

    def cells(heading: str) -> list[ColumnElement[Any]]:
        names = sorted(name for name in columns if folded(name) in HEADINGS[heading])
        return [Customer.attributes[name].as_string() for name in names]

    def is_missing(cell: ColumnElement[Any]) -> ColumnElement[bool]:
        return or_(cell.is_(None), func.lower(func.trim(cell)).in_(sorted(MISSING_WORDS)))

    def is_past(cell: ColumnElement[Any]) -> ColumnElement[bool]:
        return func.coalesce(written_day(tx, cell) <= today, false())

    said, given = cells("consent"), cells("consent_date")
    is_yes = [or_(func.lower(func.trim(cell)).in_(sorted(YES_WORDS)), is_past(cell)) for cell in said]
    return and_(
        or_(false(), *(cell.is_not(None) for cell in said), *(~is_missing(cell) for cell in given)),
        *(or_(cell.is_(None), yes) for cell, yes in zip(said, is_yes, strict=True)),
        *(or_(is_missing(cell), is_past(cell)) for cell in given),
        *(
            or_(is_missing(cell), func.coalesce(written_day(tx, cell) >= today, false()))
            for cell in cells("consent_until")
        ),
    )


def _moments_of_files(values: Collection[str]) -> Any:
    """When these files were read, by number or by name: their rows have the same moment."""
    numbers = [int(value) for value in values if value.isdecimal() and int(value) < 2**31]
    named = ImportBatch.file_name.in_(values)
    return select(ImportBatch.imported_at).where(or_(named, ImportBatch.id.in_(numbers)))
