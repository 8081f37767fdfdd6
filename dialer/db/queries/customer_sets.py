"""Whether a customer is in a set that grows with the house: on a list, closed, talked with."""

from typing import Any

from sqlalchemy import ColumnElement, Select

from dialer.db.models import Customer


def is_in(chosen: Select[Any], *, few: bool) -> ColumnElement[bool]:
    """Whether a customer is among those whose ids a query chooses; never NULL.

    For `few` customers each is looked up by the set's index of customers, however large it is. That is a
    scalar, since a planner finds the whole set first of what merely has to exist. For everybody the planner
    may choose: as an IN it could not, and would walk through a large set for each customer.
    """
    (customer,) = chosen.selected_columns
    of_one = chosen.where(customer == Customer.id).correlate(Customer)
    return of_one.limit(1).scalar_subquery().is_not(None) if few else of_one.exists()
