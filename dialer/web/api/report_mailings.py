"""Reports sent by mail, as JSON."""

from dialer.services.reporting.mailings import MailingCard, list_mailings, remove_mailing
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront
from dialer.web.errors import Id, not_found
from dialer.web.pages.report_mailings import MailingInput, put_on_list
from dialer.web.routers import api_router

router = api_router(tag="reports", prefix="/reports/mailings")

ACTOR = "api"


@router.get("")
def show_mailings(deps: AtFront) -> tuple[MailingCard, ...]:
    """Every report that is sent, oldest first."""
    return list_mailings(deps.database)


@router.post("")
def add(form: MailingInput, deps: AtFront, visitor: Asking) -> MailingCard:
    """Send a report from now on; to addresses of `mail.domains` alone."""
    return put_on_list(deps, form, visitor.actor(ACTOR))


@router.post("/{mailing}/remove")
def remove(mailing: Id, deps: AtFront, visitor: Asking) -> dict[str, bool]:
    """Send it no more."""
    if not remove_mailing(deps.database, mailing, visitor.actor(ACTOR), deps.now()):
        raise not_found("mailing")
    return {"removed": True}
