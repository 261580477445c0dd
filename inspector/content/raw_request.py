"""A raw HTTP/1.1 request read from text: what a log, a proxy or ``export/http`` writes.

Read as leniently as it can be done without guessing at the body: lines end in CRLF or LF, and every byte
behind the blank line is the body, unless the head frames it otherwise.
"""

from __future__ import annotations

import re

from inspector.content.written_request import WrittenRequest, url_of, written
from inspector.errors import InvalidInput
from inspector.models import HeaderPairs, header_values

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) +(\S+)(?: +HTTP/([0-9](?:\.[0-9])?))?[ \t]*")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LINE_ENDS = (b"\n", b"\r\n")


def read_raw_request(data: bytes) -> WrittenRequest:
    """The request that *data* holds. Raises InvalidInput on ``file``."""
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    end = _HEAD_END.search(data)
    head, rest = (data.rstrip(b"\r\n"), b"") if end is None else (data[: end.start()], data[end.end() :])
    first, *lines = re.split(rb"\r?\n", head)
    found = _REQUEST_LINE.fullmatch(first)
    if found is None:
        shown = first[:60].decode("ascii", "backslashreplace")
        raise InvalidInput.of("file", f"line 1 is no request line as in POST /path HTTP/1.1: {shown!r}")
    method, target, version = found.groups()
    headers = _headers(lines)
    body, reason, notes = _body(rest, headers)
    request = written(
        method.decode("ascii"),
        target,
        headers,
        body,
        version=(version or b"1.1").decode("ascii"),
        incomplete_reason=reason,
    )
    return WrittenRequest(request, url_of(target, headers), tuple(notes))


def _headers(lines: list[bytes]) -> HeaderPairs:
    """The fields of *lines*, folded ones joined."""
    fields: list[tuple[bytes, bytes]] = []
    for number, line in enumerate(lines, 2):
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, (value + b" " + line.strip(b" \t")).strip(b" "))
            continue
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            raise InvalidInput.of("file", f"line {number} is no header as in Name: value")
        fields.append((name.strip(b" \t"), value.strip(b" \t")))
    return tuple(fields)


def _body(rest: bytes, headers: HeaderPairs) -> tuple[bytes, str | None, list[str]]:
    """The body in *rest*, why it is not whole (None: it is), and what is to be said of it."""
    codings = b",".join(header_values(headers, b"transfer-encoding")).lower()
    if codings.rpartition(b",")[2].strip() == b"chunked":
        body = _unchunked(rest)
        if body is not None:
            return body, None, ["The chunked body was put together."]
        return rest, None, ["The head says chunked, the body is not: it was taken as it stands."]
    lengths = header_values(headers, b"content-length")
    if not lengths or not lengths[0].isdigit() or len(lengths[0]) > 18:
        return rest, None, []
    declared = int(lengths[0])
    if len(rest) < declared:
        reason = f"Content-Length declares {declared:,} bytes, and {len(rest):,} are there."
        return rest, reason, []
    if rest[declared:] in _LINE_ENDS:
        # What editors put at the end of a file is no part of the request.
        return (
            rest[:declared],
            None,
            ["The line end behind the declared length was left out: editors add one to files."],
        )
    if len(rest) > declared:
        more = len(rest) - declared
        return rest[:declared], None, [f"The {more:,} bytes behind the declared length were left out."]
    return rest, None, []


def _unchunked(data: bytes) -> bytes | None:
    """The content of a chunked body; None when *data* is none."""
    content = bytearray()
    at = 0
    while size := _CHUNK_SIZE.match(data, at):
        length, start = int(size[1], 16), size.end()
        if length == 0:
            return bytes(content)
        content += data[start : start + length]
        at = start + length
        if len(data) < at:
            return None
        at += 2 if data.startswith(b"\r\n", at) else 1 if data.startswith(b"\n", at) else 0
    return None
