"""The web application: pages for people, JSON for programs, figures for Prometheus."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from dialer.db.session import Book
from dialer.settings import Settings
from dialer.web import api, operations, pages
from dialer.web.bell import hear_bell
from dialer.web.faults import answer_faults
from dialer.web.front import Front
from dialer.web.guard import Guard
from dialer.web.stream import LiveStream
from dialer.web.templating import make_templates
from dialer.web.wallboard import read_wallboard

HERE: Final = Path(__file__).parent
LOOPBACK_NAMES: Final = frozenset({"localhost"})


def create_app(
    book: Book, settings: Settings, clock: Callable[[], datetime], *, redis_url: str | None = None
) -> FastAPI:
    """The application over an open book.

    `clock` gives aware UTC. `redis_url` (or the setting) is the bell that other processes ring and what
    /healthz asks; the pages work without it. Every endpoint that touches the book is a plain function
    and runs in the thread pool. Call `app.state.front.live.close()` when the server begins to stop
    (`dialer.web.server` does), or open event sources hold it up.
    """
    redis_url = redis_url or settings.redis_url
    live = LiveStream(lambda: read_wallboard(book, clock(), language=settings.web.language))
    front = Front(
        book=book,
        settings=settings,
        clock=clock,
        templates=make_templates(HERE / "templates"),
        live=live,
        redis_url=redis_url,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(live.run())]
        if redis_url is not None:
            tasks.append(asyncio.create_task(hear_bell(redis_url, live.ring)))
        try:
            yield
        finally:
            live.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = FastAPI(
        title="Winback",
        version="1",
        summary="The facts on Winback's pages, as JSON.",
        # the stock documentation pages load scripts from elsewhere
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )
    app.state.front = front
    answer_faults(app)
    names = LOOPBACK_NAMES | {settings.web.host.lower()} | {name.lower() for name in settings.web.hosts}
    app.add_middleware(Guard, names=names)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(api.router)
    app.include_router(operations.router)
    app.include_router(pages.router)
    return app
