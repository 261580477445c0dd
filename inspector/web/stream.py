"""Stream: deliveries as server-sent events, resumable by id.

How it differs from sse-starlette's ordinary use, by public options alone: the end comes from our own Hub
and not from the library's process-wide flag, which stays set for ever and which any server in the process
can set; a reader that stalls loses its connection instead of holding up the shutdown; events are ready
bytes, written at most every 40 ms.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from inspector import __version__
from inspector.errors import StorageFailed
from inspector.matching import Filter
from inspector.settings import Limits
from inspector.store import Position, Store
from inspector.web import reading
from inspector.web.feed import Feed, event
from inspector.web.problems import problem

PACE_SECONDS = 0.04
PING_SECONDS = 15
SEND_TIMEOUT_SECONDS = 10.0
RECONNECT_MS = 1000
RETRY_AFTER_SECONDS = 5

# At DEBUG the library logs every chunk, that is what was captured.
logging.getLogger("sse_starlette").setLevel(logging.WARNING)


class Hub:
    """The open event streams and the waits of one server, and the end they have in common."""

    def __init__(
        self,
        store: Store,
        limit: int = Limits().streams,
        send_timeout_seconds: float = SEND_TIMEOUT_SECONDS,
    ) -> None:
        self.store = store
        self.limit = limit
        self.send_timeout_seconds = send_timeout_seconds
        self.feed = Feed(store)
        self.open_streams = 0
        self.open_waits = 0
        self.closing = False

    def close(self) -> None:
        """Lets every stream say ``bye`` and end, and every wait. To be called in the server's loop."""
        self.closing = True
        self.store.doorbell.ring()


class Stream(EventSourceResponse):
    """One event stream, counted while it is open. Beyond the hub's limit it is answered 503 instead."""

    def __init__(self, hub: Hub, events: AsyncIterator[bytes]) -> None:
        super().__init__(
            events,
            ping=PING_SECONDS,
            ping_message_factory=lambda: ServerSentEvent(comment="ping", sep="\n"),
            send_timeout=hub.send_timeout_seconds,
            # The library is never to end a stream by itself.
            shutdown_grace_period=math.inf,
        )
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._hub.open_streams >= self._hub.limit and scope["method"] != "HEAD":
            await _too_many(self._hub.limit)(scope, receive, send)
            return
        self._hub.open_streams += 1
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            # Closing would wait for the stalled reader to take what is in the buffer, so for ever.
            scope["extensions"]["wire"].abort()
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._hub.open_streams -= 1


@dataclass(slots=True)
class Place:
    """How far one stream has come, and how many malformed requests it told of.

    ``stale`` says that its reader has to load its list anew first.
    """

    last: int
    generation: int
    revision: int
    floor: int
    stale: bool = False
    malformed: int = 0

    def renew(self, position: Position) -> bytes:
        """Go on from *position*, whatever was before; the event that tells the reader so."""
        self.last, self.generation = position.cursor, position.generation
        self.revision, self.floor = position.revision, position.floor
        self.stale = False
        return event("reset", {"generation": self.generation, "cursor": self.last}, self.last)

    def is_behind(self, position: Position) -> bool:
        """Whether something that the reader has not seen is gone from the table."""
        return (
            self.stale
            or self.generation != position.generation
            or (self.last < position.floor and self.floor < position.floor)
        )


def open_stream(
    hub: Hub,
    *,
    endpoint_id: str | None = None,
    where: Filter | None = None,
    after: int | None = None,
    last_event_id: str | None = None,
) -> Stream:
    """A stream of the deliveries of one endpoint, or those that *where* means, or both, or all.

    It goes on after the id in *last_event_id*, else after *after*, else from now.

    The header wins because a browser repeats the old address when it reconnects. The position is read here,
    before the first byte is sent: whatever arrives after the answer's head is part of the stream.
    """
    position = hub.store.position()
    place = Place(
        position.cursor,
        position.generation,
        position.revision,
        position.floor,
        malformed=hub.store.malformed_total(),
    )
    asked = reading.header_cursor(last_event_id) if last_event_id else after
    if asked is None:
        place.stale = bool(last_event_id)
    elif asked > position.cursor or 0 < asked < position.floor:
        place.stale = True
    else:
        place.last = asked
    return Stream(hub, _events(hub, endpoint_id, where, place))


async def _events(
    hub: Hub, endpoint_id: str | None, where: Filter | None, place: Place
) -> AsyncIterator[bytes]:
    bell = hub.store.doorbell
    content = _hello(hub, place)
    while True:
        # Both are read before the table is, so that nothing rung in between is missed.
        seen, closing = bell.count, hub.closing
        position = hub.store.position()
        if place.is_behind(position):
            content += place.renew(position)
        try:
            content += await _news(hub.feed, endpoint_id, where, place, position)
        except StorageFailed:
            # The stream just ends: whoever comes back finds out from the list what is wrong.
            return
        content += _malformed(hub, place)
        if closing:
            yield content + event("bye", {})
            return
        if content:
            yield content
            content = b""
            await asyncio.sleep(PACE_SECONDS - asyncio.get_running_loop().time() % PACE_SECONDS)
        elif place.revision == position.revision and place.last >= position.cursor:
            await bell.wait(seen)


def _hello(hub: Hub, place: Place) -> bytes:
    """The first event. Its id lets a stream that is cut before its first delivery resume where it began.

    A stale one does not, so that its reader comes back with the old id and is told to load anew again.
    """
    greeting = {
        "instance": hub.store.instance,
        "version": __version__,
        "generation": place.generation,
        "revision": place.revision,
        "cursor": place.last,
    }
    return b"retry: %d\n" % RECONNECT_MS + event("hello", greeting, None if place.stale else place.last)


async def _news(
    feed: Feed, endpoint_id: str | None, where: Filter | None, place: Place, position: Position
) -> bytes:
    """What happened since *place*, which moves on: first what changed of those told, then new ones."""
    changed = b""
    if place.revision != position.revision:
        changes = await feed.changes(place.revision, place.last, endpoint_id, position, where)
        if changes.too_far:
            return place.renew(position)
        # A shared chunk of deliveries may lack later changes than the position's: they are told next time.
        place.revision = min(changes.revision, position.revision)
        changed = changes.content
    if place.last >= position.cursor:
        return changed
    deliveries = await feed.deliveries(place.last, endpoint_id, position, where)
    place.last = deliveries.cursor
    return changed + deliveries.content


def _malformed(hub: Hub, place: Place) -> bytes:
    """How many malformed requests ever came, when more did since *place*. They are not part of the stream."""
    total = hub.store.malformed_total()
    if total == place.malformed:
        return b""
    place.malformed = total
    return event("malformed", {"total": total})


def _too_many(limit: int) -> Response:
    return problem(
        503,
        "too-many-streams",
        f"There are {limit} open streams already, the most that this inspector serves.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )
