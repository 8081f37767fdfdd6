"""From what was typed to a campaign and its list, for the page and the API alike."""

from typing import Any

from dialer.core.calling.call_order import CalledFirst
from dialer.core.calling.list_condition import Narrowed
from dialer.core.calling.list_filter import ListFilter
from dialer.core.compliance.rulebook import Purpose
from dialer.core.sentence import Sentence
from dialer.services.campaigns import campaigns
from dialer.services.campaigns.campaign_changes import CampaignTerms, change_campaign
from dialer.services.campaigns.campaigns import (
    CampaignCard,
    CampaignDraft,
    CampaignNameTaken,
    UnknownCampaign,
)
from dialer.services.campaigns.list_reading import (
    UnknownColumn,
    UnreadableCondition,
    known_columns,
    read_conditions,
)
from dialer.services.campaigns.lists import ListCount, ListPreview, count_list, preview_list
from dialer.services.campaigns.recycling import Recycling
from dialer.services.campaigns.saved_lists import ListCard, ListNameTaken, save_list
from dialer.services.campaigns.site_terms import refused_change, refused_term
from dialer.services.organisation.organisation import shown_by
from dialer.web.campaign_inputs import CampaignInput, CampaignTermsInput, RecyclingInput
from dialer.web.dependencies import Dependencies
from dialer.web.errors import RequestError, not_found
from dialer.web.schemas import FilterInput, ListFilterInput


def count_draft(deps: Dependencies, form: FilterInput) -> ListCount:
    """What the list would hold if it were saved at this moment."""
    return count_list(deps.database, filter_of(deps, form), deps.now(), form.top, **_shares(deps, form))


def preview_draft(deps: Dependencies, form: FilterInput, language: str) -> ListPreview:
    """What each row of the filter does, and who would be called first."""
    return preview_list(
        deps.database,
        filter_of(deps, form),
        deps.now(),
        form.top,
        **_shares(deps, form),
        language=language,
    )


def save_draft(deps: Dependencies, form: CampaignInput, actor: str) -> CampaignCard:
    """Save the campaign with its list; raises `RequestError` for what the site does not have."""
    settings = deps.settings
    draft = CampaignDraft(
        name=form.name,
        purpose=Purpose(form.purpose),
        # a team has a queue of its own, whatever stands in the field
        queue=settings.queue_of(form.team) if form.team else form.queue or settings.queues.outbound,
        team=form.team,
        trunk=form.trunk or settings.trunks[0].name,
        caller_ids=tuple(dict.fromkeys(form.caller_ids)),
        local_presence=form.local_presence,
        hours=form.hours,
        starts_on=form.starts_on,
        ends_on=form.ends_on,
        caller_id=form.caller_id or shown_by(deps.organisation, form.team) or settings.caller_id,
        script=form.script,
        offer=form.offer,
        mode=form.mode,
        abandon_target=form.abandon_target,
        max_attempts=form.max_attempts,
        ring_s=form.ring_s,
        **_order(deps, form),
        **_shares(deps, form),
        salt=settings.holdout.salt,
        top=form.top,
        filters=filter_of(deps, form),
    )
    refused = refused_term(settings, draft)
    if refused is not None:
        raise RequestError(refused.code, refused.sentence)
    try:
        return campaigns.create_campaign(deps.database, draft, deps.now(), actor=actor)
    except CampaignNameTaken:
        raise RequestError("campaign.name-taken", "Another campaign has this name.") from None


def take_list(deps: Dependencies, form: ListFilterInput, name: str, actor: str, *, replace: bool) -> ListCard:
    """Keep a list by a name; raises `RequestError` where there is one of it that is not to be replaced."""
    filters = filter_of(deps, form)
    try:
        return save_list(
            deps.database, name, deps.now(), actor, filters=filters, top=form.top, replace=replace
        )
    except ListNameTaken:
        raise RequestError(
            "list.name-taken", "Another list has this name: take another one, or say that it is replaced."
        ) from None


def terms_of(deps: Dependencies, campaign: int, form: CampaignTermsInput) -> CampaignTerms:
    """What a campaign is to be. Raises `RequestError` for no such campaign, or what the site has not."""
    card = campaigns.campaign_card(deps.database, campaign)
    if card is None:
        raise not_found("campaign")
    terms = CampaignTerms(
        name=form.name,
        trunk=form.trunk or card.trunk,
        caller_id=form.caller_id or "",
        caller_ids=tuple(dict.fromkeys(form.caller_ids)),
        local_presence=form.local_presence,
        script=form.script,
        offer=form.offer,
        mode=form.mode,
        abandon_target=form.abandon_target,
        max_attempts=form.max_attempts,
        ring_s=form.ring_s,
        hours=form.hours,
        starts_on=form.starts_on,
        ends_on=form.ends_on,
        **_order(deps, form),
    )
    refused = refused_change(deps.settings, terms)
    if refused is not None:
        raise RequestError(refused.code, refused.sentence)
    return terms


def save_terms(deps: Dependencies, campaign: int, terms: CampaignTerms, actor: str) -> CampaignCard:
    """Take the new terms; raises `RequestError` where another campaign has the name."""
    try:
        card = change_campaign(deps.database, campaign, terms, deps.now(), actor)
    except UnknownCampaign:
        raise not_found("campaign") from None
    except CampaignNameTaken:
        raise RequestError("campaign.name-taken", "Another campaign has this name.") from None
    deps.dashboards.ring()
    return card


def recycling_of(form: RecyclingInput) -> Recycling:
    """Whom a form asks to list again; raises `RequestError` where it names nobody."""
    if not form.words and not form.unreached:
        raise RequestError(
            "recycle.nobody", "Say whom to list again: what came of their calls, or nobody reached."
        )
    return Recycling(words=frozenset(form.words), unreached=form.unreached, days=form.days)


def _order(deps: Dependencies, form: CampaignTermsInput) -> dict[str, Any]:
    """Whom it calls first, and its share; raises `RequestError` for days of a column that there is not."""
    column = ""
    if form.call_order is CalledFirst.BY_DAY:
        if form.order_column is None:
            raise RequestError("order.column-missing", "Say by which column of days customers are called.")
        names = {each.name.casefold(): each.name for each in known_columns(deps.database)}
        column = names.get(form.order_column.casefold(), "")
        if not column:
            there = (
                Sentence("There are: %(names)s.", names=", ".join(names.values()))
                if names
                else Sentence("There are none yet.")
            )
            nobody = Sentence("No customer has a column %(column)s.", column=repr(form.order_column))
            raise RequestError("order.column-unknown", Sentence.joined([nobody, there]))
    return {"call_order": form.call_order, "order_column": column, "share": form.share}


def _shares(deps: Dependencies, form: FilterInput) -> dict[str, Any]:
    """What is left to chance; the settings say where the form does not."""
    holdout = deps.settings.holdout
    return {
        "holdout_share": holdout.share if form.holdout_share is None else form.holdout_share,
        "explore_share": holdout.explore if form.explore_share is None else form.explore_share,
    }


def filter_of(deps: Dependencies, form: ListFilterInput) -> ListFilter:
    """Who is on a list; raises `RequestError` for what cannot be read, or a column that there is not."""
    if (form.attribute is None) is not (form.equals is None):
        raise RequestError("filter.half", "A column and the value it must equal go together.")
    try:
        where = read_conditions(deps.database, form.where)
    except UnreadableCondition as fault:
        raise RequestError("filter.unreadable", str(fault)) from None
    except UnknownColumn as fault:
        raise RequestError("filter.column-unknown", fault.why) from None
    return ListFilter(
        narrowed=Narrowed(
            where=where,
            any_of=form.any_of,
            not_on=tuple(form.not_on),
        ),
        min_risk=form.min_risk,
        min_gain=form.min_gain,
        with_left=form.with_left,
        equals={form.attribute: form.equals} if form.attribute is not None else {},
    )
