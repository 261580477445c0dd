"""A header value with parameters, such as Content-Type, read leniently and without ever raising.

Grammar: RFC 9110 5.6.6 and 8.3.1; RFC 8187 for ``name*=`` parameters. What senders get wrong (spaces around
``=``, missing quotes, stray semicolons) is read as browsers read it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from inspector.models import HeaderPairs, header_values

_PARAMETER = re.compile(
    r"""
    ;[\s;]* (?P<name>[^\s=;"]+) \s*=\s*
    (?: "(?P<quoted>(?:[^"\\]|\\.)*)(?:"|$) | (?P<bare>[^;]*) )
    """,
    re.VERBOSE | re.DOTALL,
)
# Browsers do not escape backslashes in file names, so a backslash before anything else stands for itself.
_QUOTED_PAIR = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type: ``full`` is ``type/subtype`` in lower case; parameter names are lower case too."""

    full: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def type(self) -> str:
        return self.full.partition("/")[0]

    @property
    def is_json(self) -> bool:
        """``application/json``, ``text/json`` and every ``+json`` (RFC 6839)."""
        return self.full in {"application/json", "text/json"} or self.full.endswith("+json")

    @property
    def is_xml(self) -> bool:
        return self.full in {"application/xml", "text/xml"} or self.full.endswith("+xml")

    def parameter(self, name: str) -> str | None:
        """The first parameter called *name* (lower case)."""
        return next((value for key, value in self.parameters if key == name), None)


def parse_parameters(value: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The part of a header *value* before the first semicolon, and its parameters in order.

    ``name*=utf-8''%e2%82%ac`` (RFC 8187) is decoded and given as ``name``, before a plain ``name``.
    """
    head, semicolon, rest = value.partition(";")
    plain: list[tuple[str, str]] = []
    extended: list[tuple[str, str]] = []
    for match in _PARAMETER.finditer(semicolon + rest):
        name = match["name"].lower()
        if match["quoted"] is not None:
            plain.append((name, _QUOTED_PAIR.sub(r"\1", match["quoted"])))
        elif name.endswith("*") and (decoded := _extended_value(match["bare"].strip())) is not None:
            extended.append((name[:-1], decoded))
        else:
            plain.append((name, match["bare"].strip()))
    return head.strip(), (*extended, *plain)


def parse_media_type(value: str | None) -> MediaType:
    """The media type in a Content-Type *value*; an empty one when there is none."""
    if value is None:
        return MediaType()
    head, parameters = parse_parameters(value)
    return MediaType(head.lower(), parameters)


def media_type_of(headers: HeaderPairs) -> MediaType:
    """The media type that *headers* declare: the first Content-Type counts."""
    values = header_values(headers, b"content-type")
    return parse_media_type(values[0].decode("latin-1") if values else None)


def _extended_value(value: str) -> str | None:
    charset, quote, rest = value.partition("'")
    if not quote or "'" not in rest:
        return None
    encoded = rest.partition("'")[2]
    if charset.lower() not in {"utf-8", "iso-8859-1"}:
        return None
    return unquote_to_bytes(encoded).decode(charset, "replace")
