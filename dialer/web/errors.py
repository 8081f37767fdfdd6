"""One shape for everything that goes wrong, in JSON and on a page.

    {"error": {"code": "hours.closed", "message": "...", "until": "2026-...Z" | null, "fields": [...]}}

`code` is the compliance check's rule id where the compliance check refused; codes of the door and the forms
are listed in docs/pages.md. `fields` names inputs that were not understood.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from callbacks.refusals import Refusal
from dialer.core.compliance.catalogue import SENTENCES
from dialer.db.database_faults import RETRY_AFTER_S, DatabaseUnavailable
from dialer.expected_input import what_was_expected
from dialer.web.headers import guarded
from dialer.web.languages import say, to_say, translate, translate_plain
from dialer.web.wanted_inputs import wanted_of
from telephony.state_machine import IllegalTransition

log = structlog.get_logger(__name__)


class FieldError(BaseModel):
    """One input that was not understood."""

    field: str
    message: str


class ErrorBody(BaseModel):
    """What went wrong: a stable code, a sentence, and when it would work."""

    code: str
    message: str
    until: datetime | None = None
    fields: list[FieldError] = []


class ErrorAnswer(BaseModel):
    """The one error answer of the API."""

    error: ErrorBody


ResultT = TypeVar("ResultT")

_FAULT: Final = {"schema": {"$ref": f"#/components/schemas/{ErrorAnswer.__name__}"}}
#: that shape once in the API's description, and a word about it for each status: a model named with a status
#: is built anew for every route, which came to four megabytes
API_FAULTS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"content": {"application/json": _FAULT}, "description": text}
    for status, text in {
        400: "the body could not be read",
        401: "nobody is logged in, or the token does not hold",
        403: "another site's page asked, or `code` role.not-enough: not yours to do",
        404: "nothing by that name",
        409: "refused: `code` is the rule",
        413: "the body is too large",
        421: "unknown host name",
        422: "an input was not understood",
        503: "the database cannot do it now: `Retry-After` says when to ask again",
    }.items()
}

Id = Annotated[int, Field(ge=1, le=2**31 - 1)]  # the width of a key column


class RequestError(Exception):
    """Stop here and tell the caller why."""

    def __init__(self, code: str, message: str, *, status: int = 409, until: datetime | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.until = until


def refuse(refusal: Refusal) -> RequestError:
    """A use case's refusal as the answer to the request; the rule id is the code."""
    return RequestError(refusal.rule.value, SENTENCES[refusal.rule], until=refusal.until)


def passed(answer: ResultT | Refusal) -> ResultT:
    """What a use case gave; raises `RequestError` where the answer is a refusal."""
    if isinstance(answer, Refusal):
        raise refuse(answer)
    return answer


SOME_INPUTS: Final = to_say("Some inputs were not understood.")
WENT_WRONG: Final = to_say("Something went wrong here; the log says what.")
#: what is said where there is no such thing
NOT_FOUND: Final = {
    "agent": to_say("There is no such agent."),
    "call": to_say("There is no such call."),
    "list": to_say("There is no such list."),
    "callback": to_say("There is no such callback."),
    "campaign": to_say("There is no such campaign."),
    "customer": to_say("There is no such customer."),
    "file": to_say("There is no such file."),
    "given offer": to_say("There is no such given offer."),
    "mailing": to_say("There is no such mailing."),
    "note": to_say("There is no such note."),
    "offer": to_say("There is no such offer."),
    "page": to_say("There is no such page."),
    "phone": to_say("There is no such phone."),
    "promise": to_say("There is no such promise."),
    "recording": to_say("There is no such recording."),
    "recording on this machine": to_say("There is no such recording on this machine."),
    "report": to_say("There is no such report."),
}


def not_found(what: str) -> RequestError:
    """Nothing by that name, which is one of `NOT_FOUND`."""
    return RequestError("not-found", NOT_FOUND[what], status=404)


def error_response(
    code: str,
    message: str,
    *,
    status: int,
    until: datetime | None = None,
    fields: list[FieldError] | None = None,
) -> Response:
    """The JSON answer."""
    body = ErrorAnswer(
        error=ErrorBody(
            code=code,
            message=message,
            until=until.astimezone(UTC) if until else None,
            fields=fields or [],
        )
    )
    return JSONResponse(body.model_dump(mode="json"), status_code=status)


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks (and not the API or a program)."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _wanted(request: Request, error: Mapping[str, Any]) -> str:
    """What an input was to be: for programs as everywhere, for people in their language."""
    if request.url.path.startswith("/api/"):
        return what_was_expected(error)
    return translate_plain(wanted_of(error))


def answer_errors(
    app: FastAPI, show_again: Callable[[Request, RequestValidationError], Response | None]
) -> None:
    """Give every error of the application the one shape; a page's form may be shown again instead."""

    def answer(
        request: Request,
        code: str,
        message: str,
        *,
        status: int,
        until: datetime | None = None,
        fields: list[FieldError] | None = None,
    ) -> Response:
        if not wants_page(request):
            return error_response(code, translate_plain(message), status=status, until=until, fields=fields)
        page: Response = request.app.state.deps.page(
            request,
            "error.html",
            {"code": code, "message": message, "until": until, "fields": fields or []},
            status=status,
        )
        return page

    def on_fault(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, RequestError)  # noqa: S101 - registered for this class
        return answer(request, fault.code, fault.message, status=fault.status, until=fault.until)

    def on_http(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, HTTPException)  # noqa: S101 - registered for this class
        code = {404: "not-found", 405: "method.not-allowed", 400: "body.unreadable"}.get(
            fault.status_code, "http"
        )
        said = NOT_FOUND["page"] if code == "not-found" and wants_page(request) else str(fault.detail)
        response = answer(request, code, said, status=fault.status_code)
        response.headers.update(fault.headers or {})
        return response

    def on_input(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, RequestValidationError)  # noqa: S101 - registered for this class
        again = show_again(request, fault) if wants_page(request) else None
        if again is not None:
            return again
        fields = [
            FieldError(
                field=".".join(str(part) for part in error["loc"] if part not in {"body", "query", "path"}),
                message=_wanted(request, error)[:200],
            )
            for error in fault.errors()
        ]
        return answer(request, "input.invalid", SOME_INPUTS, status=422, fields=fields)

    def on_transition(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, IllegalTransition)  # noqa: S101 - registered for this class
        return answer(
            request,
            f"{fault.machine}.{fault.state}",
            say(
                "%(event)s is not possible: the %(machine)s is %(state)s.",
                event=translate(fault.event.replace("_", " ")),
                machine=translate(fault.machine.replace("_", " ")),
                state=translate(fault.state.replace("_", " ")),
            ),
            status=409,
        )

    def on_database(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, DatabaseUnavailable)  # noqa: S101 - registered for this class
        log.warning("request_failed", error=str(fault))
        response = answer(request, fault.fault.value, fault.sentence, status=503)
        response.headers["retry-after"] = str(RETRY_AFTER_S[fault.fault])
        return response

    def on_any(request: Request, fault: Exception) -> Response:
        del fault  # its text may hold customers' data; the log has it
        response = answer(request, "internal", WENT_WRONG, status=500)
        # this answer is made outside of the guard
        response.raw_headers = guarded(response.raw_headers, path=request.url.path)
        return response

    app.add_exception_handler(RequestError, on_fault)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_input)
    app.add_exception_handler(IllegalTransition, on_transition)
    app.add_exception_handler(DatabaseUnavailable, on_database)
    app.add_exception_handler(Exception, on_any)
