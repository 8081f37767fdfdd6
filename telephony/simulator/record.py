"""Record what a PBX says: `python -m telephony.simulator.record HOST PORT USER --seconds 60 > FILE`.

The secret is read from the environment variable WINBACK_PBX__SECRET. Recordings hold whatever the
PBX said, people's numbers included: play them back, do not pass them on.
"""

import argparse
import asyncio
import os
import sys

from telephony.asterisk.ami.wire import Frame, FrameReader, encode_action
from telephony.errors import LoginRefused
from telephony.simulator.recording import to_text


async def record(
    host: str, port: int, *, username: str, secret: str, seconds: float
) -> list[tuple[float, Frame]]:
    """Everything a manager port says within so many seconds of log-in, with its times.

    Raises `LoginRefused`, `OSError`, or `PeerViolation` where the other side is no manager.
    """
    loop = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection(host, port)
    frames = FrameReader(expect_banner=True)
    heard: list[tuple[float, Frame]] = []
    try:
        writer.write(encode_action("Login", (("Username", username), ("Secret", secret))))
        began = loop.time()
        async with asyncio.timeout(seconds):
            while data := await reader.read(65536):
                for frame in frames.receive(data):
                    if frame.response == "Error" and not heard:
                        raise LoginRefused(frame.get("Message"))
                    heard.append((loop.time() - began, frame))
    except TimeoutError:
        pass
    finally:
        writer.close()
    return heard


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m telephony.simulator.record", description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("username")
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    secret = os.environ.get("WINBACK_PBX__SECRET", "")
    try:
        heard = asyncio.run(
            record(given.host, given.port, username=given.username, secret=secret, seconds=given.seconds)
        )
    except (LoginRefused, OSError) as failure:
        sys.stderr.write(f"{given.host}:{given.port}: {failure}\n")
        return 1
    sys.stdout.write(to_text(heard))
    return 0


if __name__ == "__main__":
    sys.exit(main())
