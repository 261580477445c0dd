"""The entries of a HAR file, one by one: no step of reading a long file holds up other threads for long."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from inspector.errors import InvalidInput

_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class HarText:
    """The text of what may be a HAR file. ``is_har`` says whether its first object has a member ``log``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        try:
            self.is_har = self._enter("log")
        except (ValueError, RecursionError):
            self.is_har = False

    def entries(self) -> Iterator[dict[str, object]]:
        """The entries, when it is one. Raises InvalidInput on ``file`` where they cannot be read."""
        number = 0
        try:
            if not self._follows("{"):
                raise InvalidInput.of("file", "log must be an object")
            if not self._enter("entries"):
                return
            if not self._take("["):
                raise InvalidInput.of("file", "log: entries must be a list of objects")
            more = not self._take("]")
            while more:
                number += 1
                entry = self._value()
                if not isinstance(entry, dict):
                    raise InvalidInput.of("file", "log: entries must be a list of objects")
                yield entry
                more = self._goes_on("]")
        except (ValueError, RecursionError):
            where = f"entry {number}" if number else "log"
            raise InvalidInput.of("file", f"{where}: is not JSON, or the file ends there") from None

    def _enter(self, name: str) -> bool:
        """Go from an object's beginning to the value of its member *name*, or behind one without it."""
        self._expect("{")
        more = not self._take("}")
        while more:
            found = self._value()
            self._expect(":")
            if found == name:
                return True
            self._value()
            more = self._goes_on("}")
        return False

    def _goes_on(self, end: str) -> bool:
        """Whether a comma follows; else *end* has to."""
        if self._take(","):
            return True
        self._expect(end)
        return False

    def _value(self) -> object:
        value, self._at = _DECODER.raw_decode(self._text, self._skip())
        return value

    def _expect(self, character: str) -> None:
        if not self._take(character):
            raise ValueError(f"no {character}")

    def _take(self, character: str) -> bool:
        if not self._follows(character):
            return False
        self._at += 1
        return True

    def _follows(self, character: str) -> bool:
        return self._text.startswith(character, self._skip())

    def _skip(self) -> int:
        match = _BLANKS.match(self._text, self._at)
        assert match is not None
        self._at = match.end()
        return self._at
