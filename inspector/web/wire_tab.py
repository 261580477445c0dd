"""The Wire tab: a request as it came, byte for byte, and what was odd about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC

from inspector.content import HexDump, hexdump
from inspector.content.masking import mask_head, mask_headers, mask_request
from inspector.content.raw_http import flag_sentence
from inspector.content.visible import Piece, pieces
from inspector.models import Delivery, Framing, Request
from inspector.web.place import Place

TEXT, HEX = "text", "hex"

SHOWN_BYTES = 64 * 1024
"""So much of a head is shown; hardly one is as long."""

LINE_ENDS = ((b"\r\n", "CRLF"), (b"\n", "LF"))


@dataclass(frozen=True, slots=True)
class WireLine:
    """A line as it came; ``end`` names the line end, empty where the bytes end without one."""

    pieces: tuple[Piece, ...]
    end: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something odd: its code, and a sentence on what it means."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class WireTab:
    """How a delivery came. ``lines`` and ``dump`` show the head, one of them, None where it is not known.

    ``masked`` says that credentials in it are left out. ``left_out`` is how many bytes are not shown.
    """

    view: str
    text_url: str
    hex_url: str
    reveal_url: str
    body_url: str
    flags: tuple[Flag, ...]
    arrived: str
    head_bytes: int
    framing: str
    incomplete: str | None
    masked: bool
    lines: tuple[WireLine, ...] | None
    dump: HexDump | None
    left_out: int
    body_bytes: int
    trailers: tuple[tuple[str, str], ...]

    @property
    def is_known(self) -> bool:
        """Whether the exact head is known."""
        return self.head_bytes > 0


def wire_tab(delivery: Delivery, place: Place, view: str, reveal: str) -> WireTab:
    """How *delivery* came, its head as ``text`` or ``hex``; with *reveal* its credentials too."""
    request = delivery.request
    revealed = bool(reveal)
    masked = not revealed and bool(mask_request(request).hidden)
    head = mask_head(request.head) if masked else request.head
    shown, in_hex = head[:SHOWN_BYTES], view == HEX
    trailers = request.trailers if revealed else mask_headers(request.trailers)
    return WireTab(
        view=HEX if in_hex else TEXT,
        text_url=place.delivery_url(delivery.id, reveal=reveal),
        hex_url=place.delivery_url(delivery.id, view=HEX, reveal=reveal),
        reveal_url=place.delivery_url(delivery.id, view=view, reveal="all"),
        body_url=place.delivery_url(delivery.id, tab="body", view=HEX),
        flags=tuple(Flag(code, flag_sentence(code)) for code in request.flags),
        arrived=_to_the_nanosecond(request),
        head_bytes=len(request.head),
        framing=_framing(request),
        incomplete=request.incomplete_reason,
        masked=masked or trailers != request.trailers,
        lines=None if in_hex or not head else wire_lines(shown),
        dump=hexdump(shown, count=SHOWN_BYTES) if in_hex and head else None,
        left_out=len(head) - len(shown),
        body_bytes=len(request.body),
        trailers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in trailers),
    )


def wire_lines(data: bytes) -> tuple[WireLine, ...]:
    """*data* line by line, every byte one character."""
    return tuple(_lines(data))


def _lines(data: bytes) -> Iterator[WireLine]:
    for line in _split(data):
        end, name = next(((end, name) for end, name in LINE_ENDS if line.endswith(end)), (b"", ""))
        text = line[: len(line) - len(end)].decode("latin-1")
        yield WireLine(pieces(text, line_ends=True), name)


def _split(data: bytes) -> Iterator[bytes]:
    """The lines of *data* with their line feeds; a carriage return alone ends none."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        yield data[start:end]
        start = end


def _framing(request: Request) -> str:
    match request.framing:
        case Framing.CHUNKED:
            return f"chunked, in {request.chunks:,} {'chunk' if request.chunks == 1 else 'chunks'}"
        case Framing.LENGTH:
            return "by Content-Length"
        case Framing.NONE:
            return "none: no body was announced" if request.head else "not known"


def _to_the_nanosecond(request: Request) -> str:
    time = request.received_at.astimezone(UTC)
    return f"{time.day} {time:%b %Y, %H:%M:%S}.{request.received_ns % 1_000_000_000:09d} UTC"
