"""`winback staffing` says who rings in tomorrow and how many agents that takes, from the book alone."""

import json
from collections.abc import Callable
from datetime import timedelta

from click.testing import Result

from dialer.bootstrap import open_app
from dialer.db.models import InboundCall
from dialer.settings import Settings

Type = Callable[..., Result]

WEEKS = 4
AN_HOUR = 6


def fill(days: int) -> None:
    """Six callers in every hour of these days up to yesterday, each taken after half a minute."""
    with open_app(Settings()) as app, app.database.write() as tx:
        midnight = app.clock().replace(hour=0, minute=0, second=0, microsecond=0)
        for back in range(1, days + 1):
            for index in range(24 * AN_HOUR):
                joined = midnight - timedelta(days=back) + index * timedelta(minutes=60 / AN_HOUR)
                taken = joined + timedelta(seconds=30)
                tx.add(
                    InboundCall(
                        pbx="pbx",
                        caller=f"{back}.{index}",
                        queue="support",
                        e164="",
                        joined_at=joined,
                        left_at=taken,
                        connected_at=taken,
                        agent=f"a{index % 3}",
                        abandoned=False,
                    )
                )


def test_before_any_history_it_says_so(type_in: Type) -> None:
    assert "No whole day is known yet" in type_in("staffing").output


def test_tomorrow_is_told_from_the_book_and_each_way_with_its_error(type_in: Type) -> None:
    fill(7 * WEEKS)
    said = type_in("staffing").output
    found = json.loads(type_in("staffing", "--json", "--within-min", "1").output.splitlines()[-1])

    assert "seasonal_naive: error" in said
    assert "smoothing: error" in said
    assert "Quarters short: 0 of 96." in said
    hour = found["quarters"][48:52]
    assert (round(sum(each["callers"] for each in hour)), hour[0]["usual"]) == (AN_HOUR, 3)
    assert all(each["needed"] <= 3 for each in hour)
    assert found["goal"] == {"within_s": 60.0, "share": 0.8}


def test_a_day_that_is_none_names_the_option(type_in: Type) -> None:
    assert "--day" in type_in("staffing", "--day", "soon", code=2).output
