"""Glob patterns over text: literals with ``*`` and ``**`` between them, matched in linear time.

Stored data is hostile and so are filters; a regular expression could be made to run for hours. Nothing here
backtracks: a pattern without a bounded wildcard is a chain of substring searches, any other is run as a set
of states, one bit each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Wild(Enum):
    """A wildcard: ``RUN`` is any text within one segment, ``DEEP`` any at all. Without segments both are."""

    RUN = "*"
    DEEP = "**"


Part = str | Wild


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern as literals and wildcards in turn, never two of a kind side by side (see ``of``)."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, pieces: Iterable[Part]) -> Glob:
        """The pattern of all *pieces* one after the other; two wildcards side by side are a ``DEEP`` one."""
        parts: list[Part] = []
        for piece in pieces:
            previous = parts[-1] if parts else None
            if isinstance(piece, Wild) and isinstance(previous, Wild):
                parts[-1] = Wild.DEEP
            elif isinstance(piece, str) and isinstance(previous, str):
                parts[-1] = previous + piece
            elif piece:
                parts.append(piece)
        return cls(tuple(parts))

    @classmethod
    def literal(cls, text: str) -> Glob:
        """The pattern that only *text* fits."""
        return cls.of((text,))

    @property
    def text(self) -> str | None:
        """The only text that fits, or None when there are wildcards."""
        if not self.parts:
            return ""
        only = self.parts[0]
        return only if len(self.parts) == 1 and isinstance(only, str) else None

    @property
    def prefix(self) -> str:
        """What every text that fits begins with."""
        first = self.parts[0] if self.parts else ""
        return first if isinstance(first, str) else ""

    def lowered(self) -> Glob:
        """The same pattern with its ASCII letters in lower case."""
        return Glob(tuple(part if isinstance(part, Wild) else ascii_lower(part) for part in self.parts))

    def fits(self, text: str, separator: str = "") -> bool:
        """Whether the whole *text* fits; ``*`` does not cross *separator* (a character), if there is one."""
        if separator and Wild.RUN in self.parts:
            return _run(self.parts, text, separator)
        return _search(self.parts, text)

    def __str__(self) -> str:
        return "".join(part.value if isinstance(part, Wild) else part for part in self.parts)


def ascii_lower(text: str) -> str:
    """*text* with A to Z in lower case and all else untouched, as SQLite's ``lower`` does."""
    return text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)


def _search(parts: tuple[Part, ...], text: str) -> bool:
    # The leftmost place for each literal leaves the most room for the rest, so no other needs trying.
    literals = [part for part in parts if isinstance(part, str)]
    if len(literals) == len(parts):
        return text == "".join(literals)
    at, end = 0, len(text)
    if isinstance(parts[0], str):
        first = literals.pop(0)
        if not text.startswith(first):
            return False
        at = len(first)
    if isinstance(parts[-1], str):
        last = literals.pop()
        if not text.endswith(last):
            return False
        end -= len(last)
    for literal in literals:
        found = text.find(literal, at, end)
        if found < 0:
            return False
        at = found + len(literal)
    return at <= end


@lru_cache(maxsize=256)
def _states(parts: tuple[Part, ...]) -> tuple[dict[str, int], int, int, int]:
    """The states each character leads on from, those that bear any text or a segment's, and the last one."""
    onward: dict[str, int] = {}
    deep = run = 0
    state = 1
    for part in parts:
        if part is Wild.DEEP:
            deep |= state
        elif part is Wild.RUN:
            run |= state
        else:
            for character in str(part):
                onward[character] = onward.get(character, 0) | state
                state <<= 1
    return onward, deep, run, state


def _run(parts: tuple[Part, ...], text: str, separator: str) -> bool:
    # Bit n is set while the first n literal characters may have been matched (Shift-And).
    onward, deep, run, last = _states(parts)
    reached = 1
    for character in text:
        bearing = deep if character == separator else deep | run
        reached = ((reached & onward.get(character, 0)) << 1) | (reached & bearing)
        if not reached:
            return False
    return bool(reached & last)
