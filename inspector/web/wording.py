"""How facts are worded on the page: verdicts, sizes, ages, times, paths.

``static/format.js`` says the same of rows that arrive live; the browser tests hold the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from inspector.models import VerificationStatus

SHOWN_PATH_CHARACTERS = 300
"""A row shows no more of a target than this; the detail shows all."""

UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verification status as the page shows it: a word, a glyph, and the colour that both have."""

    word: str
    glyph: str
    tone: str


VERDICTS = {
    VerificationStatus.VALID: Verdict("valid", "check", "ok"),
    VerificationStatus.EXPIRED: Verdict("expired", "clock", "warn"),
    VerificationStatus.INVALID: Verdict("invalid", "cross", "bad"),
    VerificationStatus.MALFORMED: Verdict("malformed", "zigzag", "bad"),
    VerificationStatus.MISSING: Verdict("missing", "dash", ""),
    VerificationStatus.UNCONFIGURED: Verdict("no secret", "ring", ""),
    VerificationStatus.UNAVAILABLE: Verdict("unavailable", "struck", ""),
}


def size(bytes_: int) -> str:
    """A size as people read it: ``347 B``, ``8.1 kB``, ``11 kB``. A kB is 1000 bytes."""
    value, unit = float(bytes_), 0
    while round(value) >= 1000 and unit + 1 < len(UNITS):
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {UNITS[unit]}" if unit and round(value, 1) < 10 else f"{value:.0f} {UNITS[unit]}"


def age(seconds: float) -> str:
    """A span of time in its largest whole unit: ``2 s``, ``9 min``, ``14 h``, ``1 d``."""
    whole = max(0, int(seconds))
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if whole >= length:
            return f"{whole // length} {unit}"
    return f"{whole} s"


def moment(time: datetime) -> str:
    """A time in full: ``25 Nov 2026, 09:40:55.318 UTC``."""
    utc = time.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M:%S}.{utc.microsecond // 1000:03d} UTC"


def iso(time: datetime) -> str:
    """A time for ``datetime`` attributes: ISO 8601 in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day(of: date, today: date) -> str:
    """The heading over a day: empty for *today*, ``Yesterday, 24 November``, ``Monday, 23 November``."""
    if of == today:
        return ""
    name = "Yesterday" if of == today - timedelta(days=1) else f"{of:%A}"
    year = "" if of.year == today.year else f" {of.year}"
    return f"{name}, {of.day} {of:%B}{year}"


def split_path(target: str) -> tuple[str, str]:
    """A target in two: what a row may shorten, and the last segment with its query, which it shows."""
    path = target.partition("?")[0]
    cut = path.rstrip("/").rfind("/")
    return (target[:cut], target[cut:]) if cut > 0 else ("", target)


def count(number: int) -> str:
    """A number with separators: ``1,204``."""
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    """``1 header``, ``9 headers``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def deliveries(number: int) -> str:
    """``1 delivery``, ``1,204 deliveries``."""
    return "1 delivery" if number == 1 else f"{number:,} deliveries"


def fingerprint(digits: str) -> str:
    """Eight digits in two groups: ``5f0c 91aa``."""
    return f"{digits[:4]} {digits[4:]}"
