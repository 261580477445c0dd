"""Form fields and query parameters in order: repeats, blanks and broken escapes stand as they came.

The rules are those of application/x-www-form-urlencoded in the WHATWG URL standard: pairs end at ``&``
only, ``+`` is a space, a ``%`` that is no escape stands for itself, empty pairs are none.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from inspector.content.charsets import CharsetSource, decode_marked, known_charset, read_text
from inspector.content.json_text import JsonDocument, parse_json
from inspector.content.json_tree import JsonWindow, json_window
from inspector.content.media_type import MediaType

PAIRS = 1_000
SHOWN_CHARACTERS = 2_000
OPENED_CHARACTERS = 64 * 1024
OPENED_VALUES = 200

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9a-fA-F]{2})")
_LOOKS_LIKE_JSON = re.compile(r"\s*[\[{]").match
_CHARSET_FIELDS = (b"_charset_", b"charset")
_WIDE = ("utf-16", "utf-32")


@dataclass(frozen=True, slots=True)
class Pair:
    """One field, marked as in ``charsets``. ``bare`` is a name without ``=``, ``broken`` a bad escape."""

    name: str
    value: str
    bare: bool = False
    broken: bool = False
    repeated: bool = False
    opened: JsonWindow | None = None

    @property
    def shown_name(self) -> str:
        return self.name[:SHOWN_CHARACTERS]

    @property
    def shown_value(self) -> str:
        return self.value[:SHOWN_CHARACTERS]

    @property
    def cut(self) -> int:
        """How many characters of name and value are left out of the shown ones."""
        return max(0, len(self.name) - SHOWN_CHARACTERS) + max(0, len(self.value) - SHOWN_CHARACTERS)


@dataclass(frozen=True, slots=True)
class PairTable:
    """Fields in the order sent, at most 1,000 of ``total``, and the charset they were read with."""

    pairs: tuple[Pair, ...]
    total: int
    charset: str = "utf-8"
    source: CharsetSource = CharsetSource.DEFAULT
    lossy: bool = False

    @property
    def left_out(self) -> int:
        return self.total - len(self.pairs)


def read_form(body: bytes, media: MediaType) -> PairTable:
    """The fields of an URL-encoded *body*.

    The charset is the declared one, else what a field ``_charset_`` (HTML) or ``charset`` (PayPal) names.
    """
    whole = read_text(body, media)
    if whole.mark or whole.charset.startswith(_WIDE):
        body = whole.text.encode("utf-8")
        media = MediaType()
    return _table(body, media)


def read_query(target: bytes) -> PairTable:
    """The parameters in the query of a request *target*, percent-escapes read as UTF-8."""
    return _table(target.partition(b"?")[2], MediaType())


def opened_text(text: str) -> JsonWindow | None:
    """The JSON object or array that *text* is, when it is one and not too long to show beside its field."""
    document = json_container(text) if len(text) <= OPENED_CHARACTERS else None
    return None if document is None else json_window(document, values=OPENED_VALUES)


def json_container(text: str) -> JsonDocument | None:
    """The index of *text* when that is one whole JSON object or array."""
    if not _LOOKS_LIKE_JSON(text):
        return None
    document = parse_json(text)
    return document if document.readable else None


def _table(data: bytes, media: MediaType) -> PairTable:
    segments = [segment for segment in data.split(b"&") if segment]
    split = [segment.partition(b"=") for segment in segments[:PAIRS]]
    charset, source = _charset(split, media)
    names = [_text(name, charset) for name, _, _ in split]
    values = [_text(value, charset) for _, _, value in split]
    occurrences = Counter(name for name, _ in names)
    pairs = tuple(
        Pair(
            name,
            value,
            bare=not equals,
            broken=bool(_BROKEN_ESCAPE.search(raw_name) or _BROKEN_ESCAPE.search(raw_value)),
            repeated=occurrences[name] > 1,
            opened=opened_text(value),
        )
        for (raw_name, equals, raw_value), (name, _), (value, _) in zip(split, names, values, strict=True)
    )
    lossy = any(marked for _, marked in (*names, *values))
    return PairTable(pairs, len(segments), charset.lower(), source, lossy)


def _charset(split: list[tuple[bytes, bytes, bytes]], media: MediaType) -> tuple[str, CharsetSource]:
    """The charset of percent-escapes: declared, else named in a field, else UTF-8."""
    declared = media.parameter("charset")
    if declared is not None and known_charset(declared):
        return declared, CharsetSource.DECLARED
    named = next((value.decode("latin-1") for name, _, value in split if name in _CHARSET_FIELDS), None)
    if named is not None and known_charset(named):
        return named, CharsetSource.FORM
    return "utf-8", CharsetSource.DEFAULT


def _text(raw: bytes, charset: str) -> tuple[str, bool]:
    """*raw* with its escapes undone, as marked text, and whether a byte had to be marked."""
    return decode_marked(unquote_to_bytes(raw.replace(b"+", b" ")), charset)
