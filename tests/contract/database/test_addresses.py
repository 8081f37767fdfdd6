"""Columns of an address settle the clock of a person's calls, from the file to list and explanation."""

from datetime import UTC, datetime
from pathlib import Path

from databases.centre import Centre

from callbacks.refusals import Rule
from dialer.core.importing.mapping import Given
from dialer.services.calls.explanations import CallExplained, explain_person
from dialer.services.campaigns.held_leads import look_at_list
from dialer.services.customers.imports import import_customers, plan_import

AFTERNOON = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # 11:30 in New York, 8:30 in Los Angeles


def bring(centre: Centre, path: Path, *rows: str) -> None:
    path.write_text("\n".join(["id,name,phone,state,zip,country", *rows]) + "\n")
    import_customers(centre.database, plan_import(path, Given(), region="US"), centre.now, region="US")


def call_of(centre: Centre, who: str) -> CallExplained:
    ((call,),) = [person.calls for person in explain_person(centre.database, who, AFTERNOON, region="US")]
    return call


def test_an_address_settles_clock_and_rules_of_leads_and_a_new_one_moves_them(
    centre: Centre, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    bring(
        centre,
        path,
        "east,Ann,+1 212 555 0101,NY,10001,USA",
        "west,Bob,+1 212 555 0102,California,90210,USA",
        "both,Cat,+1 212 555 0103,NY,90210,USA",
        "narrow,Dan,+1 212 555 0104,FL,,USA",
        "unsaid,Eve,+1 212 555 0105,,,",
    )
    campaign = centre.campaign().id

    assert ("America/New_York",) == call_of(centre, "east").zones
    assert ("America/Los_Angeles", "America/New_York") == call_of(centre, "both").zones
    assert "Florida" in call_of(centre, "narrow").places
    assert Rule.HOURS_CLOSED == getattr(call_of(centre, "west").refused_by, "rule", None)
    assert len(call_of(centre, "unsaid").zones) > 2  # every clock of the country
    now = look_at_list(centre.database, campaign, AFTERNOON)
    # Ann and Dan, who has New York's clock and Chicago's; the others wait for Los Angeles or Honolulu
    assert (2, {Rule.HOURS_CLOSED: 3}) == (now.callable, {row.rule: row.leads for row in now.held})

    bring(centre, path, "west,Bob,+1 212 555 0102,New York,10001,USA")

    assert ("America/New_York",) == call_of(centre, "west").zones
    assert look_at_list(centre.database, campaign, AFTERNOON).callable == 3  # and Bob
