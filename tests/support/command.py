"""The real command, run as its own process in a home folder of its own."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from support import raw_http
from support.waiting import until

RUN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str
    output: bytes

    def json(self) -> Any:
        """What it printed, as one JSON document."""
        return json.loads(self.stdout)


class Command:
    """``callback-inspector`` with *folder* as home, working directory, and place of all its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        self.runtime = runtime / "callback-inspector" / "servers"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_DATA_HOME": str(self.data),
            "XDG_RUNTIME_DIR": str(runtime),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }

    def popen(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """The command as a process that is still running."""
        return subprocess.Popen(
            [sys.executable, "-m", "inspector", *arguments],
            env={**self.environment, **(environment or {})},
            cwd=self.folder,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            start_new_session=True,  # apart from the terminal of whoever runs the tests
        )

    def run(
        self, *arguments: str, stdin: bytes | None = None, environment: Mapping[str, str] | None = None
    ) -> Result:
        """The command, run to its end."""
        reading = subprocess.DEVNULL if stdin is None else subprocess.PIPE
        with self.popen(*arguments, environment=environment, stdin=reading) as process:
            try:
                stdout, stderr = process.communicate(stdin, timeout=RUN_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Result(process.returncode, _text(stdout), _text(stderr), stdout)

    @contextmanager
    def following(self, *arguments: str) -> Iterator[Following]:
        """A command that does not end by itself, killed at the end of the block if it still runs."""
        process = self.popen(*arguments)
        try:
            yield Following(process)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(RUN_SECONDS)

    @contextmanager
    def serving(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        ports: Sequence[str] = ("--port", "0"),
    ) -> Iterator[Serving]:
        """A server on free ports, stopped at the end of the block if it has not been before."""
        ready_file = self.folder / f"ready-{os.urandom(4).hex()}.json"
        process = self.popen(
            "serve", *ports, "--ready-file", str(ready_file), *arguments, environment=environment
        )
        try:
            until(
                lambda: ready_file.exists() or process.poll() is not None,
                seconds=RUN_SECONDS,
                what="the server",
            )
            if not ready_file.exists():
                stdout, stderr = process.communicate(timeout=RUN_SECONDS)
                raise AssertionError(f"serve ended with {process.returncode}: {_text(stdout)}{_text(stderr)}")
            facts = json.loads(ready_file.read_bytes())
            yield Serving(process, facts["callback_url"], facts["inspector_url"], facts["pid"], ready_file)
        finally:
            if process.poll() is None:
                process.kill()
            with process:  # closes its pipes and waits
                pass


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that runs, as its ready file tells."""

    process: subprocess.Popen[bytes]
    callback_url: str
    inspector_url: str
    pid: int
    ready_file: Path

    @property
    def address(self) -> raw_http.Address:
        """Where callbacks go."""
        parts = urlsplit(self.callback_url)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    def deliver(
        self,
        target: str = "/",
        body: bytes = b"",
        headers: Sequence[tuple[str, str]] = (),
        method: str = "POST",
    ) -> raw_http.RawReply:
        """Send one callback and return its reply."""
        return raw_http.send(self.address, method, target, headers, body)

    def stop(self, number: signal.Signals = signal.SIGINT) -> Result:
        """Send the signal *number* and wait for the end."""
        self.process.send_signal(number)
        stdout, stderr = self.process.communicate(timeout=RUN_SECONDS)
        return Result(self.process.returncode, _text(stdout), _text(stderr), stdout)


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")


class Following:
    """A command that goes on writing: its lines one by one, its end on demand."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._notes: queue.Queue[bytes] = queue.Queue()
        self._readers = [
            threading.Thread(target=_drain, args=(pipe, lines), daemon=True)
            for pipe, lines in ((process.stdout, self._lines), (process.stderr, self._notes))
        ]
        for reader in self._readers:
            reader.start()

    def line(self) -> str:
        """The next line on stdout, as soon as it is there."""
        return _text(self._lines.get(timeout=RUN_SECONDS))

    def note(self) -> str:
        """The next line on stderr, as soon as it is there."""
        return _text(self._notes.get(timeout=RUN_SECONDS))

    def stop(self, number: signal.Signals = signal.SIGINT) -> Result:
        """Send the signal *number*; how the command ended, with what nobody had read of its output yet."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> Result:
        """Wait for the command to end by itself."""
        code = self.process.wait(timeout=RUN_SECONDS)
        for reader in self._readers:
            reader.join(RUN_SECONDS)
        output = b"".join(iter(self._lines.queue))
        return Result(code, _text(output), _text(b"".join(iter(self._notes.queue))), output)


def read_terminal(descriptor: int) -> bytes:
    """Everything that comes out of the pseudo-terminal *descriptor* until nobody has its other side open."""
    chunks = []
    while chunk := _read_or_end(descriptor):
        chunks.append(chunk)
    return b"".join(chunks)


def _read_or_end(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""  # how a pseudo-terminal says that its other side is closed


def _drain(pipe: IO[bytes] | None, lines: queue.Queue[bytes]) -> None:
    assert pipe is not None
    with pipe:
        for line in pipe:
            lines.put(line)
