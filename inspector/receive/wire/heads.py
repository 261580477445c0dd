"""The heads of one connection's requests: each is held back until it is whole, then read."""

from __future__ import annotations

import re

from inspector.receive.wire.malformed import Malformed, foreign
from inspector.receive.wire.odd import read_odd
from inspector.receive.wire.ordinary import read_ordinary
from inspector.receive.wire.record import Wire

END_OF_HEAD = re.compile(rb"\n\r?\n")
"""A blank line, also one that is not ended as it should be: it is found where h11 finds it."""

FIRST_LINE_BYTES = 1024
"""So far a request line that is not whole is looked at again with every byte that comes."""


class Heads:
    """Takes bytes where a head is expected. ``came`` has those of one that is not whole yet."""

    __slots__ = ("_after_blank_lines", "_most_bytes", "came")

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._after_blank_lines = False
        self.came = bytearray()

    def take(self, data: bytes) -> tuple[Wire, bytes] | None:
        """The request whose head *data* completes and what is behind it; None while it is not whole.

        Raises Malformed, and leaves the bytes in ``came``.
        """
        if not self.came:
            wire = read_ordinary(data)
            if wire is not None and len(wire.head) <= self._most_bytes:
                return self._told(wire), data[len(wire.head) :]
        return self._look_closer(data)

    def _look_closer(self, data: bytes) -> tuple[Wire, bytes] | None:
        """The same, for a head that is odd, or does not come in one piece."""
        came = self.came
        looked_at = max(0, len(came) - 3)
        looks_at_line = len(came) <= FIRST_LINE_BYTES or (b"\n" not in came and b"\n" in data)
        if not came:
            # Blank lines before a request are no part of it (RFC 9112, 2.2).
            wanted = data.lstrip(b"\r\n")
            self._after_blank_lines = self._after_blank_lines or len(wanted) < len(data)
            data = wanted
        came += data
        found = END_OF_HEAD.search(came, looked_at)
        size = len(came) if found is None else found.end()
        if looks_at_line and (found is None or size > self._most_bytes):
            self._look_at_line()
        if size > self._most_bytes:
            raise Malformed(431, f"The head is longer than {self._most_bytes:,} bytes.")
        if found is None:
            return None
        head, rest = bytes(came[:size]), bytes(came[size:])
        wire = read_ordinary(head) or read_odd(head)
        came.clear()
        return self._told(wire), rest

    def _look_at_line(self) -> None:
        """Refuse early what will never be a request. Raises Malformed."""
        reason = foreign(bytes(self.came)) if self.came else None
        if reason is not None:
            raise Malformed(400, reason)

    def _told(self, wire: Wire) -> Wire:
        """*wire*, which says whether blank lines were before it."""
        if self._after_blank_lines:
            wire.flags.append("leading-crlf")
            self._after_blank_lines = False
        return wire
