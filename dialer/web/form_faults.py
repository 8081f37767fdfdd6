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
from dialer.web.wanted_inputs import wanted_of

EndpointT = TypeVar("EndpointT", bound=Callable[..., Any])

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
    wrong = {str(error["loc"][-1]): wanted_of(error) for error in fault.errors()}
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
