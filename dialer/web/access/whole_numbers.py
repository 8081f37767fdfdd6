"""Lists with whole telephone numbers: masked for those without the right, audited for those with it."""

from dataclasses import replace

from dialer.core.access.rights import Right
from dialer.core.access.visitor import Visitor
from dialer.services.customers.dialing_regions import mask
from dialer.services.customers.suppression import SuppressedNumber
from dialer.services.organisation.numbers_shown import note_numbers_shown
from dialer.services.promises.unkept import UnkeptPromise
from dialer.web.dependencies import Dependencies


def unkept_for(
    deps: Dependencies, visitor: Visitor, rows: tuple[UnkeptPromise, ...]
) -> tuple[UnkeptPromise, ...]:
    """Promises that could not be kept, as this visitor may see them."""
    if _may_see(deps, visitor, "unkept promises", len(rows)):
        return rows
    return tuple(replace(row, number=mask(row.number)) for row in rows)


def listed_for(
    deps: Dependencies, visitor: Visitor, rows: tuple[SuppressedNumber, ...]
) -> tuple[SuppressedNumber, ...]:
    """Numbers on the do-not-call list, as this visitor may see them."""
    if _may_see(deps, visitor, "do not call", len(rows)):
        return rows
    return tuple(replace(row, e164=mask(row.e164)) for row in rows)


def _may_see(deps: Dependencies, visitor: Visitor, where: str, count: int) -> bool:
    if not visitor.may(Right.NUMBERS):
        return False
    if visitor.name and count:
        note_numbers_shown(deps.database, where, count, actor=visitor.name, now=deps.now())
    return True
