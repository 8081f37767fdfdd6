"""The pages for people, put together."""

from fastapi import APIRouter

from dialer.web.pages import (
    account,
    agents,
    caller_report,
    campaigns,
    customers,
    dashboard,
    desk_bookings,
    imports,
    live_calls,
    log_in,
    person_on_card,
    person_requests,
    phone,
    planning,
    promise_records,
    promises,
    provider_log_in,
    retention_offers,
    schedule,
    setup,
    staffing,
    suppression,
    users,
)

router = APIRouter(include_in_schema=False)
for part in (
    log_in,
    provider_log_in,
    account,
    users,
    dashboard,
    agents,
    phone,
    desk_bookings,
    live_calls,
    person_on_card,
    campaigns,
    customers,
    person_requests,
    imports,
    caller_report,
    planning,
    promises,
    retention_offers,
    promise_records,
    staffing,
    suppression,
    schedule,
    setup,
):
    router.include_router(part.router)
