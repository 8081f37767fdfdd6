"""The pages for people, put together."""

from fastapi import APIRouter

from dialer.web.pages import agents, campaigns, duties, live, planning, promises, suppression

router = APIRouter(include_in_schema=False)
for part in (live, agents, campaigns, planning, promises, suppression, duties):
    router.include_router(part.router)
