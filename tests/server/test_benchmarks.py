"""The benchmark runs with its own load generator and reports every figure that is asked of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 90.0


def test_a_short_run_reports_every_figure() -> None:
    short = ["--rounds", "1", "--seconds", "0.2", "--events", "3", "--no-wrk"]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *short],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with the servers that it started
            raise
    assert stderr == ""
    assert process.returncode in (0, 1)  # whether the figures are good is no matter of so short a run
    for connections in (1, 16, 64):
        assert re.search(rf"^ *{connections} +[\d,]+ +[\d,]+ +\d+\.\d\d ", stdout, re.MULTILINE)
    assert re.search(r"callback to event: \d+\.\d+ ms, \d+\.\d+ times", stdout)
    assert "errors" not in stdout
