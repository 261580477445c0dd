"""A short run of the wire's benchmark: every figure is reported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks import hostile, wire

ROOT = Path(__file__).parents[2]

MOST_SECONDS = 120


def test_a_short_run_reports_every_figure() -> None:
    short = ["--rounds", "1", "--seconds", "0.1", "--attack", "0.5", "--no-wrk"]
    command = [sys.executable, "-m", "benchmarks.wire", *short]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
    )
    assert done.stderr == ""
    assert done.returncode in (0, 1)  # whether the figures are good is no matter of so short a run
    for each in wire.COMPARISONS:
        assert f"{each.name:<15} {each.connections:>11}" in done.stdout
    for name, _, _ in hostile.COSTS:
        assert name in done.stdout
    assert "p99 of a sender beside attackers" in done.stdout
    assert "errors" not in done.stdout
