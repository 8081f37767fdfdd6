"""What `winback doctor` says of running campaigns: who may be called now, and what holds the others."""

from dialer.bootstrap import App
from dialer.cli.findings import Finding
from dialer.core.calling.campaign import CampaignState
from dialer.services.campaigns.campaigns import list_campaigns
from dialer.services.campaigns.held_leads import look_at_list


def look_at_lists(app: App) -> Finding:
    """Why nobody is dialled: by campaign the rules that hold its list, how many each, and until when.

    Never a fault: a night, a holiday and a list that was called are as they should be.
    """
    now, said = app.clock(), []
    for card in list_campaigns(app.database):
        if card.state is CampaignState.RUNNING:
            found = look_at_list(app.database, card.id, now)
            free = f"{found.callable:,} may be called now. " if found.callable else ""
            said.append(f"{card.name}: {free}{found.in_words() if found.held or not free else ''}".rstrip())
    return Finding(what="lists", ok=True, seen=" ".join(said) or "no campaign runs")
