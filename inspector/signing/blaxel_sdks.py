"""What Blaxel's two official SDKs would answer to a callback: their rules, rewritten, with their oddities.

Read from the code of PyPI ``blaxel`` 0.4.24 and npm ``@blaxel/core`` 0.3.21 (``common/webhook``), and held
to 97 answers that were recorded from them. TypeScript gets the body as a string, as the vendor's Express
example hands it over.

A callback can pass one and fail the other: the Python SDK compares text, the TypeScript SDK decodes hex as
Node does.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from math import floor, inf

from inspector.models import SdkVerdicts

MAX_AGE_SECONDS = 300
"""How old a callback may be for both, unless the caller says otherwise."""

_PREFIX = "sha256="
_HEX_PAIRS = re.compile(rb"(?:[0-9A-Fa-f]{2})*")
_DIGEST_DIGITS = 64

# What JavaScript calls white space: U+FEFF is among it, U+0085 and U+001C to U+001F are not.
_PARSE_INT = re.compile(
    "[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*([+-]?)([0-9]+)"
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


BOTH_ACCEPT = SdkVerdicts(python=True, typescript=True)
"""The answer to what is valid here, where body and secret are ASCII: both SDKs ask for less than we do."""


def opinion(
    body: bytes,
    signature: str,
    timestamp: str,
    secrets: Iterable[str],
    *,
    now: float,
    max_age: float = MAX_AGE_SECONDS,
) -> SdkVerdicts:
    """Whether each SDK, holding one of *secrets*, would accept *body* at *now* (Unix seconds).

    *signature* and *timestamp* are the texts of the two headers, empty where none came: both SDKs refuse a
    callback without a signature, and skip the check of the age without a timestamp. Repeated headers reach
    them joined by commas: what the TypeScript SDK makes of that depends on the first, and the Python SDK
    refuses it.
    """
    python = typescript = False
    hex_claimed = _python_reads(signature, timestamp, now, max_age)
    bytes_claimed = _typescript_reads(signature, timestamp, now, max_age)
    text = _as_javascript_string(body)
    for secret in secrets:
        if not body or not secret:
            continue
        key = _LONE_SURROGATE.sub("\ufffd", secret).encode("utf-8")
        digest = hmac.digest(key, body, "sha256")
        if hex_claimed is not None and not _LONE_SURROGATE.search(secret):
            python = python or hmac.compare_digest(hex_claimed, digest.hex())
        if bytes_claimed is not None:
            of_text = digest if text == body else hmac.digest(key, text, "sha256")
            typescript = typescript or hmac.compare_digest(bytes_claimed, of_text)
    return SdkVerdicts(python, typescript)


def _python_reads(signature: str, timestamp: str, now: float, max_age: float) -> str | None:
    """The hex digest that the Python SDK compares, None where it refuses before it comes to that.

    It drops every ``sha256=``, wherever it stands, and takes whatever ``int`` does for a timestamp.
    """
    if timestamp:
        try:
            age = abs(floor(now) - int(timestamp))
        except ValueError:
            return None
        if age > max_age:
            return None
    claimed = signature.replace(_PREFIX, "")
    return claimed if claimed.isascii() else None


def _typescript_reads(signature: str, timestamp: str, now: float, max_age: float) -> bytes | None:
    """The digest that the TypeScript SDK compares, None where it refuses before it comes to that.

    It drops one ``sha256=``, decodes the rest as far as it is hex, and takes the digits that a timestamp
    begins with for all of it.
    """
    if timestamp:
        number = _PARSE_INT.match(timestamp)
        if number is None:
            return None
        digits = number[2].lstrip("0") or "0"
        # A JavaScript number ends where 309 digits begin; what it rounds before is out of any tolerance.
        value = int(digits) if len(digits) < 309 else inf
        if abs(floor(now) - (-value if number[1] == "-" else value)) > max_age:
            return None
    pairs = _HEX_PAIRS.match(_low_bytes(signature.replace(_PREFIX, "", 1)))
    if pairs is None or len(pairs[0]) != _DIGEST_DIGITS:
        return None
    return bytes.fromhex(pairs[0].decode("ascii"))


def _low_bytes(text: str) -> bytes:
    """What Node's hex decoder looks at: the low byte of each UTF-16 unit."""
    return text.encode("ascii") if text.isascii() else text.encode("utf-16-le", "surrogatepass")[::2]


def _as_javascript_string(body: bytes) -> bytes:
    """The UTF-8 of the body once it has been a string in JavaScript: invalid bytes have become U+FFFD."""
    return body if body.isascii() else body.decode("utf-8", "replace").encode("utf-8")
