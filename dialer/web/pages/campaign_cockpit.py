"""A campaign in a manager's hand: changed, recycled, stopped with all others, and what came of it."""

from datetime import timedelta
from functools import partial
from typing import Annotated, Any, Final

from fastapi import Form, Query, Request
from starlette.responses import RedirectResponse, Response

from dialer.services.campaigns import campaigns
from dialer.services.campaigns.campaign_changes import consequences
from dialer.services.campaigns.campaign_results import campaign_acts, result_tables
from dialer.services.campaigns.campaigns import CampaignCard, UnknownCampaign
from dialer.services.campaigns.recycling import RECYCLED, count_recycled, recycle
from dialer.web.access.asked import Asking
from dialer.web.campaign_form import recycling_of, save_terms, terms_of
from dialer.web.campaign_inputs import CampaignTermsForm, RecyclingForm
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError, not_found
from dialer.web.form_faults import FIELD_OF, shown_again
from dialer.web.routers import page_router

router = page_router()

ACTOR: Final = "manager's page"
MODES: Final = ("progressive", "predictive", "preview", "reserved")


@router.post("/campaigns/pause-all")
def pause_all(deps: AtFront, visitor: Asking) -> Response:
    """Pause every campaign that runs; each is started again by itself."""
    campaigns.pause_all(deps.database, deps.now(), visitor.actor(ACTOR))
    deps.dashboards.ring()
    return RedirectResponse("/campaigns", 303)


@router.get("/campaigns/{campaign}/edit")
def show_edit(request: Request, campaign: Id, deps: AtFront) -> Response:
    """The campaign's words, numbers, hours and pacing, to be changed."""
    return _edit_page(request, deps, campaign)


def edit_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    """The form once more where a field was not understood, with what was typed."""
    return _edit_page(request, deps, int(request.path_params["campaign"]), typed=typed, wrong=wrong)


@router.post("/campaigns/{campaign}/edit")
@shown_again(edit_again)
def change(
    request: Request,
    campaign: Id,
    form: Annotated[CampaignTermsForm, Form()],
    deps: AtFront,
    visitor: Asking,
) -> Response:
    """Say what the change means; with `sure`, make it."""
    typed: dict[str, Any] = {**form.model_dump(mode="json"), "caller_ids": " ".join(form.caller_ids)}
    try:
        terms = terms_of(deps, campaign, form)
        if form.sure:
            save_terms(deps, campaign, terms, visitor.actor(ACTOR))
            return RedirectResponse(f"/campaigns/{campaign}", 303)
    except RequestError as fault:
        if fault.status == 404:  # noqa: PLR2004 - there is no form of what there is not
            raise
        field = FIELD_OF.get(fault.code)
        wrong = {field: fault.message} if field is not None else {}
        return _edit_page(request, deps, campaign, typed=typed, fault=fault, wrong=wrong)
    said = consequences(deps.database, campaign, terms, deps.now(), deps.settings.pacing.shares)
    return _edit_page(request, deps, campaign, typed=typed, said=said)


@router.get("/campaigns/{campaign}/recycle")
def show_recycle(request: Request, campaign: Id, deps: AtFront) -> Response:
    """Whom to put on the list again."""
    return _recycle_page(request, deps, campaign)


def recycle_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    """The form once more where a field was not understood."""
    del typed  # ticks and a number: chosen again faster than told
    fault = RequestError("input.invalid", next(iter(wrong.values())), status=422)
    return _recycle_page(request, deps, int(request.path_params["campaign"]), fault=fault)


@router.post("/campaigns/{campaign}/recycle")
@shown_again(recycle_again)
def put_back(
    request: Request, campaign: Id, form: Annotated[RecyclingForm, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Say how many that are; with `sure`, list them again."""
    try:
        asked = recycling_of(form)
        if form.sure:
            recycle(deps.database, campaign, asked, deps.now(), visitor.actor(ACTOR))
            deps.dashboards.ring()
            return RedirectResponse(f"/campaigns/{campaign}", 303)
        count = count_recycled(deps.database, campaign, asked, deps.now())
    except UnknownCampaign:
        raise not_found("campaign") from None
    except RequestError as fault:
        return _recycle_page(request, deps, campaign, fault=fault)
    return _recycle_page(request, deps, campaign, form=form, count=count)


@router.get("/campaigns/{campaign}/results")
def show_results(request: Request, campaign: Id, deps: AtFront) -> Response:
    """What came of it by hour, agent, offer and reason, and who did what to it."""
    card = _card(deps, campaign)
    return deps.page(
        request,
        "campaign_results.html",
        {
            "campaign": card,
            "tables": result_tables(deps.database, campaign, deps.now()),
            "acts": campaign_acts(deps.database, campaign),
        },
    )


@router.get("/campaigns/{campaign}/effect")
def show_effect(
    request: Request, campaign: Id, deps: AtFront, *, so_far: Annotated[bool, Query()] = False
) -> Response:
    """What calling changed against the hold-out, at the horizon or so far; it pauses nothing."""
    # the model's libraries take a second to load
    from dialer.services.analytics.effect import measure_campaign  # noqa: PLC0415
    from dialer.services.analytics.effect_words import in_words  # noqa: PLC0415
    from dialer.services.analytics.fates import HORIZON  # noqa: PLC0415
    from dialer.services.analytics.prices import price_from  # noqa: PLC0415

    card = _card(deps, campaign)
    now = deps.now()
    measure = partial(
        measure_campaign,
        deps.database,
        campaign,
        now,
        price=price_from(deps.settings),
        horizon=timedelta(0) if so_far else HORIZON,
        stop=False,
    )
    found = deps.figures.effect(card, now, so_far=so_far, measure=measure)
    shown = {
        "campaign": card,
        "so_far": so_far,
        "found": found,
        "sentences": in_words(found) if found else (),
    }
    return deps.page(request, "campaign_effect.html", shown)


def typed_of(card: CampaignCard) -> dict[str, Any]:
    """A campaign's terms as a form's fields have them."""
    return {
        "name": card.name,
        "trunk": card.trunk,
        "caller_id": card.caller_id,
        "caller_ids": " ".join(card.caller_ids),
        "local_presence": card.local_presence,
        "script": card.script,
        "offer": card.offer,
        "mode": card.mode,
        "abandon_target": card.abandon_target,
        "max_attempts": card.max_attempts,
        "ring_s": card.ring_s,
        "hours": card.hours,
        "call_order": card.call_order.value,
        "order_column": card.order_column,
        "share": card.share,
        "starts_on": card.starts_on or "",
        "ends_on": card.ends_on or "",
    }


def _card(deps: Dependencies, campaign: int) -> CampaignCard:
    card = campaigns.campaign_card(deps.database, campaign)
    if card is None:
        raise not_found("campaign")
    return card


def _edit_page(
    request: Request,
    deps: Dependencies,
    campaign: int,
    *,
    typed: dict[str, Any] | None = None,
    said: tuple[str, ...] | None = None,
    fault: RequestError | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    """What was typed, or the terms as they are; a long list is counted with each look at its campaign."""
    card = _card(deps, campaign)
    shown = typed_of(card) if typed is None else typed
    return deps.page(
        request,
        "campaign_edit.html",
        {
            "campaign": card,
            "typed": {name: "" if value is None else value for name, value in shown.items()},
            "said": said,
            "fault": fault,
            "wrong": wrong or {},
            "modes": MODES,
            "trunks": [trunk.name for trunk in deps.settings.trunks],
        },
        status=fault.status if fault else 422 if wrong else 200,
    )


def _recycle_page(
    request: Request,
    deps: Dependencies,
    campaign: int,
    *,
    form: RecyclingForm | None = None,
    count: int | None = None,
    fault: RequestError | None = None,
) -> Response:
    return deps.page(
        request,
        "campaign_recycle.html",
        {
            "campaign": _card(deps, campaign),
            "words": RECYCLED,
            "asked": form or RecyclingForm(unreached=True),
            "count": count,
            "fault": fault,
        },
        status=fault.status if fault else 200,
    )
