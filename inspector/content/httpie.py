"""A delivery as an HTTPie command. HTTPie writes unusual targets its own way; curl is exact."""

from __future__ import annotations

import base64
import re
from urllib.parse import urlsplit

from inspector.content.curl import ARGUMENT_BYTES, INLINE_BYTES, OWN_HEADERS, PLAIN_TARGET
from inspector.content.masking import MaskedRequest, Value
from inspector.content.shell import quote, quote_value
from inspector.models import Request

_OWN = (b"Accept", b"Accept-Encoding", b"Connection", b"User-Agent")
_SPECIAL_START = re.compile(rb"^(?=[=@:])")


def httpie_command(request: Request, masked: MaskedRequest, base_url: str, body_file: str) -> str:
    """The command that sends *request* to the host of *base_url*; a long body is read from *body_file*."""
    body = request.body
    before, after = "", ""
    if not body:
        before = "http --ignore-stdin "
    elif b"\0" not in body and len(body) <= ARGUMENT_BYTES:
        before = f"printf %s {quote(body)} | http "
    elif len(body) <= INLINE_BYTES:
        before = "base64 -d <<'END' | http "
        after = f"\n{base64.encodebytes(body).decode('ascii')}END"
    else:
        before = "http "
        after = f" < {quote(body_file.encode())}"
    parts = urlsplit(base_url)
    origin = f"{parts.scheme}://{parts.netloc}".encode()
    own = (*_OWN, b"Content-Type") if body else _OWN
    sent = {name.lower() for name, _ in masked.headers}
    words = [
        f"--path-as-is {quote(request.method.encode('latin-1'))}",
        quote_value(masked.target, before=origin),
        *(_header(name, value) for name, value in masked.headers if name.lower() not in OWN_HEADERS),
        *(quote(name + b":") for name in own if name.lower() not in sent),
    ]
    return before + " \\\n  ".join(words) + after


def httpie_notes(request: Request) -> tuple[str, ...]:
    """What HTTPie cannot do as it was."""
    notes = []
    if not PLAIN_TARGET.fullmatch(request.target):
        notes.append("HTTPie writes this target in its own way; curl sends it as it was.")
    if any(not _is_utf8(value) for _, value in request.headers):
        notes.append("HTTPie cannot send a header that is not UTF-8; curl can.")
    return tuple(notes)


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _header(name: bytes, value: Value) -> str:
    """One field. After ``name:`` a ``=``, ``@`` or ``:`` would mean something else, and is escaped."""
    if not any(value):
        return quote(name + b";")
    first = value[0]
    if isinstance(first, bytes):
        value = (_SPECIAL_START.sub(rb"\\", first), *value[1:])
    return quote_value(value, before=name + b":")
