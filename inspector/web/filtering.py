"""Filtering: the filter that a request names, and what of it still holds of a delivery that was changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from inspector.matching import Filter, parse
from inspector.matching.tree import Flag


def filter_of(query: Mapping[str, str], name: str = "q") -> Filter | None:
    """The filter in parameter *name*; None when it is absent, or means every delivery.

    Raises InvalidFilter. ``10m`` in it counts back from now.
    """
    text = query.get(name)
    return (parse(text, now=datetime.now(UTC)) or None) if text else None


def lasting(where: Filter | None) -> Filter | None:
    """*where* without what may change after a delivery was stored: whether it is pinned.

    Who was told of a delivery because it was pinned has to be told that it no longer is.
    """
    if where is None:
        return None
    kept = (
        condition
        for condition in where.conditions
        if not (isinstance(condition.test, Flag) and condition.test.field == "pinned")
    )
    return Filter(tuple(kept)) or None
