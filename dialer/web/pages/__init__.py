"""The pages for people, put together."""

from fastapi import APIRouter

from dialer.web.pages import (
    account,
    agents,
    campaigns,
    customers,
    dashboard,
    imports,
    log_in,
    person_requests,
    planning,
    promise_records,
    promises,
    schedule,
    setup,
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
    campaigns,
    customers,
    person_requests,
    imports,
    planning,
    promises,
    promise_records,
    suppression,
    schedule,
    setup,
):
    router.include_router(part.router)
