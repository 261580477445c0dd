"""A parsed filter: conditions that all must hold, each printing itself in the language it was read from.

``str(tree)`` is the canonical text: it reads back as an equal tree. Relative times are absolute in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from inspector.matching.glob import Glob, Wild
from inspector.models import VerificationStatus

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

NAMED = ("header", "query", "json")
"""What ``header.NAME``, ``query.NAME`` and ``json.a.b.0`` begin with."""

FOLDED_TEXTS = frozenset({"method", "scheme", "content_type"})
"""Text fields whose letter case does not matter (A to Z)."""

PATHS = frozenset({"path", "endpoint"})
"""Text fields in which ``*`` ends at a slash."""


@dataclass(frozen=True, slots=True)
class Word:
    """Text anywhere in target, headers or body."""

    text: str
    reads_body: ClassVar[bool] = True

    def __str__(self) -> str:
        return quoted(self.text) if _is_special_word(self.text) else self.text


@dataclass(frozen=True, slots=True)
class BodyText:
    """Text in the body."""

    text: str
    reads_body: ClassVar[bool] = True
    field: ClassVar[str] = "body"

    def __str__(self) -> str:
        return f"body:{quoted(self.text) if _is_special_value(self.text) else self.text}"


@dataclass(frozen=True, slots=True)
class Status:
    """The verification's status."""

    status: VerificationStatus
    reads_body: ClassVar[bool] = False
    field: ClassVar[str] = "status"

    def __str__(self) -> str:
        return f"status:{self.status}"


@dataclass(frozen=True, slots=True)
class Flag:
    """A yes or no: ``verified`` (the status is valid) or ``pinned``."""

    field: str
    wanted: bool
    reads_body: ClassVar[bool] = False

    def __str__(self) -> str:
        return f"{self.field}:{'yes' if self.wanted else 'no'}"


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number between two bounds, both included; None is no bound. ``reply size id attempt``."""

    field: str
    low: int | None
    high: int | None
    reads_body: ClassVar[bool] = False

    def __str__(self) -> str:
        return f"{self.field}:{self.range}"

    @property
    def range(self) -> str:
        """The bounds as text: ``7``, ``4xx``, ``>7``, ``<=7``, ``3..7``."""
        low, high = self.low, self.high
        if low is None:
            return "<0" if high is None or high < 0 else f"<={high}"
        if high is None:
            return f">{low - 1}" if low else ">=0"
        if low == high:
            return str(low)
        if self.field == "reply" and low % 100 == 0 and high == low + 99 and 100 <= low <= 900:
            return f"{low // 100}xx"
        return f"{low}..{high}"


@dataclass(frozen=True, slots=True)
class Moment:
    """Received at or after *at* (``after``), or before it (``before``)."""

    field: str
    at: datetime
    reads_body: ClassVar[bool] = False

    def __str__(self) -> str:
        return f"{self.field}:{iso(self.at)}"

    @property
    def at_ns(self) -> int:
        """Nanoseconds since the Unix epoch."""
        return (self.at - EPOCH) // MICROSECOND * 1000


@dataclass(frozen=True, slots=True)
class Text:
    """A pattern over one text: ``method path endpoint scheme content_type message``."""

    field: str
    glob: Glob
    reads_body: ClassVar[bool] = False

    def __str__(self) -> str:
        return f"{self.field}:{glob_text(self.glob)}"


@dataclass(frozen=True, slots=True)
class Named:
    """A header, query parameter or JSON value: present, or with a value that fits a pattern.

    ``path`` is a single name for ``header`` (in lower case) and ``query``, one step per level for ``json``.
    """

    kind: str
    path: tuple[str, ...]
    glob: Glob | None = None

    @property
    def reads_body(self) -> bool:
        return self.kind == "json"

    @property
    def field(self) -> str:
        """What stands before the colon, quoted where it must be."""
        return ".".join((self.kind, *(name_text(step, self.kind) for step in self.path)))

    def __str__(self) -> str:
        return self.field if self.glob is None else f"{self.field}:{glob_text(self.glob)}"


Test = Word | BodyText | Status | Flag | Number | Moment | Text | Named


@dataclass(frozen=True, slots=True)
class Condition:
    """A test, or its opposite."""

    test: Test
    negated: bool = False

    def __str__(self) -> str:
        return f"-{self.test}" if self.negated else str(self.test)


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that all must hold; without any, every delivery is meant (and the filter is false)."""

    conditions: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def __str__(self) -> str:
        return " ".join(map(str, self.conditions))

    @property
    def cheapest_first(self) -> list[Condition]:
        """The conditions, those that read the body last."""
        return sorted(self.conditions, key=lambda condition: condition.test.reads_body)


def iso(at: datetime) -> str:
    """*at* in ISO 8601, UTC, as the API writes times."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def quoted(text: str) -> str:
    """*text* in quotes, meaning itself."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def glob_text(glob: Glob) -> str:
    """A pattern as a value: quoted where it must be, with its literal stars escaped."""
    literals = [part for part in glob.parts if isinstance(part, str)]
    if glob.parts and not any("*" in literal or _has_space(literal) for literal in literals):
        text = str(glob)
        if not text.startswith('"'):
            return text
    return "".join(
        (
            '"',
            *(p.value if isinstance(p, Wild) else quoted(p)[1:-1].replace("*", "\\*") for p in glob.parts),
            '"',
        )
    )


def name_text(name: str, kind: str) -> str:
    """One name of a header, parameter or JSON member, quoted where it must be."""
    stops = ":." if kind == "json" else ":"
    special = _is_special_value(name) or any(stop in name for stop in stops)
    return quoted(name) if special else name


def is_key(text: str) -> bool:
    """Whether *text* before a colon reads as a field's name, known or not, rather than as part of a word."""
    return text[:1].isalpha() and all(c.isalnum() or c in "_.-" for c in text)


def named_kind(text: str) -> str | None:
    """Which of ``header.``, ``query.`` and ``json.`` *text* begins with, in any letter case."""
    kind, dot, _ = text[:7].lower().partition(".")
    return kind if dot and kind in NAMED else None


def _has_space(text: str) -> bool:
    return any(map(str.isspace, text))


def _is_special_value(text: str) -> bool:
    return not text or text[0] == '"' or _has_space(text)


def _is_special_word(text: str) -> bool:
    key, colon, _ = text.partition(":")
    return (
        _is_special_value(text)
        or text[0] == "-"
        or named_kind(text) is not None
        or bool(colon and is_key(key))
    )
