"""Captured text as pieces that can be shown safely: what does not show, or shows as something else, is named.

Control characters, bidirectional overrides, zero-width characters and bytes that could not be decoded
become marks with a short name; everything else stands as it is. No piece holds a lone surrogate, so all of
them can be encoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAMES = {
    "\x00": "NUL",
    "\x07": "BEL",
    "\x08": "BS",
    "\t": "TAB",
    "\n": "LF",
    "\x0b": "VT",
    "\x0c": "FF",
    "\r": "CR",
    "\x1b": "ESC",
    "\x7f": "DEL",
    "\x85": "NEL",
    "\xa0": "NBSP",
    "\xad": "SHY",
    "\u061c": "ALM",
    "\u200b": "ZWSP",
    "\u200c": "ZWNJ",
    "\u200d": "ZWJ",
    "\u200e": "LRM",
    "\u200f": "RLM",
    "\u2028": "LS",
    "\u2029": "PS",
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2060": "WJ",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
    "\ufeff": "BOM",
}
_EMOJI = "\u2600-\u27bf\U0001f300-\U0001faff"
# A zero-width joiner between two emoji makes one picture of them: that one is seen, and left alone.
_HIDDEN = (
    "\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200c\u200e\u200f"
    "\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"
)
_JOINER = f"(?<![{_EMOJI}\ufe0f\U0001f3fb-\U0001f3ff])\u200d|\u200d(?![{_EMOJI}])"
_ALL = re.compile(f"[\x00-\x1f{_HIDDEN}]|{_JOINER}")
_BUT_LINE_ENDS = re.compile(f"[\x00-\x08{_HIDDEN}]|\r(?!\n)|{_JOINER}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; with a ``name`` one character or byte that does not show: ``ZWSP``, ``0x9D``."""

    text: str
    name: str = ""


def pieces(marked: str, *, line_ends: bool = False) -> tuple[Piece, ...]:
    """*marked* in pieces. Line ends and tabs are text, unless *line_ends* asks for marks there too."""
    if marked.isascii() and marked.isprintable():
        return (Piece(marked),) if marked else ()
    pattern = _ALL if line_ends else _BUT_LINE_ENDS
    found: list[Piece] = []
    position = 0
    for match in pattern.finditer(marked):
        if match.start() > position:
            found.append(Piece(marked[position : match.start()]))
        found.append(_mark(match[0]))
        position = match.end()
    if position < len(marked):
        found.append(Piece(marked[position:]))
    return tuple(found)


def _mark(character: str) -> Piece:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return Piece("\ufffd", f"0x{code - 0xDC00:02X}")
    if 0xD800 <= code <= 0xDFFF:
        return Piece("\ufffd", f"U+{code:04X}")
    return Piece(character, _NAMES.get(character) or (f"0x{code:02X}" if code < 0x100 else f"U+{code:04X}"))
