"""What the sender's timestamp says, whatever the signature says.

Both clocks are floored to whole seconds before they are compared, as Blaxel's SDKs do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from math import floor
from typing import NamedTuple

from inspector.models import TimestampState
from inspector.signing.json_fields import as_bytes, text_of, value_of
from inspector.signing.scheme import Age, HeaderIndex, TimestampSyntax, Unit

_OTHER_UNITS = (
    ("s", "seconds", 1),
    ("ms", "milliseconds", 1000),
    ("us", "microseconds", 10**6),
    ("ns", "nanoseconds", 10**9),
)
_PLAUSIBLE_SECONDS = 10 * 365 * 86_400
_LARGEST = 2**63 - 1
_DATE = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)")


class Stamp(NamedTuple):
    """A timestamp as it stands. ``noun`` is where, in words; ``name`` is short, for codes.

    ``header`` is the name of the header that holds it, empty where none does. ``lifetime_seconds`` is how
    long the sender itself says that the message holds.
    """

    name: str
    noun: str
    raw: bytes = b""
    header: str = ""
    lifetime_seconds: int | None = None


class Clock(NamedTuple):
    """The judged timestamp. ``raw`` is its text as sent, which is what signed content holds.

    ``header`` is the name it came under, empty where it stands in no header; ``noun`` is where it stands, in
    words, and ``name`` short. ``refuses`` says that an age beyond the tolerance refuses the delivery.
    ``mistaken_unit`` is the (code, name) of the unit in which the number would be a time of these years, when
    it is none in the scheme's own.
    """

    state: TimestampState
    header: str = ""
    raw: bytes = b""
    age_seconds: int | None = None
    tolerance_seconds: float = 0
    mistaken_unit: tuple[str, str] | None = None
    name: str = ""
    noun: str = ""
    refuses: bool = True


NOT_USED = Clock(TimestampState.NOT_USED)


def judge_timestamp(
    syntax: TimestampSyntax | None, stamp: Stamp, now: float, tolerance: float | None
) -> Clock:
    """Compare *stamp* with *now* (Unix seconds). *tolerance* None means the scheme's own.

    An empty one counts as absent; of two neither is believed.
    """
    if syntax is None:
        return NOT_USED
    name, noun, raw, header, lifetime = stamp
    if syntax.age is Age.IGNORED:
        return Clock(TimestampState.NOT_USED, header, raw, name=name, noun=noun)
    refuses = tolerance is not None or syntax.age is Age.EXPIRES
    own_lifetime = tolerance is None and lifetime is not None
    if tolerance is None:
        tolerance = syntax.tolerance_seconds if lifetime is None else lifetime
    if not raw:
        return Clock(TimestampState.MISSING, header, b"", None, tolerance, None, name, noun)
    iso = syntax.unit is Unit.ISO
    count = _date(raw) if iso else _whole_number(raw)
    if count is None:
        return Clock(TimestampState.MALFORMED, header, raw, None, tolerance, None, name, noun)
    age = floor(now) - count // syntax.unit.per_second
    if age < 0 and own_lifetime:
        tolerance = 0  # a token holds from its first second on, and no second before
    if abs(age) <= tolerance:
        return Clock(TimestampState.FRESH, header, raw, age, tolerance, None, name, noun)
    mistaken = None if iso else _mistaken_unit(count, age, now)
    state = TimestampState.FUTURE if age < 0 else TimestampState.STALE
    if age < 0 and syntax.future:
        refuses = False
    return Clock(state, header, raw, age, tolerance, mistaken, name, noun, refuses)


def find_stamp(
    syntax: TimestampSyntax | None, headers: HeaderIndex, entries: Iterable[bytes], body: bytes
) -> Stamp:
    """The timestamp: in its own header, among the *entries* of the signature header, or in the *body*."""
    if syntax is None:
        return _NO_STAMP
    if syntax.json_path:
        name = syntax.json_path[-1]
        return Stamp(name, f"{name} in the body", _in_json(body, syntax.json_path))
    header, values = syntax.header.find(headers)
    if syntax.key:
        key = syntax.key
        name = key.rstrip(b"=").decode("ascii")
        stamps = [entry[len(key) :] for entry in entries if entry.startswith(key)]
        raw = b", ".join(dict.fromkeys(stamps))  # the same one twice is no other one
        return Stamp(name, f'"{name}" in the {header} header', raw, header)
    return Stamp(header.lower(), f"{header} header", b", ".join(values), header)


def time_text(syntax: TimestampSyntax | None, seconds: float) -> str:
    """How the sender writes a time, in Unix *seconds*; empty where it writes none into a header."""
    if syntax is None or not (syntax.header.own or syntax.key):
        return ""
    if syntax.unit is Unit.ISO:
        return datetime.fromtimestamp(floor(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(floor(seconds * syntax.unit.per_second))


_NO_STAMP = Stamp("", "")


def _in_json(body: bytes, path: tuple[str, ...]) -> bytes:
    value = value_of(body)
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        return b""
    if isinstance(value, dict | list):
        return b"{}"  # no time, whatever it holds
    return as_bytes(text_of(value))


def _date(raw: bytes) -> int | None:
    if not _DATE.fullmatch(raw):
        return None
    try:
        return floor(datetime.fromisoformat(raw.decode("ascii")).timestamp())
    except (ValueError, OverflowError):  # a thirteenth month, an offset of a hundred hours
        return None


def _whole_number(raw: bytes) -> int | None:
    """The number in plain ASCII digits; None when it is none, or more than any clock counts to."""
    if not raw.isdigit():
        return None
    digits = raw.lstrip(b"0")
    if len(digits) > len(str(_LARGEST)):
        return None
    number = int(digits or b"0")
    return number if number <= _LARGEST else None


def _mistaken_unit(count: int, age: int, now: float) -> tuple[str, str] | None:
    if abs(age) < _PLAUSIBLE_SECONDS or now < _PLAUSIBLE_SECONDS:
        return None  # around the epoch a time in any unit is near
    for code, name, per_second in _OTHER_UNITS:
        if abs(now - count // per_second) < _PLAUSIBLE_SECONDS:
            return code, name
    return None
