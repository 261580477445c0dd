"""An event stream read from a socket, event by event, as the HTML standard has it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from support import raw_http
from support.inspected import Inspected
from support.raw_http import Connection

LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name, its data, and the id that it sets, as text."""

    name: str
    data: Any
    id: str | None


class EventStream:
    """An open stream. What it reads waits at most for the socket's time-out."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.status, self.headers = connection.read_head()
        self.ended = False
        self._text = b""

    def next(self) -> Event:
        """The next event; comments are passed over. Raises EOFError when the stream has ended."""
        while True:
            block = self._block()
            fields = [line.partition(b":") for line in block if not line.startswith(b":")]
            values = {name: value.removeprefix(b" ").decode() for name, _, value in fields}
            if b"data" in values:
                assert len([name for name, _, _ in fields if name == b"data"]) == 1
                event_id = values.get(b"id")
                return Event(values[b"event"], json.loads(values[b"data"]), event_id)

    def take(self, count: int) -> list[Event]:
        """The next *count* events."""
        return [self.next() for _ in range(count)]

    def rest(self) -> list[Event]:
        """All events until the server ends the stream."""
        events = []
        while not self.ended:
            try:
                events.append(self.next())
            except EOFError:
                break
        return events

    def _block(self) -> list[bytes]:
        while b"\n\n" not in self._text and b"\r\n\r\n" not in self._text:
            self._text += self._chunk()
        end = min(at for mark in (b"\n\n", b"\r\n\r\n") if (at := self._text.find(mark)) >= 0)
        block = LINE_END.split(self._text[:end])
        self._text = self._text[end:].lstrip(b"\r\n")
        return block

    def _chunk(self) -> bytes:
        size = int(self.connection.read_line(), 16)
        if size == 0:
            self.ended = True
            raise EOFError("the stream has ended")
        chunk = self.connection._read_exactly(size)
        assert self.connection.read_line() == b""
        return chunk


@contextmanager
def streaming(
    inspected: Inspected, query: str = "", headers: Iterable[tuple[str, str]] = ()
) -> Iterator[EventStream]:
    """A stream of *inspected*, dropped at the end of the block."""
    fields = list(headers)
    if inspected.token is not None:
        fields.append(("Authorization", f"Bearer {inspected.token}"))
    with Connection(inspected.inspector) as connection:
        target = f"/api/stream{query}"
        connection.send(raw_http.request_bytes("GET", target, fields, host=inspected.host))
        yield EventStream(connection)
