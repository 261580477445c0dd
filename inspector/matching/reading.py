"""What a filter reads in a delivery's bytes: substrings, header and query values, JSON values.

The matcher in memory and the store's SQL both call these, so that they cannot disagree. Bytes are read as
UTF-8 where they are that, else as latin-1. Nothing raises on content.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from inspector.models import HeaderPairs
from inspector.settings import MIB

CHUNK = 64 * 1024

JSON_BYTES = MIB
"""The longest body, as sent, that is looked into for ``json.``: parsing holds up every other thread."""

Json = object
"""A parsed value: an object is a tuple of pairs (repeats kept), an array a list, a number its source text."""

_JSON = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=tuple)
NOT_JSON = object()
CONSTANTS: dict[object, str] = {True: "true", False: "false", None: "null"}


def text_of(raw: bytes) -> str:
    """*raw* as UTF-8 where it is that, else as latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def readings(raw: bytes) -> tuple[str, ...]:
    """Every text *raw* may be known as: the API writes headers and targets as latin-1, people read UTF-8."""
    latin = raw.decode("latin-1")
    if latin.isascii():
        return (latin,)
    text = text_of(raw)
    return (latin,) if text == latin else (text, latin)


@lru_cache(maxsize=256)
def _folded(needle: str) -> bytes | str:
    return needle.encode().lower() if needle.isascii() else needle.casefold()


def contains(raw: bytes, needle: str) -> bool:
    """Whether *needle* stands in *raw*, whatever the letter case.

    An ASCII needle is looked for in the bytes, with A to Z alone folded, as SQLite's LIKE does; any other in
    the text, under Unicode case folding. Long bodies are folded in pieces, so that other threads get a turn.
    """
    folded = _folded(needle)
    step = CHUNK + len(folded)
    if isinstance(folded, bytes):
        return any(folded in raw[at : at + step].lower() for at in range(0, max(len(raw), 1), CHUNK))
    # Every character folds to at least one, so a match covers at most len(folded) characters of the text.
    text = text_of(raw)
    return any(folded in text[at : at + step].casefold() for at in range(0, len(text), CHUNK))


def header_lines(headers: HeaderPairs) -> Iterator[bytes]:
    """Each header as ``Name: value``, which words are looked for in."""
    for name, value in headers:
        yield name + b": " + value


def headers_contain(headers: HeaderPairs, needle: str) -> bool:
    """Whether *needle* stands in one of the ``Name: value`` lines."""
    return any(contains(line, needle) for line in header_lines(headers))


def header_values(headers: HeaderPairs, name: str) -> list[bytes]:
    """The values of every header called *name* (lower case, in either reading)."""
    return [value for key, value in headers if name in readings(key.lower())]


def header_texts(headers: HeaderPairs, name: str) -> list[str]:
    """The same values in every reading."""
    return [text for value in header_values(headers, name) for text in readings(value)]


def query_texts(target: bytes, name: str) -> list[str]:
    """The decoded values of every query parameter called *name* (percent, ``+``, UTF-8)."""
    _, _, query = target.partition(b"?")
    return [_decoded(value) for key, _, value in _pairs(query) if _decoded(key) == name]


def _pairs(query: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    return (piece.partition(b"=") for piece in query.split(b"&") if piece)


def _decoded(raw: bytes) -> str:
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8", "replace")


def media_type(content_type: str) -> str:
    """A content type without its parameters."""
    return content_type.partition(";")[0].strip()


def parse_json(text: str | None) -> Json:
    """*text* as JSON in the form that paths walk, or ``NOT_JSON``."""
    if text is None:
        return NOT_JSON
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError):  # not JSON, or nested deeper than any callback
        return NOT_JSON


def json_values(root: Json, path: tuple[str, ...]) -> list[Json]:
    """The values at *path*: members by name (each of a repeated one), elements by index, and on into strings
    that themselves hold a JSON object or array."""
    values = [] if root is NOT_JSON else [root]
    for step in path:
        values = [below for value in values for below in _below(value, step)]
    return values


def _below(value: Json, step: str) -> list[Json]:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        value = parse_json(value)
    if isinstance(value, tuple):
        return [member for name, member in value if name == step]
    if isinstance(value, list) and step.isdecimal() and step.isascii():
        # Compared as text: an index of 5,000 digits is no index, and "01" is not 1.
        index = int(step) if len(step) <= len(str(len(value))) else len(value)
        return value[index : index + 1] if str(index) == step else []
    return []


def json_text(value: Json) -> str | None:
    """A JSON scalar as text: a string's characters, a number as sent, ``true``, ``null``; None for others."""
    if isinstance(value, str):
        return value
    return None if isinstance(value, (tuple, list)) else CONSTANTS[value]
