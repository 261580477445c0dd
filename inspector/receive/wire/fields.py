"""Field lines: header and trailer fields in the form that can be read in one way only (RFC 9112, 5)."""

from __future__ import annotations

import re

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
"""A method or a field name (RFC 9110, 5.6.2)."""

LINES = rb"(?:" + TOKEN + rb":[\t\x20-\x7e\x80-\xff]*+\r\n)"
"""One field line: the name glued to its colon, no control character but the tab, ended by CRLF."""

FIELD = re.compile(rb"([^:]++):[ \t]*+([^\r]*+)\r\n")

Pair = tuple[bytes, bytes]


def split(block: bytes, start: int, end: int) -> list[Pair]:
    """The names and values of the field lines between *start* and *end*, which match ``LINES``.

    Blanks around a value are not part of it (RFC 9110, 5.5).
    """
    pairs: list[Pair] = FIELD.findall(block, start, end)
    if block.find(b" \r\n", start, end) >= 0 or block.find(b"\t\r\n", start, end) >= 0:
        return [(name, value.rstrip(b" \t")) for name, value in pairs]
    return pairs
