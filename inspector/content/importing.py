"""Deliveries read back from a HAR file or JSON Lines, be they ours or another tool's.

An import is all or nothing for each record: what cannot be understood is an InvalidInput that says where.
What was masked stays masked.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import quote, urlencode

from inspector.content.har_reading import HarText
from inspector.errors import InvalidInput
from inspector.models import Framing, HeaderPairs, Request

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_VERSION = re.compile(r"[0-9](?:\.[0-9])?")
_FLAG = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_IMPORTED = "import"

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Imported:
    """One request read from a file, with what else was kept of it. ``url`` is the whole one, where it was."""

    request: Request
    note: str = ""
    pinned: bool = False
    url: str | None = field(default=None, compare=False)


def read_archive(data: bytes) -> Iterator[Imported]:
    """The requests in *data*, a HAR file or JSON Lines, in order.

    Raises InvalidInput on ``file`` at the first record that cannot be understood; those before it were given.
    """
    text = data.decode("utf-8-sig", "replace")
    if not text.lstrip().startswith("{"):
        raise InvalidInput.of("file", "is neither a HAR file nor JSON Lines: it does not start with {")
    archive = HarText(text)
    if archive.is_har:
        for number, entry in enumerate(archive.entries(), 1):
            yield _from_har(_Record(entry, f"entry {number}"))
        return
    for number, line in enumerate(_lines(text), 1):
        if line.strip():
            record = _json(line)
            where = f"line {number}"
            if not isinstance(record, dict):
                raise InvalidInput.of("file", f"{where} is not a JSON object")
            yield _from_line(_Record(record, where))


@dataclass(frozen=True, slots=True)
class _Record:
    """A JSON object from the file, read field by field; ``where`` is how a person finds it."""

    fields: Mapping[str, object]
    where: str

    def wrong(self, field: str, wanted: str) -> InvalidInput:
        return InvalidInput.of("file", f"{self.where}: {field} must be {wanted}")

    def text(self, field: str, default: str | None = None) -> str:
        value = self.fields.get(field, default)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self.wrong(field, "a string")
        return value

    def flag(self, field: str) -> bool:
        return self.fields.get(field) is True

    def record(self, field: str) -> _Record:
        value = self.fields.get(field)
        if not isinstance(value, dict):
            raise self.wrong(field, "an object")
        return _Record(value, f"{self.where}, {field}")

    def optional(self, field: str) -> _Record | None:
        return self.record(field) if self.fields.get(field) is not None else None

    def items(self, field: str) -> list[object]:
        value = self.fields.get(field, [])
        if not isinstance(value, list):
            raise self.wrong(field, "a list")
        return value

    def records(self, field: str) -> Iterator[dict[str, object]]:
        for item in self.items(field):
            if not isinstance(item, dict):
                raise self.wrong(field, "a list of objects")
            yield item

    def received_ns(self, field: str) -> int:
        """A time in ISO 8601 as nanoseconds since the Unix epoch; without a zone it is taken for UTC."""
        try:
            moment = datetime.fromisoformat(self.text(field))
        except ValueError as error:
            raise self.wrong(field, "a time in ISO 8601") from error
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return (moment - _EPOCH) // timedelta(microseconds=1) * 1000

    def choice(self, field: str, choices: type[Choice], default: Choice) -> Choice:
        value = self.text(field, default)
        if value not in set(choices):
            raise self.wrong(field, f"one of {', '.join(choices)}")
        return choices(value)

    def number(self, field: str, default: int) -> int:
        value = self.fields.get(field)
        if value is None:
            return default
        if type(value) is not int or value < 0:
            raise self.wrong(field, "a whole number")
        return value

    def base64(self, field: str) -> bytes:
        try:
            return base64.b64decode(self.text(field, ""), validate=True)
        except (binascii.Error, ValueError) as error:
            raise self.wrong(field, "base64") from error


def _from_line(record: _Record) -> Imported:
    pairs = {}
    for side in ("headers", "trailers"):
        pairs[side] = tuple(_line_pair(record, side, pair) for pair in record.items(side))
    complete = record.fields.get("complete") is not False
    request = Request(
        record.text("method"),
        _bytes(record.text("path")),
        _version(record.text("http_version", "1.1")),
        pairs["headers"],
        record.base64("body_base64"),
        record.text("client", _IMPORTED),
        record.received_ns("received_at"),
        pairs["trailers"],
        None if complete else record.text("incomplete_reason", "it was not whole when it was exported"),
    )
    return Imported(_with_wire(request, record), record.text("note", ""), record.flag("pinned"))


def _with_wire(request: Request, record: _Record) -> Request:
    """*request* with what our archives tell of how it came over the wire."""
    flags = record.items("flags")
    if not all(isinstance(flag, str) and _FLAG.fullmatch(flag) for flag in flags):
        raise record.wrong("flags", "a list of codes like obs-fold")
    received_ns = record.number("received_ns", request.received_ns)
    return replace(
        request,
        # The time of an archive is cut to the microsecond; the number beside it is not.
        received_ns=received_ns
        if received_ns // 1000 == request.received_ns // 1000
        else request.received_ns,
        head=record.base64("head_base64"),
        framing=record.choice("framing", Framing, Framing.NONE),
        chunks=record.number("chunks", 0),
        flags=tuple(str(flag) for flag in flags),
    )


def _line_pair(record: _Record, field: str, pair: object) -> tuple[bytes, bytes]:
    match pair:
        case [str(name), str(value)]:
            return _bytes(name), _bytes(value)
        case _:
            raise record.wrong(field, "a list of [name, value]")


def _from_har(entry: _Record) -> Imported:
    sent, ours = entry.record("request"), entry.optional("_inspector")
    target = ours.text("target", "") if ours else ""
    reason = ours.fields.get("incomplete_reason") if ours else None
    request = Request(
        sent.text("method"),
        _bytes(target) if target else _target(sent.text("url")),
        _version(sent.text("httpVersion", "1.1")),
        _har_pairs(sent, "headers"),
        _har_body(sent),
        ours.text("client", _IMPORTED) if ours else _IMPORTED,
        entry.received_ns("startedDateTime"),
        _har_pairs(ours, "trailers") if ours else (),
        reason if isinstance(reason, str) else None,
    )
    note, url = entry.text("comment", ""), sent.text("url")
    if ours is None:
        return Imported(request, note, url=url)
    return Imported(_with_wire(request, ours), note, ours.flag("pinned"), url)


def _har_pairs(record: _Record, field: str) -> HeaderPairs:
    """Headers in order; the pseudo-headers of HTTP/2 (``:path``) are none that could be sent."""
    pairs = [_Record(item, f"{record.where}, {field}") for item in record.records(field)]
    named = [(pair.text("name"), pair.text("value", "")) for pair in pairs]
    return tuple((_bytes(name), _bytes(value)) for name, value in named if not name.startswith(":"))


def _har_body(sent: _Record) -> bytes:
    data = sent.optional("postData")
    if data is None:
        return b""
    if "base64" in (data.fields.get("encoding"), data.fields.get("_encoding")):
        return data.base64("text")
    text = data.text("text", "")
    if not text and data.items("params"):
        params = [_Record(item, f"{data.where}, params") for item in data.records("params")]
        return urlencode([(param.text("name"), param.text("value", "")) for param in params]).encode()
    return text.encode("utf-8", "surrogatepass")


def _target(url: str) -> bytes:
    """The request target in a *url*, as a browser would send it."""
    target = _ORIGIN.sub("", url, count=1).partition("#")[0]
    if not target.startswith("/"):
        target = f"/{target}"
    return quote(target, safe="/?#[]@!$&'()*+,;=%:~{}|^`\"<>\\").encode("ascii")


def _version(text: str) -> str:
    match = _VERSION.search(text)
    return "1.1" if match is None else match[0]


def _bytes(text: str) -> bytes:
    """Text that stands for bytes as Latin-1, as we write it; what does not fit is UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _lines(text: str) -> Iterator[str]:
    """The lines of *text* one after the other, so that a long one need not stand in memory twice."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]


def _json(text: str) -> object:
    """The value of a JSON text, None when there is none that can be used."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value
