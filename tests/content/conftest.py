"""What the tests of this room share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """The process's own time is measured, so that a busy machine does not count."""
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds


@pytest.fixture
def within_a_second() -> Iterator[None]:
    """The test has to be done within one second."""
    with _within(1.0):
        yield


@pytest.fixture
def within_two_seconds() -> Iterator[None]:
    """The test has to be done within two seconds."""
    with _within(2.0):
        yield
