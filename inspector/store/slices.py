"""Slices: how much is deleted in one transaction, so that deliveries never wait long for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slice:
    """The bounds of one transaction that deletes: rows, and bytes of their bodies."""

    rows: int
    bytes: int

    def take(self, candidates: Iterable[tuple[int, int]]) -> list[int]:
        """The first ids of *candidates* (id, body size) within the bounds; one in any case."""
        ids: list[int] = []
        total_bytes = 0
        for delivery_id, body_bytes in candidates:
            total_bytes += body_bytes
            if ids and (len(ids) == self.rows or total_bytes > self.bytes):
                break
            ids.append(delivery_id)
        return ids


ORDINARY = Slice(rows=500, bytes=4 * 1024 * 1024)

CRAMPED = Slice(rows=256, bytes=512 * 1024)
"""On a full disk, where each slice has to make the room that the next one needs."""
