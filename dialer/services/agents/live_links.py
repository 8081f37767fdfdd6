"""Who a live caller is, where their number does not say: an agent looks for the customer and links them."""

from datetime import datetime
from typing import Final

from callbacks.refusals import Refusal, Rule
from dialer.db.queries import audit, customers
from dialer.db.queries.customer_names import named_like
from dialer.db.session import Database
from dialer.services.agents.live_calls import take_ringing_call
from dialer.services.customers.persons import SHORTEST_NAME, FoundCustomer, found_customers
from telephony.numbers import E164, NumberError

FOUND_SHOWN: Final = 8  # customers; who is not among them wants a longer name


def customers_like(
    database: Database, agent: str, caller: str, who: str, region: str
) -> tuple[FoundCustomer, ...] | Refusal:
    """Customers with this id or number, or else with these words in their name; `region` reads a number.

    Nobody searches for the sake of it: refused with `attempt.unknown` or `attempt.other-agent` where the
    agent has no such live caller.
    """
    with database.read() as tx:
        row = take_ringing_call(tx, agent, caller)
        if isinstance(row, Refusal):
            return row
        known = [each.id for each in customers.by_external_ids(tx, [who]).values()] if who else []
        try:
            e164 = E164.parse(who, region=region or None).e164
            known += [each.id for each in customers.all_with_number(tx, e164)]
        except NumberError:
            pass  # it is a name, or an id
        if not known and len(who) >= SHORTEST_NAME:
            known = named_like(tx, who, FOUND_SHOWN)
        return found_customers(tx, [*dict.fromkeys(known)][:FOUND_SHOWN])


def link_caller(
    database: Database, agent: str, caller: str, customer: int | None, now: datetime
) -> bool | Refusal:
    """Say which customer a live caller is, or that the last one said was wrong; audited.

    False where there is no such customer.

    Refused with `attempt.unknown`, `attempt.other-agent`, or `disposition.recorded` where the word is in: it
    is taken back first, since what followed from it was about somebody else.
    """
    with database.write() as tx:
        row = take_ringing_call(tx, agent, caller, lock=True)
        if isinstance(row, Refusal):
            return row
        if row.disposition is not None:
            return Refusal(rule=Rule.DISPOSITION_RECORDED)
        if customer is not None and customers.find(tx, customer) is None:
            return False
        if row.customer_id != customer:
            details = {"from": row.customer_id, "to": customer}
            row.customer_id = customer
            audit.add(tx, now, agent, "caller.linked", caller, details)
        return True
