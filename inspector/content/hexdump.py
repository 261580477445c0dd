"""Bytes as hexadecimal lines with offsets and ASCII beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LINE_BYTES = 16
WINDOW_BYTES = 8 * 1024

_ASCII = bytes(byte if 0x20 <= byte < 0x7F else 0x2E for byte in range(256))


@dataclass(frozen=True, slots=True)
class HexLine:
    """Sixteen bytes: the offset of the first, two groups of eight in hex, ASCII with dots for all else."""

    offset: int
    left: str
    right: str
    ascii: str

    @property
    def label(self) -> str:
        return f"{self.offset:08x}"

    def __str__(self) -> str:
        return f"{self.label}  {self.left:<23}  {self.right:<23}  {self.ascii}"


@dataclass(frozen=True, slots=True)
class HexDump:
    """A window of a hex view. ``next_offset`` is where the next window starts, None at the end."""

    lines: Sequence[HexLine]
    total_bytes: int
    next_offset: int | None

    def __str__(self) -> str:
        return "\n".join(map(str, self.lines))


def hexdump(data: bytes, start: int = 0, count: int = WINDOW_BYTES) -> HexDump:
    """The lines of *data* from byte *start* (rounded down to a line) on, *count* bytes at most."""
    start = max(0, start) // LINE_BYTES * LINE_BYTES
    end = min(len(data), start + max(LINE_BYTES, count) // LINE_BYTES * LINE_BYTES)
    lines = tuple(
        _line(offset, data[offset : min(offset + LINE_BYTES, end)])
        for offset in range(start, end, LINE_BYTES)
    )
    return HexDump(lines, len(data), end if end < len(data) else None)


def _line(offset: int, chunk: bytes) -> HexLine:
    return HexLine(offset, chunk[:8].hex(" "), chunk[8:].hex(" "), chunk.translate(_ASCII).decode("ascii"))
