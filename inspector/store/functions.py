"""The SQL functions that filters need: the matcher's own rules, as SQLite may call them.

Each is deterministic and raises on nothing that is stored. Their first argument is a needle or a condition as
it would be typed, in UTF-8 bytes, because text in SQLite cannot hold a lone surrogate.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from functools import lru_cache

from inspector.matching import matcher, parse, reading
from inspector.matching.tree import EPOCH, Named, Test, Text
from inspector.models import HeaderPairs
from inspector.store.rows import read_optional_text

DecodeBody = Callable[[bytes, HeaderPairs], str | None]
"""From body and headers the body's text, content coding and charset undone, or None: what ``json.`` reads."""


def register(connection: sqlite3.Connection, decode_body: DecodeBody) -> None:
    """Give *connection* the functions that ``query.where`` speaks of. *decode_body* must not raise."""

    def json_fits(condition: bytes, headers: str, body: bytes) -> bool:
        test = _named(condition)
        root = reading.parse_json(decode_body(body, _headers(headers)))
        return matcher.named_fits(test, matcher.json_texts(root, test.path))

    for name, arguments, function in (
        ("filter_contains", 2, _contains),
        ("filter_headers_contain", 2, _headers_contain),
        ("filter_text", 2, _text_fits),
        ("filter_target", 2, _target_fits),
        ("filter_header", 2, _header_fits),
        ("filter_query", 2, _query_fits),
        ("filter_json", 3, json_fits),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


def argument(text: str) -> bytes:
    """*text* as the functions take it."""
    return text.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=1024)
def _needle(given: bytes) -> str:
    return given.decode("utf-8", "surrogatepass")


@lru_cache(maxsize=1024)
def _test(given: bytes) -> Test:
    return parse(_needle(given), now=EPOCH).conditions[0].test


def _named(condition: bytes) -> Named:
    test = _test(condition)
    assert isinstance(test, Named)
    return test


def _text(condition: bytes) -> Text:
    test = _test(condition)
    assert isinstance(test, Text)
    return test


def _headers(stored: str) -> HeaderPairs:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in json.loads(stored))


def _contains(needle: bytes, raw: bytes) -> bool:
    return reading.contains(raw, _needle(needle))


def _headers_contain(needle: bytes, headers: str) -> bool:
    return reading.headers_contain(_headers(headers), _needle(needle))


def _text_fits(condition: bytes, stored: str | bytes | None) -> bool:
    test, text = _text(condition), read_optional_text(stored)
    return matcher.text_fits(test, matcher.content_types(text) if test.field == "content_type" else (text,))


def _target_fits(condition: bytes, target: bytes) -> bool:
    return matcher.text_fits(_text(condition), reading.readings(target))


def _header_fits(condition: bytes, headers: str) -> bool:
    test = _named(condition)
    return matcher.named_fits(test, reading.header_texts(_headers(headers), test.path[0]))


def _query_fits(condition: bytes, target: bytes) -> bool:
    test = _named(condition)
    return matcher.named_fits(test, reading.query_texts(target, test.path[0]))
