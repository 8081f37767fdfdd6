"""The lab's scenario on the simulated PBX: real engine, database, dial permit and link, for some seconds."""

import asyncio
from pathlib import Path

from bench.pacing.engine_run import FloorPlan, judge, run_simulated


def test_a_floor_runs_and_is_measured_from_its_own_trace(tmp_path: Path) -> None:
    plan = FloorPlan(agents=6, answer_rate=0.6, seconds=15.0, seed=3)
    realised = asyncio.run(run_simulated(plan, tmp_path))
    assert realised.dialed >= 6
    assert realised.connected >= 1
    assert realised.connected + realised.abandoned <= realised.answered <= realised.dialed
    assert 0.0 < realised.utilisation < 1.0
    result = judge(plan, realised, seeds=3, pbx="simulated")
    assert result["dialed"] == realised.dialed
    assert set(result["utilisation"]) == {"floor", "lab", "low", "high", "within"}
