"""Exporting: many deliveries as one HAR file or as JSON Lines, read and written piece by piece."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from threading import Event

import anyio.to_thread

from inspector import __version__
from inspector.content.export import Format
from inspector.content.har import har_document, har_entry
from inspector.content.json_archive import json_line
from inspector.content.masking import mask_request
from inspector.errors import NotFound
from inspector.matching import Filter
from inspector.models import Delivery
from inspector.store import Store

ARCHIVE_FORMATS = (Format.HAR, Format.JSON_LINES)
"""The formats that hold many deliveries."""

MEDIA_TYPES = {Format.HAR: "application/json", Format.JSON_LINES: "application/x-ndjson"}

PIECE_BYTES = 256 * 1024
"""A piece is sent when it is this long; a long delivery makes a longer one."""

ROWS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be exported, and how. *base_url* is where the deliveries came to."""

    form: Format
    base_url: str
    endpoint_id: str | None = None
    where: Filter | None = None
    reveal: bool = False


async def exported(store: Store, wanted: Wanted) -> AsyncIterator[bytes]:
    """The file in pieces: the deliveries that there are now, oldest first. Raises StorageFailed.

    It is made in a thread of its own kind, not in one of those that answer quick questions.
    """
    ended = Event()
    pieces = _texts(store, wanted, ended)
    try:
        while piece := await anyio.to_thread.run_sync(_join, pieces, abandon_on_cancel=True):
            yield piece
    finally:
        # Whoever asked may be gone in the middle of a long search.
        ended.set()


def _join(texts: Iterator[str]) -> bytes:
    """The next texts together, empty at the end."""
    piece = bytearray()
    for text in texts:
        piece += text.encode("ascii")
        if len(piece) >= PIECE_BYTES:
            break
    return bytes(piece)


def _texts(store: Store, wanted: Wanted, ended: Event) -> Iterator[str]:
    kept = _deliveries(store, wanted, ended)
    masked = ((each, mask_request(each.request, reveal=wanted.reveal)) for each in kept)
    if wanted.form is Format.JSON_LINES:
        yield from (json_line(each, request) for each, request in masked)
    else:
        entries = (har_entry(each, request, wanted.base_url) for each, request in masked)
        yield from har_document(entries, __version__)


def _deliveries(store: Store, wanted: Wanted, ended: Event) -> Iterator[Delivery]:
    through, cursor, more = store.position().cursor, 0, True
    while more and cursor < through and not ended.is_set():
        page = store.after(cursor, endpoint_id=wanted.endpoint_id, where=wanted.where, limit=ROWS_AT_ONCE)
        for row in page.rows:
            if row.id > through or ended.is_set():
                return
            try:
                yield store.delivery(row.id)
            except NotFound:  # deleted meanwhile
                continue
        cursor, more = page.cursor, page.more
