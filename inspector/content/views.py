"""The view of a body: what it is, how it is best shown, and what there is to say about it.

Everything here is bounded: a body over 1 MiB is shown as the beginning of its text, with more behind a
cursor; what is decoded stops at 5 MiB. A view is plain values for a template to walk; no text in it may be
taken for markup, and marked texts go through ``visible.pieces``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from inspector.content.blaxel_payload import blaxel_notes
from inspector.content.charsets import CharsetSource, Text, find_charset, read_text
from inspector.content.decoding import CodingState, decode_body
from inspector.content.forms import PairTable, read_form
from inspector.content.hexdump import HexDump, hexdump
from inspector.content.json_text import parse_json
from inspector.content.json_tree import JsonWindow, json_window
from inspector.content.kinds import Choice, Kind, choose
from inspector.content.lines import JsonLines, StreamEvents, json_line, read_events, read_json_lines
from inspector.content.markup import Markup, read_markup
from inspector.content.media_type import MediaType, media_type_of
from inspector.content.multipart import Part, PartTable, read_multipart
from inspector.content.notices import (
    Notice,
    charset_notices,
    content_notices,
    declared_length,
    kind_notices,
    wire_notices,
)
from inspector.content.text_window import TextWindow, text_window
from inspector.models import Request
from inspector.settings import MIB

PRETTY_BYTES = 1 * MIB
_SAMPLE_BYTES = 4 * 1024
_INNER = re.compile(r"([0-9]{1,9})/([0-9.:]{1,400})", re.ASCII)

Content = JsonWindow | JsonLines | StreamEvents | PairTable | PartTable | Markup | TextWindow | HexDump | None


@dataclass(frozen=True, slots=True)
class BodyView:
    """A body as it is shown.

    ``kind`` is how, ``kinds`` what else would fit; ``guessed`` says that it was found by looking.
    ``content`` fits the kind. ``received_bytes`` is the size on the wire, ``decoded_bytes`` that after
    Content-Encoding, None when there was nothing to undo. ``length`` compares the received size with the
    declared one.
    """

    kind: Kind
    content: Content
    received_bytes: int
    length: str
    kinds: tuple[Kind, ...] = ()
    guessed: bool = False
    content_type: str | None = None
    charset: str | None = None
    charset_source: CharsetSource | None = None
    lossy: bool = False
    decoded_bytes: int | None = None
    coding: CodingState = CodingState.NONE
    notices: tuple[Notice, ...] = ()

    @property
    def json_state(self) -> str:
        """``parsed``, ``lossy``, ``invalid``, or ``absent`` where the body is not shown as JSON."""
        if not isinstance(self.content, JsonWindow | JsonLines):
            return "absent"
        return "lossy" if self.lossy and self.content.state == "parsed" else self.content.state


def body_view(request: Request, kind: str = "", at: str = "") -> BodyView:
    """The view of the body of *request*: as *kind* where that fits, else as what fits best.

    *at* is where a window begins: a JSON cursor, the number of a line or event, a byte offset of text, or
    for JSON inside a line, event, field or part its number, a slash and the cursor. What leads nowhere
    begins at the start.
    """
    decoded = decode_body(request.body, request.headers)
    media = media_type_of(request.headers)
    data = decoded.body
    view = BodyView(
        Kind.EMPTY,
        None,
        len(request.body),
        declared_length(request),
        content_type=request.content_type,
        decoded_bytes=len(data) if decoded.state is CodingState.DECODED else None,
        coding=decoded.state,
        notices=wire_notices(request, decoded, media),
    )
    if not data:
        return view
    text = read_text(data, media) if len(data) <= PRETTY_BYTES else None
    sample = (
        text.marked[:_SAMPLE_BYTES] if text else read_text(data[:_SAMPLE_BYTES], media, whole=False).marked
    )
    choice = choose(media, text.marked if text else None, sample)
    chosen = Kind(kind) if kind in {*choice.kinds, Kind.TEXT, Kind.BINARY} else choice.kinds[0]
    content = _Viewer(request, media, data, text, choice, at).content(chosen)
    return _described(
        replace(view, kind=chosen, kinds=choice.kinds, content=content), media, data, text, choice
    )


def _described(view: BodyView, media: MediaType, data: bytes, text: Text | None, choice: Choice) -> BodyView:
    """*view* with its charset and notices."""
    guessed = choice.guessed and view.kind is choice.kinds[0]
    notices = [*view.notices, *kind_notices(view.kind, media, guessed=guessed)]
    if text is None and view.kind is Kind.TEXT:
        notices.append(Notice(f"Over {PRETTY_BYTES:,} bytes a body is shown as plain text, piece by piece."))
    match view.content:
        case PairTable() as table:
            view = replace(view, charset=table.charset, charset_source=table.source, lossy=table.lossy)
        case PartTable() | HexDump() | None:
            pass
        case content:
            charset = find_charset(data, media)
            lossy = content.lossy if isinstance(content, TextWindow) else text is not None and text.lossy
            view = replace(view, charset=charset.name, charset_source=charset.source, lossy=lossy)
            notices += charset_notices(charset, lossy=lossy)
    notices += content_notices(view.content)
    return replace(view, guessed=guessed, notices=tuple(notices))


def raw_view(request: Request, start: int = 0) -> BodyView:
    """The body of *request* as text from byte *start* on: Content-Encoding undone, nothing rearranged."""
    return body_view(request, Kind.TEXT, str(start))


def body_part(request: Request, number: int) -> tuple[Part, bytes] | None:
    """Part *number* of a multipart body and its bytes; None when there is no such part."""
    body = decode_body(request.body, request.headers).body
    parts = read_multipart(body, media_type_of(request.headers)).parts
    part = next((part for part in parts if part.number == number), None)
    return None if part is None else (part, part.content(body))


@dataclass(frozen=True, slots=True)
class _Viewer:
    """A decoded body on its way to a view. ``text`` is None when the body is too long to be read whole."""

    request: Request
    media: MediaType
    data: bytes
    text: Text | None
    choice: Choice
    at: str

    def content(self, kind: Kind) -> Content:
        if inner := _INNER.fullmatch(self.at):
            return self._inner(kind, int(inner[1]), inner[2])
        number = int(self.at) if self.at.isascii() and self.at.isdigit() and len(self.at) < 10 else 0
        marked = "" if self.text is None else self.text.marked
        match kind:
            case Kind.JSON:
                return self._json(marked)
            case Kind.JSON_LINES:
                return read_json_lines(marked, max(1, number))
            case Kind.EVENTS:
                return read_events(marked, max(1, number))
            case Kind.FORM:
                return read_form(self.data, self.media)
            case Kind.MULTIPART:
                return read_multipart(self.data, self.media)
            case Kind.XML | Kind.HTML:
                return read_markup(marked, html=kind is Kind.HTML)
            case Kind.FILE | Kind.BINARY:
                return hexdump(self.data, number)
            case _:
                return text_window(self.data, self.media, number)

    def _json(self, marked: str) -> JsonWindow:
        document = self.choice.document or parse_json(marked)
        notes = blaxel_notes(document, self.request.headers, self.request.received_at)
        return json_window(document, self.at, notes=notes)

    def _inner(self, kind: Kind, number: int, cursor: str) -> Content:
        """A window of the JSON inside line, event, field or part *number*."""
        inner = self._inner_text(kind, number)
        return json_window(parse_json(inner or ""), cursor)

    def _inner_text(self, kind: Kind, number: int) -> str | None:
        marked = "" if self.text is None else self.text.marked
        if kind is Kind.JSON_LINES:
            return json_line(marked, number)
        if kind is Kind.EVENTS:
            return next((event.data for event in read_events(marked, number).events), None)
        if kind is Kind.FORM:
            pairs = read_form(self.data, self.media).pairs
            return pairs[number - 1].value if 0 < number <= len(pairs) else None
        found = body_part(self.request, number) if kind is Kind.MULTIPART else None
        return None if found is None else found[1].decode("utf-8", "replace")
