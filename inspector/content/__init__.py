"""How bytes are shown and exported. Pure: no I/O, no clock of its own, nothing here raises on content."""

from __future__ import annotations

from inspector.content.charsets import read_text
from inspector.content.decoding import CodingState, decode_body
from inspector.content.hexdump import HexDump, HexLine, hexdump
from inspector.content.media_type import media_type_of
from inspector.models import HeaderPairs
from inspector.settings import MIB

__all__ = ["HexDump", "HexLine", "decoded_text", "hexdump"]

DECODED_TEXT_BYTES = 1 * MIB


def decoded_text(body: bytes, headers: HeaderPairs) -> str | None:
    """*body* as text: Content-Encoding undone, then the declared charset, else UTF-8; without its mark.

    None when it cannot be decoded whole, or is over 1 MiB. What the API calls ``body_text`` and filters read.
    """
    decoded = decode_body(body, headers)
    if decoded.partial or decoded.state is CodingState.UNAVAILABLE or len(decoded.body) > DECODED_TEXT_BYTES:
        return None
    text = read_text(decoded.body, media_type_of(headers))
    return None if text.lossy else text.marked
