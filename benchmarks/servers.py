"""The two servers that are compared, each a process of its own on a free port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under load: where its callbacks go, where its page is (if it has one), its process."""

    name: str
    port: int
    inspector_port: int | None
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float | None:
        """Processor time the process has used so far; None where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def inspector(folder: Path, *, secret: str | None = None) -> Iterator[Subject]:
    """Callback Inspector as a user starts it, with its database in *folder*."""
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "inspector", "serve", "--port", "0", "--inspector-port", "0"]
    command += ["--db", str(folder / "callbacks.db"), "--ready-file", str(ready)]
    with _process(command, {"CALLBACK_SECRET": secret} if secret else {}) as process:
        _wait(process, ready.exists)
        facts = json.loads(ready.read_bytes())
        callback_port, inspector_port = (
            urlsplit(facts[name]).port for name in ("callback_url", "inspector_url")
        )
        assert callback_port is not None
        yield Subject("inspector", callback_port, inspector_port, process)


@contextmanager
def hello() -> Iterator[Subject]:
    """The yardstick of ``benchmarks.hello``."""
    with _on_a_free_port("benchmarks.hello") as subject:
        yield subject


@contextmanager
def protocol(name: str) -> Iterator[Subject]:
    """The application of ``benchmarks.yardsticks`` behind the protocol *name*."""
    with _on_a_free_port("benchmarks.yardsticks", name) as subject:
        yield subject


@contextmanager
def _on_a_free_port(module: str, *arguments: str) -> Iterator[Subject]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with _process([sys.executable, "-m", module, *arguments, str(port)], {}) as process:
        _wait(process, lambda: _listens(port))
        yield Subject(module, port, None, process)


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_SECONDS)


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
    end = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"benchmarks: {process.args!r} did not start")
        time.sleep(0.02)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
