"""The setup page: what the centre consists of, changed as one text, looked at before it is applied."""

from dataclasses import asdict
from typing import Annotated, Final, Literal

from fastapi import Form, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from dialer.services.organisation.organisation import read_in_force
from dialer.services.organisation.rendering import read_renderings
from dialer.services.organisation.setup import DesiredState
from dialer.services.organisation.setup_file import SetupRefused, as_toml, read_setup
from dialer.web.access.asked import Asking
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError
from dialer.web.flash import tell, told
from dialer.web.languages import say, to_say, translate_plain
from dialer.web.routers import page_router
from dialer.web.schemas import Input
from dialer.web.setup_change import SetupChange, apply_change, have_rendered, plan_change

router = page_router()

ACTOR: Final = "setup page"
MEANWHILE: Final = to_say(
    "Somebody else has changed the organisation meanwhile: look again at what this would change."
)
LONGEST_TEXT: Final = 400_000  # characters; a thousand agents are a quarter of it


class SetupForm(Input):
    """The organisation as it is to be, and whether it is only looked at."""

    text: Annotated[str, Field(max_length=LONGEST_TEXT)]
    act: Literal["plan", "apply"] = "plan"
    version: Annotated[int, Field(ge=0, description="of the organisation that was shown")] = 0


@router.get("/setup")
def show_setup(request: Request, deps: AtFront) -> Response:
    """What there is, as tables and as a text to be changed."""
    applied = told(request)
    return _page(request, deps, done=SetupChange(**applied) if applied else None)


@router.post("/setup")
def change(request: Request, form: Annotated[SetupForm, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Say what the text would change, or make it so; a refusal keeps the text as it was typed."""
    text = form.text.replace("\r\n", "\n")
    try:
        desired = _desired(text)
        if form.act == "plan":
            return _page(request, deps, text=text, done=plan_change(deps, desired))
        _refuse_old(deps, form.version)
        done = apply_change(deps, desired, visitor.actor(ACTOR))
    except RequestError as fault:
        return _page(request, deps, text=text, fault=fault)
    return tell(request, "/setup", asdict(done), shown=lambda _: _page(request, deps, done=done))


@router.post("/setup/rendering/{pbx}")
def render(request: Request, pbx: str, deps: AtFront, visitor: Asking) -> Response:
    """Have the engine render and reload; the page follows until it is done."""
    try:
        have_rendered(deps, pbx, visitor.actor(ACTOR))
    except RequestError as fault:
        return _page(request, deps, fault=fault)
    return RedirectResponse("/setup", 303)


def _refuse_old(deps: Dependencies, version: int) -> None:
    """Refuse a text of an earlier organisation: what was added since is not in it, and would be removed."""
    if version != read_in_force(deps.database, deps.house.given).version:
        raise RequestError("setup.changed-meanwhile", MEANWHILE)


def _desired(text: str) -> DesiredState:
    try:
        return read_setup(text).over
    except SetupRefused as refused:
        raise RequestError(
            "setup.unreadable",
            say("The text cannot be applied: %(refused)s.", refused=translate_plain(refused.why)),
        ) from None


def _page(
    request: Request,
    deps: Dependencies,
    *,
    text: str | None = None,
    done: SetupChange | None = None,
    fault: RequestError | None = None,
) -> Response:
    found = read_in_force(deps.database, deps.house.given)
    renderings, now = read_renderings(deps.database), deps.now()
    return deps.page(
        request,
        "setup.html",
        {
            "house": found.view,
            "taken_over": found.taken_over,
            "text": as_toml(found.view) if text is None else text,
            "version": found.version,
            "done": done,
            "fault": fault,
            "queue_of": found.settings.queue_of,
            "renderings": renderings,
            "being_rendered": any(each.is_under_way(now) for each in renderings),
            "usual_folder": found.settings.pbx.folder,
        },
        status=fault.status if fault else 200,
    )
