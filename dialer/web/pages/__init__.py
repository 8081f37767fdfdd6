"""The pages for people, put together."""

from fastapi import APIRouter

from dialer.web.pages import (
    account,
    agents,
    campaigns,
    customers,
    dashboard,
    desk_bookings,
    imports,
    log_in,
    person_requests,
    planning,
    promise_records,
    promises,
    schedule,
    staffing,
    suppression,
    users,
)

router = APIRouter(include_in_schema=False)
for part in (
    log_in,
    account,
    users,
    dashboard,
    agents,
    desk_bookings,
    campaigns,
    customers,
    person_requests,
    imports,
    planning,
    promises,
    promise_records,
    staffing,
    suppression,
    schedule,
):
    router.include_router(part.router)
