"""The same facts as JSON, under /api/v1, described by /api/v1/openapi.json."""

from fastapi import APIRouter

from dialer.web.api import (
    account,
    agent_bookings,
    agents,
    audit,
    campaign_cockpit,
    campaigns,
    customer_files,
    dashboard,
    explanations,
    live_calls,
    outbox,
    person_on_card,
    persons,
    planning,
    promises,
    recordings,
    report_mailings,
    reports,
    retention_offers,
    saved_lists,
    setup,
    staffing,
    suppression,
)
from dialer.web.errors import API_FAULTS

router = APIRouter(prefix="/api/v1", responses=API_FAULTS)
for part in (
    account,
    dashboard,
    agents,
    agent_bookings,
    live_calls,
    person_on_card,
    campaign_cockpit,
    campaigns,
    customer_files,
    explanations,
    report_mailings,
    reports,
    recordings,
    outbox,
    persons,
    planning,
    promises,
    staffing,
    retention_offers,
    saved_lists,
    audit,
    setup,
    suppression,
):
    router.include_router(part.router)
