"""What a reader of the store is told about it as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inspector.models import DeliverySummary
from inspector.settings import Retention


@dataclass(frozen=True, slots=True)
class Position:
    """Where the table stands.

    ``cursor`` is the highest id ever given, also when that delivery is gone. At or below ``floor`` deliveries
    may be missing, since the limits or a clearing took them. ``generation`` rises when all deliveries are
    cleared, ``revision`` with every update and every deletion.
    """

    generation: int
    revision: int
    cursor: int
    floor: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What was updated or deleted after a revision, in order.

    ``revision`` is how far this answer reaches: ask again from there, at once when ``more`` is set.
    ``too_far`` says that the deletions since then are no longer known: load everything shown anew.
    """

    updates: tuple[DeliverySummary, ...]
    deleted: tuple[int, ...]
    revision: int
    more: bool = False
    too_far: bool = False


@dataclass(frozen=True, slots=True)
class StoreState:
    """Where the data is, how much of it, and what is wrong.

    ``bytes`` is what the database takes on disk. ``fault`` is one sentence while deliveries cannot be stored,
    else None.
    """

    database: Path
    temporary: bool
    bytes: int
    deliveries: int
    fault: str | None
    retention: Retention
