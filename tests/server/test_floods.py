"""Hundreds of senders that mean no good, beside one that does: it is served every time."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from support.command import Command
from support.raw_http import Connection, request_bytes
from support.waiting import DEADLINE_SECONDS

ROOT = Path(__file__).parents[2]

ATTACK_SECONDS = 4
PAUSE_SECONDS = 0.05
MOST_BYTES = 400 * 1024 * 1024
LEAST_SERVED = 8


def resident_bytes(pid: int) -> int:
    """How much memory the process has."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in line)
    return int(line.split()[1]) * 1024


def test_an_honest_sender_among_attackers(command: Command) -> None:
    with command.serving("--db", "callbacks.db") as serving:
        attack = [sys.executable, "-m", "benchmarks.attack", str(serving.address[1]), str(ATTACK_SECONDS)]
        with subprocess.Popen(attack, cwd=ROOT, stderr=subprocess.PIPE, text=True) as attackers:
            statuses, most_bytes = [], 0
            while attackers.poll() is None:
                with Connection(serving.address, timeout_seconds=DEADLINE_SECONDS) as connection:
                    connection.send(request_bytes(target="/honest", body=b"hi"))
                    statuses.append(connection.read_reply().status)
                most_bytes = max(most_bytes, resident_bytes(serving.process.pid))
                with suppress(subprocess.TimeoutExpired):
                    attackers.wait(PAUSE_SECONDS)
            assert (attackers.returncode, attackers.stderr and attackers.stderr.read()) == (0, "")
        assert set(statuses) == {200}
        assert len(statuses) >= LEAST_SERVED
        assert most_bytes < MOST_BYTES
        result = serving.stop()
        assert (result.code, result.stderr) == (0, "")
