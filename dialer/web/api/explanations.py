"""Why somebody is called or not, as JSON."""

from dialer.services.calls.explanations import PersonExplained, explain_person
from dialer.services.campaigns.campaigns import UnknownCampaign
from dialer.web.dependencies import AtFront
from dialer.web.errors import not_found
from dialer.web.routers import api_router
from dialer.web.schemas import ExplainInput, on_customers_clock

router = api_router(tag="explain")


@router.post("/explain")
def explain(form: ExplainInput, deps: AtFront) -> tuple[PersonExplained, ...]:
    """What every rule says of calling a person, now or `at` a moment; nothing is changed.

    Everybody who has the number is named. It is in the body, so that numbers stay out of logs.
    """
    at = on_customers_clock(form.at, (deps.settings.queues.zone,))
    try:
        return explain_person(
            deps.database,
            form.person,
            at or deps.now(),
            region=deps.settings.calling.default_region,
            campaign=form.campaign,
        )
    except UnknownCampaign:
        raise not_found("campaign") from None
