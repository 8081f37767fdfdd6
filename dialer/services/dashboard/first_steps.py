"""The way from an empty database to the first call, and how far it is gone."""

from dataclasses import dataclass

from dialer.db.queries import agents, first_steps
from dialer.db.session import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSteps:
    """What is done of it; agents and users are in the organisation, which is not asked here."""

    customers: bool  # somebody is there to be called
    campaign: bool  # a campaign was made
    engine: bool  # an engine has led a PBX


def steps_left(database: Database) -> FirstSteps | None:
    """How far the way is gone; None once a campaign has begun."""
    with database.read() as tx:
        if first_steps.has_begun(tx):
            return None
        return FirstSteps(
            customers=first_steps.has_customers(tx),
            campaign=first_steps.has_campaigns(tx),
            engine=bool(agents.engines(tx)),
        )


def are_there_customers(database: Database) -> bool:
    """Whether anybody is there to be called."""
    with database.read() as tx:
        return first_steps.has_customers(tx)
