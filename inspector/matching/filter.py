"""The filter language: text to tree, and terms added to a text.

The same string means the same on the page, in the API, on the command line and in tests. ``docs/filter.md``
describes the language to its users.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from inspector.matching.glob import Glob
from inspector.matching.invalid import InvalidFilter
from inspector.matching.scanner import Term, terms
from inspector.matching.tree import EPOCH, Condition, Filter, Flag, Number, Status, Text, glob_text, name_text
from inspector.matching.values import read_test

MAX_CHARACTERS = 16_384


def parse(text: str, *, now: datetime) -> Filter:
    """The tree of *text*; *now* (aware) is what ``10m`` counts back from. Raises only InvalidFilter."""
    return Filter(tuple(condition for _, condition in _conditions(text, now)))


def with_term(text: str, field: str | Sequence[str], value: str | None = None, negate: bool = False) -> str:
    """*text* with one more term, what a click on a value to include or exclude it asks for.

    *field* is a key such as ``status``, or the parts of one with a name: ``("header", "X-Kind")``,
    ``("json", "a", "b.c")``. *value* means itself, wildcards and quotes too; None asks for presence. The
    opposite term, and an including one that could not hold together with the new one, give way to it;
    everything else stays as it was typed. Raises InvalidFilter when *text* or the new term cannot be read.
    """
    key = (
        field
        if isinstance(field, str)
        else ".".join((field[0], *(name_text(n, field[0]) for n in field[1:])))
    )
    added = ("-" if negate else "") + key + ("" if value is None else f":{glob_text(Glob.literal(value))}")
    wanted = parse(added, now=EPOCH).conditions[0]
    kept = []
    for term, condition in _conditions(text, EPOCH):
        if condition == wanted:
            return text
        if not _gives_way(condition, wanted):
            kept.append(text[term.start : term.end])
    return " ".join((*kept, added))


def _conditions(text: str, now: datetime) -> Iterator[tuple[Term, Condition]]:
    if len(text) > MAX_CHARACTERS:
        raise InvalidFilter(f"A filter has at most {MAX_CHARACTERS:,} characters.", MAX_CHARACTERS)
    for term in terms(text):
        yield term, Condition(read_test(term, now), term.negated)


def _gives_way(old: Condition, new: Condition) -> bool:
    if old.test == new.test:
        return True
    both_include = not old.negated and not new.negated
    match old.test, new.test:
        case (Status(), Status()):
            return both_include
        case (Flag(a), Flag(b)) | (Text(a), Text(b)):
            return both_include and a == b
        case Number(a, low, high), Number(b, other_low, other_high):
            return both_include and a == b and low == high and other_low == other_high
    return False
