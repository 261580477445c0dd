"""The benchmark of tests measures everything, and says what is asked of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_short_run_reports_every_figure() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.testing", "--repeats", "1", "--cycles", "4"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.stderr == ""
    assert run.returncode in (0, 1)  # whether the figures are good is no matter of so short a run
    assert len(re.findall(r"asked: at most [\d.]+$", run.stdout, re.MULTILINE)) == 9
    assert re.search(r"^threads more after 4 cycles +0\.0 +asked: at most 0$", run.stdout, re.MULTILINE)
