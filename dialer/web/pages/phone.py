"""What the phone in an agent's page asks for."""

from dialer.web.dependencies import AtFront
from dialer.web.errors import RequestError, not_found
from dialer.web.page_phone import PagePhone, agent_of, page_phone, phone_fault
from dialer.web.routers import page_router
from dialer.web.schemas import AgentId

router = page_router()


@router.get("/agents/{agent}/phone")
def show_phone(agent: AgentId, deps: AtFront) -> PagePhone:
    """Where the agent's own page registers as their phone, and as whom; nobody else is told."""
    settings = deps.settings
    if agent_of(settings, agent) is None:
        raise not_found("phone")
    if fault := phone_fault(settings):
        raise RequestError("phone.missing", fault, status=409)
    return page_phone(settings, agent)
