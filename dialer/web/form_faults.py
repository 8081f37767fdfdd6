"""A form with a wrong field is shown again, with everything that was typed and a sentence at the field.

A page's endpoint names the function that shows its form (`shown_again`). Where the inputs of a request to
that endpoint were not understood, the answer is what the function shows; the API has its own shape of error.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from dialer.web.dependencies import Dependencies
from dialer.web.languages import to_say

EndpointT = TypeVar("EndpointT", bound=Callable[..., Any])

#: what a field wants, for a person; where there is none, the checker's own words are shown
WANTED: Final[Mapping[str, str]] = {
    "abandon_target": to_say("A share from 0 to 0.03."),
    "act": to_say("Choose one of the buttons."),
    "agents": to_say("A number of agents from 0.5 to 1000."),
    "attempts": to_say("A whole number from 1 to 20."),
    "attribute": to_say("The name of a column as it was imported, without quotes or backslashes."),
    "call_again_at": to_say("A day and an hour, such as 12.06.2026 11:30."),
    "caller_id": to_say("A number with + and the country's code, such as +442079460958."),
    "equals": to_say("One line of at most 200 characters."),
    "explore_share": to_say("A share from 0 to 1."),
    "holdout_share": to_say("A share from 0 to 0.9."),
    "hours": to_say("A number of hours from 0.5 to 1000."),
    "max_attempts": to_say("A whole number from 1 to 20."),
    "min_gain": to_say("A number, or nothing."),
    "min_risk": to_say("A share from 0 to 1, or nothing."),
    "name": to_say("One line of 1 to 120 characters."),
    "note": to_say("At most 2,000 characters, without control characters."),
    "number": to_say("A telephone number: digits, spaces and + ( ) . / - alone."),
    "offer": to_say("At most 1,000 characters, without control characters."),
    "queue": to_say("A queue's name: letters, digits, _ and - alone."),
    "reason": to_say("A reason in one line, of 3 characters or more."),
    "ring_s": to_say("Whole seconds from 15 to 120."),
    "save_as": to_say("One line of 1 to 120 characters."),
    "script": to_say("At most 4,000 characters, without control characters."),
    "share": to_say("A number above 0 and up to 100, or nothing."),
    "top": to_say("A whole number from 1 to 1,000,000."),
    "trunk": to_say("A trunk's name: letters, digits, _ and - alone."),
    "wanted_from": to_say("One of the hours that are offered."),
    "who": to_say("A number, the company's own id of a customer, or words of their name."),
    "why": to_say("Why, in one line of 3 to 120 characters."),
}

#: the field at which a refused form says why, by the refusal's code
FIELD_OF: Final[Mapping[str, str]] = {
    "campaign.name-taken": "name",
    "filter.column-unknown": "where",
    "filter.half": "equals",
    "filter.unreadable": "where",
    "list.name-taken": "save_as",
    "order.column-missing": "order_column",
    "order.column-unknown": "order_column",
    "team.unknown": "team",
    "trunk.unknown": "trunk",
}


class ShowAgain(Protocol):
    """Shows a form as it was typed, with a sentence at each field that was not understood."""

    def __call__(
        self, request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
    ) -> Response:
        """The page; its status is 422."""


_AGAIN: Final[dict[Callable[..., Any], ShowAgain]] = {}


def shown_again(show: ShowAgain) -> Callable[[EndpointT], EndpointT]:
    """Show this endpoint's form again by `show`; stands under the route, above the function."""

    def remember(endpoint: EndpointT) -> EndpointT:
        _AGAIN[endpoint] = show
        return endpoint

    return remember


def show_form_again(request: Request, fault: RequestValidationError) -> Response | None:
    """The page with the form as it was typed; None where the endpoint has no form to show."""
    show = _AGAIN.get(request.scope.get("endpoint"))  # type: ignore[arg-type] # None is no key
    wrong = {str(error["loc"][-1]): _sentence(error) for error in fault.errors()}
    if show is None or any(error["loc"][0] == "path" for error in fault.errors()):
        return None
    body = fault.body if isinstance(fault.body, FormData) else request.query_params
    return show(request, request.app.state.deps, _typed(body), wrong)


async def typed_fields(request: Request) -> dict[str, str]:
    """A form as it was typed, for an answer that shows it again although nothing was wrong with it."""
    return _typed(await request.form())


def _typed(body: FormData | QueryParams) -> dict[str, str]:
    """Fields by name; several of one name, as ticks are, stand a line each."""
    typed: dict[str, str] = {}
    for name, value in body.multi_items():
        if isinstance(value, str):
            typed[name] = f"{typed[name]}\n{value}" if name in typed else value
    return typed


def _sentence(error: Mapping[str, Any]) -> str:
    wanted = WANTED.get(str(error["loc"][-1]))
    return wanted if wanted is not None else f"{str(error['msg'])[:200]}."
