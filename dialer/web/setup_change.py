"""The organisation changed from a page or by the API: planned or applied, and what is to follow said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialer.bootstrap import pbx_fault, to_be_rendered
from dialer.services.organisation.rendering import ask_for_rendering
from dialer.services.organisation.setup import DesiredState, Plan, apply_setup, differences
from dialer.services.organisation.setup_file import SetupRefused, declared_in
from dialer.web.dependencies import Dependencies
from dialer.web.errors import RequestError
from dialer.web.languages import say, translate, translate_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupChange:
    """What would be changed, or was, each in one line, and what Asterisk has to be told because of it."""

    words: tuple[str, ...]
    asterisk: str | None
    applied: bool


def desired_in(values: Mapping[str, Any]) -> DesiredState:
    """What is desired by these kinds with their entries; raises `RequestError` for what cannot be."""
    try:
        return declared_in(values).over
    except SetupRefused as refused:
        raise RequestError("setup.refused", _sentence(refused)) from None


def plan_change(deps: Dependencies, desired: DesiredState) -> SetupChange:
    """What would be changed; raises `RequestError` for what cannot be."""
    try:
        plan = differences(deps.database, deps.house.given, desired, pbx_fault=pbx_fault)
    except SetupRefused as refused:
        raise RequestError("setup.refused", _sentence(refused)) from None
    return _told(plan, applied=False)


def apply_change(deps: Dependencies, desired: DesiredState, actor: str) -> SetupChange:
    """Make it so, all or nothing; raises `RequestError` for what cannot be."""
    try:
        plan = apply_setup(
            deps.database, deps.house.given, desired, now=deps.now(), actor=actor, pbx_fault=pbx_fault
        )
    except SetupRefused as refused:
        raise RequestError("setup.refused", _sentence(refused)) from None
    deps.house.look()  # who asked sees it at once
    return _told(plan, applied=True)


def have_rendered(deps: Dependencies, pbx: str, actor: str) -> None:
    """Ask the engine of a PBX to render and reload; raises `RequestError` where it will not."""
    refused = ask_for_rendering(deps.database, pbx, actor, deps.now())
    if refused is not None:
        raise RequestError(
            "rendering.not-here",
            say("Nothing is rendered from here: %(refused)s.", refused=translate_plain(refused)),
        )


def _told(plan: Plan, *, applied: bool) -> SetupChange:
    words = tuple(_as_sentence(translate(change.words)) for change in plan.changes)
    asterisk = to_be_rendered(plan.before, plan.after)
    return SetupChange(words=words, asterisk=asterisk and translate_plain(asterisk), applied=applied)


def _sentence(refused: SetupRefused) -> str:
    return _as_sentence(translate_plain(refused.why).rstrip("."))


def _as_sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
