"""Waiting for something to become true, with a deadline instead of a sleep that hopes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DEADLINE_SECONDS = 10.0
POLL_SECONDS = 0.01


def until(ask: Callable[[], T], *, seconds: float = DEADLINE_SECONDS, what: str = "the condition") -> T:
    """The first true answer of *ask*; fails the test when *seconds* pass without one."""
    pause = threading.Event()
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise AssertionError(f"{what} did not come within {seconds:g} s; last answer: {answer!r}")
        pause.wait(POLL_SECONDS)
