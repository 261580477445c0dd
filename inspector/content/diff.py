"""The differences between two deliveries: request line, query, headers, and the body by what it is.

JSON is compared by path, forms by field, other text by line, all else by its bytes. What differs by its
nature (times, ids, signatures) is told apart, so that it can be left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice

from inspector.content.charsets import read_text
from inspector.content.decoding import decode_body
from inspector.content.forms import PairTable, read_form, read_query
from inspector.content.json_diff import SHOWN_CHARACTERS, Change, Difference, json_differences
from inspector.content.json_text import JsonDocument, parse_json
from inspector.content.kinds import is_binary
from inspector.content.media_type import media_type_of
from inspector.content.volatile import is_volatile_header, is_volatile_value
from inspector.models import Request
from inspector.settings import MIB

DIFFERENCES = 500
COMPARED_BYTES = 1 * MIB
COMPARED_LINES = 2_000
_STEP_BYTES = 64 * 1024
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of a text comparison: ``sign`` is ``+``, ``-``, a blank, or ``@`` where lines are left out."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two deliveries.

    ``body`` says how the bodies were compared: ``same``, ``json``, ``form``, ``text`` or ``bytes``.
    ``ignored`` are the volatile differences, when they were asked to be left out. ``left_out``: there are
    more than 500.
    """

    differences: tuple[Difference, ...]
    body: str
    ignored: tuple[Difference, ...] = ()
    lines: tuple[TextLine, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: bool = False

    @property
    def same(self) -> bool:
        """Whether nothing differs but what was to be ignored."""
        return not self.differences and not self.lines


@dataclass(frozen=True, slots=True)
class _Body:
    """One side's body, read as far as it can be. ``text`` is None for what is not text, or too long."""

    data: bytes
    text: str | None
    document: JsonDocument | None
    form: PairTable | None

    @classmethod
    def of(cls, request: Request) -> _Body:
        data = decode_body(request.body, request.headers).body
        media = media_type_of(request.headers)
        if len(data) > COMPARED_BYTES:
            return cls(data, None, None, None)
        text = read_text(data, media).marked
        if is_binary(text[: 4 * 1024]):
            return cls(data, None, None, None)
        document = parse_json(text)
        form = read_form(data, media) if media.full == _FORM else None
        return cls(data, text, document if document.readable else None, form)


def compare(before: Request, after: Request, *, ignore_volatile: bool = False) -> Comparison:
    """The differences from *before* to *after*."""
    old, new = _Body.of(before), _Body.of(after)
    body, found, lines, notes = _compare_bodies(old, new)
    everything = (*_line(before, after), *_query(before, after), *_headers(before, after), *found)
    kept = [item for item in everything if not (ignore_volatile and item.volatile)]
    ignored = tuple(item for item in everything if ignore_volatile and item.volatile)
    return Comparison(
        tuple(kept[:DIFFERENCES]), body, ignored, lines, notes, left_out=len(kept) > DIFFERENCES
    )


def _line(before: Request, after: Request) -> Iterator[Difference]:
    for where, old, new in (
        ("method", before.method, after.method),
        ("path", before.path.partition("?")[0], after.path.partition("?")[0]),
        ("HTTP version", before.http_version, after.http_version),
    ):
        if old != new:
            yield Difference("request", where, Change.CHANGED, old, new)


def _query(before: Request, after: Request) -> Iterator[Difference]:
    yield from _pairs("query", read_query(before.target), read_query(after.target))


def _pairs(section: str, before: PairTable, after: PairTable) -> Iterator[Difference]:
    old = [(pair.name, pair.value) for pair in before.pairs]
    new = [(pair.name, pair.value) for pair in after.pairs]
    for name, before_value, after_value in _aligned(old, new):
        volatile = is_volatile_value(name, before_value or "", after_value or "")
        yield _difference(section, name, before_value, after_value, volatile=volatile)


def _headers(before: Request, after: Request) -> Iterator[Difference]:
    old, new = _decoded(before), _decoded(after)
    for name, before_value, after_value in _aligned(_lower(old), _lower(new)):
        yield _difference("headers", name, before_value, after_value, volatile=is_volatile_header(name))
    old_names, new_names = ([name for name, _ in headers] for headers in (old, new))
    if old_names != new_names and sorted(map(str.lower, old_names)) == sorted(map(str.lower, new_names)):
        names = ", ".join(old_names)[:SHOWN_CHARACTERS], ", ".join(new_names)[:SHOWN_CHARACTERS]
        yield Difference("headers", "order and letter case of names", Change.SPELLING, *names)


def _lower(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in headers]


def _decoded(request: Request) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]


def _aligned(
    old: Iterable[tuple[str, str]], new: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, str | None, str | None]]:
    """The values that differ, by name and by how often that name came before; None where there is none."""
    before, after = _numbered(old), _numbered(new)
    for place in dict.fromkeys((*before, *after)):
        if before.get(place) != after.get(place):
            yield place[0], before.get(place), after.get(place)


def _numbered(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, int], str]:
    seen: Counter[str] = Counter()
    numbered = {}
    for name, value in pairs:
        numbered[name, seen[name]] = value
        seen[name] += 1
    return numbered


def _difference(
    section: str, where: str, before: str | None, after: str | None, *, volatile: bool
) -> Difference:
    change = Change.CHANGED
    if before is None or after is None:
        change = Change.ADDED if before is None else Change.REMOVED
    old, new = (None if value is None else value[:SHOWN_CHARACTERS] for value in (before, after))
    return Difference(section, where, change, old, new, volatile)


def _compare_bodies(
    old: _Body, new: _Body
) -> tuple[str, list[Difference], tuple[TextLine, ...], tuple[str, ...]]:
    """How the bodies were compared, their differences, for text the lines, and notes."""
    if old.data == new.data:
        return "same", [], (), ()
    sizes = f"{len(old.data):,} bytes before, {len(new.data):,} after"
    if old.document is not None and new.document is not None:
        found = list(islice(json_differences(old.document, new.document), DIFFERENCES + 1))
        if any(item.change is not Change.SPELLING for item in found):
            return "json", found, (), ()
        return "json", found, (), (f"The same JSON, written differently: {sizes}.",)
    if old.form is not None and new.form is not None:
        found = list(_pairs("body", old.form, new.form))
        return "form", found, (), () if found else (f"The same fields, written differently: {sizes}.",)
    if old.text is not None and new.text is not None:
        return "text", [], _text_lines(old.text, new.text), ()
    offset = _first_difference(old.data, new.data)
    where = f"byte {offset:,}"
    window = slice(offset, offset + 16)
    changed = Difference("body", where, Change.CHANGED, old.data[window].hex(" "), new.data[window].hex(" "))
    return "bytes", [changed], (), (f"Compared byte by byte: {sizes}.",)


def _text_lines(before: str, after: str) -> tuple[TextLine, ...]:
    old = [line[:SHOWN_CHARACTERS] for line in before.splitlines()[:COMPARED_LINES]]
    new = [line[:SHOWN_CHARACTERS] for line in after.splitlines()[:COMPARED_LINES]]
    compared = list(unified_diff(old, new, lineterm="", n=2))[2:]
    if not compared:
        return (TextLine("@", "The texts differ in their line ends, or beyond what is compared."),)
    return tuple(TextLine(line[0], line[1:] if line[0] in "+- " else line) for line in compared[:DIFFERENCES])


def _first_difference(before: bytes, after: bytes) -> int:
    """The offset of the first byte that differs, or where the shorter one ends."""
    shorter = min(len(before), len(after))
    offset = 0
    while offset < shorter and before[offset : offset + _STEP_BYTES] == after[offset : offset + _STEP_BYTES]:
        offset += _STEP_BYTES
    while offset < shorter and before[offset] == after[offset]:
        offset += 1
    return min(offset, shorter)
