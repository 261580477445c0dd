"""Lengths of time as tests write them: seconds, a ``timedelta``, or text such as ``5s`` and ``500ms``."""

from __future__ import annotations

import math
import re
from datetime import timedelta

Duration = float | int | timedelta | str
"""Seconds, a ``timedelta``, or text with its unit: ``500ms``, ``5s``, ``1.5m``. Never bare milliseconds."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_TEXT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(ms|s|min|m|h)\s*")


def seconds_of(duration: Duration, name: str, *, zero: bool = False) -> float:
    """*duration* in seconds, above zero and finite; *zero* allows none at all.

    Raises TypeError for what is no length of time, ValueError for one that cannot be waited; both call it
    *name*, as the caller's argument is called.
    """
    seconds = _seconds(duration, name)
    if not math.isfinite(seconds) or seconds < 0 or (seconds == 0 and not zero):
        least = "0 or more" if zero else "more than 0"
        raise ValueError(f"{name} must be {least} seconds and finite, not {duration!r}")
    return seconds


def _seconds(duration: Duration, name: str) -> float:
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if isinstance(duration, str):
        read = _TEXT.fullmatch(duration)
        if read is None:
            raise ValueError(f"{name} must carry its unit, such as '5s' or '500ms', not {duration!r}")
        return float(read[1]) * _UNITS[read[2]]
    if isinstance(duration, bool) or not isinstance(duration, int | float):
        raise TypeError(f"{name} must be seconds, a timedelta or text like '5s', not {duration!r}")
    return float(duration)


def shown_seconds(seconds: float) -> str:
    """*seconds* as a failure says them: ``5 s``, ``0.25 s``."""
    return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"
