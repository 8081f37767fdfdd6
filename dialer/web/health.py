"""What operators' tools ask: /healthz, /readyz and /metrics.

All read the database when asked; nothing is counted in this process, so any number of web processes give
the same figures.
"""

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from dialer.core.dashboard.view import EngineStateOnDashboard, PromisesOnDashboard, TodayOnDashboard
from dialer.db.database_faults import DatabaseUnavailable
from dialer.web.dependencies import AtFront, Dependencies
from dialer.web.notifications import redis_answers

router = APIRouter(include_in_schema=False)

ASK_AGAIN_S: Final = 5  # about as long as a lost link or a new leader takes


class HealthPart(BaseModel):
    """How one part does; `age_s` is the engine's, since its last word, and `code` says what ails it."""

    ok: bool
    detail: str
    age_s: float | None = None
    code: str | None = None


class HealthParts(BaseModel):
    """The parts this process depends on; Redis where there is one, the engine while the database answers."""

    database: HealthPart
    engine: HealthPart | None = None
    redis: HealthPart | None = None


class Health(BaseModel):
    """All parts, and whether every one of them is well."""

    ok: bool
    parts: HealthParts


def _health(deps: AtFront) -> Health:
    """Each part asked at this moment."""
    engine = None
    try:
        dashboard = deps.read_dashboard()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, the answer is "not well"
        database = _unwell(error)
    else:
        database = HealthPart(ok=True, detail="answers")
        state = dashboard.engine
        engine = HealthPart(ok=state.state == "up", detail=state.label, age_s=state.age_s)
    redis = _redis(deps.redis_url) if deps.redis_url is not None else None
    ok = all(part.ok for part in (database, engine, redis) if part is not None)
    return Health(ok=ok, parts=HealthParts(database=database, engine=engine, redis=redis))


def _redis(url: str) -> HealthPart:
    answers = redis_answers(url)
    return HealthPart(ok=answers, detail="answers" if answers else "silent: pages are a second behind")


@router.get("/healthz")
def answer_health(health: Annotated[Health, Depends(_health)]) -> Response:
    """200 while this process can serve; the body says how each part does."""
    # only the database decides whether this process may be sent requests: pages say the rest themselves
    status = 200 if health.parts.database.ok else 503
    return JSONResponse(health.model_dump(exclude_none=True), status_code=status)


class ReadyParts(BaseModel):
    """What it takes to call somebody; engine and link are known while the database answers."""

    database: HealthPart
    engine: HealthPart | None = None
    link: HealthPart | None = None


class Readiness(BaseModel):
    """Whether the centre can work; if not, `code` says what to look at first."""

    ok: bool
    code: str | None = None
    parts: ReadyParts


def _readiness(deps: AtFront) -> Readiness:
    """Whether something can be saved, who leads, and whether its link to the PBX is up."""
    try:
        deps.database.prove_writable()
        state = deps.read_dashboard().engine
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the database, the answer is "not ready"
        database = _unwell(error)
        return Readiness(ok=False, code=database.code, parts=ReadyParts(database=database))
    leads, linked = state.state not in {"never", "silent"}, state.state in {"up", "asking"}
    engine = HealthPart(
        ok=leads,
        detail=f"{state.leader} leads" if leads else state.label,
        age_s=state.age_s,
        code=None if leads else f"engine.{state.state}",
    )
    link = HealthPart(ok=linked, detail=state.label, code=None if linked else "link.down") if leads else None
    parts = ReadyParts(database=HealthPart(ok=True, detail="can be written to"), engine=engine, link=link)
    code = next((part.code for part in (engine, link) if part is not None and not part.ok), None)
    return Readiness(ok=code is None, code=code, parts=parts)


def _unwell(error: Exception) -> HealthPart:
    if isinstance(error, DatabaseUnavailable):
        return HealthPart(ok=False, detail=error.sentence, code=error.fault.value)
    return HealthPart(ok=False, detail=type(error).__name__, code="internal")


@router.get("/readyz")
def answer_readiness(readiness: Annotated[Readiness, Depends(_readiness)]) -> Response:
    """200 while somebody can be called; 503 with a code and `Retry-After` while not."""
    body = readiness.model_dump(exclude_none=True)
    if readiness.ok:
        return JSONResponse(body)
    return JSONResponse(body, status_code=503, headers={"retry-after": str(ASK_AGAIN_S)})


class DatabaseCollector(Collector):
    """The dashboard as Prometheus families, read at scrape time."""

    def __init__(self, deps: Dependencies) -> None:
        self._deps = deps

    def collect(self) -> Iterator[Metric]:
        dashboard = self._deps.read_dashboard()
        yield from _today(dashboard.today)
        yield from _promises(dashboard.promises)
        yield GaugeMetricFamily(
            "winback_facts_set_aside",
            "Facts of calls that could not be written, in the last day; anything but 0 is a fault.",
            value=dashboard.facts_set_aside,
        )
        agents = GaugeMetricFamily("winback_agents", "Agents by state.", labels=["state"])
        for state, count in dashboard.agents_by_state.items():
            agents.add_metric([state.value], count)
        yield agents
        yield from _engine(dashboard.engine)
        watchers, words = self._deps.dashboards.watchers, "Open event sources of this process"
        yield GaugeMetricFamily("winback_dashboard_pages", f"{words}.", value=watchers)
        yield GaugeMetricFamily("winback_live_pages", f"{words}: the name before 0.2.", value=watchers)


def _today(today: TodayOnDashboard) -> Iterator[Metric]:
    for name, text, value in (
        ("attempts", "Attempts since the day began.", today.attempts),
        ("answered", "Attempts answered since the day began.", today.answered),
        ("connected", "Attempts connected to an agent since the day began.", today.connected),
        (
            "abandoned",
            "Attempts answered by a person with no agent in time since the day began.",
            today.abandoned,
        ),
    ):
        yield GaugeMetricFamily(f"winback_{name}_today", text, value=value)


def _promises(promises: PromisesOnDashboard) -> Iterator[Metric]:
    by_state = GaugeMetricFamily("winback_promises", "Promises by where they stand.", labels=["state"])
    for state, count in (
        ("open", promises.open),
        ("kept", promises.kept),
        ("settled", promises.settled),
        ("cancelled", promises.cancelled),
        ("closed", promises.closed),
    ):
        by_state.add_metric([state], count)
    yield by_state
    yield GaugeMetricFamily(
        "winback_conservation_error",
        "Promises made minus those accounted for; anything but 0 is a fault.",
        value=promises.error,
    )
    yield GaugeMetricFamily(
        "winback_promises_stuck",
        "Open promises that nothing would ever move; anything but 0 is a fault.",
        value=promises.stuck,
    )
    yield GaugeMetricFamily(
        "winback_promises_overtaken",
        "Promises of the last day whose turn somebody took who joined later; anything but 0 is a fault.",
        value=promises.overtaken,
    )


def _engine(engine: EngineStateOnDashboard) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "winback_calls_in_air", "Calls placed and not yet with an agent.", value=engine.in_air
    )
    if engine.age_s is not None:
        yield GaugeMetricFamily(
            "winback_engine_age_seconds", "Age of the engine's last word.", value=engine.age_s
        )
    yield GaugeMetricFamily(
        "winback_link_up",
        "1 while the engine speaks and its link to the PBX is up.",
        value=float(engine.state == "up"),
    )


@router.get("/metrics")
def answer_metrics(deps: AtFront) -> Response:
    """Prometheus text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DatabaseCollector(deps))
    return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})
