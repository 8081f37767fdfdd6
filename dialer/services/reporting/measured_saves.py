"""What every campaign saved, measured once a night, since it takes a process with the numeric libraries."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from churnmodel.value import Price
from dialer.core.calling.campaign import CampaignState
from dialer.db.queries import campaigns, report_days
from dialer.db.session import Database
from dialer.services.analytics.effect import CampaignEffect, measure_campaign


def keep_saves(database: Database, price: Price, zone: str, now: datetime) -> int:
    """Measure every campaign that was ever started, keep the figures of yesterday; how many have any."""
    yesterday = now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    with database.read() as tx:
        begun = [row.id for row in campaigns.all_of(tx) if row.state is not CampaignState.DRAFT]
    rows = [_row(measure_campaign(database, key, now, price=price, stop=False)) for key in begun]
    with database.write() as tx:
        report_days.keep_rows(tx, "saves", yesterday, rows, now)
    return sum(not row["why_not"] for row in rows)


def _row(found: CampaignEffect) -> dict[str, Any]:
    row: dict[str, Any] = {
        "campaign": found.campaign,
        "called": found.known_called,
        "held_out": found.known_held_out,
        "why_not": "",
    }
    effect = found.effect
    if effect is None:
        return {**row, "why_not": f"not before {found.over_at:%Y-%m-%d}"}
    if effect.refused:
        return {**row, "why_not": effect.refused}
    kept, money, called = effect.kept, effect.money, found.known_called
    return {
        **row,
        "kept": kept.estimate,
        "kept_low": kept.low,
        "kept_high": kept.high,
        "saves": round(kept.estimate * called),
        "money": money.estimate * called,
        "money_low": money.low * called,
        "money_high": money.high * called,
    }
