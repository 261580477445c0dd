"""Importing: the deliveries of a HAR file or of JSON Lines, judged anew and stored as they once arrived."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass

import anyio.to_thread

from inspector.content.importing import Imported, read_archive
from inspector.errors import InvalidInput, StorageFailed
from inspector.models import NewDelivery
from inspector.receive.receiver import Receiver, path_of
from inspector.receive.replies import TOKEN, plan
from inspector.settings import KIB, MIB
from inspector.web.context import Context
from inspector.web.fields import LARGEST_ID
from inspector.web.reading import NOTE_CHARACTERS

BATCH_ROWS = 32
BATCH_BYTES = 4 * MIB
"""No more is handed to the writer at once, so that a callback never waits long behind an import."""

METHOD_CHARACTERS = 64
CLIENT_CHARACTERS = 300
REASON_CHARACTERS = 1000
HEAD_BYTES = 256 * KIB
MOST_FLAGS = 64

_NOTHING: list[NewDelivery] = []
_TARGET = re.compile(rb"[^\x00-\x20\x7f]+")
_HEADER_NAME = re.compile(rb"[^\x00-\x20\x7f:]+")
_HEADER_VALUE = re.compile(rb"[^\x00\r\n]*")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many deliveries came in, and their ids from the first to the last (None: the file held none)."""

    imported: int
    first_id: int | None
    last_id: int | None


async def import_archive(context: Context, data: bytes) -> Outcome:
    """Store the deliveries of the file *data*, in its order, with the endpoints and secrets of now.

    The whole file is read before anything is stored: InvalidInput on ``file`` means that nothing was.
    Raises StorageFailed, when the deliveries before that stay.
    """
    await anyio.to_thread.run_sync(_check, data)
    batches = _batches(context, data)
    ids: list[int] = []
    while batch := await anyio.to_thread.run_sync(next, batches, _NOTHING):
        stored = await asyncio.gather(*map(context.store.add, batch), return_exceptions=True)
        ids += [number for number in stored if isinstance(number, int)]
        for failure in stored:
            if isinstance(failure, StorageFailed):
                raise StorageFailed(f"{len(ids):,} deliveries were imported, then it failed: {failure}")
            if isinstance(failure, BaseException):
                raise failure
    return Outcome(len(ids), ids[0] if ids else None, ids[-1] if ids else None)


def _check(data: bytes) -> None:
    for number, found in enumerate(read_archive(data), 1):
        fault = _fault(found)
        if fault is not None:
            raise InvalidInput.of("file", f"delivery {number}: {fault}")


def _fault(found: Imported) -> str | None:
    """What no request on the wire, or no annotation, could have been."""
    request = found.request
    if not TOKEN.fullmatch(request.method) or len(request.method) > METHOD_CHARACTERS:
        return "its method is none"
    if not _TARGET.fullmatch(request.target):
        return "its path is empty, or has blanks or control characters"
    for name, value in (*request.headers, *request.trailers):
        if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
            return "a header has characters that none can have"
    if len(request.head) > HEAD_BYTES or len(request.flags) > MOST_FLAGS or request.chunks > LARGEST_ID:
        return "its head, flags or chunks are more than any request can have"
    if not 0 <= request.received_ns <= LARGEST_ID:
        return "it was received in a time that cannot be stored, before 1970 or after 2262"
    for what, text, longest in (
        ("note", found.note, NOTE_CHARACTERS),
        ("client", request.client, CLIENT_CHARACTERS),
        ("incomplete_reason", request.incomplete_reason or "", REASON_CHARACTERS),
    ):
        if len(text) > longest:
            return f"its {what} is longer than {longest:,} characters"
    return None


def _batches(context: Context, data: bytes) -> Iterator[list[NewDelivery]]:
    receiver = Receiver(context.store, context.settings)
    batch: list[NewDelivery] = []
    size_bytes = 0
    for found in read_archive(data):
        batch.append(_judged(context, receiver, found))
        size_bytes += len(found.request.body)
        if len(batch) == BATCH_ROWS or size_bytes >= BATCH_BYTES:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch


def _judged(context: Context, receiver: Receiver, found: Imported) -> NewDelivery:
    """*found* as its endpoint judges it. The reply is what a sender would get, but nobody got it."""
    request = found.request
    endpoint = context.store.match(path_of(request.target))
    verification, message_id = receiver.judge(endpoint, request)
    return NewDelivery(
        endpoint.id,
        request,
        verification,
        plan(endpoint, request.method, verification),
        message_id,
        note=found.note,
        pinned=found.pinned,
        answered=False,
    )
