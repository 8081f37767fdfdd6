"""What operators' tools ask: /healthz and /metrics.

Both read the database when asked; nothing is counted in this process, so any number of web processes give
the same figures.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import JSONResponse, Response

from dialer.web.dashboard import read_dashboard_page
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.notifications import redis_answers

router = APIRouter(include_in_schema=False)

# name, help, where it stands on the dashboard
TODAY: Final = (
    ("attempts", "Attempts since midnight UTC."),
    ("answered", "Attempts answered since midnight UTC."),
    ("connected", "Attempts connected to an agent since midnight UTC."),
    ("abandoned", "Attempts answered by a person with no agent in time since midnight UTC."),
)
PROMISE_ENDS: Final = ("open", "kept", "settled", "cancelled", "closed")


def _health(deps: AtFront) -> tuple[int, dict[str, Any]]:
    """The parts this process depends on, and whether it can serve at all."""
    parts: dict[str, Any] = {}
    try:
        board = read_dashboard_page(deps.database, deps.now())
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, the answer is "not well"
        parts["database"] = {"ok": False, "detail": type(error).__name__}
    else:
        engine = board["engine"]
        parts["database"] = {"ok": True, "detail": "answers"}
        parts["engine"] = {
            "ok": engine["state"] == "up",
            "detail": engine["label"],
            "age_s": engine["age_s"],
        }
    if deps.redis_url is not None:
        answers = redis_answers(deps.redis_url)
        parts["redis"] = {
            "ok": answers,
            "detail": "answers" if answers else "silent: pages are a second behind",
        }
    ok = all(part["ok"] for part in parts.values())
    # only the database decides whether this process may be sent requests: pages say the rest themselves
    return (200 if parts["database"]["ok"] else 503), {"ok": ok, "parts": parts}


@router.get("/healthz")
def answer_health(health: Annotated[tuple[int, dict[str, Any]], Depends(_health)]) -> Response:
    """200 while this process can serve; the body says how each part does."""
    status, body = health
    return JSONResponse(body, status_code=status)


class DatabaseCollector(Collector):
    """The dashboard as Prometheus families, read at scrape time."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def collect(self) -> Iterator[Metric]:
        board = read_dashboard_page(self._deps.database, self._deps.now())
        for name, text in TODAY:
            yield GaugeMetricFamily(f"winback_{name}_today", text, value=board["today"][name])
        promises = GaugeMetricFamily("winback_promises", "Promises by where they stand.", labels=["state"])
        for state in PROMISE_ENDS:
            promises.add_metric([state], board["promises"][state])
        yield promises
        yield GaugeMetricFamily(
            "winback_conservation_error",
            "Promises made minus those accounted for; anything but 0 is a fault.",
            value=board["promises"]["error"],
        )
        agents = GaugeMetricFamily("winback_agents", "Agents by state.", labels=["state"])
        for state, count in board["agents_by_state"].items():
            agents.add_metric([state], count)
        yield agents
        engine = board["engine"]
        yield GaugeMetricFamily(
            "winback_calls_in_air", "Calls placed and not yet with an agent.", value=engine["in_air"]
        )
        if engine["age_s"] is not None:
            yield GaugeMetricFamily(
                "winback_engine_age_seconds", "Age of the engine's last word.", value=engine["age_s"]
            )
        yield GaugeMetricFamily(
            "winback_link_up",
            "1 while the engine speaks and its link to the PBX is up.",
            value=float(engine["state"] == "up"),
        )
        yield GaugeMetricFamily(
            "winback_live_pages", "Open event sources of this process.", value=self._deps.live.watchers
        )


@router.get("/metrics")
def answer_metrics(deps: AtFront) -> Response:
    """Prometheus text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DatabaseCollector(deps))
    return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})
