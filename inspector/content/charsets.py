"""Bytes as text: by byte-order mark, declared charset, the document's own declaration, else UTF-8.

A byte that the charset cannot decode stands in ``marked`` as the lone surrogate U+DC00 + byte (PEP 383), so
that a view can name it and nothing is replaced silently; ``text`` has U+FFFD there and is safe to encode.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from enum import StrEnum

from inspector.content.media_type import MediaType

_UNDECODABLE = re.compile("[\ud800-\udfff]")
_XML_DECLARATION = re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_HTML_DECLARATION = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE
)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Codecs that Python counts as text encodings but that no sender means, some of them slow on made-up input.
_NOT_CHARSETS = frozenset(
    {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
)
_SAMPLE_BYTES = 1024


class CharsetSource(StrEnum):
    """Where the charset is known from."""

    DECLARED = "declared"
    MARK = "byte-order mark"
    DOCUMENT = "document"
    FORM = "form field"
    GUESSED = "guessed"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded text without its byte-order mark. ``charset`` is the name the sender wrote, in lower case."""

    marked: str
    charset: str
    source: CharsetSource
    lossy: bool = False
    mark: bool = False
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text with U+FFFD for every byte that could not be decoded."""
        return safe_text(self.marked) if self.lossy else self.marked


def safe_text(marked: str) -> str:
    """*marked* without lone surrogates, so that it can be encoded."""
    return _UNDECODABLE.sub("\ufffd", marked)


def known_charset(name: str) -> str | None:
    """Python's name of the charset *name*, or None when it is unknown or no charset."""
    try:
        codec = codecs.lookup(name.strip())
        "".encode(codec.name)
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if codec.name.replace("-", "_") in _NOT_CHARSETS else codec.name


@dataclass(frozen=True, slots=True)
class Charset:
    """How bytes are to be read. ``codec`` is Python's name, ``mark_bytes`` the byte-order mark's length."""

    name: str
    codec: str
    source: CharsetSource
    mark_bytes: int = 0
    notes: tuple[str, ...] = ()


def read_text(data: bytes, media: MediaType, *, hint: str | None = None, whole: bool = True) -> Text:
    """*data* as text.

    *hint* is a charset named in the content itself, by a form's field for instance; it counts after the
    declared one. With ``whole=False`` a character cut off at the end is left out.
    """
    charset = find_charset(data, media, hint=hint)
    marked, lossy = decode_marked(data[charset.mark_bytes :], charset.codec, whole)
    return Text(marked, charset.name, charset.source, lossy, charset.mark_bytes > 0, charset.notes)


def find_charset(data: bytes, media: MediaType, *, hint: str | None = None) -> Charset:
    """The charset of *data*: of its byte-order mark, as declared, as the document says itself, else UTF-8."""
    notes: list[str] = []
    declared = media.parameter("charset")
    codec = None if declared is None else known_charset(declared)
    if declared is not None and codec is None:
        notes.append(f"The charset {declared!r} is not known: read as UTF-8.")
    for mark, name in _MARKS:
        if data.startswith(mark):
            if codec is not None and not _same_family(codec, name):
                notes.append(f"The content type says {declared}, the byte-order mark {name}: read as {name}.")
            notes.append("The body starts with a byte-order mark, which is part of the signed bytes.")
            return Charset(name, name, CharsetSource.MARK, len(mark), tuple(notes))
    name, source = _named_charset(data, media, declared if codec else None, hint)
    codec = known_charset(name) or "utf-8"
    if codec in {"utf-16", "utf-32"}:
        # Without a mark the byte order is big-endian (RFC 2781 4.3), unless the bytes show otherwise.
        codec = _utf16_by_zeros(data) or f"{codec}-be"
    return Charset(name.lower(), codec, source, notes=tuple(notes))


def decode_marked(data: bytes, codec: str, whole: bool = True) -> tuple[str, bool]:
    """*data* read with *codec* as marked text, and whether bytes had to be marked."""
    for errors in ("strict", "surrogateescape"):
        try:
            return codecs.getincrementaldecoder(codec)(errors).decode(data, whole), errors != "strict"
        except UnicodeError:
            continue
    # Wide charsets have faults that no single byte above 0x7F stands for.
    return data.decode(codec, "replace"), True


def _named_charset(
    data: bytes, media: MediaType, declared: str | None, hint: str | None
) -> tuple[str, CharsetSource]:
    """The charset of *data* that has no byte-order mark, and where it is known from."""
    if declared is not None:
        return declared, CharsetSource.DECLARED
    if hint is not None and known_charset(hint):
        return hint, CharsetSource.FORM
    pattern = _HTML_DECLARATION if media.full == "text/html" else _XML_DECLARATION
    match = pattern.search(data[:_SAMPLE_BYTES])
    if match and known_charset(name := match[1].decode("ascii")):
        return name, CharsetSource.DOCUMENT
    if guessed := _utf16_by_zeros(data):
        return guessed, CharsetSource.GUESSED
    return "utf-8", CharsetSource.DEFAULT


def _utf16_by_zeros(data: bytes) -> str | None:
    """The byte order of UTF-16 without a mark: of Latin text every other byte is zero (RFC 4627 3)."""
    sample = data[: _SAMPLE_BYTES & ~1]
    if len(sample) < 4 or len(sample) % 2:
        return None
    pairs = len(sample) // 2
    for codec, high, low in (
        ("utf-16-le", sample[1::2], sample[::2]),
        ("utf-16-be", sample[::2], sample[1::2]),
    ):
        if high.count(0) * 2 > pairs and not low.count(0) and not re.search(rb"[\x01-\x08\x0e-\x1f]", low):
            return codec
    return None


def _same_family(declared: str, marked: str) -> bool:
    return marked.startswith(declared) or (declared == "utf-8-sig" and marked == "utf-8")
