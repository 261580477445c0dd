"""Signed tokens (JWT, RFC 7519): QStash's and Plaid's, which state the hash of the body."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from secrets import token_hex
from typing import NamedTuple

from inspector.models import Message
from inspector.signing.digests import Claim, from_base64, written
from inspector.signing.json_fields import as_bytes, text_of, value_of
from inspector.signing.proving import Item
from inspector.signing.reading import Cause, Reading
from inspector.signing.scheme import Encoding, HeaderIndex
from inspector.signing.timestamps import Stamp

_QSTASH_LIFETIME_SECONDS = 300


class _Token(NamedTuple):
    """A token taken apart. ``signed`` are the bytes that its signature covers."""

    header: Mapping[str, object]
    claims: Mapping[str, object]
    signed: bytes
    signature: bytes


def qstash(message: Message, _headers: HeaderIndex, values: tuple[bytes, ...]) -> Reading:
    """QStash's token: HS256, for one URL and one body, from ``nbf`` to ``exp``."""
    noun = "Upstash-Signature header"
    token = _take_apart(values)
    trouble = _trouble(token, "HS256", noun)
    if token is None or trouble is not None:
        return Reading(values, noun, trouble=trouble)
    refuted: Cause | None = None
    if token.claims.get("iss") != "Upstash":
        refuted = "token_issuer", "The token is signed, but its issuer is not Upstash."
    elif token.claims.get("sub") != message.url:
        refuted = "unknown", "The token is signed for another URL than the one it came to."
    elif text_of(token.claims.get("body")).rstrip("=") != _sha256(message.body):
        refuted = "unknown", "The token is signed for another body than the one that came with it."
    start, end = _count(token, "nbf"), _count(token, "exp")
    return Reading(
        values=values,
        noun=noun,
        items=(Item([Claim(token.signature)], [token.signed]),),
        stamp=Stamp(
            "nbf" if end is not None else "exp",
            "nbf in the token" if end is not None else "exp in the token",
            b"" if end is None else _text(token, "nbf"),
            lifetime_seconds=None if start is None or end is None else max(0, end - start),
        ),
        refuted=refuted,
    )


def plaid(message: Message, _headers: HeaderIndex, values: tuple[bytes, ...]) -> Reading:
    """Plaid's token: ES256, for one body, dated by ``iat``."""
    noun = "Plaid-Verification header"
    token = _take_apart(values)
    trouble = _trouble(token, "ES256", noun)
    if token is None or trouble is not None:
        return Reading(values, noun, trouble=trouble)
    refuted: Cause | None = None
    if token.claims.get("request_body_sha256") != hashlib.sha256(message.body).hexdigest():
        refuted = "unknown", "The token is signed for another body than the one that came with it."
    return Reading(
        values=values,
        noun=noun,
        items=(Item([Claim(token.signature)], [token.signed]),),
        stamp=Stamp("iat", "iat in the token", _text(token, "iat")),
        refuted=refuted,
    )


def _qstash_token(message: Message, now_seconds: int) -> bytes:
    claims = {
        "iss": "Upstash",
        "sub": message.url,
        "exp": now_seconds + _QSTASH_LIFETIME_SECONDS,
        "nbf": now_seconds,
        "iat": now_seconds,
        "jti": f"jwt_{token_hex(12)}",
        "body": f"{_sha256(message.body)}=",
    }
    return _unsigned({"alg": "HS256", "typ": "JWT"}, claims)


def _plaid_token(message: Message, now_seconds: int) -> bytes:
    claims = {"iat": now_seconds, "request_body_sha256": hashlib.sha256(message.body).hexdigest()}
    return _unsigned({"alg": "ES256", "kid": "test", "typ": "JWT"}, claims)


UNSIGNED_TOKENS = {"qstash": _qstash_token, "plaid": _plaid_token}
"""Header and claims of the token for a message dated in Unix seconds: what the sender signs."""


def _unsigned(header: Mapping[str, object], claims: Mapping[str, object]) -> bytes:
    return b".".join(
        written(json.dumps(part, separators=(",", ":")).encode(), Encoding.BASE64URL)
        for part in (header, claims)
    )


def _take_apart(values: tuple[bytes, ...]) -> _Token | None:
    """The one token among *values*; None where there are several, or it is none."""
    if len(values) != 1 or values[0].count(b".") != 2:
        return None
    head, body, signature = values[0].split(b".")
    header, claims = (value_of(from_base64(part) or b"") for part in (head, body))
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return None
    return _Token(header, claims, head + b"." + body, signature)


def _trouble(token: _Token | None, algorithm: str, noun: str) -> Cause | None:
    if token is None:
        return "signature_format", f"The {noun} holds no signed token."
    if token.header.get("alg") != algorithm:
        return (
            "signature_format",
            f"The token in the {noun} is not signed by {algorithm}, as its sender's always is.",
        )
    return None


def _sha256(body: bytes) -> str:
    return written(hashlib.sha256(body).digest(), Encoding.BASE64URL).decode("ascii")


def _count(token: _Token, name: str) -> int | None:
    value = token.claims.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(token: _Token, name: str) -> bytes:
    value = token.claims.get(name)
    return b"" if value is None else as_bytes(text_of(value))
