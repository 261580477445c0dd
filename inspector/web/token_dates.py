"""Dates as webhook.site takes them: ``2022-01-01 00:00:00``, and expressions such as ``now-14d/d``.

Source: its page "Date expressions", which follows Elasticsearch's date maths. Everything is UTC, to the
second.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta

_STEP = re.compile(r"([+-])([0-9]{1,6})([yMwdhHms])|/([yMwdhHms])")
_LENGTHS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "H": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_MONTHS = {"y": 12, "M": 1}
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


def read_date(text: str, now: datetime, *, last: bool) -> datetime:
    """The moment that *text* means. Raises ValueError.

    What names a whole day (or another unit, by ``/``) means its first second, or its *last*.
    """
    text = text.strip()
    if text.startswith("now"):
        moment, rest = now.replace(microsecond=0), text[3:]
    else:
        written, bars, rest = text.partition("||")
        moment = datetime.fromisoformat(written.strip().replace(".", "-"))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        if last and not bars and ":" not in written:
            moment += _DAY - _SECOND
    try:
        return _moved(moment, rest, last=last)
    except OverflowError:
        raise ValueError(f"{text!r} is beyond any calendar") from None


def _moved(moment: datetime, steps: str, *, last: bool) -> datetime:
    at = 0
    while at < len(steps):
        step = _STEP.match(steps, at)
        if step is None:
            raise ValueError(f"{steps[at:]!r} is no step such as -14d or /d")
        sign, count, unit, rounded = step.groups()
        if rounded:
            moment = _floor(moment, rounded)
            moment = _plus(moment, 1, rounded) - _SECOND if last else moment
        else:
            moment = _plus(moment, int(sign + count), unit)
        at = step.end()
    return moment


def _plus(moment: datetime, count: int, unit: str) -> datetime:
    if unit in _LENGTHS:
        return moment + count * _LENGTHS[unit]
    year, month = divmod(moment.year * 12 + moment.month - 1 + count * _MONTHS[unit], 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _floor(moment: datetime, unit: str) -> datetime:
    if unit in "hH":
        return moment.replace(minute=0, second=0)
    if unit == "m":
        return moment.replace(second=0)
    if unit == "s":
        return moment
    day = moment.replace(hour=0, minute=0, second=0)
    if unit == "w":
        return day - moment.weekday() * _DAY
    first = {"d": day, "M": day.replace(day=1), "y": day.replace(month=1, day=1)}
    return first[unit]
