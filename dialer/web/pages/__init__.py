"""The pages for people, put together."""

from fastapi import APIRouter

from dialer.web.pages import (
    agents,
    campaigns,
    customers,
    dashboard,
    planning,
    promise_records,
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
    planning,
    promises,
    promise_records,
    suppression,
    schedule,
):
    router.include_router(part.router)
