"""JSON as it was written: an index into the text, never a parsed and re-serialised value.

A parse to numbers and dictionaries would lose what someone who debugs a signature needs to see: the digits
of big integers, ``1.0``, ``1e400``, duplicate keys, key order, escapes. So every value keeps its place in
the text. The grammar is RFC 8259's; ``NaN`` and ``Infinity``, which many serialisers write, are kept and
reported as a fault.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inspector.content.json_faults import Fault, find_fault, first_number_that_is_none
from inspector.content.json_grammar import AFTER, ITEM, MEMBER, TOP, skip_space

NO_KEY = -1
DEPTH = 100_000
Segment = str | int
"""One step of a path: a key or a position."""

_TYPES = {"{": "object", "[": "array", '"': "string", "t": "boolean", "f": "boolean", "n": "null"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")


def _indexes() -> array[int]:
    return array("i")


@dataclass(slots=True)
class JsonDocument:
    """A JSON text and the place of every value in it; a value is named by its number in text order.

    ``faults`` is what is not JSON. With a syntax error the values before it are there, the
    containers in ``unclosed`` have no end, and ``rest`` is where the text begins that is no part of any
    value.
    """

    source: str
    starts: array[int] = field(default_factory=_indexes)
    ends: array[int] = field(default_factory=_indexes)
    key_starts: array[int] = field(default_factory=_indexes)
    key_ends: array[int] = field(default_factory=_indexes)
    parents: array[int] = field(default_factory=_indexes)
    afters: array[int] = field(default_factory=_indexes)
    repeated: dict[int, str] = field(default_factory=dict)
    unclosed: tuple[int, ...] = ()
    faults: tuple[Fault, ...] = ()
    rest: int | None = None

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def state(self) -> str:
        """``parsed``, ``invalid``, or ``absent`` when there is no text at all."""
        if not self.source or self.source.isspace():
            return "absent"
        return "invalid" if self.faults else "parsed"

    @property
    def readable(self) -> bool:
        """Whether the whole text could be read, be it with numbers that are not JSON."""
        return len(self) > 0 and self.rest is None

    @property
    def duplicate_keys(self) -> tuple[str, ...]:
        """The keys that stand more than once in one object, in the order they are repeated."""
        return tuple(dict.fromkeys(self.repeated.values()))

    def text(self, node: int) -> str:
        """The value as it was sent."""
        return self.source[self.starts[node] : self.ends[node]]

    def type(self, node: int) -> str:
        """``object``, ``array``, ``string``, ``number``, ``boolean``, ``null`` or ``not JSON``."""
        first = self.source[self.starts[node]]
        if first in "NI" or (first == "-" and self.source[self.starts[node] + 1] == "I"):
            return "not JSON"
        return _TYPES.get(first, "number")

    def key_text(self, node: int) -> str | None:
        """The key as it was sent, quotes included; None for what stands in no object."""
        start = self.key_starts[node]
        return None if start == NO_KEY else self.source[start : self.key_ends[node]]

    def key(self, node: int) -> str | None:
        """The key with its escapes resolved."""
        text = self.key_text(node)
        return None if text is None else unquoted(text)

    def string(self, node: int) -> str:
        """A string's value with its escapes resolved."""
        return unquoted(self.text(node))

    def children(self, node: int) -> Iterator[int]:
        """The values directly in *node*, in order."""
        child, end = node + 1, self.afters[node]
        while child < end:
            yield child
            child = self.afters[child]

    def count(self, node: int) -> int:
        """How many values stand directly in *node*."""
        return sum(1 for _ in self.children(node))

    def path(self, node: int) -> tuple[Segment, ...]:
        """The way from the top value to *node*."""
        segments: list[Segment] = []
        while (parent := self.parents[node]) >= 0:
            key = self.key(node)
            position = next(index for index, child in enumerate(self.children(parent)) if child == node)
            segments.append(position if key is None else key)
            node = parent
        return tuple(reversed(segments))

    def find(self, path: Sequence[Segment]) -> int | None:
        """The value at *path*, of repeated keys the last one, as parsers have it; or None."""
        node = 0 if len(self) else None
        for segment in path:
            if node is None:
                return None
            node = self._child(node, segment)
        return node

    def _child(self, node: int, segment: Segment) -> int | None:
        if isinstance(segment, int):
            fits = (child for index, child in enumerate(self.children(node)) if index == segment)
            return next(fits, None) if self.type(node) == "array" else None
        return next(
            (child for child in reversed(list(self.children(node))) if self.key(child) == segment), None
        )


def parse_json(source: str) -> JsonDocument:
    """The index of *source*. Never raises; takes time and memory in proportion to the text, at any depth."""
    document = JsonDocument(source)
    top = TOP(source)
    if top is None:
        document.rest = skip_space(source, 0)
        if document.state != "absent":
            document.faults = (find_fault(source, 0, None),)
        return document
    start, end = top.span(top.lastindex or 0)
    _append(document, start, end, parent=-1)
    position = top.end() if top.lastindex == 1 else _read_contents(document, start + 1)
    if document.unclosed or position < len(source):
        document.rest = skip_space(source, position)
    if document.rest is not None and not document.faults:
        document.faults = (Fault.at(source, position, "more text follows the JSON value"),)
    if misspelt := first_number_that_is_none(source, document.starts):
        document.faults = (misspelt, *document.faults)
    return document


def _append(document: JsonDocument, start: int, end: int, *, parent: int) -> int:
    """The number of a new value without a key and without contents."""
    node = len(document.starts)
    document.starts.append(start)
    document.ends.append(end)
    document.key_starts.append(NO_KEY)
    document.key_ends.append(NO_KEY)
    document.parents.append(parent)
    document.afters.append(node + 1)
    return node


def _read_contents(document: JsonDocument, position: int) -> int:
    """Read what the top bracket holds, up to its end or the first fault; the position after what was read.

    One loop with a stack of its own, so that no depth of nesting matters. It runs once per value: names are
    bound to locals, and a member is read by a single match.
    """
    source = document.source
    starts, ends, parents, afters = document.starts, document.ends, document.parents, document.afters
    key_starts, key_ends, repeated = document.key_starts, document.key_ends, document.repeated
    stack: list[tuple[int, dict[str, int] | None]] = []
    parent = 0
    keys: dict[str, int] | None = {} if source[starts[0]] == "{" else None
    while match := ITEM(source, position) if keys is None else MEMBER(source, position):
        node = len(starts)
        position = match.end()
        if keys is None:
            start, end = match.span(1)
            delimiter = match[2]
            key_starts.append(NO_KEY)
            key_ends.append(NO_KEY)
        else:
            start, end = match.span(2)
            delimiter = match[3]
            key_start, key_end = match.span(1)
            key_starts.append(key_start)
            key_ends.append(key_end)
            key = source[key_start + 1 : key_end - 1]
            if "\\" in key:
                key = unquoted(match[1])
            if (first := keys.setdefault(key, node)) != node:
                repeated[first] = repeated[node] = key
        parents.append(parent)
        afters.append(node + 1)
        if delimiter is None:
            starts.append(position - 1)
            ends.append(position)
            stack.append((parent, keys))
            if len(stack) == DEPTH:
                document.faults = (
                    Fault.at(source, position, f"brackets are nested {DEPTH:,} deep: not read further"),
                )
                return _leave_open(document, [*stack, (node, None)], position)
            parent = node
            keys = {} if source[position - 1] == "{" else None
            continue
        starts.append(start)
        ends.append(end)
        while delimiter != ",":
            ends[parent] = position
            afters[parent] = len(starts)
            if not stack:
                return skip_space(source, position)
            parent, keys = stack.pop()
            closer = AFTER(source, position)
            if closer is None or closer[1] == ("}" if keys is None else "]"):
                inside = "[" if keys is None else "{"
                document.faults = (find_fault(source, position, inside, after_value=True),)
                return _leave_open(document, [*stack, (parent, keys)], position)
            delimiter = closer[1]
            position = closer.end()
    document.faults = (find_fault(source, position, "[" if keys is None else "{"),)
    return _leave_open(document, [*stack, (parent, keys)], position)


def _leave_open(document: JsonDocument, stack: Sequence[tuple[int, object]], position: int) -> int:
    """Note that the brackets of *stack* have no end before *position*, where reading stopped."""
    document.unclosed = tuple(node for node, _ in stack)
    for node in document.unclosed:
        document.ends[node] = position
        document.afters[node] = len(document)
    return position


def unquoted(literal: str) -> str:
    """The value of a JSON string *literal*. Half a surrogate pair stays the escape it was sent as."""
    if literal.isascii() and "\\" not in literal:
        return literal[1:-1]
    value: str = json.loads(_SURROGATE.sub("\ufffd", literal))
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", value)


def json_path(path: Sequence[Segment]) -> str:
    """*path* as a JSONPath (RFC 9535): ``$.items[0]["a key"]``."""
    steps = []
    for segment in path:
        if isinstance(segment, int):
            steps.append(f"[{segment}]")
        elif _IDENTIFIER.fullmatch(segment):
            steps.append(f".{segment}")
        else:
            steps.append(f"[{json.dumps(segment, ensure_ascii=False)}]")
    return "$" + "".join(steps)
