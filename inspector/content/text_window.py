"""A window of a body as plain text, cut between characters, so that the next window goes on where it ends."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.content.charsets import Charset, decode_marked, find_charset
from inspector.content.media_type import MediaType

WINDOW_BYTES = 128 * 1024
_LOOK_BACK_BYTES = 4 * 1024


@dataclass(frozen=True, slots=True)
class TextWindow:
    """Text, marked as in ``charsets``: the bytes from ``start`` to ``next_offset`` (None: to the end)."""

    text: str
    charset: Charset
    lossy: bool
    start: int
    total_bytes: int
    next_offset: int | None


def text_window(data: bytes, media: MediaType, start: int = 0, count: int = WINDOW_BYTES) -> TextWindow:
    """The text in *data* from byte *start* on, about *count* bytes of it."""
    charset = find_charset(data, media)
    start = max(charset.mark_bytes, min(start, len(data)))
    end = _cut(data, start, start + count, charset.codec)
    text, lossy = decode_marked(data[start:end], charset.codec)
    return TextWindow(text, charset, lossy, start, len(data), end if end < len(data) else None)


def _cut(data: bytes, start: int, end: int, codec: str) -> int:
    """The place near *end* where the text can be cut: after a line, else between two characters."""
    if end >= len(data):
        return len(data)
    if codec.startswith(("utf-16", "utf-32")):
        end = start + (end - start) // 4 * 4
        high_byte = data[end - 1] if codec.endswith("le") else data[end - 2]
        half_a_pair = codec.startswith("utf-16") and 0xD8 <= high_byte <= 0xDB
        return end - 2 if half_a_pair else end
    line_end = data.rfind(b"\n", max(start, end - _LOOK_BACK_BYTES), end)
    if line_end >= 0:
        return line_end + 1
    if codec == "utf-8":
        for back in range(4):
            if data[end - back] & 0xC0 != 0x80:
                return end - back
    return end
