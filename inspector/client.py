"""HTTP client of our own API, of the standard library alone: how ``cli`` and ``testing`` talk to a server.

The server's refusals come back as the errors they were raised as: ``InvalidInput`` with its fields,
``NotFound``, ``Conflict``; everything else it refuses is ``Refused``. ``Unreachable`` means that no Callback
Inspector answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from json import dumps, loads
from socket import SHUT_RDWR
from typing import Any
from urllib.parse import urlencode, urlsplit

from inspector.errors import (
    Conflict,
    FieldError,
    InspectorError,
    InvalidInput,
    NotFound,
    Refused,
    Unreachable,
)

Json = dict[str, Any]
"""A decoded JSON object of the API."""

ANSWER_SECONDS = 30.0
READ_BYTES = 1024 * 1024
SILENCE_SECONDS = 40.0
"""The stream sends a comment every 15 s: after 40 s without a byte the connection is dead."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event of ``/api/stream``. ``id`` is the cursor to resume from, None where the event moves none."""

    kind: str
    data: Json
    id: int | None = None


class Client:
    """Talks to one inspector listener. *url* is its base URL, *token* what it demands, if it demands one.

    Raises InvalidInput on field ``url`` when that is not an HTTP address. A connection lives for one call, so
    a client may be shared by threads and outlives a restart of the server.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/") + "/"
        try:
            parts = urlsplit(self.url)
            self._host, self._port = parts.hostname, parts.port
        except ValueError as error:
            raise InvalidInput.of("url", str(error)) from None
        if parts.scheme not in ("http", "https") or not self._host:
            raise InvalidInput.of("url", f"{url!r} is not an address like http://localhost:2256/")
        self._connection_type = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._prefix = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._open: set[HTTPConnection] = set()
        self._hung_up = False

    def get(self, path: str, **query: object) -> Json:
        """The JSON object at *path*; parameters that are None are left out."""
        with self._answer("GET", path, query) as response:
            return self._object(response.read())

    def wait(self, *, timeout: float, **query: object) -> Json:
        """What ``/api/wait`` answers within *timeout* seconds (0 to 60): whole deliveries and a cursor.

        Raises Refused with code ``wait-timeout``, and what came instead in ``facts``, when they do not come.
        """
        with self._answer(
            "GET",
            "/api/wait",
            {"timeout": f"{timeout:.3f}", **query},
            silence_seconds=timeout + ANSWER_SECONDS,
        ) as response:
            return self._object(response.read())

    def read(self, path: str) -> bytes:
        """The bytes at *path*: a delivery's body."""
        return self.download(path)[0]

    def download(self, path: str, **query: object) -> tuple[bytes, Message]:
        """The bytes at *path*, and the headers that came with them."""
        with self._answer("GET", path, query) as response:
            return response.read(), response.headers

    def lines(self, path: str, **query: object) -> Iterator[bytes]:
        """The lines at *path* with their ends, as they come and however many; connects when iterated."""
        rest = b""
        with self._answer("GET", path, query) as response:
            # Not the response's own readline: that takes a connection that breaks for the end.
            while block := response.read(READ_BYTES):
                *lines, rest = (rest + block).split(b"\n")
                yield from (line + b"\n" for line in lines)
            if response.length:  # what is missing of a length that was announced; None in chunks
                raise self._unreachable(IncompleteRead(rest, response.length))
        if rest:
            yield rest

    def send(self, method: str, path: str, json: Json | None = None, **query: object) -> Json:
        """Change something by *method*, with *json* as the body; the answer's object, empty for a 204."""
        body = None if json is None else dumps(json).encode()
        return self.upload(method, path, body, "application/json", **query)

    def upload(self, method: str, path: str, body: bytes | None, media_type: str, **query: object) -> Json:
        """Send *body* as it is, of that media type; the answer's object, empty for a 204."""
        headers = {} if body is None else {"Content-Type": media_type}
        with self._answer(method, path, query, body=body, headers=headers) as response:
            content = response.read()
            return self._object(content) if content else {}

    def stream(self, path: str, **query: object) -> Iterator[Event]:
        """The events at *path* as they come; connects when iterated.

        Ends when the server ends the stream, raises Unreachable when the connection breaks or falls silent.
        """
        accept = {"Accept": "text/event-stream"}
        with self._answer("GET", path, query, headers=accept, silence_seconds=SILENCE_SECONDS) as response:
            if response.headers.get_content_type() != "text/event-stream":
                raise self._stranger()
            yield from events(response)

    def hang_up(self) -> None:
        """End the calls that other threads have under way, and all later ones: they raise Unreachable.

        For whoever gives up waiting for an answer.
        """
        self._hung_up = True
        for connection in tuple(self._open):
            if connection.sock is not None:
                with suppress(OSError):  # it has ended by itself
                    connection.sock.shutdown(SHUT_RDWR)

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        query: Json | None = None,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        silence_seconds: float = ANSWER_SECONDS,
    ) -> Iterator[HTTPResponse]:
        """The successful answer to one request, readable inside the block."""
        given = {name: value for name, value in (query or {}).items() if value is not None}
        target = f"{self._prefix}{path}" + (f"?{urlencode(given)}" if given else "")
        sent = {"Accept": "application/json"} | self._headers | (headers or {})
        assert self._host is not None
        with closing(self._connection_type(self._host, self._port, timeout=silence_seconds)) as connection:
            self._open.add(connection)
            try:
                connection.request(method, target, body, sent)
                if self._hung_up:
                    raise ConnectionAbortedError("it was hung up")
                response = connection.getresponse()
                if not 200 <= response.status < 300:
                    raise self._refusal(response)
                yield response
            except (OSError, HTTPException) as error:
                raise self._unreachable(error) from error
            finally:
                self._open.discard(connection)

    def _object(self, content: bytes) -> Json:
        try:
            value = loads(content)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise self._stranger()
        return value

    def _stranger(self) -> Unreachable:
        return Unreachable(f"What answers at {self.url} is not a Callback Inspector.")

    def _refusal(self, response: HTTPResponse) -> InspectorError:
        """The error that an answer other than 2xx stands for: our problem responses, or a stranger's page."""
        problem = self._object(response.read())
        code = str(problem.get("code", "error"))
        detail = str(problem.get("detail") or problem.get("title") or f"status {response.status}")
        fields = [
            FieldError(str(each["field"]), str(each["message"])) for each in problem.get("errors") or ()
        ]
        if fields:
            return InvalidInput(*fields)
        for known in (NotFound, Conflict):
            if code == known.code:
                return known(detail)
        return Refused(detail, status=response.status, code=code, facts=problem)

    def _unreachable(self, error: Exception) -> Unreachable:
        if isinstance(error, ConnectionRefusedError):
            return Unreachable(f"No server answers at {self.url}.")
        return Unreachable(f"The connection to {self.url} failed: {error or type(error).__name__}.")


def events(lines: Iterable[bytes]) -> Iterator[Event]:
    """The events in the *lines* of a server-sent event stream (WHATWG HTML, 9.2.6); comments are skipped.

    An event that the end of the stream cuts off is dropped, as the standard asks.
    """
    kind, cursor, data = "message", None, bytearray()
    for line in lines:
        name, _, value = line.rstrip(b"\r\n").partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            kind = value.decode()
        elif name == b"id" and value.isdigit():
            cursor = int(value)
        elif name == b"data":
            data += value + b"\n"
        elif not name and not value and not line.startswith(b":"):
            if data:
                yield Event(kind, loads(data), cursor)
            kind, cursor, data = "message", None, bytearray()
