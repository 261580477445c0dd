"""XML and HTML as indented lines of text. Nothing is parsed as XML: no entity is resolved, nothing is loaded.

Tags, comments and text stand as they were sent; only the white space between tags is replaced by the
indentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LINES = 2_000
DEPTH = 40
SHOWN_CHARACTERS = 2_000

_TOKEN = re.compile(
    r"""
      (?P<comment> <!--.*?(?:-->|\Z) | <!\[CDATA\[.*?(?:\]\]>|\Z) | <\?.*?(?:\?>|\Z) )
    | (?P<declaration> <![A-Za-z](?:[^<>\[]*+\[[^\]]{0,2000}+\]\s*+>|[^<>]*+>) )
    | (?P<close> </[^<>]*+> )
    | (?P<open> <[A-Za-z_:](?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+> )
    | (?P<text> [^<]++ | < )
    """,
    re.VERBOSE | re.DOTALL,
)
_NAME = re.compile(r"</?\s*([^\s/>]+)")
_RAW_TEXT = {
    name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("script", "style", "textarea", "title")
}
# Elements of HTML that have no end tag (WHATWG HTML 13.1.2).
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)


@dataclass(frozen=True, slots=True)
class MarkupLine:
    """One line, a ``tag``, ``text``, ``comment`` or ``declaration``. ``cut`` counts characters left out."""

    depth: int
    kind: str
    text: str
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Markup:
    """The first lines of a document. ``left_out``: there are more; ``balanced``: every tag is closed."""

    lines: tuple[MarkupLine, ...]
    left_out: bool
    balanced: bool


def read_markup(text: str, *, html: bool = False) -> Markup:
    """*text* as lines, 2,000 at most. With *html*, void elements and raw text are read as in HTML."""
    lines: list[MarkupLine] = []
    depth = 0
    balanced = True
    for kind, token in _joined(_tokens(text, html=html)):
        if len(lines) == LINES:
            return Markup(tuple(lines), True, balanced)
        if kind == "close":
            balanced = balanced and depth > 0
            depth = max(0, depth - 1)
        lines.append(_line(depth, kind, token))
        if kind == "open":
            depth += 1
    return Markup(tuple(lines), False, balanced and depth == 0)


def _line(depth: int, kind: str, token: str) -> MarkupLine:
    kind = "tag" if kind in {"open", "close", "element"} else kind
    shown = token[:SHOWN_CHARACTERS]
    return MarkupLine(min(depth, DEPTH), kind, shown, len(token) - len(shown))


def _tokens(text: str, *, html: bool) -> Iterator[tuple[str, str]]:
    """The tokens of *text* without the white space between them."""
    position = 0
    while match := _TOKEN.match(text, position):
        kind, token = match.lastgroup or "text", match[0]
        position = match.end()
        if kind == "text":
            token = token.strip()
        elif kind == "open" and (token.endswith("/>") or (html and _name(token) in _VOID)):
            kind = "element"
        if token:
            yield kind, token
        if html and kind == "open" and (raw := _RAW_TEXT.get(_name(token))):
            end = raw.search(text, position)
            stop = len(text) if end is None else end.start()
            if content := text[position:stop].strip():
                yield "text", content
            position = stop


def _joined(tokens: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """*tokens* with ``<a>text</a>`` and ``<a></a>`` as one of kind ``element``."""
    held: list[tuple[str, str]] = []
    for kind, token in tokens:
        if kind == "close" and held and _name(held[0][1]) == _name(token):
            yield "element", "".join(text for _, text in (*held, (kind, token)))
            held = []
        elif kind == "text" and len(held) == 1 and len(token) < SHOWN_CHARACTERS and "\n" not in token:
            held.append((kind, token))
        else:
            yield from held
            held = [(kind, token)] if kind == "open" else []
            if kind != "open":
                yield kind, token
    yield from held


def _name(tag: str) -> str:
    match = _NAME.match(tag)
    return match[1].lower() if match else ""
