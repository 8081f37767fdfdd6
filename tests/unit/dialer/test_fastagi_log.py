"""What is logged of a FastAGI port under attack: one line a minute of each kind."""

import structlog

from dialer.engine.fastagi import EVERY_S, FastAgiLog
from telephony.asterisk.agi.admission import RefusedBy
from telephony.errors import PeerViolation


def test_a_flood_is_one_line_a_minute_of_each_kind_with_how_many_were_not_said() -> None:
    now = [0.0]
    with structlog.testing.capture_logs() as lines:
        said = FastAgiLog(monotonic=lambda: now[0])
        for n in range(1000):
            said.refused(RefusedBy.PROOF, f"127.0.0.{n % 250}")
            said.failed(f"path-{n}", PeerViolation(f"violation {n}"))
        now[0] = EVERY_S
        said.refused(RefusedBy.PROOF, "127.0.0.1")
        said.refused(RefusedBy.CROWD, "127.0.0.1")

    assert [(line["event"], line.get("rule"), line["not_said"]) for line in lines] == [
        ("agi_refused", "fastagi.proof", 0),
        ("agi_failed", None, 0),
        ("agi_refused", "fastagi.proof", 999),
        ("agi_refused", "fastagi.crowd", 0),
    ]
    assert "winback asterisk render" in lines[0]["remedy"]
