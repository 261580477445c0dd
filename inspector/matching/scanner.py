"""Filter text cut into terms: sign, field, value, with quotes undone and the place of everything kept.

What stands unquoted ends at white space and means itself, a backslash too. In quotes ``\\"``, ``\\\\`` and
``\\*`` stand for the second character; any other backslash means itself. A ``*`` that is not escaped is a
wildcard in the fields that know them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from inspector.matching.glob import Glob, Part, Wild
from inspector.matching.invalid import InvalidFilter, place, shown
from inspector.matching.tree import is_key, named_kind


@dataclass(frozen=True, slots=True)
class Value:
    """A word or value as read: as plain text, and as a pattern."""

    text: str
    glob: Glob
    position: int


@dataclass(frozen=True, slots=True)
class Term:
    """One term. ``field`` is as typed, None for a word; ``path`` holds the names after ``header.`` and such.

    ``value`` None means that no colon follows (only where there is a path).
    """

    start: int
    end: int
    negated: bool
    field: str | None
    path: tuple[str, ...]
    value: Value | None
    position: int


def terms(text: str) -> Iterator[Term]:
    """The terms of *text* from left to right; InvalidFilter where it cannot be cut."""
    at = _skip_space(text, 0)
    while at < len(text):
        term = _term(text, at)
        yield term
        at = _skip_space(text, term.end)


def _term(text: str, start: int) -> Term:
    negated = text[start] == "-" and start + 1 < len(text) and not text[start + 1].isspace()
    at = start + negated
    if text[at] == '"':
        value, end = _value(text, at)
        return Term(start, end, negated, None, (), value, at)
    end = _bare_end(text, at)
    run = text[at:end]
    kind = named_kind(run)
    if kind is not None:
        return _named_term(text, start, at, negated, kind)
    key, colon, _ = run.partition(":")
    if colon and is_key(key):
        value, end = _value(text, at + len(key) + 1)
        return Term(start, end, negated, key, (), value, at)
    return Term(start, end, negated, None, (), Value(run, Glob.literal(run), at), at)


def _named_term(text: str, start: int, at: int, negated: bool, kind: str) -> Term:
    end = at + len(kind)
    path: list[str] = []
    # Only JSON has levels; a dot in a header's or parameter's name is part of it.
    stops = ".:" if kind == "json" else ":"
    while not path or text[end : end + 1] == ".":
        name, end = _name(text, end + 1, stops)
        path.append(name)
    value = None
    if text[end : end + 1] == ":":
        value, end = _value(text, end + 1)
    return Term(start, end, negated, kind, tuple(path), value, at)


def _name(text: str, start: int, stops: str) -> tuple[str, int]:
    if text[start : start + 1] == '"':
        value, end = _quoted(text, start)
        if end < len(text) and text[end] not in stops and not text[end].isspace():
            raise _after_quote(text, end)
        return value.text, end
    end = start
    while end < len(text) and text[end] not in stops and not text[end].isspace():
        end += 1
    if end == start:
        raise InvalidFilter(f'A name is missing {place(start)}. An empty one is written "".', start)
    return text[start:end], end


def _value(text: str, start: int) -> tuple[Value, int]:
    if text[start : start + 1] != '"':
        end = _bare_end(text, start)
        characters = [(c, c == "*") for c in text[start:end]]
        return _read(characters, start), end
    value, end = _quoted(text, start)
    if end < len(text) and not text[end].isspace():
        raise _after_quote(text, end)
    return value, end


def _quoted(text: str, start: int) -> tuple[Value, int]:
    characters: list[tuple[str, bool]] = []
    at = start + 1
    while at < len(text):
        c = text[at]
        if c == '"':
            return _read(characters, start), at + 1
        if c == "\\" and text[at + 1 : at + 2] in ('"', "\\", "*"):
            at += 1
            characters.append((text[at], False))
        else:
            characters.append((c, c == "*"))
        at += 1
    raise InvalidFilter(
        f'The quote {place(start)} is not closed. To search for a quote itself, write "\\"" instead.', start
    )


def _read(characters: list[tuple[str, bool]], position: int) -> Value:
    """Characters, each with whether it is a wildcard, as a value."""
    pieces: list[Part] = []
    for wild, group in groupby(characters, key=itemgetter(1)):
        run = "".join(c for c, _ in group)
        pieces.extend([Wild.RUN] * len(run) if wild else [run])
    return Value("".join(c for c, _ in characters), Glob.of(pieces), position)


def _after_quote(text: str, at: int) -> InvalidFilter:
    rest = shown(text[at : _bare_end(text, at)])
    return InvalidFilter(
        f'A space is missing before {rest} {place(at)}. A quote inside quotes is written \\".', at
    )


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _bare_end(text: str, at: int) -> int:
    while at < len(text) and not text[at].isspace():
        at += 1
    return at
