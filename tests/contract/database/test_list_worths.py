"""What a list is worth is summed once, and again when somebody is gone from it."""

from databases.centre import Centre
from sqlalchemy import delete, update

from dialer.db.models import Lead
from dialer.db.statement_count import StatementCount
from dialer.services.campaigns.campaigns import CampaignCard, campaign_card, list_worth
from dialer.services.campaigns.list_worths import ListWorths


def card_of(centre: Centre) -> CampaignCard:
    card = campaign_card(centre.database, "winter")
    assert card is not None
    return card


def test_a_lists_worth_is_summed_once_and_anew_once_somebody_is_gone(centre: Centre) -> None:
    centre.customers(3)
    centre.campaign()
    with centre.database.write() as tx:
        tx.execute(update(Lead).values(gain=10.0))
    worths = ListWorths(centre.database)
    first = worths.of(card_of(centre))

    card, count = card_of(centre), StatementCount(centre.database)
    again = worths.of(card)

    assert 0 == count.statements
    assert (3, 30.0) == (again.calls, again.gain)
    assert first == again
    with centre.database.write() as tx:
        tx.execute(delete(Lead).where(Lead.rank == 1))
    assert list_worth(centre.database, card.id) == worths.of(card_of(centre))
    assert 20.0 == worths.of(card_of(centre)).gain
