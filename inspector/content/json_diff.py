"""The differences between two JSON texts by path: added, removed, changed, or only written differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from inspector.content.json_text import JsonDocument, Segment, json_path
from inspector.content.json_tree import opened_string
from inspector.content.volatile import is_volatile_value

SHOWN_CHARACTERS = 500
# Longer arrays are compared position by position: finding what moved takes time in the square of their
# length.
ALIGNED_ITEMS = 300
# Below this depth values are compared as text.
DEPTH = 200
_EXACT_NUMBER_CHARACTERS = 400


class Change(StrEnum):
    """How two values differ. ``SPELLING``: the same value, written differently."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SPELLING = "spelling"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: where, and what stands there before and after, as sent.

    ``volatile`` marks what differs between deliveries by its nature.
    """

    section: str
    where: str
    change: Change
    before: str | None = None
    after: str | None = None
    volatile: bool = False


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two values to compare. ``prefix`` is the place of the string they stand in."""

    before: JsonDocument
    after: JsonDocument
    old: int
    new: int
    path: tuple[Segment, ...] = ()
    prefix: str = ""

    @property
    def where(self) -> str:
        return f"{self.prefix}{json_path(self.path)}"

    def step(self, old: int, new: int, segment: Segment) -> _Pair:
        return _Pair(self.before, self.after, old, new, (*self.path, segment), self.prefix)


def json_differences(before: JsonDocument, after: JsonDocument) -> Iterator[Difference]:
    """The differences between two readable documents, in the order of the texts."""
    stack = [_Pair(before, after, 0, 0)]
    while stack:
        pair = stack.pop()
        if pair.before.text(pair.old) == pair.after.text(pair.new):
            continue
        kind = pair.before.type(pair.old)
        if kind != pair.after.type(pair.new) or len(pair.path) == DEPTH:
            yield _changed(pair, Change.CHANGED)
        elif kind == "object":
            found, deeper = _compare_objects(pair)
            yield from found
            stack.extend(reversed(deeper))
        elif kind == "array":
            found, deeper = _compare_arrays(pair)
            yield from found
            stack.extend(reversed(deeper))
        elif kind == "string":
            inner = _inner_pair(pair)
            if inner is not None:
                stack.append(inner)
            else:
                same = pair.before.string(pair.old) == pair.after.string(pair.new)
                yield _changed(pair, Change.SPELLING if same else Change.CHANGED)
        else:
            same = kind == "number" and _same_number(pair.before.text(pair.old), pair.after.text(pair.new))
            yield _changed(pair, Change.SPELLING if same else Change.CHANGED)


def _inner_pair(pair: _Pair) -> _Pair | None:
    """The contents of two strings that both hold JSON."""
    old = opened_string(pair.before, pair.old)
    new = opened_string(pair.after, pair.new) if old is not None else None
    return None if old is None or new is None else _Pair(old, new, 0, 0, (), f"{pair.where} » ")


def _compare_objects(pair: _Pair) -> tuple[list[Difference], list[_Pair]]:
    old, new = _members(pair.before, pair.old), _members(pair.after, pair.new)
    found = [_one_sided(pair, Change.REMOVED, name[0], old[name]) for name in old if name not in new]
    found += [_one_sided(pair, Change.ADDED, name[0], new[name]) for name in new if name not in old]
    shared = [name for name in old if name in new]
    if shared != [name for name in new if name in old]:
        before, after = (" ".join(key for key, _ in names)[:SHOWN_CHARACTERS] for names in (old, new))
        found.append(Difference("body", f"{pair.where} (order)", Change.SPELLING, before, after))
    return found, [pair.step(old[name], new[name], name[0]) for name in shared]


def _members(document: JsonDocument, node: int) -> dict[tuple[str, int], int]:
    """The members of an object by key and how often that key came before."""
    seen: Counter[str] = Counter()
    members = {}
    for child in document.children(node):
        key = document.key(child) or ""
        members[key, seen[key]] = child
        seen[key] += 1
    return members


def _compare_arrays(pair: _Pair) -> tuple[list[Difference], list[_Pair]]:
    old, new = list(pair.before.children(pair.old)), list(pair.after.children(pair.new))
    found: list[Difference] = []
    deeper: list[_Pair] = []
    for old_from, old_to, new_from, new_to in _blocks(pair, old, new):
        both = min(old_to - old_from, new_to - new_from)
        deeper += [pair.step(old[old_from + i], new[new_from + i], new_from + i) for i in range(both)]
        found += [_one_sided(pair, Change.REMOVED, i, old[i]) for i in range(old_from + both, old_to)]
        found += [_one_sided(pair, Change.ADDED, i, new[i]) for i in range(new_from + both, new_to)]
    return found, deeper


def _blocks(pair: _Pair, old: list[int], new: list[int]) -> list[tuple[int, int, int, int]]:
    """The stretches of two arrays that differ, aligned by what is the same around them."""
    if max(len(old), len(new)) > ALIGNED_ITEMS:
        return [(0, len(old), 0, len(new))]
    old_texts, new_texts = [pair.before.text(node) for node in old], [pair.after.text(node) for node in new]
    matcher = SequenceMatcher(None, old_texts, new_texts, autojunk=False)
    return [opcode[1:] for opcode in matcher.get_opcodes() if opcode[0] != "equal"]


def _changed(pair: _Pair, change: Change) -> Difference:
    before, after = pair.before.text(pair.old), pair.after.text(pair.new)
    key = str(pair.path[-1]) if pair.path else ""
    volatile = change is Change.CHANGED and is_volatile_value(key, before.strip('"'), after.strip('"'))
    return Difference(
        "body", pair.where, change, before[:SHOWN_CHARACTERS], after[:SHOWN_CHARACTERS], volatile
    )


def _one_sided(pair: _Pair, change: Change, segment: Segment, node: int) -> Difference:
    where = f"{pair.prefix}{json_path((*pair.path, segment))}"
    if change is Change.REMOVED:
        return Difference("body", where, change, before=pair.before.text(node)[:SHOWN_CHARACTERS])
    return Difference("body", where, change, after=pair.after.text(node)[:SHOWN_CHARACTERS])


def _same_number(before: str, after: str) -> bool:
    if max(len(before), len(after)) > _EXACT_NUMBER_CHARACTERS:
        return False
    return _exact(before) == _exact(after)


def _exact(text: str) -> tuple[bool, str, int]:
    """The value of a JSON number as sign, digits without zeros around them, and power of ten."""
    mantissa, _, exponent = text.lower().lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    power = int(exponent or "0") - len(fraction) + len(digits) - len(digits.rstrip("0"))
    digits = digits.rstrip("0")
    return (text.startswith("-"), digits, power if digits else 0)
