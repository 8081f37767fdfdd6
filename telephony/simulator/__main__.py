"""A simulated PBX in a process of its own: `python -m telephony.simulator --agents 8 --speed 10`.

Prints one JSON line with its port as soon as it listens, and runs until it is told to end.
"""

import argparse
import asyncio
import json
import signal
import sys

from telephony.simulator.behaviour import Behaviour, SimulatedAgent
from telephony.simulator.server import SimulatedPbx


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m telephony.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--agents", type=int, default=8)
    parser.add_argument("--first-agent", type=int, default=1, help="number in the first one's id")
    parser.add_argument("--speed", type=float, default=1.0, help="divides every duration")
    parser.add_argument("--callers-per-hour", type=float, default=30.0)
    parser.add_argument(
        "--agi", action="append", default=[], help="host:port of an engine's FastAGI; once for each engine"
    )
    parser.add_argument("--username", default="winback")
    parser.add_argument("--secret", default="winback")
    parser.add_argument("--scripted", action="store_true", help="numbers say how their customers behave")
    return parser.parse_args()


async def _run(given: argparse.Namespace) -> None:
    parts = [address.rpartition(":") for address in given.agi]
    agi = tuple((host, int(port)) for host, _, port in parts)
    behaviour = Behaviour(
        agents=tuple(
            SimulatedAgent(id=f"a{n}") for n in range(given.first_agent, given.first_agent + given.agents)
        ),
        speed=given.speed,
        callers_per_hour=given.callers_per_hour,
        scripted=given.scripted,
    )
    pbx = SimulatedPbx(behaviour, seed=given.seed, agi=agi, username=given.username, secret=given.secret)
    bound = await pbx.start(given.host, given.port)
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    sys.stdout.write(json.dumps({"host": given.host, "port": bound, "seed": given.seed}) + "\n")
    sys.stdout.flush()
    await ended.wait()
    await pbx.stop()


if __name__ == "__main__":
    asyncio.run(_run(_arguments()))
