"""The promises' page: open ones by queue position, ended ones with how they ended."""

from typing import Annotated, Final

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from callbacks.refusals import Rule
from dialer.core.dashboard.standing import judge_promise
from dialer.services.promises import callback_blocks, outage, promises, quotes, unkept
from dialer.web.access.asked import Asking, shown_to
from dialer.web.access.whole_numbers import unkept_for
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.errors import Id, RequestError
from dialer.web.form_faults import shown_again
from dialer.web.routers import page_router
from dialer.web.schemas import BlockInput, CancelInput, FollowUpInput, HeldInput

router = page_router()

ENDED_SHOWN: Final = 100
ACTOR: Final = "manager's page"


@router.get("/promises")
def show_promises(request: Request, deps: AtFront) -> Response:
    """Open and ended promises, with the ledger."""
    return _page(request, deps)


def _again(request: Request, deps: Dependencies, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    return _page(request, deps, about=int(request.path_params["promise"]), typed=typed, wrong=wrong)


@router.post("/promises/{promise}/cancel")
@shown_again(_again)
def cancel(
    request: Request, promise: Id, form: Annotated[CancelInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Cancel one, with the reason that stays on record; the list says where there is none to cancel."""
    if not promises.cancel_promise(deps.database, promise, form.reason, deps.now(), visitor.actor(ACTOR)):
        return _page(request, deps, fault=refuse_cancel())
    return RedirectResponse("/promises", 303)


def _page(
    request: Request,
    deps: Dependencies,
    *,
    fault: RequestError | None = None,
    about: int | None = None,
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> Response:
    return deps.page(
        request,
        "promises.html",
        {
            "judge_promise": judge_promise,
            "opened": promises.open_promises(deps.database, deps.now()),
            "ended": promises.ended_promises(deps.database, limit=ENDED_SHOWN),
            "ledger": promises.promise_ledger(deps.database),
            "held": outage.held_promises(deps.database),
            "unkept": unkept_for(deps, shown_to(request), unkept.unkept_promises(deps.database)),
            "blocked": callback_blocks.blocked_numbers(deps.database, limit=ENDED_SHOWN),
            "quotes": quotes.quote_score(deps.database, deps.now()),
            "accuracy": quotes.quote_accuracy(deps.database, deps.now()),
            "fault": fault,
            "about": about,
            "typed": typed or {},
            "wrong": wrong or {},
        },
        status=fault.status if fault else 422 if wrong else 200,
    )


@router.post("/promises/held")
def decide_held(form: Annotated[HeldInput, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Ring what an outage made overdue, or close it."""
    decide = outage.ring_held if form.decision == "ring" else outage.close_held
    decide(deps.database, visitor.actor(ACTOR), deps.now())
    return RedirectResponse("/promises", 303)


@router.post("/promises/{promise}/follow-up")
def follow_up(
    promise: Id, form: Annotated[FollowUpInput, Form()], deps: AtFront, visitor: Asking
) -> Response:
    """Take a promise that could not be kept off the list, with what was done about it."""
    if not unkept.follow_up(deps.database, promise, form.note, visitor.actor(ACTOR), deps.now()):
        raise refuse_follow_up()
    return RedirectResponse("/promises", 303)


def refuse_follow_up() -> RequestError:
    """It is not on the list."""
    return RequestError(
        Rule.PROMISE_UNKNOWN.value, "There is no such promise to see to: it was kept, or somebody has."
    )


@router.post("/promises/blocked/{entry}/undo")
def undo_block(entry: Id, form: Annotated[BlockInput, Form()], deps: AtFront, visitor: Asking) -> Response:
    """Let a blocked number be called back again, with the reason that stays on record."""
    if not callback_blocks.unblock_number(
        deps.database, entry, form.reason, visitor.actor(ACTOR), deps.now()
    ):
        raise refuse_unblock()
    return RedirectResponse("/promises", 303)


def refuse_unblock() -> RequestError:
    """There is no such entry."""
    return RequestError(Rule.NUMBER_BLOCKED.value, "This number is not blocked: somebody undid it already.")


def refuse_cancel() -> RequestError:
    """There is no such promise, it is over, or customer and agent are talking."""
    return RequestError(
        Rule.PROMISE_NOT_OPEN.value, "There is no such promise to cancel: it is over, or being kept."
    )
