"""How the windows that callers were told came out, summed up for the page."""

from datetime import datetime, timedelta
from typing import Final

from callbacks.quotes import Quote, QuoteAccuracy, QuoteScore, measure_accuracy, score_quotes
from dialer.db.queries import promises, told_waits
from dialer.db.session import Database

SCORED: Final = timedelta(days=30)  # some hundred quotes, and the staffing is still the same


def quote_score(database: Database, now: datetime) -> QuoteScore:
    """The quotes of the last thirty days: called within what was said, earlier, later, or not known yet."""
    with database.read() as tx:
        said = promises.quoted(tx, now - SCORED)
    return score_quotes(
        (
            Quote(said_from=first, said_until=last, called_at=called, kept_at=kept, ended_at=ended)
            for first, last, called, kept, ended in said
        ),
        now,
    )


def quote_accuracy(database: Database, now: datetime) -> QuoteAccuracy:
    """How wide the windows of the last thirty days were, and how far their middle was from the waits."""
    with database.read() as tx:
        return measure_accuracy(told_waits.told(tx, now - SCORED))
