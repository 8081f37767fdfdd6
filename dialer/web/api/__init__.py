"""The same facts as JSON, under /api/v1, described by /api/v1/openapi.json."""

from fastapi import APIRouter

from dialer.web.api import (
    account,
    agents,
    campaigns,
    customer_files,
    dashboard,
    explanations,
    persons,
    planning,
    promises,
    setup,
    suppression,
)
from dialer.web.errors import API_FAULTS

router = APIRouter(prefix="/api/v1", responses=API_FAULTS)
for part in (
    account,
    dashboard,
    agents,
    campaigns,
    customer_files,
    explanations,
    persons,
    planning,
    promises,
    setup,
    suppression,
):
    router.include_router(part.router)
