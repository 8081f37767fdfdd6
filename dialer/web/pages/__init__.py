"""The pages for people, put together."""

from fastapi import APIRouter

from dialer.web.pages import (
    account,
    agents,
    caller_report,
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
    caller_report,
    planning,
    promises,
    promise_records,
    suppression,
    schedule,
):
    router.include_router(part.router)
