"""What there is to say about a body as a whole: sentences above its view."""

from __future__ import annotations

import json
from dataclasses import dataclass

from inspector.content.charsets import Charset
from inspector.content.decoding import GZIP_MAGIC, CodingState, Decoded
from inspector.content.json_tree import JsonWindow
from inspector.content.kinds import Kind
from inspector.content.lines import StreamEvents
from inspector.content.markup import Markup
from inspector.content.media_type import MediaType
from inspector.content.multipart import PartTable
from inspector.models import Request, header_values

_NAMED_KEYS = 5
_NAMED_TYPE = 60
_KIND_NAMES = {
    Kind.JSON: "JSON",
    Kind.JSON_LINES: "JSON, a text on each line",
    Kind.XML: "XML",
    Kind.HTML: "HTML",
    Kind.FORM: "form fields",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence above a view; ``warning`` when something is wrong with the body."""

    text: str
    warning: bool = False


def declared_length(request: Request) -> str:
    """How the size of the body compares with what the head of *request* said."""
    lengths = [value.decode("latin-1").strip() for value in header_values(request.headers, b"content-length")]
    if not lengths:
        return "no length declared"
    if all(length == str(len(request.body)) for length in lengths):
        return "as declared"
    return f"{', '.join(lengths)} bytes declared"


def wire_notices(request: Request, decoded: Decoded, media: MediaType) -> tuple[Notice, ...]:
    """What is to be said of how the body came: cut off, not as long as declared, encoded."""
    notices = []
    length = declared_length(request)
    if request.incomplete_reason is not None:
        notices.append(Notice(f"The body is not whole: {request.incomplete_reason}.", warning=True))
    elif length.endswith("bytes declared"):
        notices.append(Notice(f"{len(request.body):,} bytes came, {length}.", warning=True))
    if decoded.state is CodingState.DECODED:
        sizes = f"{len(request.body):,} bytes on the wire, {len(decoded.body):,} decoded"
        notices.append(Notice(f"Content-Encoding {', '.join(decoded.codings)} is undone here: {sizes}."))
    notices.extend(Notice(note, warning=True) for note in decoded.notes)
    if not decoded.codings and request.body.startswith(GZIP_MAGIC) and "gzip" not in media.full:
        notices.append(Notice("The body starts like gzip, but no Content-Encoding says so.", warning=True))
    return tuple(notices)


def charset_notices(charset: Charset, *, lossy: bool) -> tuple[Notice, ...]:
    """What is to be said of how the text was read."""
    notices = [Notice(note, warning=not charset.mark_bytes) for note in charset.notes]
    if lossy:
        notices.append(Notice(f"Bytes that are not {charset.name} are marked.", warning=True))
    return tuple(notices)


def kind_notices(kind: Kind, media: MediaType, *, guessed: bool) -> tuple[Notice, ...]:
    """What is to be said of the choice of a view."""
    notices = []
    if guessed:
        said = f"The content type says {media.full[:_NAMED_TYPE]}" if media.full else "No type is declared"
        text = f"{said}; this is {_KIND_NAMES.get(kind, str(kind))}, found by looking."
        notices.append(Notice(text, warning=bool(media.full)))
    if kind is Kind.HTML:
        notices.append(Notice("Shown as text only: nothing in it runs, and nothing is loaded."))
    elif kind is Kind.FILE:
        notices.append(Notice("Not shown here: download it to open it in a program of your choice."))
    return tuple(notices)


def content_notices(content: object) -> tuple[Notice, ...]:
    """What is to be said of what stands in a body: syntax errors, repeated keys, missing ends."""
    match content:
        case JsonWindow():
            faults = [Notice(str(fault), warning=True) for fault in content.faults]
            if keys := content.duplicate_keys:
                named = ", ".join(json.dumps(key, ensure_ascii=False) for key in keys[:_NAMED_KEYS])
                more = f" and {len(keys) - _NAMED_KEYS} more" if len(keys) > _NAMED_KEYS else ""
                text = f"Repeated in one object: {named}{more}. Programs differ in which value they take."
                faults.append(Notice(text, warning=True))
            return tuple(faults)
        case PartTable():
            return tuple(Notice(fault, warning=True) for fault in content.faults)
        case StreamEvents() if not content.ended:
            return (Notice("The last event lacks the blank line that ends it.", warning=True),)
        case Markup() if not content.balanced and not content.left_out:
            return (Notice("Not every tag is closed."),)
        case _:
            return ()
