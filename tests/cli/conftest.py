"""Fixtures of the command line's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import Command, Serving


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command in a home of this test's own."""
    return Command(tmp_path)


@pytest.fixture
def serving(command: Command) -> Iterator[Serving]:
    """A server with temporary data that ``command`` finds."""
    with command.serving("--db", ":memory:") as server:
        yield server
