"""What has to be so before a campaign may start."""

from datetime import datetime

from callbacks.refusals import Rule
from dialer.core.compliance.rulebook import Purpose
from dialer.core.sentence import Sentence
from dialer.db.models import Campaign
from dialer.db.queries import leads
from dialer.db.session import Transaction
from dialer.services.customers.register_copies import register_copies


class StartRefused(Exception):
    """A rule forbids to start the campaign now; the message says what to do."""

    def __init__(self, rule: Rule, why: str) -> None:
        super().__init__(f"{why} [{rule}]")
        self.rule = rule
        self.why = why


def refuse_stale_registers(tx: Transaction, campaign: Campaign, now: datetime) -> None:
    """Nobody is called for marketing by a register's old copy: who joined since is not on it.

    Raises:
        StartRefused: the register of a country on the list is too old.
    """
    stale = [copy for copy in register_copies(tx) if copy.is_stale(now)]
    if campaign.purpose != Purpose.MARKETING or not stale:
        return
    countries = leads.countries_of(tx, campaign.id)
    named = [
        Sentence(
            "%(register)s is of %(day)s and holds for %(days)s days.",
            register=copy.name,
            day=f"{copy.dated:%Y-%m-%d}",
            days=copy.most_days,
        )
        for copy in stale
        if countries.intersection(copy.countries)
    ]
    if named:
        newer = Sentence("Import a newer file on the page Do not call, or with `winback do-not-call import`.")
        raise StartRefused(
            Rule.DNC_REGISTER_STALE,
            Sentence.joined([*named, newer]),
        )
