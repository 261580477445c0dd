"""The arguments of the Python API, in the shapes that programs and frameworks hand out.

Everything here raises ``TypeError`` for a wrong type, and ``ValueError`` for a number that is not finite.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from inspector.models import Message, Secret
from inspector.signing.lookup import find_scheme
from inspector.signing.scheme import Scheme

Text = str | bytes
Headers = Mapping[str, Text] | Mapping[bytes, Text] | Iterable[tuple[Text, Text]]
Pairs = list[tuple[Text, Text]]
Secrets = str | Sequence[str] | Mapping[str, str]


def message_of(body: object, pairs: Pairs, method: object, url: object) -> Message:
    """The message that a call is about."""
    return Message(
        body=body_of(body),
        headers=tuple([(wire_bytes(name), wire_bytes(value)) for name, value in pairs]),
        method=text_of(method, "method"),
        url=None if url is None else text_of(url, "url"),
    )


def tolerance_of(tolerance: object) -> float | None:
    """A tolerance in seconds, which may be infinite; None is the scheme's own."""
    if tolerance is None:
        return None
    seconds = number_of(tolerance, "tolerance")
    if math.isnan(seconds):
        raise ValueError("tolerance must be a number")
    return seconds


def body_of(body: object) -> bytes:
    """The body of a call as bytes."""
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise TypeError(f"body must be bytes, as they came, not {type(body).__name__}: a signature covers bytes")


def text_of(value: object, name: str) -> str:
    """The text *value*, called *name* where it is none."""
    if isinstance(value, str):
        return value
    raise TypeError(f"{name} must be a string, not {type(value).__name__}")


def scheme_of(scheme: object) -> Scheme:
    """The row that *scheme* is or names."""
    if isinstance(scheme, Scheme):
        return scheme
    return find_scheme(text_of(scheme, "scheme"))


def secrets_of(secret: object) -> list[Secret]:
    """The secrets of a call, with their names."""
    if isinstance(secret, str):
        return [Secret("key-1", secret)]
    if isinstance(secret, Mapping):
        named = list(secret.items())
    elif isinstance(secret, Sequence) and not isinstance(secret, bytes | bytearray | memoryview):
        named = [(f"key-{number}", value) for number, value in enumerate(secret, 1)]
    else:
        raise TypeError(f"secret must be a string, a sequence or a mapping, not {type(secret).__name__}")
    return [
        Secret(text_of(name, "the name of a secret"), text_of(value, "a secret")) for name, value in named
    ]


def pairs_of(headers: object) -> Pairs:
    """The headers of a call, as pairs of text or bytes."""
    if isinstance(headers, dict | Mapping):
        headers = headers.items()
    if isinstance(headers, str | bytes) or not isinstance(headers, Iterable):
        raise TypeError(f"headers must be a mapping or a list of pairs, not {type(headers).__name__}")
    pairs = []
    for pair in headers:
        if not (isinstance(pair, (tuple, list)) and len(pair) == 2):
            raise TypeError("headers must be a mapping or a list of pairs (name, value)")
        name, value = pair
        if not (isinstance(name, (str, bytes)) and isinstance(value, (str, bytes))):
            raise TypeError("a header's name and value must be a string or bytes")
        pairs.append((name, value))
    return pairs


def wire_bytes(text: Text) -> bytes:
    """Header text as it stands on the wire: one byte a character, as frameworks decode it, else UTF-8."""
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def fits_latin1(text: Text) -> bool:
    """Whether each character of *text* is one byte on the wire."""
    return isinstance(text, bytes) or text.isascii() or max(text) <= "\xff"


def unix_seconds(moment: object, name: str) -> float:
    """The *moment* in Unix seconds; None is now. *name* is what messages call it."""
    if moment is None:
        return time.time()
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise TypeError(f"{name} must be Unix seconds or an aware datetime, not a naive one")
        return moment.timestamp()
    number = number_of(moment, name)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite")
    return number


def number_of(value: object, name: str) -> float:
    """The number *value*, called *name* where it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise TypeError(f"{name} must be a number, not {type(value).__name__}")
