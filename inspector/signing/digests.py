"""Signatures as text: what a header claims, how we would write it, and what else can be read from it."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import NamedTuple

from inspector.signing.scheme import Algorithm, Encoding, Scheme, SignatureSyntax
from inspector.signing.secret_forms import key_of

HASH_SIZES = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
"""The hashes that senders use, by the size of their digest in bytes."""

_HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")
_BASE64_DIGITS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_RSA_SIZES = range(128, 1025)
_LONGEST_BYTES = 2048
"""Of one signature: that of the longest RSA key takes 1,368 letters. Longer ones are not looked through."""
_MOST_ENTRIES = 128
"""Of one list, and of one header that came again and again: more are not tried, as each may cost a check."""
_DER_SEQUENCE = b"\x30"


class Claim(NamedTuple):
    """One signature that came: its text behind the prefix, and whether the prefix was there."""

    text: bytes
    prefixed: bool = True


def entries(syntax: SignatureSyntax, values: Iterable[bytes]) -> list[bytes]:
    """The entries of a signature header's *values*: of each its list, or the whole where it is none.

    No sender writes more than a few, and whoever writes thousands gets the first ones read.
    """
    values = list(values)[:_MOST_ENTRIES]
    if syntax.separator is None:
        return values
    lists = [value.split(syntax.separator, _MOST_ENTRIES)[:_MOST_ENTRIES] for value in values]
    found = [entry for entries in lists for entry in entries][:_MOST_ENTRIES]
    return [entry.strip() for entry in found] if syntax.blanks else found


def claims(syntax: SignatureSyntax, values: Iterable[bytes]) -> list[Claim]:
    """The signatures that the header's *values* claim, read by the sender's own rules."""
    prefix = syntax.prefix
    found = []
    for entry in entries(syntax, values):
        if entry.startswith(prefix):
            found.append(Claim(entry[len(prefix) :]))
        elif not syntax.prefix_required:
            found.append(Claim(entry, prefixed=False))
    return found


def written(digest: bytes, encoding: Encoding) -> bytes:
    """The *digest* as senders write it: lower-case hex, base64 with its padding, base64url without."""
    if encoding is Encoding.HEX:
        return digest.hex().encode("ascii")
    if encoding is Encoding.TEXT:
        return digest
    text = binascii.b2a_base64(digest, newline=False)
    return text if encoding is Encoding.BASE64 else text.rstrip(b"=").translate(_TO_URL_SAFE)


def digest_of(content: bytes, scheme: Scheme, secret: str) -> bytes:
    """What *scheme* makes of *content* under *secret*: a digest, or under ``EQUALITY`` the secret itself.

    Raises ``UnusableSecret``. Rows with a public key have none; see ``proving``.
    """
    key = key_of(secret, scheme.secret_form)
    if scheme.algorithm is Algorithm.HMAC:
        return hmac.digest(key, content, scheme.hash)
    if scheme.algorithm is Algorithm.EQUALITY:
        return key
    return hashlib.new(scheme.hash, content).digest()


def plain(text: bytes, encoding: Encoding) -> bytes:
    """The *text* of a digest without what writers do differently: letter case of hex, padding of base64."""
    if encoding is Encoding.HEX:
        return text.lower()
    return text if encoding is Encoding.TEXT else text.rstrip(b"=")


def readings(text: bytes) -> dict[Encoding, bytes]:
    """The digests that can be read from *text*, by encoding: those of a size that some hash has.

    Base64 may lack its padding or use the URL-safe letters. 64 hex digits are base64 of 48 bytes just as
    well.
    """
    found: dict[Encoding, bytes] = {}
    if len(text) > _LONGEST_BYTES:
        return found
    if _HEX_DIGITS.issuperset(text) and len(text) // 2 in HASH_SIZES and len(text) % 2 == 0:
        found[Encoding.HEX] = binascii.unhexlify(text)
    digest = from_base64(text)
    if digest is not None and len(digest) in HASH_SIZES:
        found[Encoding.BASE64] = digest
    return found


def from_base64(text: bytes) -> bytes | None:
    """The bytes behind base64, also without padding and with the URL-safe letters; None where it is none."""
    body = text.rstrip(b"=")
    try:
        return binascii.a2b_base64(body.translate(_FROM_URL_SAFE) + b"=" * (-len(body) % 4), strict_mode=True)
    except ValueError:
        return None


def signature_bytes(text: bytes, encoding: Encoding) -> bytes | None:
    """The bytes of a signature written in *encoding*; None where *text* is no such thing.

    Strict about base64, which has several texts for the same bytes: one bit changed is another signature.
    """
    if encoding is Encoding.HEX:
        try:
            return binascii.unhexlify(text)
        except ValueError:
            return None
    raw = from_base64(text)
    exact = raw is not None and plain(written(raw, encoding), encoding) == plain(text, encoding)
    return raw if exact else None


def readable(text: bytes, scheme: Scheme) -> bool:
    """Whether *text* can be a signature at all, in this or another hash or encoding."""
    syntax, algorithm = scheme.signature, scheme.algorithm
    if algorithm is Algorithm.EQUALITY or syntax.compared_as_text:
        return bool(text)
    if readings(text):
        return True
    signature = from_base64(text) if algorithm.asymmetric else None
    if signature is None:
        return False
    if algorithm is Algorithm.RSA:
        return len(signature) in _RSA_SIZES
    return algorithm is Algorithm.ECDSA and signature.startswith(_DER_SEQUENCE)


def looks_cut(text: bytes, encoding: Encoding) -> bool:
    """Whether *text* has the right letters for its encoding, so that only its length can be wrong."""
    digits = _HEX_DIGITS if encoding is Encoding.HEX else _BASE64_DIGITS
    return bool(text) and digits.issuperset(text[:_LONGEST_BYTES])
