"""The figures that Prometheus reads.

Nothing is counted in this process, so any number of web processes give the same figures.
"""

from collections.abc import Iterator
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dialer.core.dashboard.view import EngineStateOnDashboard, PromisesOnDashboard, TodayOnDashboard
from dialer.web.dependencies import Dependencies

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


def written_metrics(deps: Dependencies) -> bytes:
    """All figures of this moment, in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(DatabaseCollector(deps))
    return generate_latest(registry)


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
