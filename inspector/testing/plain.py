"""Captured text made plain: ASCII, in one line, free of everything that a terminal obeys."""

from __future__ import annotations

import hashlib
import json
import re

SHOWN_CHARACTERS = 120
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def plain(text: str, most: int = SHOWN_CHARACTERS) -> str:
    """*text* with escapes for all that is not printable ASCII, cut after *most* characters."""
    # Cut first: a body of megabytes need not be escaped to show its beginning.
    escaped = text[: most + 1].encode("ascii", "backslashreplace").decode("ascii")
    escaped = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", escaped)
    return escaped if len(escaped) <= most and len(text) <= most else escaped[: most - 3] + "..."


def plain_lines(text: str, most_lines: int, most: int = SHOWN_CHARACTERS) -> list[str]:
    """The first lines of *text*, each made plain; a last one says how many are left out."""
    lines = text.splitlines() or [text]
    shown = [plain(line, most) for line in lines[:most_lines]]
    left_out = len(lines) - most_lines
    return [*shown, f"... {left_out:,} more lines"] if left_out > 0 else shown


def plain_value(value: object) -> str:
    """A Python value as a failure shows it: JSON where it is that, bytes by size, digest and beginning."""
    if isinstance(value, bytes | bytearray):
        return plain_bytes(bytes(value))
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        return f"{len(value):,} characters: {plain(json.dumps(value[:SHOWN_CHARACTERS]))}"
    try:
        return plain(json.dumps(value))
    except (TypeError, ValueError, RecursionError):  # not JSON: a rule, or an object of the test's own
        return plain(_written(value))


def plain_bytes(body: bytes) -> str:
    """*body* by its size, with its text when that is short, else with its digest and beginning."""
    if not body:
        return "nothing (0 bytes)"
    if len(body) <= SHOWN_CHARACTERS:
        return f"{plain(repr(body)[1:])} ({len(body):,} bytes)"
    digest = hashlib.sha256(body).hexdigest()
    return f"{len(body):,} bytes, sha256 {digest[:16]}..., beginning {plain(repr(body[:32])[1:], 60)}"


def _written(value: object) -> str:
    """A value that is no JSON, or has something in it that is none."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_written(key)}: {_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    if value is None or isinstance(value, str | int | float):
        return json.dumps(value)
    if isinstance(value, re.Pattern):
        return f"a match of {value.pattern!r}"
    if isinstance(value, type):
        return f"a value of type {value.__name__}"
    name = getattr(value, "__qualname__", None)
    if not isinstance(name, str):
        return repr(value)
    return "what a lambda takes" if name.endswith("<lambda>") else f"what {name.split('.')[-1]} takes"
