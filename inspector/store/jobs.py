"""Jobs: what is handed to the writer, and who waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from inspector.models import NewDelivery
from inspector.store.ledger import Ledger


@dataclass(slots=True, eq=False)
class Job:
    """One thing to be written, and the future of whoever waits for it (None: nobody does).

    ``size_bytes`` is how much it adds, about. What ``adds`` is refused when the disk is almost full.
    """

    future: asyncio.Future[Any] | None
    size_bytes: int = field(default=0, init=False)
    adds: bool = field(default=False, init=False)


@dataclass(slots=True, eq=False)
class Insert(Job):
    """A delivery to be stored; its outcome is the id."""

    delivery: NewDelivery

    def __post_init__(self) -> None:
        self.size_bytes = len(self.delivery.request.body) + len(self.delivery.request.head)
        self.adds = True


@dataclass(slots=True, eq=False)
class Change(Job):
    """Anything else: a function of ``changes``, run inside the transaction. ``purges`` when it deletes."""

    apply: Callable[[Ledger], object]
    purges: bool = False


@dataclass(slots=True, eq=False)
class Addition(Change):
    """A change that adds to what is kept, *added_bytes* of it."""

    added_bytes: int = 0

    def __post_init__(self) -> None:
        self.size_bytes = self.added_bytes
        self.adds = True


Outcome = tuple[Job, object]
"""A job and its result; an exception is raised where the job is awaited."""


def succeeded(outcome: Outcome) -> bool:
    """Whether the job did what it was to do."""
    return not isinstance(outcome[1], Exception)
