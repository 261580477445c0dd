"""A multipart body as a list of parts, each with its place in the body, read by a small reader of our own.

A parser for servers refuses what is not right; this one shows as much as it can and says what is wrong.
Delimiters are found as RFC 2046 5.1.1 has them, bare line feeds allowed. Work is bounded by the number of
parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from inspector.content.charsets import read_text
from inspector.content.forms import SHOWN_CHARACTERS, json_container, opened_text
from inspector.content.json_text import JsonDocument
from inspector.content.json_tree import JsonWindow
from inspector.content.media_type import MediaType, parse_media_type, parse_parameters

PARTS = 200
DEPTH = 4
# RFC 2046 allows 70 characters; some senders use more.
BOUNDARY_BYTES = 200
PART_HEAD_BYTES = 16 * 1024
PREVIEW_BYTES = SHOWN_CHARACTERS * 4
OPENED_BYTES = 64 * 1024

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FIRST_LINE = re.compile(rb"\A(?:\r?\n)?--([^\r\n]{1,200}?)[ \t]*\r?\n")
_TEXT_TYPES = ("text/", "application/json", "application/xml", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: ``size_bytes`` of the decoded body from ``start`` on. ``number`` counts from 1.

    ``text`` is the beginning of a content that is text, marked as in ``charsets``. ``level`` is above 0 for
    the parts of a part, which follow it.
    """

    number: int
    level: int
    start: int
    size_bytes: int
    headers: tuple[tuple[str, str], ...] = ()
    name: str | None = None
    filename: str | None = None
    content_type: str | None = None
    text: str | None = None
    charset: str | None = None
    lossy: bool = False
    opened: JsonWindow | None = None
    notes: tuple[str, ...] = ()

    @property
    def cut(self) -> bool:
        """Whether ``text`` is only the beginning."""
        return self.text is not None and self.size_bytes > PREVIEW_BYTES

    def content(self, body: bytes) -> bytes:
        """The bytes of this part of the decoded *body*."""
        return body[self.start : self.start + self.size_bytes]


@dataclass(frozen=True, slots=True)
class PartTable:
    """The parts of a body, what is malformed about it, and about how many parts are not listed."""

    parts: tuple[Part, ...] = ()
    faults: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def state(self) -> str:
        return "malformed" if self.faults else "parsed"


class _Delimiter(NamedTuple):
    """One delimiter line: where the content before it ends, where what follows begins."""

    content_end: int
    after: int
    last: bool


@dataclass(slots=True)
class _Reading:
    """A table in the making."""

    body: bytes
    parts: list[Part] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    left_out: int = 0

    def add_fault(self, fault: str) -> None:
        if fault not in self.faults:
            self.faults.append(fault)


def read_multipart(body: bytes, media: MediaType) -> PartTable:
    """The parts of *body*, at most 200, nested ones included. Never raises."""
    reading = _Reading(body)
    boundary = (media.parameter("boundary") or "").encode("latin-1", "replace")
    if not boundary:
        reading.add_fault("The content type names no boundary.")
        guess = _FIRST_LINE.match(body)
        boundary = guess[1] if guess else b""
        if boundary:
            reading.add_fault(f"Read with the boundary of the first line, {boundary.decode('latin-1')!r}.")
    if len(boundary) > BOUNDARY_BYTES:
        reading.add_fault(f"The boundary has {len(boundary):,} characters; 70 are allowed.")
    elif boundary:
        _read_parts(reading, boundary, 0, len(body), 0)
    parts = _with_texts(body, reading.parts)
    return PartTable(parts, tuple(reading.faults), reading.left_out)


def _read_parts(reading: _Reading, boundary: bytes, start: int, end: int, level: int) -> None:
    """Read the parts between *start* and *end*. Recursion is bounded by ``DEPTH``."""
    body, dashes = reading.body, b"--" + boundary
    here = _delimiter(body, dashes, start, end)
    if here is None:
        reading.add_fault(f"The boundary {boundary.decode('latin-1')!r} stands nowhere in the body.")
        return
    while not here.last:
        if len(reading.parts) == PARTS:
            reading.add_fault(f"There are more than {PARTS} parts: the first {PARTS} are listed.")
            reading.left_out += max(1, body.count(b"\n" + dashes, here.after, end))
            return
        following = _delimiter(body, dashes, here.after, end)
        content_end = end if following is None else following.content_end
        _read_part(reading, here.after, content_end, level, cut_off=following is None)
        if following is None:
            reading.add_fault("The closing boundary is missing: the last part may be cut off.")
            return
        here = following


def _read_part(reading: _Reading, start: int, end: int, level: int, *, cut_off: bool) -> None:
    body = reading.body
    notes = ["cut off"] if cut_off else []
    if body.startswith((b"\n", b"\r\n"), start):
        head, content = b"", start + (1 if body[start] == 0x0A else 2)
    elif blank := _BLANK_LINE.search(body, start, min(end, start + PART_HEAD_BYTES)):
        head, content = body[start : blank.start()], blank.end()
    else:
        head, content = b"", start
        notes.append("no blank line after its headers")
        reading.add_fault("A part has no blank line after its headers.")
    headers = _headers(head)
    values = {name.lower(): value for name, value in reversed(headers)}
    _, parameters = parse_parameters(values.get("content-disposition", ""))
    named = dict(reversed(parameters))
    encoding = values.get("content-transfer-encoding", "").lower()
    if encoding in {"base64", "quoted-printable"}:
        notes.append(f"in {encoding}, shown as sent")
    part = Part(
        len(reading.parts) + 1,
        level,
        content,
        max(0, end - content),
        headers,
        named.get("name"),
        named.get("filename"),
        values.get("content-type"),
        notes=tuple(notes),
    )
    reading.parts.append(part)
    media = parse_media_type(part.content_type)
    inner = media.parameter("boundary")
    if media.type == "multipart" and inner and len(inner) <= BOUNDARY_BYTES and level < DEPTH:
        _read_parts(reading, inner.encode("latin-1", "replace"), content, end, level + 1)


def _delimiter(body: bytes, dashes: bytes, start: int, end: int) -> _Delimiter | None:
    """The first line from *start* on that is *dashes*, perhaps with two more and blanks after them.

    The line's own start belongs to it, which is why none may come before *start*.
    """
    line = rb"%s(--)?[ \t\r]*(?:\n|\Z)" % re.escape(dashes)
    if here := re.compile(line).match(body, start, end):
        return _Delimiter(start, here.end(), here[1] is not None)
    found = re.compile(rb"\r?\n" + line).search(body, start, end)
    return None if found is None else _Delimiter(found.start(), found.end(), found[1] is not None)


def _headers(head: bytes) -> tuple[tuple[str, str], ...]:
    """The header fields of a part, folded lines joined; read as UTF-8 where it is that, else as Latin-1."""
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    lines = re.split(r"\r?\n", re.sub(r"\r?\n[ \t]+", " ", text))
    fields = (line.partition(":") for line in lines if ":" in line)
    return tuple((name.strip(), value.strip()) for name, _, value in fields)


def _with_texts(body: bytes, parts: list[Part]) -> tuple[Part, ...]:
    """*parts* with the text of those that are text, in the charsets that the form itself names.

    A field ``_charset_`` (HTML) names one for all, a field ``charsets`` (SendGrid) one for each in a JSON
    object.
    """
    for_all = _field_text(body, parts, "_charset_")
    for_each = json_container(_field_text(body, parts, "charsets") or "")
    return tuple(
        _with_text(body, part, (for_each and part.name and _value(for_each, part.name)) or for_all)
        for part in parts
    )


def _field_text(body: bytes, parts: list[Part], name: str) -> str | None:
    found = next((part for part in parts if part.name == name and part.size_bytes <= PREVIEW_BYTES), None)
    return None if found is None else found.content(body).decode("latin-1")


def _value(document: JsonDocument, key: str) -> str | None:
    node = document.find((key,))
    return document.string(node) if node is not None and document.type(node) == "string" else None


def _with_text(body: bytes, part: Part, hint: str | None) -> Part:
    media = parse_media_type(part.content_type)
    is_text = media.full.startswith(_TEXT_TYPES) or media.is_json or media.is_xml
    if media.type == "multipart" or (not is_text and (part.filename is not None or media.full)):
        return part
    content = part.content(body)
    whole = len(content) <= PREVIEW_BYTES
    text = read_text(content[:PREVIEW_BYTES], media, hint=hint, whole=whole)
    opened = opened_text(content.decode("utf-8", "replace")) if len(content) <= OPENED_BYTES else None
    return replace(part, text=text.marked, charset=text.charset, lossy=text.lossy, opened=opened)
