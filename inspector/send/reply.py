"""One exchange as bytes: the request out, the final reply in, bounded whatever the other side sends."""

from __future__ import annotations

import h11

from inspector.send.exchange import FailureClass, Response
from inspector.send.outgoing import Outgoing
from inspector.settings import KIB

HEAD_BYTES = 256 * KIB
"""The longest head that is waited for; a longer one counts as no HTTP."""

SWITCHING_PROTOCOLS = 101


class Broken(Exception):
    """No whole reply will come. ``str(error)`` is a sentence for the user."""

    def __init__(self, kind: FailureClass, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Conversation:
    """The client's side of one exchange, without I/O.

    h11 speaks the protocol, but the head is our own: h11 would put Host first, wherever it stood.
    """

    def __init__(self, request: Outgoing, body_limit_bytes: int) -> None:
        self._request = request
        self._limit_bytes = body_limit_bytes
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
        self._head: h11.Response | h11.InformationalResponse | None = None
        self._body = bytearray()
        self._complete = False

    def request_bytes(self) -> bytes:
        """The whole request as it goes over the wire. To be asked for once, before any ``feed``."""
        request, http = self._request, self._http
        http.send(h11.Request(method=request.method, target=request.target, headers=list(request.headers)))
        pieces = [request.head]
        if request.body:
            pieces.append(http.send(h11.Data(data=request.body)) or b"")
        pieces.append(http.send(h11.EndOfMessage()) or b"")
        return b"".join(pieces)

    @property
    def response(self) -> Response | None:
        """The final reply, as far as it has come."""
        head = self._head
        if head is None:
            return None
        return Response(
            http_version=head.http_version.decode("ascii"),
            status=head.status_code,
            headers=tuple((bytes(name), bytes(value)) for name, value in head.headers.raw_items()),
            body=bytes(self._body),
            complete=self._complete,
        )

    def feed(self, data: bytes) -> bool:
        """Take what came, nothing at the end of the connection. True when the reply is whole.

        Raises Broken when it can no longer become so.
        """
        try:
            self._http.receive_data(data)
            while not self._complete:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    return False
                self._take(event)
        except h11.RemoteProtocolError as problem:
            if data:
                raise Broken(
                    FailureClass.INVALID_HTTP, f"What came back is not valid HTTP: {problem}."
                ) from problem
            what = "without a reply" if self._head is None else "in the middle of its reply"
            raise Broken(FailureClass.RESET, f"The target closed the connection {what}.") from problem
        return True

    def _take(self, event: object) -> None:
        if isinstance(event, h11.Response):
            self._head = event
        elif isinstance(event, h11.InformationalResponse) and event.status_code == SWITCHING_PROTOCOLS:
            self._head = event  # what follows is another protocol, and nothing to us
            self._complete = True
        elif isinstance(event, h11.Data):
            room = self._limit_bytes - len(self._body)
            self._body += event.data[:room]
            if len(event.data) > room:
                raise Broken(
                    FailureClass.TOO_LARGE,
                    f"The reply is longer than {self._limit_bytes:,} bytes; it was cut.",
                )
        elif isinstance(event, h11.EndOfMessage):
            self._complete = True
