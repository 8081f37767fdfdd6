"""Managers' pages: campaigns, a new one with its count before it is saved, one with its list and results."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from dialer.core.calling.call_order import CalledFirst
from dialer.core.calling.campaign import CAMPAIGN, MOVES, CampaignEvent, CampaignState, LeadState
from dialer.core.calling.disposition import Disposition
from dialer.core.calling.list_filter import ListFilter
from dialer.core.organisation.house_words import counted_words
from dialer.services.campaigns import campaigns
from dialer.services.campaigns.campaign_start import StartRefused
from dialer.services.campaigns.campaigns import PAGE, CampaignCard, CampaignResults, UnknownCampaign
from dialer.services.campaigns.list_figures import GOOD_FOR
from dialer.services.campaigns.list_reading import known_columns, known_facts
from dialer.services.campaigns.lists import ListCount, ListPreview
from dialer.services.campaigns.saved_lists import UnknownList, find_list, saved_lists_by_name
from dialer.services.dashboard.first_steps import are_there_customers
from dialer.web.access.asked import Asking
from dialer.web.campaign_form import count_draft, preview_draft, save_draft, take_list
from dialer.web.campaign_inputs import CampaignForm, KeptListForm
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError, not_found
from dialer.web.flash import go_back, refusal, tell, told
from dialer.web.form_faults import FIELD_OF, shown_again, typed_fields
from dialer.web.languages import say, to_say, translate
from dialer.web.pages.campaign_cockpit import typed_of
from dialer.web.routers import page_router
from dialer.web.schemas import CampaignMoveForm, FilterInput, PrefilledInput
from dialer.web.templating import write_money, write_share, write_thousands, write_words
from telephony.state_machine import IllegalTransition

router = page_router()

ACTOR: Final = "manager's page"
COPY: Final = " (copy)"
MOST_OTHERS: Final = 20  # newest campaigns whose lists can be left out
ORDERS: Final = {
    CalledFirst.GAIN: to_say("the most expected gain"),
    CalledFirst.OLDEST_CONTACT: to_say("the longest without a talk"),
    CalledFirst.RANDOM: to_say("by chance"),
}
MOST_OF_NAME: Final = 120  # characters, as the column holds them


@router.get("/campaigns")
def show_campaigns(request: Request, deps: AtFront) -> Response:
    """All campaigns, newest first."""
    cards = campaigns.list_campaigns(deps.database)
    return deps.page(
        request,
        "campaigns.html",
        {"campaigns": cards, "moves": {card.id: moves_of(card.state) for card in cards}},
    )


@router.get("/campaigns/new")
def show_new(request: Request, given: Annotated[PrefilledInput, Query()], deps: AtFront) -> Response:
    """An empty form, with what was given and the settings' own values where there are some."""
    said = told(request)
    if said:
        return _new_page(request, deps, **said)
    settings = deps.settings
    return _new_page(
        request,
        deps,
        typed={
            "holdout_share": settings.holdout.share,
            "explore_share": settings.holdout.explore,
            "mode": settings.pacing.mode,
            "abandon_target": settings.pacing.abandon_target,
            "ring_s": settings.calling.ring_s,
            "queue": settings.queues.outbound,
            "trunk": settings.trunks[0].name if settings.trunks else "",
            "caller_id": settings.caller_id,
            **given.model_dump(exclude_none=True, exclude={"like", "list", "told"}),
            **(_copied(deps, given.like) if given.like is not None else {}),
            **(_saved(deps, given.list) if given.list is not None else {}),
        },
    )


def _saved(deps: Dependencies, key: int) -> dict[str, Any]:
    """A saved list as the form has it."""
    try:
        card = find_list(deps.database, key)
    except UnknownList:
        raise not_found("list") from None
    return _list_typed({**card.filters.as_stored(), "top": card.top})


def _copied(deps: Dependencies, campaign: int) -> dict[str, Any]:
    """A campaign as the form of another one has it; the list is drawn anew when that is saved."""
    card = campaigns.campaign_card(deps.database, campaign)
    if card is None:
        raise not_found("campaign")
    return {
        **typed_of(card),
        "name": f"{card.name[: MOST_OF_NAME - len(COPY)]}{COPY}",
        "purpose": card.purpose.value,
        "team": card.team,
        "queue": card.queue,
        "holdout_share": card.holdout_share,
        "explore_share": card.explore_share,
        "starts_on": "",  # its days are over, or another campaign's
        "ends_on": "",
        **_list_typed(card.filters),
    }


def _list_typed(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Who is on a list as the form's fields have it."""
    equals = dict(filters.get("equals") or {})  # as older pages wrote it
    column, value = next(iter(equals.items()), ("", ""))
    lines = list(filters.get("where", ()))
    if equals and not filters.get("any_of"):
        lines, column, value = [f"{column} = {value}", *lines], "", ""
    return {
        "where": "\n".join(lines),
        "attribute": column,
        "equals": value,
        "any_of": filters.get("any_of", False),
        "with_left": filters.get("with_left", False),
        "not_on": [str(each) for each in filters.get("not_on", ())],
        **{name: filters[name] for name in ("min_risk", "min_gain", "top") if filters.get(name) is not None},
    }


def _new_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    return _new_page(request, deps, typed={**typed, "not_on": typed.get("not_on", "").split()}, wrong=wrong)


@router.post("/campaigns/new")
@shown_again(_new_again)
def save_new(
    request: Request, form: Annotated[CampaignForm, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Save the draft with its list; a refusal shows the form again as it was typed."""
    try:
        if form.save_as is not None:
            take_list(deps, form, form.save_as, visitor.actor(ACTOR), replace=form.replace)
        card = save_draft(deps, form, visitor.actor(ACTOR))
    except RequestError as fault:
        typed = {name: "" if value is None else value for name, value in form.model_dump().items()}
        typed["caller_ids"] = " ".join(form.caller_ids)
        typed["where"] = "\n".join(form.where)
        typed["not_on"] = [str(each) for each in form.not_on]
        field = FIELD_OF.get(fault.code)
        wrong = {field: fault.message} if field is not None else {}
        return _new_page(request, deps, typed=typed, fault=fault, wrong=wrong)
    return RedirectResponse(f"/campaigns/{card.id}", 303)


@router.get("/campaigns/new/count")
def count_new(form: Annotated[FilterInput, Query()], deps: AtFront) -> ListCount:
    """What the list would hold, for the page's script: refusals are in the page's language."""
    return count_draft(deps, form)


@router.get("/campaigns/new/preview")
def preview_new(form: Annotated[FilterInput, Query()], deps: AtFront) -> ListPreview:
    """What each row does and who would be called first, likewise with its reasons."""
    return preview_draft(deps, form, deps.reading())


@router.post("/campaigns/new/list")
@shown_again(_new_again)
def keep_list(
    request: Request,
    form: Annotated[KeptListForm, Form()],
    typed: Annotated[dict[str, str], Depends(typed_fields)],
    deps: AtFront,
    visitor: Asking,
) -> Response:
    """Keep the list by a name; the campaign's form goes on as it was typed."""
    shown = {**typed, "not_on": typed.get("not_on", "").split()}
    try:
        take_list(deps, form, form.save_as, visitor.actor(ACTOR), replace=form.replace)
    except RequestError as fault:
        field = FIELD_OF.get(fault.code)
        wrong = {field: fault.message} if field is not None else {}
        return _new_page(request, deps, typed=shown, fault=fault, wrong=wrong)
    return tell(
        request,
        "/campaigns/new",
        {"typed": {**shown, "replace": ""}, "kept": form.save_as},
        shown=lambda said: _new_page(request, deps, **said),
    )


@router.get("/campaigns/{campaign}")
def show_campaign(
    request: Request, campaign: Id, deps: AtFront, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1
) -> Response:
    """One campaign: its results, its rules, and its list."""
    card = campaigns.campaign_card(deps.database, campaign)
    if card is None:
        raise not_found("campaign")
    now = deps.now()
    results = campaigns.campaign_results(deps.database, campaign, card.leads)
    list_now, ranking = deps.figures.now(card, now), deps.figures.ranking(now)
    # the model's libraries take a second to load
    from dialer.services.analytics.prices import price_from  # noqa: PLC0415
    from dialer.services.analytics.save_rate import priced_by, save_rate_in_use  # noqa: PLC0415

    return deps.page(
        request,
        "campaign.html",
        {
            "campaign": card,
            "moves": {card.id: moves_of(card.state)},
            "leads": campaigns.campaign_list(deps.database, campaign, page - 1, language=deps.reading()),
            "told": told(request),
            "page": page,
            "page_size": PAGE,
            "first": (page - 1) * PAGE + 1,
            "figures": _figures(card, results),
            "worth": _worth(deps, card, now),
            "asked_at": now,
            "list_now": list_now,
            "recounted": list_now is not None and list_now.at <= now - GOOD_FOR,
            "dispositions": counted_words(
                deps.organisation.dispositions,
                [(each.disposition, each.said_as, each.count) for each in results.words],
            ),
            "rules": _rules(card),
            "order": _order(card),
            "ranking": ranking.in_words() if ranking is not None else None,
            "priced_by": priced_by(deps.database, save_rate_in_use(deps.database, price_from(deps.settings))),
        },
    )


@router.post("/campaigns/{campaign}/event")
def move(
    request: Request, campaign: Id, form: Annotated[CampaignMoveForm, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Start, pause, finish or reopen; what ends a list is asked first, with what it means."""
    if form.event is CampaignEvent.FINISH and not form.sure:
        return _ask_to_finish(request, deps, campaign)
    try:
        campaigns.move_campaign(deps.database, campaign, form.event, deps.now(), visitor.actor(ACTOR))
    except UnknownCampaign:
        raise not_found("campaign") from None
    except StartRefused as refused:
        return _not_moved(request, campaign, RequestError(refused.rule.value, refused.why))
    except IllegalTransition as late:
        why = say("Somebody was faster: the campaign is %(state)s.", state=write_words(late.state))
        return _not_moved(request, campaign, RequestError(f"campaign.{late.state}", why))
    deps.dashboards.ring()
    return RedirectResponse(f"/campaigns/{campaign}", 303)


def _not_moved(request: Request, campaign: int, fault: RequestError) -> Response:
    return go_back(request, f"/campaigns/{campaign}", refusal(fault))


def moves_of(state: CampaignState) -> tuple[CampaignEvent, ...]:
    """What can be done to a campaign in this state."""
    return tuple(event for event in MOVES if CAMPAIGN.allows(state, event))


def _ask_to_finish(request: Request, deps: Dependencies, campaign: int) -> Response:
    card = campaigns.campaign_card(deps.database, campaign)
    if card is None:
        raise not_found("campaign")
    return deps.page(
        request,
        "campaign_finish.html",
        {
            "campaign": card,
            "left": card.leads.get(LeadState.LISTED, 0),
            "agreed": campaigns.agreed_calls(deps.database, campaign),
            "calling": card.leads.get(LeadState.CALLING, 0),
            "may_pause": CAMPAIGN.allows(card.state, CampaignEvent.PAUSE),
        },
    )


def _new_page(
    request: Request,
    deps: Dependencies,
    *,
    typed: Mapping[str, Any],
    fault: RequestError | None = None,
    wrong: Mapping[str, str] | None = None,
    kept: str | None = None,
) -> Response:
    return deps.page(
        request,
        "campaign_new.html",
        {
            "kept": kept,
            "anybody": are_there_customers(deps.database),
            "lists": saved_lists_by_name(deps.database),
            "typed": typed,
            "fault": fault,
            "wrong": wrong or {},
            "columns": known_columns(deps.database),
            "facts": known_facts(deps.database),
            "campaigns": campaigns.newest_campaigns(deps.database, MOST_OTHERS),
            "teams": {team.id: team.name or team.id for team in deps.organisation.teams},
        },
        status=fault.status if fault else 422 if wrong else 200,
    )


def _figures(card: CampaignCard, results: CampaignResults) -> tuple[tuple[str, object, str], ...]:
    answered = results.answered
    return (
        (
            say("To call"),
            card.to_call,
            say("%(number)s held out", number=card.leads.get(LeadState.HELD_OUT, 0)),
        ),
        (say("Attempts"), results.attempts, say("up to %(number)s a customer", number=card.max_attempts)),
        (
            say("Answered"),
            answered,
            say(
                "%(share)s of %(number)s rung",
                share=write_share(answered / results.rung if results.rung else None),
                number=results.rung,
            ),
        ),
        (say("Connected"), results.connected, say("to an agent")),
        (
            say("Abandoned"),
            write_share(results.abandoned / answered if answered else None),
            say("%(number)s of %(all)s answered", number=results.abandoned, all=answered),
        ),
        (say("Saved"), results.dispositions.get(Disposition.SAVED, 0), say("by the agents' own words")),
    )


def _worth(deps: Dependencies, card: CampaignCard, now: datetime) -> tuple[str, str] | None:
    """What the list is expected to bring, for a minute of an agent and in all, with its bounds."""
    worth = deps.figures.worth(card, now)
    if worth is None:
        return None
    minute, low, high = worth.a_minute(deps.settings.model.call_minutes)
    return (
        write_money(minute if worth.calls else None),
        say(
            "%(low)s to %(high)s; %(all)s in all",
            low=write_money(low),
            high=write_money(high),
            all=write_thousands(worth.gain),
        ),
    )


def _rules(card: CampaignCard) -> tuple[tuple[str, object], ...]:
    return (
        (say("Purpose"), write_words(card.purpose)),
        (say("Pacing"), write_words(card.mode)),
        (say("Rings for"), say("%(seconds)s s", seconds=card.ring_s)),
        (say("Abandoned at most"), write_share(card.abandon_target)),
        (say("Held out"), write_share(card.holdout_share)),
        (say("By a coin"), write_share(card.explore_share)),
        (say("Team"), card.team or say("the whole house")),
        (say("Queue"), card.queue),
        (say("Trunk"), card.trunk),
        (say("Number shown"), _numbers(card)),
        (say("Hours"), ", ".join(_hours(card))),
        (say("Called first"), _order(card)),
        (say("Share of its team's calls"), card.share or say("by the settings")),
        (
            say("Who is on it"),
            "; ".join(map(translate, ListFilter.read(card.filters).in_words())) or say("everybody"),
        ),
        (say("At most"), _at_most(card)),
    )


def _order(card: CampaignCard) -> str:
    if card.call_order is CalledFirst.BY_DAY:
        return say("the earliest %(column)s", column=card.order_column)
    return say(ORDERS[card.call_order])


def _at_most(card: CampaignCard) -> str:
    top = card.filters.get("top")
    return say("%(top)s customers", top=write_thousands(top)) if top is not None else say("no limit")


def _numbers(card: CampaignCard) -> str:
    if not card.caller_ids:
        return card.caller_id or say("the trunk's own")
    if card.local_presence:
        return say("one of %(number)s, the nearest to the customer's own", number=len(card.caller_ids))
    return say("one of %(number)s", number=len(card.caller_ids))


def _hours(card: CampaignCard) -> Iterator[str]:
    yield card.hours or say("at any hour")
    if card.starts_on is not None:
        yield say("from %(day)s", day=card.starts_on)
    if card.ends_on is not None:
        yield say("until %(day)s", day=card.ends_on)
