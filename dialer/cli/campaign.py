"""`winback campaign`: whom to call, and when to begin and stop."""

import getpass
import sys
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.console_output import console, fail
from dialer.core.amounts import amount_of
from dialer.core.calling.campaign import CampaignEvent, LeadState

if TYPE_CHECKING:  # commands load what they need when they run, so that --help is quick
    from dialer.bootstrap import App
    from dialer.core.calling.list_condition import ListCondition
    from dialer.core.calling.list_filter import ListFilter
    from dialer.services.campaigns.campaigns import CampaignCard, CampaignDraft
    from dialer.services.campaigns.held_leads import ListNow
    from dialer.services.campaigns.lists import ListCount
    from dialer.services.campaigns.saved_lists import ListCard
    from dialer.settings import Settings

group = typer.Typer(name="campaign", help="Campaigns: whom to call, and when.", no_args_is_help=True)


Top = Annotated[int | None, typer.Option(min=1, help="Take so many, most expected gain first.")]
MinRisk = Annotated[
    float | None, typer.Option(min=0, max=1, help="Only customers at least so likely to leave.")
]
MinGain = Annotated[
    float | None, typer.Option(help="Only customers for whom a call is worth at least so much.")
]


@group.command()
def plan(
    *,
    top: Top = None,
    min_risk: MinRisk = None,
    min_gain: MinGain = None,
    agents: Annotated[float, typer.Option(min=0.5, help="Agents on these calls.")] = 8,
    hours: Annotated[float, typer.Option(min=0.5, help="Paid hours of each, over the campaign.")] = 6,
    attempts: Annotated[int, typer.Option(min=1, max=20, help="Attempts at one customer.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say how far the agents' hours reach down a list, and what it would have brought in past campaigns."""
    import json
    from dataclasses import asdict

    from churnmodel.allocation import Capacity
    from dialer.bootstrap import open_app
    from dialer.core.calling.list_filter import ListFilter
    from dialer.services.analytics.prices import price_from
    from dialer.services.campaigns.off_policy_evaluation import look_back
    from dialer.services.campaigns.planning import plan_calls
    from dialer.settings import Settings

    settings = Settings()
    filters, price = ListFilter(min_risk=min_risk, min_gain=min_gain), price_from(settings)
    with open_app(settings) as app:
        needs_scores(app, filters, top)
        now = app.clock()
        calls = plan_calls(
            app.database,
            filters,
            now,
            top=top,
            capacity=Capacity(agents=agents, hours=hours),
            attempts=attempts,
            price=price,
        )
        past = look_back(app.database, filters, now, top=top, price=price)
    if as_json:
        looks = [asdict(each) | {"sentence": each.in_words()} for each in past]
        typer.echo(json.dumps({"calls": asdict(calls), "past": looks}, default=str))
        return
    for sentence in (*calls.in_words(), *(each.in_words() for each in past)):
        console.print(sentence, markup=False)
    if not past:
        console.print("No campaign's outcomes are in yet, so nothing can be said of what the list brings.")


MOST_SHOWN = 20  # leads that `show` prints unless asked for more: one screen

Name = Annotated[str, typer.Argument(help="The campaign's name, or its number.")]


@group.command()
def create(
    name: Annotated[str, typer.Argument(help="What people will call it.")],
    *,
    top: Top = None,
    min_risk: MinRisk = None,
    with_left: Annotated[
        bool, typer.Option("--with-left", help="Also customers who are known to have left.")
    ] = False,
    min_gain: MinGain = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help="Only customers who meet it: 'contract = A | B', 'charge >= 60', 'ends in next 60 days', "
            "'@last_contact not in last 30 days'; may be repeated, and all hold.",
        ),
    ] = None,
    saved: Annotated[
        str | None, typer.Option("--list", help="A saved list instead; see `winback campaign lists`.")
    ] = None,
    hold_out: Annotated[
        float | None,
        typer.Option(min=0, max=0.9, help="Share of all customers never called; unset: holdout.share."),
    ] = None,
    explore: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share called or not by a coin; unset: holdout.explore."),
    ] = None,
    team: Annotated[str | None, typer.Option(help="Whose agents call; unset: everybody.")] = None,
    queue: Annotated[str | None, typer.Option(help="The agents' queue; unset: the team's.")] = None,
    trunk: Annotated[str | None, typer.Option(help="The way out; unset: the first trunk.")] = None,
    caller_id: Annotated[
        str | None, typer.Option(help="The number customers see, E.164; unset: caller_id.")
    ] = None,
    script: Annotated[str, typer.Option(help="What agents are to say.")] = "",
    offer: Annotated[str, typer.Option(help="What agents may give.")] = "",
    mode: Annotated[
        Literal["preview", "progressive", "predictive", "reserved"] | None,
        typer.Option(help="How calls are placed; unset: pacing.mode."),
    ] = None,
    max_attempts: Annotated[int, typer.Option(min=1, max=12, help="Attempts for each customer.")] = 3,
    try_only: Annotated[bool, typer.Option("--try", help="Count, and save nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Save without asking.")] = False,
) -> None:
    """Put the customers with most to gain on a list. It is counted first, and saved as a draft."""
    from dialer.bootstrap import open_app, settings_in_force
    from dialer.core.calling.list_condition import Narrowed
    from dialer.core.calling.list_filter import ListFilter
    from dialer.services.campaigns.campaigns import CampaignDraft
    from dialer.services.campaigns.site_terms import refused_term

    settings = settings_in_force()
    if saved is not None and (where or with_left or min_risk is not None or min_gain is not None):
        fail("--list says who is on it: leave --where, --min-risk, --min-gain and --with-left out.")
    with open_app(settings) as app:
        if saved is not None:
            card = saved_list(app, saved)
            filters, top = card.filters, card.top if top is None else top
        else:
            filters = ListFilter(
                min_risk=min_risk,
                min_gain=min_gain,
                with_left=with_left,
                narrowed=Narrowed(where=conditions(app, where or [])),
            )
        draft = CampaignDraft(
            name=name,
            queue=queue or settings.queue_of(team),
            team=team,
            trunk=first_trunk(settings) if trunk is None else trunk,
            caller_id=settings.caller_id if caller_id is None else caller_id,
            script=script,
            offer=offer,
            mode=mode or settings.pacing.mode,
            abandon_target=settings.pacing.abandon_target,
            max_attempts=max_attempts,
            ring_s=settings.calling.ring_s,
            holdout_share=settings.holdout.share if hold_out is None else hold_out,
            explore_share=settings.holdout.explore if explore is None else explore,
            salt=settings.holdout.salt,
            top=top,
            filters=filters,
        )
        refused = refused_term(settings, draft)
        if refused is not None:
            fail(refused.sentence)
        needs_scores(app, filters, top)
        say_what_it_holds(app, draft)
        if try_only or not (yes or not sys.stdin.isatty() or typer.confirm("Save it?", default=True)):
            console.print("Nothing was saved.")
            return
        save(app, draft)


def say_what_it_holds(app: "App", draft: "CampaignDraft") -> None:
    """Whom the list would hold, how it is ranked and priced; ends the command where it would be empty."""
    from dialer.services.analytics.prices import price_from
    from dialer.services.analytics.ranking_policy import ranking
    from dialer.services.analytics.save_rate import priced_by, save_rate_in_use
    from dialer.services.campaigns.lists import count_list

    shares = {"holdout_share": draft.holdout_share, "explore_share": draft.explore_share}
    count = count_list(app.database, draft.filters, app.clock(), draft.top, **shares)
    rate = save_rate_in_use(app.database, price_from(app.settings))
    for sentence in (*counted(count), ranking(app.database).in_words(), priced_by(app.database, rate)):
        console.print(sentence, markup=False)
    if count.listed == 0:
        fail("The list would be empty. Loosen --min-risk, --min-gain or --where.", code=1)


def save(app: "App", draft: "CampaignDraft") -> None:
    """Save the campaign with its list, and say how to begin."""
    from dialer.services.campaigns.campaigns import CampaignNameTaken, create_campaign

    try:
        card = create_campaign(app.database, draft, app.clock(), actor=actor())
    except CampaignNameTaken:
        fail(f"There is a campaign {draft.name!r} already. Choose another name, or `winback campaign show`.")
    held_out = card.leads.get(LeadState.HELD_OUT, 0)
    console.print(
        f"Campaign {card.id} {card.name!r}: {card.to_call:,} to call, {held_out:,} held out. "
        f"Begin with `winback campaign start {quoted(draft.name)}`.",
        markup=False,
    )


def counted(count: "ListCount") -> list[str]:
    """What a list would become, and what chance does to it."""
    harmed = f", {count.left_out:,} are left out for what a call would do" if count.left_out else ""
    both = f" ({amount_of(count.listed, 'customer')}, {amount_of(count.numbers, 'number')})"
    shared = both if count.numbers < count.listed else ""
    matching = (
        f"{amount_of(count.matching, 'customer matches', 'customers match')}{harmed}, "
        f"{count.listed:,} go on the list{shared}, "
        f"about {count.called:,} will be called."
    )
    chance = (
        f"About {count.held_out:,} of the list are held out by chance, from every campaign; "
        f"about {count.explored:,} more are called or not by a coin."
    )
    said = [matching, chance]
    if count.losing:
        said.append(
            f"For {count.losing:,} of the list a call is expected to cost more than it brings; --min-gain 0 "
            "leaves them out."
        )
    if not count.measurable:
        said.append("So few are held out that this campaign alone cannot show what calling changes.")
    return said


@group.command()
def start(name: Name) -> None:
    """Let the engine dial this campaign, or go on after a pause."""
    card = move(name, CampaignEvent.START)
    console.print(f"{card.name!r} is running: {card.leads.get(LeadState.LISTED, 0):,} to call.", markup=False)
    console.print("`winback serve` (or `winback engine`) dials within calling hours.")


@group.command()
def pause(name: Name) -> None:
    """Place no further call for this campaign; calls in the air go on to their end."""
    card = move(name, CampaignEvent.PAUSE)
    console.print(f"{card.name!r} is paused.", markup=False)


@group.command()
def finish(name: Name) -> None:
    """End this campaign; `reopen` takes it up again."""
    card = move(name, CampaignEvent.FINISH)
    console.print(f"{card.name!r} is finished.", markup=False)


@group.command()
def reopen(name: Name) -> None:
    """Take a finished campaign up again: it is paused, with its list as it was, until it is started."""
    card = move(name, CampaignEvent.REOPEN)
    console.print(f"{card.name!r} is paused; `winback campaign start` goes on with its list.", markup=False)


@group.command("list")
def list_all() -> None:
    """Show every campaign with its numbers."""
    from dialer.bootstrap import open_app
    from dialer.services.campaigns.campaigns import list_campaigns
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        cards = list_campaigns(app.database)
    if not cards:
        console.print("There is no campaign yet. Make one with `winback campaign create NAME --top 500`.")
        return
    table = Table("number", "name", "state", "to call", "done", "held out", "mode", "created")
    for card in cards:
        table.add_row(
            str(card.id),
            escape(card.name),
            card.state,
            f"{card.leads.get(LeadState.LISTED, 0):,}",
            f"{card.leads.get(LeadState.DONE, 0):,}",
            f"{card.leads.get(LeadState.HELD_OUT, 0):,}",
            card.mode,
            f"{card.created_at:%Y-%m-%d %H:%M}",
        )
    console.print(table)


@group.command(name="lists")
def show_saved_lists() -> None:
    """Show the saved lists, which `campaign create --list` takes."""
    from dialer.bootstrap import open_app
    from dialer.services.campaigns.saved_lists import saved_lists_by_name
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        cards = saved_lists_by_name(app.database)
    for card in cards:
        top = f"; at most {card.top:,}" if card.top is not None else ""
        words = "; ".join(card.filters.in_words()) or "everybody"
        console.print(f"{card.name}: {words}{top}", markup=False)
    if not cards:
        console.print("No list is saved yet; the page of a new campaign keeps them.")


@group.command()
def show(
    name: Name,
    *,
    leads: Annotated[int, typer.Option(min=0, max=500, help="How many of its list.")] = MOST_SHOWN,
) -> None:
    """Show one campaign and the head of its list, with the reasons for each customer."""
    from dialer.bootstrap import open_app
    from dialer.services.campaigns.campaigns import campaign_card, campaign_list, list_worth
    from dialer.services.campaigns.held_leads import look_at_list
    from dialer.settings import Settings

    settings = Settings()
    with open_app(settings) as app:
        card = campaign_card(app.database, name)
        if card is None:
            fail(unknown(app, name))
        words = settings.web.language
        rows = campaign_list(app.database, card.id, size=leads, language=words) if leads else ()
        worth = list_worth(app.database, card.id)
        list_now = look_at_list(app.database, card.id, app.clock())
    minute, least, most = worth.a_minute(settings.model.call_minutes)
    facts: dict[str, Any] = {
        "state": card.state,
        "mode": card.mode,
        "team": card.team or "the whole house",
        "queue": card.queue,
        "trunk": card.trunk,
        "caller id": card.caller_id or "none",
        "attempts for each": card.max_attempts,
        "hold-out": f"{card.holdout_share:.0%}",
        "by a coin": f"{card.explore_share:.0%}",
        "expected gain": within(worth.gain, worth.low, worth.high),
        "a minute of an agent": within(minute, least, most),
        "chosen by": {key: value for key, value in card.filters.items() if value not in (None, {})},
        **{str(state).replace("_", " "): f"{count:,}" for state, count in card.leads.items()},
        "may be called now": f"{list_now.callable:,}",
    }
    table = Table("", "", title=escape(card.name), show_header=False)
    for key, value in facts.items():
        table.add_row(key, escape(str(value)))
    console.print(table)
    if list_now.held:
        console.print(held_table(list_now))
    if rows:
        console.print(lead_table(rows, settings.model.call_minutes))


def held_table(list_now: "ListNow") -> Table:
    """Which rules hold the rest of the list now, how many leads each, and until when."""
    table = Table("held by", "leads", "until", "because", title="Not called now")
    for row in list_now.held:
        until = f"{row.until:%Y-%m-%d %H:%M} UTC" if row.until is not None else "not known"
        table.add_row(row.rule or "agreement", f"{row.leads:,}", until, row.sentence)
    return table


def within(gain: float, low: float | None, high: float | None) -> str:
    """A gain and its bounds."""
    return f"{gain:.2f}" if low is None or high is None else f"{gain:.2f} ({low:.2f} to {high:.2f})"


def lead_table(rows: Any, call_minutes: float) -> Table:
    """A list's head: who, how likely to leave, what a call and a minute of it are worth, and why."""
    table = Table("rank", "customer", "number", "risk", "gain", "a minute", "state", "why")
    for row in rows:
        table.add_row(
            str(row.rank),
            escape(row.name or row.external_id),
            row.number,
            "" if row.risk is None else f"{row.risk:.0%}",
            "" if row.gain is None else within(row.gain, row.gain_low, row.gain_high),
            "" if row.gain is None else f"{row.gain / call_minutes:.2f}",
            str(row.state).replace("_", " "),
            escape("; ".join(row.reasons)),
        )
    return table


def move(name: str, event: CampaignEvent) -> "CampaignCard":
    """Move a campaign, or say why it cannot be."""
    from dialer.bootstrap import open_app
    from dialer.services.campaigns.campaign_start import StartRefused
    from dialer.services.campaigns.campaigns import UnknownCampaign, move_campaign
    from dialer.settings import Settings
    from telephony.state_machine import IllegalTransition

    with open_app(Settings()) as app:
        try:
            return move_campaign(app.database, name, event, app.clock(), actor())
        except UnknownCampaign:
            fail(unknown(app, name))
        except IllegalTransition as illegal:
            fail(f"{name!r} is {illegal.state}: it cannot {event} now.", code=1)
        except StartRefused as refused:
            fail(refused, code=1)


def unknown(app: "App", name: str) -> str:
    """What to say of a campaign that is not there."""
    from dialer.services.campaigns.campaigns import list_campaigns

    names = ", ".join(repr(card.name) for card in list_campaigns(app.database)) or "none yet"
    return f"There is no campaign {name!r}. There are: {names}."


def needs_scores(app: "App", filters: "ListFilter", top: int | None) -> None:
    """End the command where the list is to be made by score and there are no scores."""
    from dialer.services.analytics.models import champion

    by_score = top is not None or filters.min_risk is not None or filters.min_gain is not None
    if by_score and champion(app.database) is None:
        fail("No customer has a score yet. Run `winback train` and `winback score` first.", code=1)


def conditions(app: "App", lines: list[str]) -> tuple["ListCondition", ...]:
    """The conditions of `--where`; ends the command where one cannot be read."""
    from dialer.services.campaigns.list_reading import UnknownColumn, UnreadableCondition, read_conditions

    try:
        return read_conditions(app.database, lines)
    except (UnreadableCondition, UnknownColumn) as fault:
        fail(f"--where: {fault}")


def saved_list(app: "App", name: str) -> "ListCard":
    """The saved list of this name; ends the command where there is none."""
    from dialer.services.campaigns.saved_lists import UnknownList, find_list

    try:
        return find_list(app.database, name)
    except UnknownList:
        fail(f"No list is saved as {name!r}; see `winback campaign lists`.")


def first_trunk(settings: "Settings") -> str:
    """The trunk of who names none; ends the command where there is none at all."""
    if not settings.trunks:
        fail("trunks is empty: there is no way out of the PBX. Add one to `trunks` in winback.toml.")
    return settings.trunks[0].name


def actor() -> str:
    """Who did it, for the audit."""
    try:
        return f"command line: {getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name
        return "command line"


def quoted(name: str) -> str:
    """The name as a shell takes it."""
    return f"'{name}'" if " " in name else name
