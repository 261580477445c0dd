"""What the sender's timestamp says, whatever the digest says.

Both clocks are floored to whole seconds before they are compared, as Blaxel's SDKs do.
"""

from __future__ import annotations

from math import floor
from typing import NamedTuple

from inspector.models import TimestampState
from inspector.signing.scheme import HeaderIndex, TimestampSyntax

_OTHER_UNITS = (
    ("s", "seconds", 1),
    ("ms", "milliseconds", 1000),
    ("us", "microseconds", 10**6),
    ("ns", "nanoseconds", 10**9),
)
_PLAUSIBLE_SECONDS = 10 * 365 * 86_400
_LARGEST = 2**63 - 1


class Clock(NamedTuple):
    """The judged timestamp. ``raw`` is its text as sent, which is what signed content holds.

    ``header`` is the name it came under. ``mistaken_unit`` is the (code, name) of the unit in which the
    number would be a time of these years, when it is none in the scheme's own.
    """

    state: TimestampState
    header: str = ""
    raw: bytes = b""
    age_seconds: int | None = None
    tolerance_seconds: float = 0
    mistaken_unit: tuple[str, str] | None = None


NOT_USED = Clock(TimestampState.NOT_USED)


def judge_timestamp(
    syntax: TimestampSyntax | None, headers: HeaderIndex, now: float, tolerance: float | None
) -> Clock:
    """Compare the timestamp that came with *now* (Unix seconds). *tolerance* None means the scheme's own.

    An empty header counts as absent; of two headers neither is believed.
    """
    if syntax is None:
        return NOT_USED
    if tolerance is None:
        tolerance = syntax.tolerance_seconds
    header, values = syntax.header.find(headers)
    raw = b", ".join(values)
    if not raw:
        return Clock(TimestampState.MISSING, header, tolerance_seconds=tolerance)
    count = _whole_number(raw)
    if count is None:
        return Clock(TimestampState.MALFORMED, header, raw, tolerance_seconds=tolerance)
    age = floor(now) - count // syntax.unit.per_second
    if abs(age) <= tolerance:
        return Clock(TimestampState.FRESH, header, raw, age, tolerance)
    state = TimestampState.FUTURE if age < 0 else TimestampState.STALE
    return Clock(state, header, raw, age, tolerance, _mistaken_unit(count, age, now))


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
    if abs(age) < _PLAUSIBLE_SECONDS:
        return None
    for code, name, per_second in _OTHER_UNITS:
        if abs(now - count // per_second) < _PLAUSIBLE_SECONDS:
            return code, name
    return None
