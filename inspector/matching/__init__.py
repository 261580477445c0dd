"""Which deliveries are meant: the filter language, its matcher, and what a near miss lacks. Pure."""

from __future__ import annotations

from inspector.matching.filter import parse, with_term
from inspector.matching.invalid import InvalidFilter
from inspector.matching.matcher import Check, NearMiss, difference, match, nearest
from inspector.matching.subject import Subject
from inspector.matching.tree import Condition, Filter

__all__ = [
    "Check",
    "Condition",
    "Filter",
    "InvalidFilter",
    "NearMiss",
    "Subject",
    "difference",
    "match",
    "nearest",
    "parse",
    "with_term",
]
