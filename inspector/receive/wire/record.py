"""The record of one request: what its sender wrote, byte for byte, and what became of the connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from inspector.models import Framing, HeaderPairs
from inspector.receive.wire.fields import Pair


class Line(Protocol):
    """What a record may do with the connection that its request came on."""

    def abort(self) -> None: ...

    def reset(self) -> None: ...

    def close(self) -> None: ...

    def write_raw(self, data: bytes) -> None: ...


class Wire:
    """What the wire tells of one request and ASGI has no word for; ``scope["extensions"]["wire"]``.

    From the head, and final: ``head`` (its exact bytes, blank line included), ``method``, ``target``,
    ``version`` (``1.1``), ``headers`` as sent, ``lowered`` as ASGI wants them, ``framing``, ``length`` (bytes
    announced, None without Content-Length), ``keeps_open``, and ``waits_for_word``: the sender sends no body
    before it is told to go on.

    From the connection: ``client`` (``host:port``) and ``received_ns``, when the head was complete.

    Final once the body has ended: ``trailers``, ``chunks`` (how many, without the last and empty one),
    ``flags`` (codes of ``inspector.content.wire_flags``), ``broken`` (a sentence: why the body cannot become
    whole; None: nothing is wrong with what came) and ``broken_status``, which a sender is told then.

    ``gone`` says that the sender will not get its reply.

    To answer otherwise than by ASGI: ``write_raw`` writes bytes of any kind, ``close`` ends the connection
    when they are written, ``abort`` drops it with what is not written, ``reset`` drops it by a TCP reset.
    After any of these no ASGI reply is needed or sent, and the request counts as not answered.
    """

    __slots__ = (
        "_line",
        "_tell",
        "answered_raw",
        "broken",
        "broken_status",
        "chunks",
        "client",
        "flags",
        "framing",
        "gone",
        "head",
        "headers",
        "keeps_open",
        "length",
        "lowered",
        "method",
        "received_ns",
        "target",
        "trailers",
        "version",
        "waits_for_word",
    )

    _line: Line
    client: str
    received_ns: int

    def __init__(
        self,
        head: bytes,
        method: str,
        target: bytes,
        version: str,
        headers: HeaderPairs,
        lowered: list[Pair],
        framing: Framing,
        length: int | None,
        flags: list[str],
        *,
        keeps_open: bool,
        waits_for_word: bool = False,
    ) -> None:
        self.head = head
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
        self.lowered = lowered
        self.framing = framing
        self.length = length
        self.flags = flags
        self.keeps_open = keeps_open
        self.waits_for_word = waits_for_word
        self.trailers: list[Pair] = []
        self.chunks = 0
        self.broken: str | None = None
        self.broken_status = 400
        self.gone = False
        self.answered_raw = False
        self._tell: Callable[[], None] | None = None

    def arrive(self, line: Line, client: str, received_ns: int) -> None:
        """Note on which connection the request came, from whom and when."""
        self._line = line
        self.client = client
        self.received_ns = received_ns

    def when_gone(self, tell: Callable[[], None]) -> None:
        """Call *tell* once, now or later, if the sender goes away before it has the reply."""
        if self.gone:
            tell()
        else:
            self._tell = tell

    def lose(self) -> None:
        """Note that the sender will not get a reply."""
        if not self.gone:
            self.gone = True
            if self._tell is not None:
                self._tell()

    def write_raw(self, data: bytes) -> None:
        """Write *data* as it stands, in place of a reply."""
        self.answered_raw = True
        self._line.write_raw(data)

    def close(self) -> None:
        """Close the connection, without a reply, when everything is written."""
        self.answered_raw = True
        self._line.close()

    def abort(self) -> None:
        """Drop the connection and what is not written yet."""
        self.answered_raw = True
        self._line.abort()

    def reset(self) -> None:
        """Drop the connection so that the sender sees a TCP reset."""
        self.answered_raw = True
        self._line.reset()
