"""The web application: pages for people, JSON for programs, figures for Prometheus."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from dialer.core.dashboard.view import Dashboard
from dialer.db.session import Database
from dialer.services.campaigns.list_figures import ListFigures
from dialer.services.dashboard.dashboard import DashboardWatch, read_dashboard
from dialer.services.dashboard.floor import FloorWatch
from dialer.services.organisation.organisation import House
from dialer.services.organisation.provider_log_in import LogInProvider
from dialer.settings import Settings
from dialer.web import health, pages, public
from dialer.web.access.visitors import AccessCheck, PeerNote
from dialer.web.dashboard_stream import DashboardStream
from dialer.web.dashboard_words import DashboardTexts
from dialer.web.dependencies import Dependencies
from dialer.web.errors import answer_errors
from dialer.web.file_reader import FileReader
from dialer.web.form_faults import show_form_again
from dialer.web.late_api import LateApi
from dialer.web.middleware import HostAndOriginCheck
from dialer.web.notifications import subscribe_changes
from dialer.web.routers import joined
from dialer.web.template_code import TEMPLATES
from dialer.web.templating import make_templates
from dialer.web_settings import LoginSettings

HERE: Final = Path(__file__).parent
COUNTERS: Final = 2  # threads that count long lists beside the pages: they wait for the database
LOOPBACK_NAMES: Final = frozenset({"localhost"})


def make_dependencies(
    database: Database, settings: Settings, clock: Callable[[], datetime], *, redis_url: str | None = None
) -> Dependencies:
    """What the application answers from, put together; `create_app` says what each of these is."""
    watch, house = DashboardWatch(), House(database, settings)

    def read() -> Dashboard:
        house.glance()
        return read_dashboard(
            database, clock(), language=settings.web.language, watch=watch, teams=house.view.teams
        )

    return Dependencies(
        database=database,
        house=house,
        clock=clock,
        templates=make_templates(TEMPLATES),
        dashboards=DashboardStream(read),
        watch=watch,
        floor=FloorWatch(database),
        dashboard_texts=DashboardTexts(),
        redis_url=redis_url or settings.redis_url,
        reader=FileReader(database, settings, clock),
        figures=ListFigures(database, ThreadPoolExecutor(COUNTERS, thread_name_prefix="counts")),
        provider=_provider(settings.web.login),
    )


def _provider(login: LoginSettings) -> LogInProvider | None:
    if login.mode != "oidc":
        return None
    from dialer.web.access.oidc import OidcProvider  # noqa: PLC0415 - nobody else needs an HTTP client for it

    return OidcProvider(login.oidc)


def create_app(
    database: Database, settings: Settings, clock: Callable[[], datetime], *, redis_url: str | None = None
) -> LateApi:
    """The application over an open database.

    `clock` gives aware UTC. `redis_url` (or the setting) is the notifier that other processes ring and what
    /healthz asks; the pages work without it. Every endpoint that touches the database is a plain function
    and runs in the thread pool. Call `app.state.deps.dashboards.close()` when the server begins to stop
    (`dialer.web.page_server` does), or open event sources hold it up.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        deps: Dependencies = app.state.deps
        tasks = [asyncio.create_task(deps.dashboards.run())]
        if deps.redis_url is not None:
            tasks.append(asyncio.create_task(subscribe_changes(deps.redis_url, deps.dashboards.ring)))
        try:
            yield
        finally:
            deps.dashboards.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = LateApi(
        title="Winback",
        version="1",
        summary="The facts on Winback's pages, as JSON.",
        # the stock documentation pages load scripts from elsewhere
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )
    app.state.deps = make_dependencies(database, settings, clock, redis_url=redis_url)
    answer_errors(app, show_form_again)
    names = LOOPBACK_NAMES | {settings.web.host.lower()} | {name.lower() for name in settings.web.hosts}
    public_host = urlsplit(settings.public.address).hostname
    # the last one added is asked first: who spoke, for whom, from which page, and may they
    app.add_middleware(AccessCheck)
    app.add_middleware(
        HostAndOriginCheck,
        names=names | ({public_host} if public_host else set()),
        customer_file_bytes=settings.imports.largest_mb * 1024 * 1024,
    )
    app.add_middleware(
        ProxyHeadersMiddleware, trusted_hosts=[str(network) for network in settings.web.proxies]
    )
    app.add_middleware(PeerNote)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.router.routes.extend(joined((health, pages, public)).routes)
    return app
