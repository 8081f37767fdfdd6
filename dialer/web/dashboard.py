"""The dashboard as pages show it: the database's facts, and a plain judgement on how far to trust them.

The view is what `services.live` read; here the engine's state gets its words, so that the page, the
API, /healthz and /metrics all say the same.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import LeadState
from dialer.db.session import Database
from dialer.services.dashboard.dashboard import read_dashboard

# The engine writes its view about every second; four missed ones are no accident any more.
SILENT_AFTER_S: Final = 5.0


def read_dashboard_page(database: Database, now: datetime, *, language: str = "en") -> dict[str, Any]:
    """The dashboard at this moment, JSON-able; reasons in the words of `language`."""
    return make_dashboard_page(read_dashboard(database, now, language=language), now)


def make_dashboard_page(view: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The dashboard with the engine's state in words."""
    agents = view["agents"]
    states = Counter(agent["state"] for agent in agents)
    return {
        "now": now.isoformat(),
        "engine": judge_engines(view["engines"], view["calls"]),
        "agents": agents,
        "agents_by_state": {state.value: states[state.value] for state in AgentState},
        "calls": {
            "placed": view["calls"].get("intent", 0) + view["calls"].get("sent", 0),
            "ringing": view["calls"].get("dialling", 0),
            "answered": view["calls"].get("answered", 0),
            "connected": view["calls"].get("connected", 0),
        },
        "list": {
            "counts": {state.value: view["list"][state.value] for state in LeadState},
            "next": view["list"]["next"],
        },
        "today": view["today"],
        "promises": view["promises"],
    }


def judge_engines(engines: list[Mapping[str, Any]], calls: Mapping[str, int]) -> dict[str, Any]:
    """One engine state for the page: the worst of all PBXs, with a banner that says what to do.

    `state` is up, asking (the link is up, the PBX's truth not read yet), down (the link to a PBX is not
    ready), silent (an engine stopped speaking) or never.
    """
    said = [_judge_engine(engine) for engine in engines]
    if not said:
        return {
            "state": "never",
            "label": "no engine",
            "banner": "No engine has ever led a PBX with this database. Start one: winback engine.",
            "reason": "",
            "leader": "",
            "in_air": _in_air(calls),
            "utilisation": None,
            "waiting_callers": 0,
            "age_s": None,
        }
    worst = max(said, key=lambda each: (each["severity"], each["age_s"]))
    used = [each["utilisation"] for each in said if each["utilisation"] is not None]
    many = len(said) > 1
    return {
        "state": worst["state"],
        "label": worst["label"],
        "banner": worst["banner"],
        "reason": " ".join(f"{each['pbx']}: {each['reason']}" if many else each["reason"] for each in said),
        "leader": ", ".join(each["leader"] for each in said),
        "in_air": sum(each["in_air"] for each in said) if worst["state"] == "up" else _in_air(calls),
        "utilisation": sum(used) / len(used) if used else None,
        "waiting_callers": sum(each["waiting_callers"] for each in said),
        "age_s": worst["age_s"],
    }


def _judge_engine(engine: Mapping[str, Any]) -> dict[str, Any]:
    body, pbx, age_s = engine["body"], engine["pbx"], float(engine["age_s"])
    link = str(body.get("link", "unknown"))
    if age_s > SILENT_AFTER_S:
        severity, state, label = 3, "silent", "engine silent"
        banner = (
            f"The engine of {pbx} has said nothing for {age_s:.0f} s. Nobody is being called until it or "
            "another engine leads; promises stay on the list. What is shown of agents may be old."
        )
    elif link != "ready":
        severity, state, label = 2, "down", f"PBX link {link}"
        banner = (
            f"The engine has no working link to {pbx} ({link}). Nobody new is called until the link is up "
            "and the PBX has been asked what became of the calls on their way."
        )
    elif not body.get("ready", True):
        severity, state, label = 1, "asking", "asking the PBX"
        banner = (
            f"The link to {pbx} is up, and the engine is asking what became of the calls on their way. "
            "Nobody new is called until it knows."
        )
    else:
        severity, state, label, banner = 0, "up", "engine up", None
    return {
        "severity": severity,
        "state": state,
        "label": label,
        "banner": banner,
        "pbx": pbx,
        "age_s": age_s,
        "reason": str(body.get("sentence", "")),
        "leader": str(body.get("engine", "")),
        "in_air": int(body.get("calls_on_the_way", 0)),
        "utilisation": body.get("utilisation"),
        "waiting_callers": len(body.get("waiting_callers", ())),
    }


def _in_air(calls: Mapping[str, int]) -> int:
    """Calls the database knows to be on their way, for when no engine speaks."""
    return sum(calls.get(state, 0) for state in ("intent", "sent", "dialling", "answered"))
