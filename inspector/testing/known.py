"""What a test has read of an endpoint before, so that waiting again need not read it all again."""

from __future__ import annotations

from dataclasses import dataclass, field

from inspector.client import Json
from inspector.settings import KIB, MIB
from inspector.testing.delivery import Delivery

BODY_BYTES = 64 * KIB
KNOWN_BYTES = 16 * MIB
"""Longer bodies, and more of them together, are read again."""


@dataclass(slots=True)
class Known:
    """Deliveries by id, each with the row of the list that it had; one whose row has changed is not known."""

    _kept: dict[int, tuple[Json, Delivery]] = field(default_factory=dict)
    _bytes: int = 0

    def find(self, row: Json) -> Delivery | None:
        """The delivery of *row*, if it is known and as it was."""
        kept = self._kept.get(row["id"])
        return kept[1] if kept is not None and kept[0] == row else None

    def keep(self, row: Json, delivery: Delivery) -> None:
        """Remember *delivery*, unless what became of its reply may still change, which no row tells."""
        size = len(delivery.body)
        if delivery.replied and size <= BODY_BYTES and self._bytes + size <= KNOWN_BYTES:
            self._kept[delivery.id] = (row, delivery)
            self._bytes += size

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._bytes = 0
