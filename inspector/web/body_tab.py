"""The Body tab: a body as ``pretty``, ``raw`` or ``hex``, a window of it at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from inspector.content import HexDump, hexdump
from inspector.content.charsets import CharsetSource
from inspector.content.forms import PairTable
from inspector.content.json_tree import JsonLine, JsonWindow, Shape
from inspector.content.kinds import Kind
from inspector.content.lines import JsonLines, StreamEvents
from inspector.content.markup import Markup
from inspector.content.multipart import PartTable
from inspector.content.notices import Notice
from inspector.content.text_window import TextWindow
from inspector.content.views import BodyView, Content, body_view, raw_view
from inspector.models import Delivery
from inspector.settings import MIB
from inspector.web import wording
from inspector.web.place import Place
from inspector.web.values_tab import ValueRow, pair_rows

PRETTY, RAW, HEX = "pretty", "raw", "hex"

COPIED_BYTES = 1 * MIB
"""A longer body is downloaded: nobody pastes as much."""

KIND_WORDS = {
    Kind.JSON: "JSON",
    Kind.JSON_LINES: "JSON Lines",
    Kind.EVENTS: "an event stream",
    Kind.FORM: "a form",
    Kind.MULTIPART: "multipart",
    Kind.XML: "XML",
    Kind.HTML: "HTML",
}
"""The kinds that have a pretty view of their own, in the words of links to them."""

_CURSOR_CHARACTERS = 500
_TYPE_CHARACTERS = 100
_NAMED_CHARSETS = (CharsetSource.MARK, CharsetSource.DOCUMENT, CharsetSource.FORM, CharsetSource.GUESSED)


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another view of the body."""

    name: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class BodyTab:
    """A window of a body, and the ways to the others.

    ``shape`` names the part of the template that shows ``content``. ``media`` is what was declared,
    ``length`` how long it is against what was declared. ``from_here`` says where a window begins that is
    not the first. ``fields`` are the rows of a form. ``string`` is the place of the one string that is shown
    as such although it holds JSON. ``at`` makes the address of the window at a cursor, ``as_string`` that
    of the view in which the string at a place is so shown; ``prefix`` begins the cursors of a window that
    lies inside a line, event, field or part.
    """

    view: str
    views: tuple[Link, ...]
    others: tuple[Link, ...]
    shape: str
    content: Content
    media: str
    length: str
    length_differs: bool
    notices: tuple[Notice, ...]
    fields: tuple[ValueRow, ...]
    from_here: str
    string: str
    prefix: str
    at: Callable[[str], str]
    as_string: Callable[[str], str]
    next_at: int | None
    more_words: str
    copyable: bool

    @property
    def foldable(self) -> bool:
        """Whether there are values to fold."""
        return isinstance(self.content, JsonWindow | JsonLines)


def body_tab(delivery: Delivery, place: Place, query: Mapping[str, str]) -> BodyTab:
    """The body of *delivery* as *query* asks for it: ``view``, ``as`` (a kind), ``at``, ``string``."""
    request = delivery.request
    asked, kind, at = query.get("view", ""), query.get("as", ""), query.get("at", "")[:_CURSOR_CHARACTERS]
    offset = int(at) if at.isascii() and at.isdigit() and len(at) < 10 else 0
    shown = body_view(request, kind, at) if asked not in (RAW, HEX) else raw_view(request, offset)
    view = asked if asked in (RAW, HEX) else _natural_view(shown)
    inner, slash, _ = at.partition("/")
    # The hex view shows what is stored; all others show it with its Content-Encoding undone.
    content = hexdump(request.body, offset) if asked == HEX and request.body else shown.content
    string = query.get("string", "")
    if isinstance(content, JsonWindow) and string:
        content = replace(content, lines=tuple(_unopened(content.lines, string)))

    def url(**changes: str) -> str:
        kept = {"view": asked, "as": kind, "string": string}
        return place.delivery_url(delivery.id, **{**kept, **changes, "tab": "body"})

    return BodyTab(
        view=view,
        views=_views(shown, url),
        others=_others(shown, view, url),
        shape="empty" if content is None else _SHAPES[type(content)],
        content=content,
        media=_media(request.content_type, shown, view),
        length=f"{_exact(shown.received_bytes)}, {shown.length}",
        length_differs=shown.length.endswith("bytes declared") or not request.complete,
        notices=shown.notices,
        fields=pair_rows(content) if isinstance(content, PairTable) else (),
        from_here=_from_here(content) if at else "",
        string=string,
        prefix=f"{inner}/" if slash and isinstance(content, JsonWindow) else "",
        at=lambda cursor: url(at=cursor),
        as_string=lambda text: url(string=text, at=at),
        next_at=_next_at(content),
        more_words=_more_words(content),
        copyable=0 < (shown.decoded_bytes or shown.received_bytes) <= COPIED_BYTES
        and not shown.lossy
        and shown.kind not in (Kind.BINARY, Kind.FILE),
    )


def _natural_view(shown: BodyView) -> str:
    """The view that a body has when none is asked for."""
    if shown.kind in KIND_WORDS:
        return PRETTY
    return HEX if shown.kind in (Kind.BINARY, Kind.FILE) else RAW


def _views(shown: BodyView, url: Callable[..., str]) -> tuple[Link, ...]:
    has_pretty = any(kind in KIND_WORDS for kind in shown.kinds[:1])
    pretty = (Link(PRETTY, "Pretty", url(view="", string="")),) if has_pretty else ()
    raw, hexadecimal = Link(RAW, "Raw", url(view=RAW)), Link(HEX, "Hex", url(view=HEX))
    return (*pretty, raw, hexadecimal)


def _others(shown: BodyView, view: str, url: Callable[..., str]) -> tuple[Link, ...]:
    """What else the body could be taken for."""
    if view != PRETTY:
        return ()
    others = (kind for kind in shown.kinds if kind in KIND_WORDS and kind is not shown.kind)
    return tuple(Link(kind, KIND_WORDS[kind], url(**{"as": kind, "string": ""})) for kind in others)


def _unopened(lines: tuple[JsonLine, ...], place: str) -> list[JsonLine]:
    """*lines* with the string at *place* as a value, without what it holds."""
    kept: list[JsonLine] = []
    inside: JsonLine | None = None
    for line in lines:
        if inside is not None:
            if line.shape is Shape.STRING_END and line.place == place and line.depth == inside.depth:
                inside = None
        elif line.shape is Shape.STRING and line.place == place:
            inside = line
            kept.append(replace(line, shape=Shape.VALUE))
        else:
            kept.append(line)
    return kept


def _media(declared: str | None, shown: BodyView, view: str) -> str:
    """The declared type, with the charset where that says more than the type does."""
    words = (declared or "no content type")[:_TYPE_CHARACTERS]
    says_more = shown.charset_source in _NAMED_CHARSETS or "charset" not in words.lower()
    if view == HEX or shown.charset is None or not says_more:
        return words
    return f"{words}, {shown.charset.upper()}"


def _exact(bytes_: int) -> str:
    return wording.size(bytes_) if bytes_ < 1000 else f"{bytes_:,} bytes"


def _from_here(content: Content) -> str:
    """Where the window begins; empty for the first one."""
    match content:
        case JsonWindow(lines=(first, *_)) if first.path or first.within:
            return f"from {first.place} on"
        case TextWindow(start=start) if start > content.charset.mark_bytes:
            return f"from byte {start:,} on"
        case HexDump(lines=(line, *_)) if line.offset:
            return f"from byte {line.offset:,} on"
        case JsonLines(rows=(row, *_)) if row.number > 1:
            return f"from line {row.number:,} on"
        case StreamEvents(events=(event, *_)) if event.number > 1:
            return f"from event {event.number:,} on"
        case _:
            return ""


def _next_at(content: Content) -> int | None:
    match content:
        case TextWindow() | HexDump():
            return content.next_offset
        case JsonLines():
            return content.next_line
        case StreamEvents():
            return content.next_event
        case _:
            return None


def _more_words(content: Content) -> str:
    match content:
        case TextWindow() | HexDump() if content.next_offset is not None:
            return f"More: {content.next_offset:,} of {content.total_bytes:,} bytes so far"
        case JsonLines():
            return f"More of {content.total:,} lines"
        case _:
            return "More events"


_SHAPES: Mapping[type, str] = {
    JsonWindow: "json",
    JsonLines: "lines",
    StreamEvents: "events",
    PairTable: "form",
    PartTable: "parts",
    Markup: "markup",
    TextWindow: "text",
    HexDump: "hex",
}
