"""The page behind the link of the one question after a call. Looking answers nothing."""

from typing import Annotated

from fastapi import Form, Request
from pydantic import Field
from starlette.responses import RedirectResponse, Response

from dialer.core.outbox.signed_links import LinkPurpose
from dialer.core.surveys.promoter_score import HIGHEST, LOWEST
from dialer.services.surveys.surveys import answer_survey, given_score
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError
from dialer.web.form_faults import shown_again
from dialer.web.public.form import public_page
from dialer.web.public.links import LinkToken
from dialer.web.public.visitors import language_for, opened, signing_key
from dialer.web.routers import page_router
from dialer.web.schemas import Input

router = page_router()


class ScoreInput(Input):
    """The answer."""

    score: Annotated[int, Field(ge=LOWEST, le=HIGHEST)]


@router.get("/s/{token}")
def show_question(request: Request, token: LinkToken, deps: AtFront) -> Response:
    """The question; phones look at links by themselves, so looking changes nothing."""
    return _page(request, deps, token)


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    del typed, wrong
    return _page(request, deps, request.path_params["token"], status=422)


@router.post("/s/{token}")
@shown_again(_again)
def answer(
    request: Request, token: LinkToken, form: Annotated[ScoreInput, Form()], deps: AtFront
) -> Response:
    """Keep the answer; another one takes its place."""
    try:
        answer_survey(deps.database, opened(deps, LinkPurpose.SURVEY, token), form.score, deps.now())
    except RequestError as fault:
        return _page(request, deps, token, status=fault.status)
    return RedirectResponse(f"/s/{token}?lang={language_for(request, deps)}", 303)


def _page(request: Request, deps: Dependencies, token: str, *, status: int = 200) -> Response:
    signing_key(deps)
    language = language_for(request, deps)
    try:
        there, score = given_score(deps.database, opened(deps, LinkPurpose.SURVEY, token))
    except RequestError as fault:
        there, score, status = False, None, fault.status
    context = {
        "there": there,
        "score": score,
        "token": token,
        "name": deps.settings.texts.name,
        "scores": range(LOWEST, HIGHEST + 1),
    }
    return public_page(request, deps, "public/survey.html", language, context, status=status)
