"""JSON bodies as senders' verifiers read them: a value, or nothing at all."""

from __future__ import annotations

import json


def json_of(body: bytes) -> object:
    """The value that *body* is the JSON of; None where it is none, or too deep to read."""
    try:
        value: object = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return value


def text_of(value: object) -> str:
    """A JSON value as senders put it into signed text: strings as they are, nothing for null."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def as_bytes(text: str) -> bytes:
    """The UTF-8 of *text*, also where half a character stands in it."""
    return text.encode("utf-8", "surrogatepass")
