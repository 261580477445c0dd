"""What we say beside a JSON value: the date in a Unix time, what a double would make of a number."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# The times that are taken for one: from 2001-09-09, where Unix seconds got their tenth digit, to the year
# 2100.
_FIRST_SECOND = 1_000_000_000
_LAST_SECOND = 4_102_444_800
_JAVASCRIPT_SAFE = 2**53 - 1
_DOUBLE_DIGITS = 17

_INTEGER = re.compile(r"-?[0-9]+")
_SECONDS = re.compile(r"([0-9]{10})(?:\.([0-9]{1,9}))?")
_MILLISECONDS = re.compile(r"([0-9]{10})([0-9]{3})")
_LONE_SURROGATE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)

TOO_BIG = "too big for JavaScript's numbers, shown as sent"
TOO_PRECISE = "more digits than a double keeps, shown as sent"
INFINITE = "most programs read this as infinity, shown as sent"


def number_notes(text: str) -> tuple[str, ...]:
    """What to say of the JSON number *text*."""
    if time := unix_time(text):
        return (time,)
    if _INTEGER.fullmatch(text):
        digits = text.lstrip("-")
        too_big = len(digits) > 16 or int(digits) > _JAVASCRIPT_SAFE
        return (TOO_BIG,) if too_big else ()
    if float(text) in {float("inf"), float("-inf")}:
        return (INFINITE,)
    mantissa = re.split("[eE]", text)[0].lstrip("-").replace(".", "").strip("0")
    return (TOO_PRECISE,) if len(mantissa) > _DOUBLE_DIGITS else ()


def string_notes(literal: str) -> tuple[str, ...]:
    """What to say of the JSON string *literal*."""
    if "\\u" in literal and _LONE_SURROGATE.search(literal):
        return ("holds half a surrogate pair, which is no character",)
    return ()


def unix_time(text: str) -> str | None:
    """The UTC date and time that *text* stands for as Unix seconds (fractions allowed) or milliseconds."""
    match = _MILLISECONDS.fullmatch(text) or _SECONDS.fullmatch(text)
    if match is None or not _FIRST_SECOND <= (seconds := int(match[1])) < _LAST_SECOND:
        return None
    fraction = f".{match[2][:3]:0<3}" if match[2] else ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}{fraction} UTC"
