"""A small threaded FastAGI server for harness work that must not depend on the one under test."""

import socketserver
import threading
from typing import Any


class ToyAgi(socketserver.ThreadingTCPServer):
    """Lets known attempts through once; promises every caller a call when `promises` is set."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, *, ring_s: int = 3, promises: bool = True, whisper: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.numbers: dict[str, str] = {}
        self.asked: list[dict[str, str]] = []
        self.ring_s, self.promises, self.whisper = ring_s, promises, whisper
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.server_address[:2]
        return str(host), int(port)

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Dialogue(socketserver.StreamRequestHandler):
    server: ToyAgi

    def handle(self) -> None:
        environment: dict[str, str] = {}
        while line := self.rfile.readline().decode().strip():
            name, _, value = line.partition(": ")
            environment[name] = value
        self.server.asked.append(environment)
        if environment.get("agi_network_script") == "permit":
            number = self.server.numbers.pop(environment["agi_extension"], None)
            if number is not None:
                for name, value in (
                    ("WB_NUMBER", number), ("WB_TRUNK", "acme"), ("WB_CALLER_ID", "15550100"),
                    ("WB_RING", self.server.ring_s), ("WB_WHISPER", self.server.whisper), ("WB_OK", 1),
                ):  # fmt: skip
                    self._set(name, value)
        elif self.server.promises:
            self._set("CB_OK", 1)

    def _set(self, name: str, value: Any) -> None:
        self.wfile.write(f'SET VARIABLE {name} "{value}"\n'.encode())
        self.rfile.readline()
