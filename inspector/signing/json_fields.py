"""JSON bodies as senders' verifiers read them: a value, or nothing at all."""

from __future__ import annotations

import json
from contextlib import suppress

_LARGEST_BYTES = 4 << 20
"""No sender whose signature depends on what the JSON says writes larger ones."""
_MOST_VALUES = 50_000
"""More take longer to read than a capture may wait: a few milliseconds."""


class Unreadable(Exception):
    """JSON that is not read here, although it is some. ``str(error)`` says why, as a clause."""


def json_of(body: bytes) -> object:
    """The value that *body* is the JSON of; None where it is none, or too deep to read.

    Raises ``Unreadable`` when it holds too much, and when it names a field twice: of the two, parsers
    disagree on which counts, so that a signature over one would vouch for the other.
    """
    if len(body) > _LARGEST_BYTES:
        raise Unreadable(f"the JSON in the body is larger than {_LARGEST_BYTES >> 20} MiB")
    if body.count(b",") + body.count(b"[") + body.count(b"{") > _MOST_VALUES:
        raise Unreadable(f"the JSON in the body holds more than {_MOST_VALUES:,} values")
    try:
        value: object = json.loads(body.decode("utf-8"), object_pairs_hook=_named_once)
    except (ValueError, RecursionError):
        return None
    return value


def value_of(body: bytes) -> object:
    """What ``json_of`` gives, and nothing for what it refuses to read."""
    with suppress(Unreadable):
        return json_of(body)
    return None


def unreadable(body: bytes) -> str | None:
    """Why *body* is not read although it is JSON; None when it is read, or is none."""
    try:
        json_of(body)
    except Unreadable as refusal:
        return str(refusal)
    return None


def _named_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("the JSON names a field twice, and programs disagree on which of the two counts")
    return found


def text_of(value: object) -> str:
    """A JSON value as senders put it into signed text: strings as they are, nothing for null."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def as_bytes(text: str) -> bytes:
    """The UTF-8 of *text*, also where half a character stands in it."""
    return text.encode("utf-8", "surrogatepass")
