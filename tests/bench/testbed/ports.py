"""Ports for servers of one's own, each lent to one process at a time.

A port that a probe found free may be taken by anybody before the server binds it: by another test run's
server, or by any client, whose own end of a connection gets a port too. So these lie below the ports that
Linux gives to clients, and a lock file says for the life of a process that a port is spoken for.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import Final

FIRST, LAST = 24_000, 31_999  # below net.ipv4.ip_local_port_range, above what a machine's services use
_lent: Final[dict[int, int]] = {}  # port to the descriptor of its lock, held until the process ends


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port on loopback that nobody uses and that is lent to nobody else while this process lives."""
    folder = Path(tempfile.gettempdir()) / "winback-ports"
    folder.mkdir(exist_ok=True)
    ports = list(range(FIRST, LAST + 1))
    random.SystemRandom().shuffle(ports)
    for port in ports:
        if port not in _lent and _is_free(port, kind) and _lock(folder, port):
            return port
    raise OSError(f"no free port between {FIRST} and {LAST}")


def _lock(folder: Path, port: int) -> bool:
    descriptor = os.open(folder / str(port), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _lent[port] = descriptor
    return True


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
