"""JSON text written otherwise: the forms that serialisers give one value, likeliest first.

Made token by token, so that what a layout or an escape changes is all that changes: ``1.50`` stays ``1.50``,
and a key that stands twice stands twice. Only sorting keys needs the parsed value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from inspector.signing.json_escapes import (
    ESCAPES,
    ascii_escaped,
    html_escaped,
    php_escaped,
    unescaped,
)

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_FIRST_BYTES = tuple(bytes([byte]) for byte in b'{["-0123456789tfn')
_BOM = b"\xef\xbb\xbf"
_WITH_EXPONENT = 1e21  # from here on JavaScript writes one
_DIGITS = "-0123456789"
_EXACT_DIGITS = 15  # more do not fit into a double
_MOST_BLANKS = 1 << 25
_COMPACT, _SPACED = (",", ":"), (", ", ": ")


class JsonForm(NamedTuple):
    """One way to write a value: a code, words behind "JSON", the text."""

    code: str
    words: str
    text: str


class JsonText(NamedTuple):
    """A body that is JSON: its text without byte order mark, and the value."""

    text: str
    value: object


def read_json(body: bytes) -> JsonText | None:
    """The *body* as JSON in UTF-8; None when it is none, or nested deeper than anybody signs."""
    if body.removeprefix(_BOM).lstrip(b" \t\r\n")[:1] not in _FIRST_BYTES:
        return None
    try:
        text = body.decode("utf-8-sig")
        return JsonText(text, json.loads(text))
    except (ValueError, RecursionError):
        return None


def json_forms(given: JsonText) -> Iterator[JsonForm]:
    """The forms of the text *given*. Some come out as it is already, or as one before."""
    plain = unescaped(given.text)
    tokens = _TOKEN.findall(plain)
    compact = "".join(tokens)
    yield JsonForm("compact", "in compact form", compact)
    yield JsonForm("compact_ascii", "in compact form, ASCII-escaped", ascii_escaped(compact))
    spaced = _spaced(tokens)
    yield JsonForm("spaced", "with a blank behind each comma and colon", spaced)
    yield JsonForm("spaced_ascii", "spaced and ASCII-escaped, as Python writes it", ascii_escaped(spaced))
    outline = _outline(tokens)
    two, four = _indented(outline, "  "), _indented(outline, "    ")
    yield JsonForm("indent2", "indented by two blanks", two)
    yield JsonForm("indent4", "indented by four blanks", four)
    yield JsonForm("indent_tab", "indented by tabs", _indented(outline, "\t"))
    parsed = json.dumps(given.value, separators=_COMPACT, ensure_ascii=False)
    if parsed != compact:
        yield JsonForm("compact_parsed", "parsed and written in compact form, as Python does", parsed)
    yield from _sorted_forms(given.value, parsed)
    for code, words, escape in ESCAPES:
        yield JsonForm(code, f"in compact form, {words}", escape(compact))
    yield JsonForm("indent2_ascii", "indented by two blanks, ASCII-escaped", ascii_escaped(two))
    yield JsonForm("indent4_ascii", "indented by four blanks, ASCII-escaped", ascii_escaped(four))
    yield JsonForm("indent4_slash_escaped", "indented and escaped as PHP does", php_escaped(four))
    yield JsonForm("indent2_html_escaped", "indented by two blanks, HTML-escaped", html_escaped(two))
    yield JsonForm("ascii_escaped", "laid out as it came, but ASCII-escaped", ascii_escaped(given.text))
    yield JsonForm("unescaped", "laid out as it came, without needless escapes", plain)
    numbered = "".join([_as_javascript(token) for token in tokens])
    yield JsonForm("compact_numbers", "in compact form, numbers as JavaScript writes them", numbered)


def _sorted_forms(value: object, parsed: str) -> Iterator[JsonForm]:
    text = json.dumps(value, separators=_COMPACT, ensure_ascii=False, sort_keys=True)
    if text == parsed:
        return
    yield JsonForm("sorted_compact", "with sorted keys, in compact form", text)
    yield JsonForm("sorted_compact_ascii", "with sorted keys, compact and ASCII-escaped", ascii_escaped(text))
    spaced = json.dumps(value, separators=_SPACED, ensure_ascii=False, sort_keys=True)
    yield JsonForm("sorted_spaced", "with sorted keys, spaced", spaced)
    yield JsonForm("sorted_spaced_ascii", "with sorted keys, spaced and ASCII-escaped", ascii_escaped(spaced))
    indented = _indented(_outline(_TOKEN.findall(text)), "  ")
    yield JsonForm("sorted_indent2", "with sorted keys, indented by two blanks", indented)


def _spaced(tokens: list[str]) -> str:
    blanks = dict(zip(_COMPACT, _SPACED, strict=True))
    return "".join([blanks.get(token, token) for token in tokens])


class _Outline(NamedTuple):
    """The tokens of an indented text, with a mark for each new line; the marks by depth."""

    pieces: list[str]
    marks: list[str]


def _outline(tokens: list[str]) -> _Outline:
    pieces: list[str] = []
    add = pieces.append
    marks = ["\n0"]  # no token holds a newline
    depth, opened = 0, False
    for piece in tokens:
        if piece == ",":
            add(piece)
            add(marks[depth])
            continue
        if piece == ":":
            add(": ")
            continue
        if piece in ("}", "]"):
            depth -= 1
            if not opened:
                add(marks[depth])
            opened = False
        else:
            if opened:
                add(marks[depth])
            opened = piece in ("{", "[")
            if opened:
                depth += 1
                if depth == len(marks):
                    marks.append(f"\n{depth}")
        add(piece)
    return _Outline(pieces, marks)


def _indented(outline: _Outline, unit: str) -> str:
    """The text of *outline*; empty where deep nesting would make it far longer than anybody signs."""
    pieces, marks = outline
    if len(pieces) * len(marks) * len(unit) > _MOST_BLANKS:
        return ""
    lines = {mark: f"\n{unit * depth}" for depth, mark in enumerate(marks)}
    return "".join([lines.get(piece, piece) for piece in pieces])


def loose_numbers(text: str) -> bool:
    """Whether the JSON *text* holds a number that serialisers spell differently."""
    return any(
        piece[0] in _DIGITS and (len(piece) > _EXACT_DIGITS or not piece.lstrip("-").isdigit())
        for piece in _TOKEN.findall(text)
    )


def _as_javascript(token: str) -> str:
    """The *token*, a number with a fraction or an exponent as JavaScript would write it."""
    if token[0] not in _DIGITS or not ("." in token or "e" in token or "E" in token):
        return token
    number = float(token)
    if number.is_integer() and abs(number) < _WITH_EXPONENT:
        return str(int(number))
    return repr(number).replace("e-0", "e-")
