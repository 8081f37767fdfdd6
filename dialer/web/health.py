"""What operators' tools ask: /healthz, /readyz and /metrics. All read the database when asked."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from dialer.db.database_faults import DatabaseUnavailable
from dialer.web.dependencies import AtFront
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


@router.get("/metrics")
def answer_metrics(deps: AtFront) -> Response:
    """Prometheus text."""
    from dialer.web.prometheus import CONTENT_TYPE, written_metrics  # noqa: PLC0415 - a megabyte for who is scraped

    return Response(written_metrics(deps), headers={"content-type": CONTENT_TYPE})
