"""Searching: questions about a filter that have one answer, asked slice by slice.

A slice takes a fraction of a second in a reading thread, then others have their turn.
"""

from __future__ import annotations

import time

from inspector.errors import NotFound
from inspector.matching import Filter
from inspector.store import SEARCH_SECONDS, Count, Store

PATIENCE_SECONDS = 5.0
"""A search that found no answer by then ends without one; the client can go on from where it got."""


async def latest_id(
    store: Store,
    where: Filter,
    endpoint_id: str | None,
    *,
    slice_seconds: float = SEARCH_SECONDS,
    patience_seconds: float = PATIENCE_SECONDS,
) -> int:
    """The id of the newest delivery that *where* means. Raises NotFound, saying how far it searched."""
    deadline = time.monotonic() + patience_seconds
    before: int | None = None
    while True:
        page = await store.reading(
            store.newest,
            endpoint_id=endpoint_id,
            before=before,
            where=where,
            limit=1,
            seconds=slice_seconds,
        )
        if page.rows:
            return page.rows[0].id
        if not page.more:
            raise NotFound("There is no delivery that the filter means.")
        before = page.cursor
        if time.monotonic() >= deadline:
            raise NotFound(
                f"Searched back to #{before} without finding one; "
                f"/api/deliveries with the same q and before={before} goes on."
            )


async def count_meant(
    store: Store,
    where: Filter,
    endpoint_id: str | None,
    *,
    after: int = 0,
    slice_seconds: float = SEARCH_SECONDS,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Count:
    """How many deliveries above the id *after* the filter means.

    Not complete when there was no time to look at all of them.
    """
    deadline = time.monotonic() + patience_seconds
    found, cursor = 0, after
    while True:
        part = await store.reading(
            store.count_meant, where, endpoint_id=endpoint_id, after=cursor, seconds=slice_seconds
        )
        found, cursor = found + part.found, part.cursor
        if part.complete or time.monotonic() >= deadline:
            return Count(found, cursor, part.complete)
