"""Fixtures of the server's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command in a home of this test's own."""
    return Command(tmp_path)
