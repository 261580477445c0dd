"""An endpoint as tests know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from inspector.testing.known import Known


@dataclass(slots=True)
class Watched:
    """An endpoint with what a test has asked about its deliveries so far.

    ``page_url`` shows its deliveries. ``claimed`` are the ids of those that an assertion took, ``judged`` of
    those whose verdict a test asked for itself. With ``strict`` no callback counts that is not verified, with
    ``strict_path`` none to a path below the endpoint's own.
    """

    id: str
    path: str
    name: str
    url: str
    page_url: str
    made_at: datetime
    strict: bool = False
    strict_path: bool = False
    claimed: set[int] = field(default_factory=set)
    judged: set[int] = field(default_factory=set)
    known: Known = field(default_factory=Known)
