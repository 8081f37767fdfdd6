"""The web form: a number and a time, then the code that was texted, then the promise. Works without scripts.

It may be shown inside the sites of `public.embed`, and in nobody else's.
"""

import secrets
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Form, Request
from pydantic import AwareDatetime, Field
from starlette.responses import RedirectResponse, Response

from callbacks.refusals import Rule
from dialer.core.outbox.signed_links import LinkPurpose, read_link, sign_link
from dialer.services.promises import slots
from dialer.services.promises.own_promise import own_link
from dialer.services.promises.wishes import WebWish, code_ends_at, hours_of_wish
from dialer.web.chosen_hours import choices, in_utc
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import RequestError
from dialer.web.form_faults import shown_again
from dialer.web.headers import HEADERS
from dialer.web.public.callbacks_api import ask_for_call, proof_of, prove_wish
from dialer.web.public.visitors import address_of, form_key, language_for, opened, words_in
from dialer.web.routers import page_router
from dialer.web.schemas import Blank, Input, Number, as_e164
from telephony.numbers import E164

router = page_router()

FORM_LIFE: Final = timedelta(hours=2)  # a form that was left open over lunch is still taken
RANDOM: Final = 2**32 - 1
#: what is said of each code that a door answers with; any other: not now
SAID: Final = {
    "wishes.too-many": "too_many",
    "number.not-mobile": "bad_number",
    "code.wrong": "bad_code",
    "link.void": "bad_code",
    Rule.SLOT_TAKEN: "taken",
}


class FormInput(Input):
    """What somebody typed; `ticket` is the form's own, and makes pressing twice one wish."""

    number: Number
    wanted_from: Annotated[AwareDatetime | None, Blank] = None
    ticket: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{20,40}$")]


class FormCodeInput(Input):
    """The code that was texted."""

    wish: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{20,40}$")]
    code: Annotated[str, Field(pattern=r"^\s*[0-9]{3}\s?[0-9]{3}\s*$")]
    wanted_from: Annotated[AwareDatetime | None, Blank] = None


@router.get("/callback")
def show_form(request: Request, deps: AtFront) -> Response:
    """The empty form."""
    return _form(request, deps)


def _form_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    return _form(request, deps, typed=typed, fault=bad_number(deps) if "number" in wrong else "taken")


@router.post("/callback")
@shown_again(_form_again)
def ask(request: Request, form: Annotated[FormInput, Form()], deps: AtFront) -> Response:
    """Have a code texted or spoken; what follows looks the same whatever the number."""
    key = form_key(deps)
    typed = {"number": form.number}
    if form.wanted_from is not None:
        typed["wanted_from"] = form.wanted_from.isoformat()
    if read_link(LinkPurpose.FORM, form.ticket, key, deps.now()) is None:
        return _form(request, deps, typed=typed, fault="left_open")
    try:
        number = E164.parse(as_e164(form.number, deps.settings.calling.default_region))
    except RequestError:
        return _form(request, deps, typed=typed, fault=bad_number(deps))
    wish = WebWish(
        number=number,
        key=f"{form.ticket} {number.e164} {form.wanted_from}",  # another number is another wish
        address=address_of(request),
        language=language_for(request, deps),
        wanted=in_utc(form.wanted_from) if form.wanted_from is not None else None,
    )
    try:
        made = ask_for_call(deps, wish)
    except RequestError as fault:
        return _form(request, deps, typed=typed, fault=SAID.get(fault.code, "not_now"))
    way = proof_of(deps, number)
    token = sign_link(LinkPurpose.REQUEST, made, code_ends_at(deps.database, made), key)
    return _page(request, deps, "public/code.html", {"wish": token, "fault": None, "way": way})


def _code_again(
    request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]
) -> Response:
    del wrong
    context = {"wish": typed.get("wish", ""), "fault": "bad_code"}
    return _page(request, deps, "public/code.html", context, status=422)


@router.post("/callback/code")
@shown_again(_code_again)
def show_code(request: Request, form: Annotated[FormCodeInput, Form()], deps: AtFront) -> Response:
    """Promise the call to whoever has the code, and lead to its own page."""
    code = "".join(form.code.split())
    wanted = in_utc(form.wanted_from) if form.wanted_from is not None else None
    try:
        proven = prove_wish(deps, form.wish, code, wanted)
    except RequestError as fault:
        context: dict[str, Any] = {"wish": form.wish, "fault": SAID.get(fault.code, "not_now")}
        if fault.code == Rule.SLOT_TAKEN:  # their code was right: they need not begin anew to choose again
            context |= {"code": code, "choices": _other_hours(request, deps, form.wish)}
        return _page(request, deps, "public/code.html", context, status=fault.status)
    link = own_link(deps.database, deps.settings, proven.promise, deps.now()) or "/callback"
    done = "&done=already" if proven.before else ""
    return RedirectResponse(f"/c/{link.rpartition('/')[2]}?lang={language_for(request, deps)}{done}", 303)


def _other_hours(request: Request, deps: Dependencies, wish: str) -> list[tuple[str, str]]:
    queues = deps.settings.queues
    free = hours_of_wish(deps.database, opened(deps, LinkPurpose.REQUEST, wish), queues.inbound, deps.now())
    return choices(free, queues.zone, language_for(request, deps))


def bad_number(deps: Dependencies) -> str:
    """What is said of a number that cannot be read: whether a landline would do too."""
    return "bad_any_number" if deps.settings.public.speak_code else "bad_number"


def _form(
    request: Request, deps: Dependencies, *, typed: dict[str, str] | None = None, fault: str | None = None
) -> Response:
    key, now = form_key(deps), deps.now()
    language = language_for(request, deps)
    ticket = sign_link(LinkPurpose.FORM, secrets.randbelow(RANDOM) + 1, now + FORM_LIFE, key)
    context = {
        "ticket": ticket,
        "typed": typed or {},
        "fault": fault,
        "choices": choices(
            slots.open_slots(deps.database, deps.settings.queues.inbound, None, now),
            deps.settings.queues.zone,
            language,
        ),
    }
    return _page(request, deps, "public/form.html", context, status=422 if fault else 200)


def _page(
    request: Request, deps: Dependencies, name: str, context: dict[str, Any], *, status: int = 200
) -> Response:
    form_key(deps)
    return public_page(request, deps, name, language_for(request, deps), context, status=status)


def public_page(
    request: Request,
    deps: Dependencies,
    name: str,
    language: str,
    context: dict[str, Any],
    *,
    status: int = 200,
) -> Response:
    """A page for customers in their language, which own sites may show inside theirs."""
    given = {
        "words": words_in(language),
        "language": language,
        "centre": deps.settings.texts.name,
        **context,
    }
    page = deps.page(request, name, given, status=status)
    sites = " ".join(deps.settings.public.embed)
    if sites:
        policy = HEADERS["content-security-policy"]
        page.headers["content-security-policy"] = policy.replace(
            "frame-ancestors 'none'", f"frame-ancestors 'self' {sites}"
        )
    return page
