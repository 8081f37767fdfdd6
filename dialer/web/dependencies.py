"""What every page and every API answer is made from: the database, the settings, the clock, the templates."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from dialer.core.dashboard.view import Dashboard
from dialer.core.organisation.entries import Organisation
from dialer.db.session import Database
from dialer.services.campaigns.list_figures import ListFigures
from dialer.services.dashboard.dashboard import DashboardWatch, read_dashboard
from dialer.services.dashboard.floor import FloorWatch
from dialer.services.organisation.organisation import House
from dialer.services.organisation.provider_log_in import LogInProvider
from dialer.settings import Settings
from dialer.web.access.asked import shown_to
from dialer.web.dashboard_stream import DashboardStream
from dialer.web.dashboard_words import DashboardTexts
from dialer.web.file_reader import FileReader
from dialer.web.languages import spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """The application's parts, put together once by `make_dependencies`."""

    database: Database
    house: House
    clock: Callable[[], datetime]
    templates: Jinja2Templates
    dashboards: DashboardStream
    watch: DashboardWatch
    floor: FloorWatch
    dashboard_texts: DashboardTexts
    redis_url: str | None
    reader: FileReader
    figures: ListFigures
    provider: LogInProvider | None = None  # where people log in elsewhere

    @property
    def settings(self) -> Settings:
        """The settings in force, the database's organisation in them; a second old at most."""
        self.house.glance()
        return self.house.settings

    @property
    def organisation(self) -> Organisation:
        """The organisation in force; a second old at most."""
        self.house.glance()
        return self.house.view

    def now(self) -> datetime:
        """This moment, aware UTC; a demo's where one is set."""
        return self.clock()

    def language(self, agent: str | None = None) -> str:
        """The language that reasons are said in: an agent's own, or that of the lists."""
        own = {each.id: each.language for each in self.settings.agents}.get(agent or "", "")
        return own or self.settings.web.language

    def reading(self, agent: str | None = None) -> str:
        """The language that reasons on a page are in: an agent's own, or the page's."""
        own = {each.id: each.language for each in self.settings.agents}.get(agent or "", "")
        return own or spoken()

    def read_dashboard(self) -> Dashboard:
        """The dashboard at this moment, reasons in the language of the lists."""
        return read_dashboard(
            self.database,
            self.now(),
            language=self.language(),
            watch=self.watch,
            teams=self.organisation.teams,
        )

    def page(self, request: Request, name: str, context: Mapping[str, Any], *, status: int = 200) -> Response:
        """A page from its template."""
        return self.templates.TemplateResponse(
            request,
            name,
            {
                "now": self.now(),
                "centre_zone": self.settings.queues.zone,
                "visitor": shown_to(request),
                "language": spoken(),
                "house_language": self.settings.web.language,
                "reasons_language": spoken(),
                **context,
            },
            status_code=status,
        )


def _deps(request: Request) -> Dependencies:
    deps: Dependencies = request.app.state.deps
    return deps


AtFront = Annotated[Dependencies, Depends(_deps)]
