"""`winback explain`: why somebody is called or not, rule by rule, and when they may be called next."""

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from dialer.cli.console_output import console, fail

if TYPE_CHECKING:  # loaded when the command runs, so that --help is quick
    from dialer.services.calls.explanations import CallExplained, PersonExplained
    from dialer.services.campaigns.held_leads import ListNow
    from dialer.settings import Settings

MOMENT = "%a %Y-%m-%d %H:%M %Z"


def explain(
    who: Annotated[
        str | None, typer.Argument(metavar="[NUMBER|CUSTOMER]", help="A number, or the company's own id.")
    ] = None,
    *,
    campaign: Annotated[
        str | None, typer.Option(help="Only the calls of this campaign; alone: its whole list.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Not now but then: 2026-12-01T18:30, on the centre's clock unless with an offset."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what every rule says of calling a person, and from when on they may be called.

    Nothing is changed. The exit code is 1 where the person may not be called at that moment. Without a
    person: how much of CAMPAIGN's list may be called, and what holds the rest until when.
    """
    from dialer.bootstrap import open_app, settings_in_force
    from dialer.services.calls.explanations import explain_person
    from dialer.services.campaigns.campaigns import UnknownCampaign, campaign_card
    from dialer.services.campaigns.held_leads import judge_list

    settings = settings_in_force()
    moment = read_moment(at, settings)
    with open_app(settings) as app:
        now = moment or app.clock()
        if who is None:
            card = campaign_card(app.database, campaign) if campaign is not None else None
            if card is None:
                fail(f"There is no campaign {campaign!r}." if campaign else "Name a person, or a --campaign.")
            say_list(card.name, card.state, judge_list(app.database, card.id, now), settings, as_json=as_json)
            return
        try:
            region = settings.calling.default_region
            found = explain_person(app.database, who, now, region=region, campaign=campaign)
        except UnknownCampaign:
            fail(f"There is no campaign {campaign!r}.")
    if as_json:
        print_json([_person_json(person) for person in found])
    else:
        for line in in_words(found, ZoneInfo(settings.queues.zone)):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    if not any(call.refused_by is None for person in found for call in person.calls):
        raise typer.Exit(1)


def read_moment(text: str | None, settings: "Settings") -> datetime | None:
    """The moment somebody typed; ends the command where it is none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--at {text!r} is no moment; write it as 2026-12-01T18:30.")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(settings.queues.zone))
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        fail(f"--at {text!r} is beyond any calendar.")


def in_words(found: tuple["PersonExplained", ...], zone: ZoneInfo) -> list[str]:
    """What is printed of some people: each call with its verdict, then its rules in their order."""
    lines: list[str] = []
    for person in found:
        if person.customer is not None:
            lines.append(f"{person.name or 'A customer without a name'} ({person.external_id})")
        if not person.calls:
            lines.append("No call: the customer has no number.")
        for call in person.calls:
            lines += [_verdict(call, zone), *_clocks(call), *_rules(call, zone)]
    return lines


def _clocks(call: "CallExplained") -> list[str]:
    """Whose clocks and rules count."""
    if not call.zones:
        return []
    by = f"; rules: {', '.join(call.places)}" if call.places else ""
    return [f"  clocks   {', '.join(call.zones)}{by}"]


def _rules(call: "CallExplained", zone: ZoneInfo) -> list[str]:
    """The rules in their order: a line for each that refuses, one for those between that allow."""
    lines: list[str] = []
    for refuses, said in groupby(call.rules, key=lambda each: each.refuses):
        if not refuses:
            lines.append(f"  allows   {', '.join(each.rule for each in said)}")
            continue
        for each in said:
            until = f" Until {each.until.astimezone(zone):{MOMENT}}." if each.until is not None else ""
            lines.append(f"  refuses  {each.rule}  {each.sentence}{until}")
    return lines


def _verdict(call: "CallExplained", zone: ZoneInfo) -> str:
    what = f"{call.about[0].upper()}{call.about[1:]}{f', {call.number}' if call.number else ''}"
    refused = call.refused_by
    if refused is None:
        return f"{what}: may be called."
    if call.next_at is None:
        return f"{what}: may not be called ({refused.rule}); no rule can say from when on."
    return f"{what}: may be called from {call.next_at.astimezone(zone):{MOMENT}} on ({refused.rule})."


def say_list(name: str, state: str, found: "ListNow", settings: "Settings", *, as_json: bool) -> None:
    """A list at one moment: how many may be called, and what holds the rest."""
    if as_json:
        from dataclasses import asdict

        print_json({"campaign": name, "state": state, **asdict(found), "next_at": found.next_at})
        return
    zone = ZoneInfo(settings.queues.zone)
    lines = [f"Campaign {name!r} is {state}: {found.callable:,} may be called."]
    for row in found.held:
        until = f" The first from {row.until.astimezone(zone):{MOMENT}} on." if row.until is not None else ""
        lines.append(f"  {row.leads:,} held by {row.rule or 'agreement'}  {row.sentence}{until}")
    if not found.exact:
        lines.append("So many are due that caps, consent and spacing count only where they put a lead off.")
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _person_json(person: "PersonExplained") -> dict[str, object]:
    from dataclasses import asdict

    calls = [asdict(call) | {"allowed": call.refused_by is None} for call in person.calls]
    return asdict(person) | {"calls": calls}


def print_json(value: object) -> None:
    """One JSON document on standard output; moments in UTC."""
    import json

    def written(moment: object) -> str:
        return moment.isoformat() if isinstance(moment, datetime) else str(moment)

    typer.echo(json.dumps(value, default=written, ensure_ascii=False))
