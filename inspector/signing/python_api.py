"""``verify`` and ``sign`` for programs: arguments in the shapes that frameworks hand out, and the clock.

Content never raises: whatever stands in body, headers or secret ends in a verdict. Arguments of a wrong
type raise ``TypeError``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from inspector.models import SdkVerdicts, Secret, Verification
from inspector.signing import blaxel_sdks, engine
from inspector.signing.arguments import (
    Headers,
    Pairs,
    Secrets,
    fits_latin1,
    message_of,
    pairs_of,
    scheme_of,
    secrets_of,
    text_of,
    tolerance_of,
    unix_seconds,
    wire_bytes,
)
from inspector.signing.scheme import Scheme


def verify(
    body: bytes,
    headers: Headers,
    secret: Secrets,
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
    pairs = pairs_of(headers)
    secrets = secrets_of(secret)
    arrival, tolerance = unix_seconds(now, "now"), tolerance_of(tolerance)
    message = message_of(body, pairs, method, url)
    verification = engine.check(message, scheme_of(scheme), secrets, now=arrival, tolerance=tolerance)
    if verification.sdk is None or all(fits_latin1(value) for _, value in pairs):
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
    message = message_of(body, [], method, url)
    return engine.sign_message(
        message,
        scheme_of(scheme),
        text_of(secret, "secret"),
        timestamp=unix_seconds(timestamp, "timestamp"),
        message_id=None if message_id is None else text_of(message_id, "message_id"),
    )


def _ask_sdks(
    body: bytes, pairs: Pairs, secrets: Sequence[Secret], *, now: float, tolerance: float | None
) -> SdkVerdicts:
    """What the SDKs answer to header text that no request can carry, where there are no bytes to read."""
    signature, timestamp = (
        ", ".join(
            value if isinstance(value, str) else value.decode("latin-1")
            for name, value in pairs
            if wire_bytes(name).lower() == header
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
