"""Digests as text: what a header claims, how we would write the same, and what else can be read from it."""

from __future__ import annotations

import binascii
import hmac
from collections.abc import Iterable
from typing import NamedTuple

from inspector.signing.scheme import Encoding, Scheme, SignatureSyntax
from inspector.signing.secret_forms import key_of

HASH_SIZES = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
"""The hashes that senders use, by the size of their digest in bytes."""

_HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")
_BASE64_DIGITS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class Claim(NamedTuple):
    """One digest that a header claims: its text behind the prefix, and whether the prefix was there."""

    text: bytes
    prefixed: bool = True


def claims(syntax: SignatureSyntax, values: Iterable[bytes]) -> list[Claim]:
    """The digests that the header's *values* claim, read by the sender's own rules."""
    prefix = syntax.prefix
    found = []
    for value in values:
        for entry in (value,) if syntax.separator is None else value.split(syntax.separator):
            if entry.startswith(prefix):
                found.append(Claim(entry[len(prefix) :]))
            elif not syntax.prefix_required:
                found.append(Claim(entry, prefixed=False))
    return found


def written(digest: bytes, encoding: Encoding) -> bytes:
    """The *digest* as senders write it: lower-case hex, or base64 with its padding."""
    if encoding is Encoding.HEX:
        return digest.hex().encode("ascii")
    return binascii.b2a_base64(digest, newline=False)


def digest_of(content: bytes, scheme: Scheme, secret: str) -> bytes:
    """The digest that *scheme* gives *content* under *secret*. Raises ``UnusableSecret``."""
    return hmac.digest(key_of(secret, scheme.secret_form), content, scheme.hash)


def plain(text: bytes, encoding: Encoding) -> bytes:
    """The *text* of a digest without what writers do differently: letter case of hex, padding of base64."""
    return text.lower() if encoding is Encoding.HEX else text.rstrip(b"=")


def readings(text: bytes) -> dict[Encoding, bytes]:
    """The digests that can be read from *text*, by encoding: those of a size that some hash has.

    Base64 may lack its padding or use the URL-safe letters. 64 hex digits are base64 of 48 bytes just as
    well.
    """
    found = {}
    if _HEX_DIGITS.issuperset(text) and len(text) // 2 in HASH_SIZES and len(text) % 2 == 0:
        found[Encoding.HEX] = binascii.unhexlify(text)
    body = text.rstrip(b"=")
    try:
        digest = binascii.a2b_base64(
            body.translate(_FROM_URL_SAFE) + b"=" * (-len(body) % 4), strict_mode=True
        )
    except ValueError:
        return found
    if len(digest) in HASH_SIZES:
        found[Encoding.BASE64] = digest
    return found


def looks_cut(text: bytes, encoding: Encoding) -> bool:
    """Whether *text* has the right letters for its encoding, so that only its length can be wrong."""
    return bool(text) and (_HEX_DIGITS if encoding is Encoding.HEX else _BASE64_DIGITS).issuperset(text)
