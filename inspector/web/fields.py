"""Fields: an input object being read, member by member, with everything that is wrong collected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from inspector.errors import FieldError, InvalidInput

TextKind = Literal["line", "lines", "any"]

ALLOWED: Mapping[str, Mapping[int, None]] = {"line": {}, "lines": dict.fromkeys(map(ord, "\t\n\r"))}
"""The control characters that each kind of text may have."""

LARGEST_ID = 2**63 - 1
"""What SQLite can hold in an integer column."""


class Fields:
    """The members of one object. Each getter returns its default when the member is absent or cannot be used;
    :meth:`done` raises InvalidInput with every error found, members that nobody asked for included.

    *within* is the dotted name of the object itself, for error messages.
    """

    def __init__(self, values: Mapping[str, object], within: str = "") -> None:
        self._values = values
        self._prefix = f"{within}." if within else ""
        self._asked: set[str] = set()
        self._errors: list[FieldError] = []

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def wrong(self, name: str, message: str) -> None:
        """Notes that member *name* cannot be used."""
        self._errors.append(FieldError(self._prefix + name, message))

    def adopt(self, error: InvalidInput) -> None:
        """Notes what another room found wrong."""
        self._errors.extend(error.errors)

    def done(self) -> None:
        """Raises InvalidInput when anything was wrong, or when there are members that mean nothing here."""
        for name in self._values:
            if name not in self._asked:
                self.wrong(name, "is not a field that can be given here")
        if self._errors:
            raise InvalidInput(*self._errors)

    def text(self, name: str, default: str, *, longest: int, kind: TextKind = "line") -> str:
        """Text of at most *longest* characters: one line, several ``lines``, or ``any`` characters at all."""
        value = self._take(name, default)
        if not isinstance(value, str):
            self.wrong(name, "must be text")
        elif len(value) > longest:
            self.wrong(name, f"must not be longer than {longest:,} characters")
        elif kind != "any" and any(_is_control(character) for character in value.translate(ALLOWED[kind])):
            self.wrong(name, "must not contain control characters")
        else:
            return value
        return default

    def optional_text(self, name: str, default: str | None, *, longest: int) -> str | None:
        """Text as :meth:`text` takes it, or null."""
        if self._values.get(name, default) is None:
            self._asked.add(name)
            return None
        return self.text(name, default or "", longest=longest)

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number within both bounds."""
        value = self._take(name, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.wrong(name, f"must be a whole number from {least:,} to {most:,}")
        return default

    def optional_integer(self, name: str, default: int | None, *, least: int, most: int) -> int | None:
        """A whole number within both bounds, or null."""
        if self._values.get(name, default) is None:
            self._asked.add(name)
            return None
        return self.integer(name, default or least, least=least, most=most)

    def number(self, name: str, default: float) -> float:
        """A finite number of a sensible size."""
        value = self._take(name, default)
        if (
            isinstance(value, (int, float))
            and not isinstance(value, bool)
            and -LARGEST_ID <= value <= LARGEST_ID
        ):
            return float(value)
        self.wrong(name, "must be a number")
        return default

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        value = self._take(name, default)
        if isinstance(value, bool):
            return value
        self.wrong(name, "must be true or false")
        return default

    def mapping(self, name: str, default: Mapping[str, object]) -> Mapping[str, object]:
        """An object, whatever it holds."""
        value = self._take(name, default)
        if isinstance(value, Mapping):
            return value
        self.wrong(name, "must be an object")
        return default

    def pairs(self, name: str, default: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        """A list of [name, value] pairs of text."""
        value = self._take(name, [list(pair) for pair in default])
        if isinstance(value, list) and all(_is_pair(pair) for pair in value):
            return tuple((pair[0], pair[1]) for pair in value)
        strays = [pair for pair in value if not _is_pair(pair)] if isinstance(value, list) else []
        if strays and isinstance(strays[0], list) and len(strays[0]) == 1:
            self.wrong(name, f"{strays[0][0]!r} has no value: write name and value, with a colon between")
        else:
            self.wrong(name, "must be a list of [name, value] pairs of text")
        return default

    def value(self, name: str) -> object:
        """Whatever JSON stands there; None when there is none."""
        return self._take(name, None)

    def _take(self, name: str, default: object) -> object:
        self._asked.add(name)
        return self._values.get(name, default)


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)


def _is_control(character: str) -> bool:
    return character < " " or "\x7f" <= character <= "\x9f"
