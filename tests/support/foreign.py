"""HTTP servers that are not ours: what stands in our place, or on another port of localhost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Files(SimpleHTTPRequestHandler):
    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Says nothing."""


@contextmanager
def serving_files(folder: Path) -> Iterator[str]:
    """The files of *folder* at the address yielded, as a developer's own application would have them."""
    with _running(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(folder)))) as server:
        yield f"http://localhost:{server.server_port}/"


@contextmanager
def answering_503(port: int) -> Iterator[list[str]]:
    """A server on *port* that answers 503 to everything, and lists what it was asked."""
    asked: list[str] = []

    class Busy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Says nothing."""

    with _running(ThreadingHTTPServer(("127.0.0.1", port), Busy)):
        yield asked


@contextmanager
def _running(server: ThreadingHTTPServer) -> Iterator[ThreadingHTTPServer]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
