"""The benchmark of pages fills a database, asks every question and says what is asked of the answers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 60.0


def test_a_short_run_reports_every_figure() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.pages", "--rows", "200", "--repeats", "1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with the server that it started
            raise
    assert stderr == ""
    assert process.returncode in (0, 1)  # whether the figures are good is no matter of so short a run
    assert stdout.startswith("200 deliveries; medians of 1\n")
    assert len(re.findall(r" \d+\.\d ms", stdout)) == 8
    assert re.search(r"^list page +\d+\.\d ms   asked: at most 50$", stdout, re.MULTILINE)
    assert re.search(r"^page of 1 MiB of JSON +\d+\.\d ms   asked: at most 300$", stdout, re.MULTILINE)
