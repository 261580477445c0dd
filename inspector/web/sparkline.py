"""Sparkline: the deliveries of the last minutes as a row of small bars, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inspector.store import ARRIVAL_MINUTES, Arrivals
from inspector.web import wording

HIGHEST = 18
STEP = 5
"""Bars are 4 wide and 1 apart, in CSS pixels; the highest minute is 18 high."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute: where it stands, how high it is, and the part at its foot that was not valid."""

    x: int
    height: int
    not_valid: int


@dataclass(frozen=True, slots=True)
class Sparkline:
    """All bars, and the sentence that says the same."""

    bars: tuple[Bar, ...]
    width: int
    label: str
    highest: int = HIGHEST


def sparkline(arrivals: Sequence[Arrivals]) -> Sparkline:
    """The picture of *arrivals*, oldest first. A minute with anything in it is never without a bar."""
    most = max((minute.deliveries for minute in arrivals), default=0)
    total = sum(minute.deliveries for minute in arrivals)
    not_valid = sum(minute.not_valid for minute in arrivals)
    said = wording.deliveries(total) if total else "no deliveries"
    if not_valid:
        said += f", {not_valid:,} not valid"
    return Sparkline(
        bars=tuple(
            Bar(number * STEP, _height(minute.deliveries, most), _height(minute.not_valid, most))
            for number, minute in enumerate(arrivals)
        ),
        width=ARRIVAL_MINUTES * STEP - 1,
        label=f"Last {ARRIVAL_MINUTES} minutes: {said}",
    )


def _height(number: int, most: int) -> int:
    return max(1, round(number * HIGHEST / most)) if number else 0
