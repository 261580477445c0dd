"""``verify`` and ``sign`` for programs: arguments in the shapes that frameworks hand out, and the clock.

Content never raises: whatever stands in body, headers or secret ends in a verdict. Arguments of a wrong
type raise ``TypeError``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from inspector.models import Message, SdkVerdicts, Secret, Verification
from inspector.signing import blaxel_sdks, engine
from inspector.signing.lookup import find_scheme
from inspector.signing.scheme import Scheme

Text = str | bytes
Headers = Mapping[str, Text] | Mapping[bytes, Text] | Iterable[tuple[Text, Text]]
Pairs = list[tuple[Text, Text]]


def verify(
    body: bytes,
    headers: Headers,
    secret: str | Sequence[str] | Mapping[str, str],
    *,
    scheme: str | Scheme = "auto",
    method: str = "POST",
    url: str | None = None,
    now: float | datetime | None = None,
    tolerance: float | None = None,
) -> Verification:
    """The verdict on a signed request: true only when it is ``valid``, with a ``reason`` in words.

    *body* is the raw body, before any parsing. *headers* are a mapping or a list of pairs, in any letter
    case. *secret* is one string, a sequence of them (then called ``key-1``, ``key-2``, …), or a mapping of
    names to them. *scheme* is a name of the catalogue or a ``Scheme``. *url* is the full URL as the sender
    knows it, for schemes that sign it. *now* is the time of arrival, as Unix seconds or an aware datetime,
    by default this moment. *tolerance*, in seconds, replaces the scheme's own.

    Raises ``TypeError`` for an argument of a wrong type, ``ValueError`` for a number that is not finite
    (*tolerance* may be infinite), and ``InvalidInput`` for a scheme that does not exist.
    """
    pairs = _pairs(headers)
    secrets = _secrets(secret)
    arrival = _unix_seconds(now, "now")
    if tolerance is not None and math.isnan(_number(tolerance, "tolerance")):
        raise ValueError("tolerance must be a number")
    message = Message(
        body=_body(body),
        headers=tuple((_bytes(name), _bytes(value)) for name, value in pairs),
        method=_text(method, "method"),
        url=None if url is None else _text(url, "url"),
    )
    verification = engine.check(message, _scheme(scheme), secrets, now=arrival, tolerance=tolerance)
    if verification.sdk is None or all(_fits_latin1(value) for _, value in pairs):
        return verification
    sdk = _ask_sdks(message.body, pairs, secrets, now=arrival, tolerance=tolerance)
    return replace(verification, sdk=sdk)


def sign(
    body: bytes,
    secret: str,
    *,
    scheme: str | Scheme = "blaxel",
    timestamp: float | datetime | None = None,
    message_id: str | None = None,
    method: str = "POST",
    url: str | None = None,
) -> list[tuple[str, str]]:
    """The headers, as (name, value), that a sender of *scheme* adds to *body*.

    *timestamp* is Unix seconds or an aware datetime, by default this moment; *message_id* is made up where
    the scheme signs one and none is given. Raises ``TypeError`` for an argument of a wrong type and
    ``InvalidInput`` for one that the scheme cannot sign with.
    """
    message = Message(
        body=_body(body),
        headers=(),
        method=_text(method, "method"),
        url=None if url is None else _text(url, "url"),
    )
    return engine.sign_message(
        message,
        _scheme(scheme),
        _text(secret, "secret"),
        timestamp=_unix_seconds(timestamp, "timestamp"),
        message_id=None if message_id is None else _text(message_id, "message_id"),
    )


def _body(body: object) -> bytes:
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    raise TypeError(f"body must be bytes, as they came, not {type(body).__name__}: a signature covers bytes")


def _text(value: object, name: str) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{name} must be a string, not {type(value).__name__}")


def _scheme(scheme: object) -> Scheme:
    if isinstance(scheme, Scheme):
        return scheme
    return find_scheme(_text(scheme, "scheme"))


def _secrets(secret: object) -> list[Secret]:
    if isinstance(secret, str):
        secret = [secret]
    if isinstance(secret, Mapping):
        named = list(secret.items())
    elif isinstance(secret, Sequence) and not isinstance(secret, bytes | bytearray | memoryview):
        named = [(f"key-{number}", value) for number, value in enumerate(secret, 1)]
    else:
        raise TypeError(f"secret must be a string, a sequence or a mapping, not {type(secret).__name__}")
    return [Secret(_text(name, "the name of a secret"), _text(value, "a secret")) for name, value in named]


def _pairs(headers: object) -> Pairs:
    if isinstance(headers, Mapping):
        headers = headers.items()
    if isinstance(headers, str | bytes) or not isinstance(headers, Iterable):
        raise TypeError(f"headers must be a mapping or a list of pairs, not {type(headers).__name__}")
    pairs = []
    for pair in headers:
        if not (isinstance(pair, tuple | list) and len(pair) == 2):
            raise TypeError("headers must be a mapping or a list of pairs (name, value)")
        name, value = pair
        if not (isinstance(name, str | bytes) and isinstance(value, str | bytes)):
            raise TypeError("a header's name and value must be a string or bytes")
        pairs.append((name, value))
    return pairs


def _bytes(text: Text) -> bytes:
    """Header text as it stands on the wire: one byte a character, as frameworks decode it, else UTF-8."""
    if isinstance(text, bytes):
        return text
    return text.encode("latin-1") if _fits_latin1(text) else text.encode("utf-8", "surrogatepass")


def _fits_latin1(text: Text) -> bool:
    return isinstance(text, bytes) or text.isascii() or max(text) <= "\xff"


def _unix_seconds(moment: object, name: str) -> float:
    if moment is None:
        return time.time()
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise TypeError(f"{name} must be Unix seconds or an aware datetime, not a naive one")
        return moment.timestamp()
    number = _number(moment, name)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite")
    return number


def _number(value: object, name: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise TypeError(f"{name} must be a number, not {type(value).__name__}")


def _ask_sdks(
    body: bytes, pairs: Pairs, secrets: Sequence[Secret], *, now: float, tolerance: float | None
) -> SdkVerdicts:
    """What the SDKs answer to header text that no request can carry, where there are no bytes to read."""
    signature, timestamp = (
        ", ".join(
            value if isinstance(value, str) else value.decode("latin-1")
            for name, value in pairs
            if _bytes(name).lower() == header
        )
        for header in (b"x-blaxel-signature", b"x-blaxel-timestamp")
    )
    return blaxel_sdks.opinion(
        body,
        signature,
        timestamp,
        (secret.value for secret in secrets),
        now=now,
        max_age=blaxel_sdks.MAX_AGE_SECONDS if tolerance is None else tolerance,
    )
