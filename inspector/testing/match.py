"""``Match``: which callbacks are meant, and what the others lack. Composes with ``&``, ``|`` and ``~``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Union, Unpack

from inspector.matching import Check, difference, parse
from inspector.matching.tree import Flag, Status
from inspector.testing.delivery import Delivery
from inspector.testing.keywords import Condition, Conditions, conditions_of
from inspector.testing.plain import plain, plain_value

Where = Union[str, "Match", Callable[[Delivery], object]]
"""The filter language, a ``Match``, or a rule that is asked about each delivery."""

VERDICT_CONDITIONS = frozenset({"verified", "status"})
"""What conditions on the verdict are called, in keywords and in the filter language."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A delivery held against a match: every check, or what a rule of the test's own raised on it."""

    delivery: Delivery
    checks: tuple[Check, ...]
    raised: Exception | None = None

    @property
    def matches(self) -> bool:
        return self.raised is None and all(check.held for check in self.checks)

    @property
    def held(self) -> int:
        return sum(check.held for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.held)

    @property
    def only_verdict_failed(self) -> bool:
        """Whether nothing but the signature stood in the way."""
        failed = self.failed
        return (
            bool(failed)
            and not self.delivery.verification
            and all(check.condition in VERDICT_CONDITIONS for check in failed)
        )


class Match:
    """Which callbacks are meant: all that *where* means and for which every keyword holds.

    *where* is a string of the filter language, another match, or a callable that takes a ``Delivery``. The
    keywords are those of ``Conditions``. Raises TypeError for a keyword that does not exist or a value that
    it cannot take, and InvalidFilter for a filter that cannot be read.
    """

    __slots__ = ("_conditions",)

    def __init__(self, where: Where | None = None, /, **keywords: Unpack[Conditions]) -> None:
        self._conditions = (*_given(where), *conditions_of(keywords))

    @classmethod
    def _of(cls, *conditions: Condition) -> Match:
        made = cls()
        made._conditions = conditions
        return made

    def judge(self, delivery: Delivery) -> Judged:
        """Hold *delivery* against every condition. What a rule of the test's own raises is kept."""
        try:
            return Judged(delivery, tuple(self._checks(delivery)))
        # A rule is the test's code and may fail in any way: the wait goes on, and the test is told of it.
        except Exception as raised:  # noqa: BLE001
            return Judged(delivery, (), raised)

    def matches(self, delivery: Delivery) -> bool:
        """Whether *delivery* is meant; what a rule of the test's own raises goes through."""
        return all(check.held for check in self._checks(delivery))

    @property
    def asks_for_verdict(self) -> bool:
        """Whether a condition on the verdict stands in it."""
        return any(condition.about_verdict for condition in self._conditions)

    @property
    def verdict(self) -> str:
        """A filter that every delivery meets whose verdict is the one wanted; empty where none can say it."""
        return " ".join(filter(None, (condition.verdict for condition in self._conditions)))

    def __and__(self, other: Where) -> Match:
        return Match._of(*self._conditions, *_given(other))

    def __rand__(self, other: Where) -> Match:
        return Match(other) & self

    def __or__(self, other: Where) -> Match:
        return Match._of(_either(self, Match(other)))

    def __ror__(self, other: Where) -> Match:
        return Match(other) | self

    def __invert__(self) -> Match:
        return Match._of(_opposite(self))

    def __str__(self) -> str:
        return ", ".join(condition.text for condition in self._conditions) or "any callback"

    def __repr__(self) -> str:
        return f"<Match {self}>"

    def _checks(self, delivery: Delivery) -> Iterator[Check]:
        for condition in self._conditions:
            yield from condition.checks(delivery)


def _given(where: Where | None) -> tuple[Condition, ...]:
    match where:
        case None:
            return ()
        case Match():
            return where._conditions
        case str():
            return _filtered(where)
        case _ if callable(where):
            return (_asked(where),)
    raise TypeError(f"which callbacks are meant must be a filter, a Match or a callable, not {where!r}")


def _filtered(text: str) -> tuple[Condition, ...]:
    tree = parse(text, now=datetime.now(UTC))

    def checks(delivery: Delivery) -> tuple[Check, ...]:
        return tuple(
            Check(plain(each.condition), each.held, plain(each.wanted), plain(each.got))
            for each in difference(tree, delivery.subject)
        )

    about_verdict = any(
        isinstance(each.test, Status) or (isinstance(each.test, Flag) and each.test.field == "verified")
        for each in tree.conditions
    )
    if not tree:
        return ()
    return (Condition(plain(str(tree), 200), checks, about_verdict, text if about_verdict else ""),)


def _asked(rule: Callable[[Delivery], object]) -> Condition:
    name = plain_value(rule)

    def checks(delivery: Delivery) -> tuple[Check, ...]:
        answer = rule(delivery)
        return (Check("rule", bool(answer), name, f"it answered {plain_value(answer)}"),)

    return Condition(name, checks)


def _either(one: Match, other: Match) -> Condition:
    text = f"({one}) or ({other})"

    def checks(delivery: Delivery) -> tuple[Check, ...]:
        judged = [Judged(delivery, tuple(each._checks(delivery))) for each in (one, other)]
        if any(each.matches for each in judged):
            return (Check("either", True, plain(text), "one of them"),)
        missing = "; ".join(f"{check.condition} is {check.got}" for each in judged for check in each.failed)
        return (Check("either", False, plain(text), plain(missing)),)

    return Condition(text, checks, one.asks_for_verdict or other.asks_for_verdict)


def _opposite(meant: Match) -> Condition:
    text = f"not ({meant})"

    def checks(delivery: Delivery) -> tuple[Check, ...]:
        return (Check("not", not meant.matches(delivery), plain(text), "it is that"),)

    return Condition(text, checks, meant.asks_for_verdict)
