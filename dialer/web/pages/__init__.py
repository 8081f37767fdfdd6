"""The pages for people, put together."""

from fastapi import APIRouter

from dialer.web.pages import (
    agents,
    campaigns,
    customers,
    dashboard,
    imports,
    person_requests,
    planning,
    promises,
    schedule,
    suppression,
)

router = APIRouter(include_in_schema=False)
for part in (
    dashboard,
    agents,
    campaigns,
    customers,
    person_requests,
    imports,
    planning,
    promises,
    suppression,
    schedule,
):
    router.include_router(part.router)
