"""What is wrong with a text that should be JSON, and where: one sentence, a line and a column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from inspector.content.json_grammar import SCALAR, STRING, skip_space

_NUMBER_LIKE = re.compile(r"[+-]?[0-9.][0-9a-zA-Z.+_-]*")
_WORD = re.compile(r"[^\W\d]\w*")
_GOOD_STRING_PART = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+').match
_CLOSERS = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: ``offset`` in characters from the start of the text, ``line`` and ``column`` from 1."""

    offset: int
    line: int
    column: int
    message: str

    @classmethod
    def at(cls, source: str, offset: int, message: str) -> Fault:
        before = source.rfind("\n", 0, offset) + 1
        return cls(offset, source.count("\n", 0, offset) + 1, offset - before + 1, message)

    def __str__(self) -> str:
        return f"Line {self.line}, column {self.column}: {self.message}."


def first_number_that_is_none(source: str, starts: Iterable[int]) -> Fault | None:
    """The first of the values at *starts* that is ``NaN`` or ``Infinity``."""
    if "NaN" not in source and "Infinity" not in source:
        return None
    for start in starts:
        word = next(
            (word for word in ("NaN", "Infinity", "-Infinity") if source.startswith(word, start)), None
        )
        if word is not None:
            return Fault.at(source, start, f"{word} is not JSON")
    return None


def find_fault(source: str, position: int, inside: str | None, *, after_value: bool = False) -> Fault:
    """Why the text from *position* on is not the next member or item of the innermost open bracket *inside*.

    *inside* is ``{``, ``[``, or None at the top. With *after_value* a comma or the bracket's end was due.
    """
    position = skip_space(source, position)
    if position == len(source):
        wanted = "a value" if inside is None else f"{_CLOSERS[inside]} is missing"
        return Fault.at(source, position, f"the text ends here, {wanted}" if inside else "there is no value")
    if source[position] in "]}":
        return Fault.at(source, position, _wrong_closer(source, position, inside))
    if after_value:
        return _bad_follower(source, position, position, inside)
    if inside == "{":
        key = STRING(source, position)
        if key is None:
            return _bad_key(source, position)
        position = skip_space(source, key.end())
        if not source.startswith(":", position):
            return Fault.at(source, position, "a colon is missing after the key")
        position = skip_space(source, position + 1)
    value = SCALAR(source, position)
    if value is None:
        return _bad_value(source, position)
    return _bad_follower(source, position, skip_space(source, value.end()), inside)


def _wrong_closer(source: str, position: int, inside: str | None) -> str:
    before = source[:position].rstrip(" \t\n\r")[-1:]
    if before == ",":
        return f"a comma stands before {source[position]}"
    if inside is not None and source[position] != _CLOSERS[inside]:
        return f"{source[position]} closes nothing, {_CLOSERS[inside]} is missing"
    return f"{source[position]} closes nothing"


def _bad_key(source: str, position: int) -> Fault:
    if source[position] == '"':
        return _bad_string(source, position)
    if source[position] == "'":
        return Fault.at(source, position, "a key stands in single quotes")
    if _WORD.match(source, position):
        return Fault.at(source, position, "a key stands without quotes")
    return Fault.at(source, position, "a key in double quotes is missing")


def _bad_value(source: str, position: int) -> Fault:
    if position == len(source):
        return Fault.at(source, position, "the text ends here, a value is missing")
    first = source[position]
    if first == '"':
        return _bad_string(source, position)
    if first == "'":
        return Fault.at(source, position, "a string stands in single quotes")
    if first in ",:]}":
        return Fault.at(source, position, "a value is missing")
    if word := _WORD.match(source, position):
        return Fault.at(source, position, f"{word[0][:40]} is not JSON")
    if number := _NUMBER_LIKE.match(source, position):
        return Fault.at(source, position, f"{number[0][:40]} is not a JSON number")
    return Fault.at(source, position, "this starts no JSON value")


def _bad_string(source: str, position: int) -> Fault:
    good = _GOOD_STRING_PART(source, position)
    end = position + 1 if good is None else good.end()
    if end == len(source) or source[end:] == "\\":
        return Fault.at(source, position, "this string has no end")
    if source[end] == "\\":
        return Fault.at(source, end, f"{source[end : end + 2]} is no escape in JSON")
    return Fault.at(source, end, f"a control character (U+{ord(source[end]):04X}) stands bare in a string")


def _bad_follower(source: str, start: int, position: int, inside: str | None) -> Fault:
    if position == len(source):
        return Fault.at(
            source, position, f"the text ends here, {_CLOSERS.get(inside or '', 'its end')} is missing"
        )
    number = _NUMBER_LIKE.match(source, start) if start < position else None
    if number is not None and number.end() > position:
        return Fault.at(source, start, f"{number[0][:40]} is not a JSON number")
    closer = _CLOSERS.get(inside or "")
    wanted = f"a comma or {closer}" if closer else "the end"
    return Fault.at(source, position, f"{wanted} is missing here")
