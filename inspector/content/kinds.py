"""Which kinds of view fit a body: by its declared type, and by looking where that says little or lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from inspector.content.json_text import JsonDocument, parse_json
from inspector.content.lines import looks_like_json_lines
from inspector.content.media_type import MediaType


class Kind(StrEnum):
    """How a body can be shown."""

    EMPTY = "empty"
    JSON = "json"
    JSON_LINES = "json-lines"
    EVENTS = "events"
    FORM = "form"
    MULTIPART = "multipart"
    XML = "xml"
    HTML = "html"
    TEXT = "text"
    FILE = "file"
    BINARY = "binary"


@dataclass(frozen=True, slots=True)
class Choice:
    """The kinds that fit, best first.

    ``guessed``: the first was found by looking. ``document`` is the index of a text that begins like JSON.
    """

    kinds: tuple[Kind, ...]
    guessed: bool = False
    document: JsonDocument | None = None


_JSON_LINES_TYPES = frozenset(
    {
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/x-jsonlines",
        "application/json-lines",
        "application/json-seq",
    }
)
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_FILE_TYPES = frozenset(
    {
        "application/pdf",
        "application/zip",
        "application/gzip",
        "application/x-gzip",
        "application/x-tar",
        "application/wasm",
        "application/vnd.ms-excel",
        "application/msword",
    }
)
_OPAQUE = re.compile(r"protobuf|msgpack|cbor|avro|grpc|x-thrift")
_UNSURE = frozenset({"", "*/*", "application/octet-stream", "binary/octet-stream", "application/unknown"})
_JSON_START = re.compile(r"[\s\x1e]*+[\[{]").match
_XML_START = re.compile(r"\s*+<(?:\?xml\s|[A-Za-z_][\w.-]*(?::[\w.-]+)?[\s/>])").match
_HTML_START = re.compile(r"\s*+<(?:!doctype\s+html|html[\s>])", re.IGNORECASE).match
_FORM = re.compile(r"[\w.%+~*\[\]-]++=[^\s&=]*+(?:&[\w.%+~*\[\]-]++=[^\s&=]*+)*+").fullmatch
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\ud800-\udfff]")
# One character in so many may be undecodable or a control character in what is still text.
_FAULTS_IN_TEXT = 10
_FAULTS_IN_SHORT_TEXT = 2
_SHORT_CHARACTERS = 64


def choose(media: MediaType, text: str | None, sample: str) -> Choice:
    """The kinds for a body declared as *media*.

    *text* is the whole body as marked text, None when it is too long to be shown as anything but text;
    *sample* is how it begins.
    """
    declared = _declared(media)
    opaque = is_binary(sample) or declared is Kind.BINARY
    if (opaque or text is None) and declared not in {Kind.MULTIPART, Kind.FILE}:
        return Choice((Kind.BINARY, Kind.TEXT) if opaque else (Kind.TEXT,))
    seen, document = (None, None) if opaque or text is None else _seen(media, text)
    silent = declared in {None, Kind.TEXT}
    first = seen if silent or seen in {Kind.JSON, Kind.JSON_LINES} else declared
    kinds = [first or declared, declared, Kind.BINARY if opaque else Kind.TEXT]
    if document is not None:
        kinds.append(Kind.JSON)
    ordered = tuple(dict.fromkeys(kind for kind in kinds if kind is not None))
    return Choice(ordered, seen is not None and ordered[0] is not declared, document)


def is_binary(sample: str) -> bool:
    """Whether marked text that begins like *sample* is none: it holds NUL, or much that is no character."""
    faults = len(_CONTROLS.findall(sample))
    one_in = _FAULTS_IN_SHORT_TEXT if len(sample) < _SHORT_CHARACTERS else _FAULTS_IN_TEXT
    return "\0" in sample or faults * one_in > len(sample)


def _declared(media: MediaType) -> Kind | None:
    """The kind that a declared type stands for; None when it is absent or says nothing."""
    full = media.full
    if full in _UNSURE:
        return None
    for kind, fits in (
        (Kind.JSON_LINES, full in _JSON_LINES_TYPES),
        (Kind.JSON, media.is_json),
        (Kind.EVENTS, full == "text/event-stream"),
        (Kind.FORM, full == "application/x-www-form-urlencoded"),
        (Kind.MULTIPART, media.type == "multipart"),
        (Kind.HTML, full in _HTML_TYPES),
        (Kind.XML, media.is_xml),
        (Kind.FILE, media.type in {"image", "audio", "video", "font"} or full in _FILE_TYPES),
        (Kind.BINARY, bool(_OPAQUE.search(full))),
        (Kind.TEXT, media.type == "text"),
    ):
        if fits:
            return kind
    return None


def _seen(media: MediaType, text: str) -> tuple[Kind | None, JsonDocument | None]:
    """The kind that *text* looks like, and the index of what begins like JSON: it is made only once."""
    if _JSON_START(text):
        document = parse_json(text)
        if document.readable:
            return Kind.JSON, document
        return (Kind.JSON_LINES if looks_like_json_lines(text) else None), document
    if _HTML_START(text):
        return Kind.HTML, None
    if _XML_START(text) and text.rstrip().endswith(">"):
        return Kind.XML, None
    if not media.full and _FORM(text.rstrip()):
        return Kind.FORM, None
    return None, None
