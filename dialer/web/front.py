"""What every page and every API answer is made from: the book, the settings, the clock, the templates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from dialer.db.session import Book
from dialer.settings import Settings
from dialer.web.stream import LiveStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The application's parts, put together once in `create_app`."""

    book: Book
    settings: Settings
    clock: Callable[[], datetime]
    templates: Jinja2Templates
    live: LiveStream
    redis_url: str | None

    def now(self) -> datetime:
        """This moment, aware UTC; a rehearsal's where one is set."""
        return self.clock()

    def language(self, agent: str | None = None) -> str:
        """The language that reasons are said in: an agent's own, or that of the lists."""
        own = {each.id: each.language for each in self.settings.agents}.get(agent or "", "")
        return own or self.settings.web.language

    def page(self, request: Request, name: str, context: Mapping[str, Any], *, status: int = 200) -> Response:
        """A page from its template."""
        return self.templates.TemplateResponse(
            request,
            name,
            {"now": self.now(), "house_zone": self.settings.queues.zone, **context},
            status_code=status,
        )


def _front(request: Request) -> Front:
    front: Front = request.app.state.front
    return front


AtFront = Annotated[Front, Depends(_front)]
