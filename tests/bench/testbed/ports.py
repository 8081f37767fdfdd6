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
#: streams of voice take many ports in a row: above those of `deploy/site`, below the other tests' Asterisks'
STREAMS_FIRST, STREAMS_LAST = 11_000, 19_999
_lent: Final[dict[int, int]] = {}  # port to the descriptor of its lock, held until the process ends


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port on loopback that nobody uses and that is lent to nobody else while this process lives."""
    folder = _folder()
    ports = list(range(FIRST, LAST + 1))
    random.SystemRandom().shuffle(ports)
    for port in ports:
        if port not in _lent and _is_free(port, kind) and _lock(folder, port):
            return port
    raise OSError(f"no free port between {FIRST} and {LAST}")


def lend_ports(count: int) -> int:
    """The first of so many ports in a row, lent to nobody else until `give_back`; always of one count."""
    folder = _folder()
    for port in range(STREAMS_FIRST, STREAMS_LAST - count + 2, count):
        if port not in _lent and _lock(folder, port):
            return port
    raise OSError(f"no {count} free ports in a row between {STREAMS_FIRST} and {STREAMS_LAST}")


def give_back(port: int) -> None:
    """Whoever asks next may have what was lent from this port on."""
    os.close(_lent.pop(port))


def _folder() -> Path:
    folder = Path(tempfile.gettempdir()) / "winback-ports"
    folder.mkdir(exist_ok=True)
    return folder


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
