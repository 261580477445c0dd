"""A delivery as a curl command that sends the same bytes again: method, target, headers with repeats, body.

Framing and hop-by-hop fields are curl's own, and so is Host. Headers that curl would add and the sender did
not send are switched off. Credentials are read from variables.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from inspector.content.masking import Hidden, MaskedRequest, Value, mask_request
from inspector.content.shell import quote, quote_value
from inspector.models import Request, header_values
from inspector.settings import MIB

# Linux takes no argument of 128 KiB or more, and nobody pastes lines as long as that.
ARGUMENT_BYTES = 32 * 1024
INLINE_BYTES = 1 * MIB
# Older versions of curl ask for `100 Continue` from this size on, newer ones from 1 MiB on.
EXPECT_BYTES = 1_000

OWN_HEADERS = frozenset(
    [
        b"host",
        b"content-length",
        b"transfer-encoding",
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"upgrade",
        b"expect",
    ]
)
PLAIN_TARGET = re.compile(rb"/[A-Za-z0-9/._~!$&'()*+,;=:@%?-]*")
_DOT_SEGMENT = re.compile(rb"/\.{1,2}(/|\?|$)")


@dataclass(frozen=True, slots=True)
class ShellSignature:
    """How the shell signs a body anew: HMAC-SHA256 in hex over it, by the secret in a variable."""

    header: str = "X-Blaxel-Signature"
    prefix: str = "sha256="
    timestamp_header: str | None = "X-Blaxel-Timestamp"
    variable: str = "CALLBACK_SECRET"


@dataclass(frozen=True, slots=True)
class CurlCommand:
    """A command to paste. ``notes`` say what has to be done before, or cannot be repeated."""

    text: str
    hidden: tuple[Hidden, ...] = ()
    notes: tuple[str, ...] = ()


def curl_command(
    request: Request,
    base_url: str,
    *,
    reveal: bool = False,
    sign: ShellSignature | None = None,
    body_file: str = "delivery.body",
) -> CurlCommand:
    """The command that sends *request* to the host of *base_url*.

    With *sign* the signature and timestamp are made when the command runs. A body that is too long for a
    command line is read from *body_file*.
    """
    masked = mask_request(request, reveal=reveal)
    body = request.body
    as_argument = b"\0" not in body and len(body) <= ARGUMENT_BYTES
    notes = _notes(request)
    before, data, after = "", "", ""
    if sign is not None and as_argument:
        before = _signing_lines(body, sign)
        data = '--data-raw "$BODY"'
    elif not body:
        data = "--data-raw ''" if header_values(request.headers, b"content-length") else ""
    elif as_argument:
        data = f"--data-raw {quote(body)}"
    elif len(body) <= INLINE_BYTES:
        before, data = "base64 -d <<'END' | ", "--data-binary @-"
        after = f"\n{base64.encodebytes(body).decode('ascii')}END"
    else:
        data = f"--data-binary {quote(b'@' + body_file.encode())}"
        notes.append(f"Download the body as {body_file} first.")
    if sign is not None and not as_argument:
        notes.append("The body is too long to be signed on the command line: the signature is the old one.")
        sign = None
    options = [
        *_request_options(request, masked, base_url),
        *_header_options(request, masked, sign),
        *([data] if data else []),
    ]
    return CurlCommand(before + "curl " + " \\\n  ".join(options) + after, masked.hidden, tuple(notes))


def _notes(request: Request) -> list[str]:
    notes = []
    if request.trailers:
        notes.append("Trailers are left out: curl cannot send them.")
    if request.method == "HEAD" and request.body:
        notes.append("curl waits for the body of a reply to HEAD: end it by hand.")
    return notes


def _signing_lines(body: bytes, sign: ShellSignature) -> str:
    """The lines that set BODY, TIMESTAMP and SIGNATURE, to stand before the command."""
    digest = f'openssl dgst -sha256 -hmac "${{{sign.variable}:?}}" -r | cut -d" " -f1'
    lines = [
        f"BODY={quote(body) if body else ''}",
        *(["TIMESTAMP=$(date +%s)"] if sign.timestamp_header else []),
        f'SIGNATURE={sign.prefix}$(printf %s "$BODY" | {digest})',
    ]
    return "\n".join(lines) + "\n"


def _request_options(request: Request, masked: MaskedRequest, base_url: str) -> list[str]:
    """The method and the URL; a target that curl would change is given apart."""
    parts = urlsplit(base_url)
    origin = f"{parts.scheme}://{parts.netloc}".encode()
    only_head = request.method == "HEAD" and not request.body
    options = ["-I" if only_head else f"-X {quote(request.method.encode('latin-1'))}"]
    if request.http_version == "1.0":
        options.append("--http1.0")
    elif parts.scheme == "https":
        options.append("--http1.1")
    literal = b"".join(piece for piece in masked.target if isinstance(piece, bytes))
    if PLAIN_TARGET.fullmatch(literal):
        if _DOT_SEGMENT.search(literal):
            options.append("--path-as-is")
        options.append(quote_value(masked.target, before=origin))
    else:
        options.append(f"--request-target {quote_value(masked.target)}")
        options.append(quote(origin + b"/"))
    return options


def _header_options(request: Request, masked: MaskedRequest, sign: ShellSignature | None) -> list[str]:
    replaced = (
        {name.lower().encode() for name in (sign.header, sign.timestamp_header) if name} if sign else set()
    )
    sent = {name.lower() for name, _ in masked.headers}
    options = [
        _header(name, value)
        for name, value in masked.headers
        if name.lower() not in OWN_HEADERS and name.lower() not in replaced
    ]
    if sign is not None:
        options.append(f'-H "{sign.header}: $SIGNATURE"')
        if sign.timestamp_header:
            options.append(f'-H "{sign.timestamp_header}: $TIMESTAMP"')
    own = [(b"User-Agent", True), (b"Accept", True), (b"Content-Type", bool(request.body))]
    options += [f"-H {quote(name + b':')}" for name, added in own if added and name.lower() not in sent]
    if len(request.body) > EXPECT_BYTES:
        options.append("-H Expect:")
    return options


def _header(name: bytes, value: Value) -> str:
    """One field; with a semicolon curl sends a name without a value."""
    if not any(value):
        return f"-H {quote(name + b';')}"
    return f"-H {quote_value(value, before=name + b': ')}"
