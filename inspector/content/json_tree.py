"""A window of a JSON text as lines to show: values as they were sent, strings that hold JSON opened in place.

A window holds a bounded number of values, those nearest to the top first, so that every key of the top
object is there before anything deep is. What is left out is named by a cursor, with which the next window
begins.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice

from inspector.content.json_faults import Fault
from inspector.content.json_notes import number_notes, string_notes
from inspector.content.json_text import JsonDocument, Segment, json_path, parse_json, unquoted

WINDOW_VALUES = 1_000
CHILDREN = 250
# Browsers stop nesting elements at some hundred levels; what is deeper has a window of its own.
DEPTH = 40
TEXT_CHARACTERS = 2_000
PREVIEW_CHARACTERS = 32
REST_CHARACTERS = 20_000

Path = tuple[Segment, ...]
Notes = Mapping[int, tuple[str, ...]]
NO_NOTES: Notes = {}

_LOOKS_LIKE_JSON = re.compile(r'"(?:[ \t]|\\[nrt])*+(?:[\[{]|\\")').match
_CURSOR = re.compile(r"(?P<nodes>[0-9]{1,9}(?:\.[0-9]{1,9}){0,40})(?::(?P<offset>[0-9]{1,9}))?", re.ASCII)


class Shape(StrEnum):
    """What a line is in the tree."""

    VALUE = "value"
    OPEN = "open"
    CLOSE = "close"
    STRING = "string"
    STRING_END = "string-end"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class JsonLine:
    """One line of the tree, as sent.

    ``OPEN`` and ``CLOSE`` stand around the values of a container, ``STRING`` and ``STRING_END`` around what
    a string holds, ``MORE`` for values left out. ``key`` has its quotes. ``path`` is the JSONPath, within
    the string at the JSONPaths ``within`` when that is not empty. ``cursor`` is where a window of what is
    left out begins: given on ``MORE`` lines and on ``folded`` ones, whose values are not here. ``count`` is
    how many values a container holds, a ``MORE`` line leaves out. ``cut`` is how many characters of a long
    text are left out of ``text``.
    """

    shape: Shape
    type: str
    depth: int
    text: str = ""
    key: str | None = None
    path: Path = ()
    within: tuple[Path, ...] = ()
    comma: bool = False
    notes: tuple[str, ...] = ()
    cursor: str = ""
    folded: bool = False
    count: int = 0
    cut: int = 0

    @property
    def place(self) -> str:
        """The path to copy: a JSONPath, and for what stands in a string those of the strings before it."""
        return " » ".join(json_path(path) for path in (*self.within, self.path))

    @property
    def preview(self) -> str:
        """The beginning of a string whose contents are shown."""
        short = len(self.text) <= PREVIEW_CHARACTERS
        return self.text if short else f'{self.text[: PREVIEW_CHARACTERS - 2]}…"'


@dataclass(frozen=True, slots=True)
class JsonWindow:
    """Lines of a JSON text, and what is known of all of it. ``rest`` is the text from a syntax error on."""

    lines: tuple[JsonLine, ...]
    state: str
    type: str | None
    values: int
    faults: tuple[Fault, ...] = ()
    duplicate_keys: tuple[str, ...] = ()
    rest: str = ""
    rest_cut: int = 0


@dataclass(slots=True)
class _Branch:
    """A value chosen for the window, with its chosen children.

    ``tried`` says of a string that it is known whether it holds JSON: then ``opened`` is that, or None.
    """

    document: JsonDocument
    node: int
    depth: int = 0
    prefix: str = ""
    offset: int = 0
    children: list[_Branch] = field(default_factory=list)
    count: int = 0
    opened: _Branch | None = None
    tried: bool = False

    @property
    def cursor(self) -> str:
        return f"{self.prefix}{self.node}"

    @property
    def left_out(self) -> int:
        return max(0, self.count - self.offset - len(self.children))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands: its path, and those of the strings that it stands in."""

    path: Path = ()
    within: tuple[Path, ...] = ()

    def step(self, segment: Segment) -> _Place:
        return _Place((*self.path, segment), self.within)

    def into(self) -> _Place:
        """The top of what the string here holds."""
        return _Place((), (*self.within, self.path))


def json_window(
    document: JsonDocument, at: str = "", *, notes: Notes = NO_NOTES, values: int = WINDOW_VALUES
) -> JsonWindow:
    """The lines of *document*, *values* at most: from the top, or what another window left out.

    *at* is a cursor; one that leads nowhere begins at the top. *notes* replaces what is said beside values.
    """
    lines: tuple[JsonLine, ...] = ()
    rest = "" if document.rest is None else document.source[document.rest :]
    if found := _branch_at(document, at):
        branch, place = found
        _grow(branch, values)
        inside = branch.opened
        lines = tuple(_value(inside, place.into(), notes) if inside else _contents(branch, place, notes))
        rest = ""
    elif len(document):
        top = _Branch(document, 0)
        _grow(top, values)
        lines = tuple(_value(top, _Place(), notes))
    return JsonWindow(
        lines,
        document.state,
        document.type(0) if len(document) else None,
        len(document),
        document.faults,
        document.duplicate_keys,
        rest[:REST_CHARACTERS],
        max(0, len(rest) - REST_CHARACTERS),
    )


def opened_string(document: JsonDocument, node: int) -> JsonDocument | None:
    """The JSON that the string *node* holds: an object, an array, or again such a string; else None."""
    literal = document.text(node)
    if not _LOOKS_LIKE_JSON(literal):
        return None
    inner = parse_json(unquoted(literal))
    if not inner.readable:
        return None
    is_container = inner.type(0) in {"object", "array"}
    return inner if is_container or (inner.type(0) == "string" and opened_string(inner, 0)) else None


def _holds_json(document: JsonDocument, node: int) -> bool:
    return document.type(node) == "string" and opened_string(document, node) is not None


def _branch_at(document: JsonDocument, at: str) -> tuple[_Branch, _Place] | None:
    """The container that the cursor *at* names, or the string that holds one, and where it stands."""
    match = _CURSOR.fullmatch(at)
    if match is None:
        return None
    *strings, last = map(int, match["nodes"].split("."))
    prefix = ""
    place = _Place()
    for node in strings:
        inner = opened_string(document, node) if node < len(document) else None
        if inner is None:
            return None
        prefix = f"{prefix}{node}."
        place = replace(place, path=document.path(node)).into()
        document = inner
    if last >= len(document) or not (document.count(last) or _holds_json(document, last)):
        return None
    branch = _Branch(document, last, 0, prefix, int(match["offset"] or 0))
    return branch, replace(place, path=document.path(last))


def _grow(root: _Branch, values: int) -> None:
    """Choose what stands in the window: level by level, so many *values* in all."""
    queue = deque([root])
    while queue:
        branch = queue.popleft()
        document, node = branch.document, branch.node
        if document.type(node) == "string" and values > 0 and branch.depth < DEPTH:
            branch.tried = True
            if inner := opened_string(document, node):
                branch.opened = _Branch(inner, 0, branch.depth + 1, f"{branch.cursor}.")
                queue.append(branch.opened)
                values -= 1
        elif document.afters[node] > node + 1:
            branch.count = document.count(node)
            room = min(CHILDREN, values) if branch.depth < DEPTH else 0
            chosen = islice(document.children(node), branch.offset, branch.offset + room)
            depth = branch.depth + 1
            branch.children = [_Branch(document, child, depth, branch.prefix) for child in chosen]
            values -= len(branch.children)
            queue.extend(branch.children)


def _value(branch: _Branch, place: _Place, notes: Notes) -> Iterator[JsonLine]:
    """The lines of one value. Recursion is bounded by ``DEPTH``."""
    document, node = branch.document, branch.node
    parent = document.parents[node]
    line = JsonLine(
        Shape.VALUE,
        document.type(node),
        branch.depth,
        key=document.key_text(node),
        path=place.path,
        within=place.within,
        comma=parent >= 0 and document.afters[node] < document.afters[parent],
        notes=_notes(document, node, NO_NOTES if place.within else notes),
    )
    if branch.count:
        folded = not branch.children
        yield replace(
            line,
            shape=Shape.OPEN,
            text=document.source[document.starts[node]],
            comma=False,
            count=branch.count,
            folded=folded,
            cursor=branch.cursor if folded else "",
        )
        if not folded:
            yield from _contents(branch, place, notes)
        closer = "" if node in document.unclosed else document.source[document.ends[node] - 1]
        yield replace(line, shape=Shape.CLOSE, text=closer, key=None, notes=())
        return
    text = document.text(node)
    cut = max(0, len(text) - TEXT_CHARACTERS)
    line = replace(line, text=text[: len(text) - cut], cut=cut)
    if branch.opened is None and (branch.tried or not _holds_json(document, node)):
        yield line
        return
    notice = f"{len(document.string(node)):,} characters that hold JSON"
    folded = branch.opened is None
    cursor = branch.cursor if folded else ""
    yield replace(line, shape=Shape.STRING, notes=(notice, *line.notes), folded=folded, cursor=cursor)
    if branch.opened is not None:
        yield from _value(branch.opened, place.into(), notes)
    yield replace(line, shape=Shape.STRING_END, text="", cut=0, key=None, comma=False, notes=())


def _contents(branch: _Branch, place: _Place, notes: Notes) -> Iterator[JsonLine]:
    """The lines of what stands in a container, and one for what is left out."""
    document = branch.document
    for position, child in enumerate(branch.children, branch.offset):
        key = document.key(child.node)
        yield from _value(child, place.step(position if key is None else key), notes)
    if branch.left_out:
        yield JsonLine(
            Shape.MORE,
            document.type(branch.node),
            branch.depth + 1,
            path=place.path,
            within=place.within,
            cursor=f"{branch.cursor}:{branch.offset + len(branch.children)}",
            count=branch.left_out,
        )


def _notes(document: JsonDocument, node: int, given: Notes) -> tuple[str, ...]:
    said = given.get(node)
    if said is None:
        kind = document.type(node)
        if kind == "number":
            said = number_notes(document.text(node))
        elif kind == "not JSON":
            said = ("not JSON, shown as sent",)
        else:
            said = string_notes(document.text(node)) if kind == "string" else ()
    return (*said, "duplicate key") if node in document.repeated else said
