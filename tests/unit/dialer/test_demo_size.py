"""A demo of any size is one that a single machine can play."""

from pathlib import Path

import pytest

from dialer.cli.demo_run import DemoRun


@pytest.mark.parametrize("agents", [8, 60, 300])
def test_a_large_demo_has_lines_for_everybody_and_lives_as_fast_as_one_process_can(
    tmp_path: Path, agents: int
) -> None:
    demo = DemoRun(tmp_path, agents=agents, seed=1, customers=None, mode="progressive")
    settings = demo.settings(0)

    assert len(settings.agents) == len({agent.id for agent in settings.agents}) == agents
    assert settings.trunks[0].channels >= agents
    assert demo.speed * agents <= 12.0 * 60
    assert settings.clock_speed == demo.speed
