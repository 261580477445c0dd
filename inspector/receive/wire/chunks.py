"""The reader of chunked bodies (RFC 9112, 7.1): strict, linear, and it says what is wrong."""

from __future__ import annotations

import re

import h11

from inspector.receive.wire.fields import LINES, Pair, split
from inspector.receive.wire.record import Wire

EXTENSIONS = rb"[ \t]{0,80}+(;[\t\x20-\x7e\x80-\xff]{0,8000}+)?"
"""What may stand behind a chunk's size. Blanks there are common, and harmless."""

SIZE = re.compile(rb"([0-9A-Fa-f]{1,15}+)" + EXTENSIONS + rb"\r\n")
SIZE_SO_FAR = re.compile(rb"([0-9A-Fa-f]{1,15}+)" + EXTENSIONS + rb"\r?")

TRAILERS = re.compile(LINES + rb"++")
BARE_LF = re.compile(rb"(?<!\r)\n")

MOST_TRAILER_BYTES = 64 * 1024

BEFORE_TRAILERS = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
"""What h11 needs to see before it reads trailers."""


FORBIDDEN_TRAILERS = frozenset(
    b"authorization cache-control connection content-encoding content-length content-range content-type"
    b" cookie expect host if-match if-modified-since if-none-match if-range if-unmodified-since max-forwards"
    b" proxy-authorization range te trailer transfer-encoding upgrade".split()
)
"""Fields that say how a request is framed, routed, authorized or understood (RFC 9110, 6.5.1)."""


class Chunks:
    """One chunked body as it arrives.

    ``count`` says how many chunks were begun, ``extended`` whether one had extensions. ``done`` says that the
    body and its ``trailers`` are whole; ``rest`` is what came behind them. ``broken`` is a sentence once the
    framing is wrong: nothing more can be read then.
    """

    __slots__ = (
        "_data_ends",
        "_in_trailers",
        "_left",
        "_line",
        "broken",
        "count",
        "done",
        "extended",
        "rest",
        "trailers",
    )

    def __init__(self) -> None:
        self._left = 0  # bytes of the current chunk
        self._data_ends = False  # a chunk's data is read, its CRLF is not
        self._in_trailers = False
        self._line = bytearray()  # of a size line or of the trailers, as far as it came
        self.count = 0
        self.extended = False
        self.done = False
        self.rest = b""
        self.trailers: list[Pair] = []
        self.broken: str | None = None

    def feed(self, data: bytes) -> bytes:
        """The bytes of the body in *data*."""
        if self._in_trailers:
            self._read_trailers(data)
            return b""
        if self._line:
            data = bytes(self._line) + data
            self._line.clear()
        pieces, at, size = [], 0, len(data)
        while at < size and self.broken is None:
            if self._left:
                piece = data[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                self._data_ends = not self._left
            elif self._data_ends:
                if data.startswith(b"\r\n", at):
                    at += 2
                    self._data_ends = False
                elif data[at:] == b"\r":
                    self._line += b"\r"
                    break
                else:
                    self.broken = "A chunk is longer than its size says."
            else:
                line = SIZE.match(data, at)
                if line is None:
                    self._keep_line(data[at:])
                    break
                at = line.end()
                self.extended = self.extended or line[2] is not None
                self._left = int(line[1], 16)
                if not self._left:
                    if data.startswith(b"\r\n", at):
                        self.rest = data[at + 2 :]
                        self.done = True
                        break
                    self._in_trailers = True
                    self._read_trailers(data[at:])
                    break
                self.count += 1
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def describe(self, wire: Wire) -> None:
        """Note on the record what is known of the body by now."""
        wire.chunks = self.count
        wire.trailers = self.trailers
        if self.extended and "chunk-extensions" not in wire.flags:
            wire.flags.append("chunk-extensions")
        if any(name.lower() in FORBIDDEN_TRAILERS for name, _ in self.trailers):
            wire.flags.append("forbidden-trailer")

    def _keep_line(self, line: bytes) -> None:
        """Keep what may become a size line."""
        if not SIZE_SO_FAR.fullmatch(line):
            shown = line[:40].partition(b"\n")[0].decode("latin-1")
            self.broken = f"Where the size of a chunk should stand, there is {shown!r}."
        else:
            self._line += line

    def _read_trailers(self, data: bytes) -> None:
        """Read on behind the last chunk."""
        section = self._line
        looked_at = max(0, len(section) - 3)
        section += data
        end = 0 if section.startswith(b"\r\n") else section.find(b"\r\n\r\n", looked_at) + 2
        if section.startswith(b"\r\n") or end >= 2:
            self.trailers = self._fields(bytes(section[:end]))
            self.rest = bytes(section[end + 2 :])
            self.done = self.broken is None
        elif BARE_LF.search(section, looked_at):
            self.broken = "A line of the trailers does not end with CR LF."
        elif len(section) > MOST_TRAILER_BYTES:
            self.broken = f"The trailers are longer than {MOST_TRAILER_BYTES:,} bytes."

    def _fields(self, section: bytes) -> list[Pair]:
        """The trailer fields in *section*; h11 reads what is odd, as it does in heads."""
        if not section:
            return []
        if TRAILERS.fullmatch(section):
            return split(section, 0, len(section))
        parser = h11.Connection(h11.SERVER)
        parser.receive_data(BEFORE_TRAILERS + section + b"\r\n")
        parser.next_event()
        try:
            end = parser.next_event()
        except h11.RemoteProtocolError:
            self.broken = "The trailers are not header fields."
            return []
        assert isinstance(end, h11.EndOfMessage)
        return end.headers.raw_items()
