"""The few causes of a wrong digest that one or two more HMACs prove. Run only after nothing matched."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from inspector.models import Secret
from inspector.signing import reasons
from inspector.signing.digests import HASH_SIZES, readings
from inspector.signing.evidence import Evidence
from inspector.signing.scheme import Algorithm, Encoding, Part, Scheme
from inspector.signing.secret_forms import UnusableSecret, key_of

_LARGEST_BODY_BYTES = 1 << 20
"""Above this, hashing again costs more than a capture may wait."""

Cause = tuple[str, str]
"""A code for programs and a sentence for people."""


def explain_mismatch(evidence: Evidence, secrets: Sequence[Secret]) -> Cause:
    """Why none of *secrets* gives a digest that came: proven, or ``unknown``."""
    if len(evidence.message.body) <= _LARGEST_BODY_BYTES and _is_plain(evidence.scheme):
        received = [reading for claim in evidence.claims for reading in readings(claim.text).items()]
        content = evidence.signed_content()
        for secret in secrets:
            proof = _prove(evidence, secret, content, received)
            if proof is not None:
                return proof
    return "unknown", reasons.mismatch([secret.name for secret in secrets], evidence.scheme.algorithm)


def _is_plain(scheme: Scheme) -> bool:
    return scheme.algorithm is Algorithm.HMAC and not scheme.code


def _prove(
    evidence: Evidence, secret: Secret, content: bytes, received: Sequence[tuple[Encoding, bytes]]
) -> Cause | None:
    """Change one thing at a time, and see whether a digest comes out that was *received*."""
    scheme, name = evidence.scheme, secret.name
    digests = {digest for _, digest in received}
    bare = secret.value.strip()
    if bare != secret.value and _digest(evidence, bare, content) in digests:
        return "secret_whitespace", reasons.white_space_around(name)
    right = _digest(evidence, secret.value, content)
    for encoding, digest in received:
        if digest == right:
            return f"encoding_{encoding}", reasons.other_spelling(name, encoding, scheme.sender)
    for hash_name in {HASH_SIZES[len(digest)] for digest in digests} - {scheme.hash}:
        if _digest(evidence, secret.value, content, hash_name) in digests:
            return f"hash_{hash_name}", reasons.other_hash(name, hash_name, scheme)
    stripe_layout = evidence.clock.raw + b"." + content
    if scheme.content == (Part.BODY,) and _digest(evidence, secret.value, stripe_layout) in digests:
        return "content_ts_dot_body", reasons.timestamp_signed(name, scheme.sender)
    return None


def _digest(evidence: Evidence, secret: str, content: bytes, hash_name: str | None = None) -> bytes | None:
    scheme = evidence.scheme
    try:
        return hmac.digest(key_of(secret, scheme.secret_form), content, hash_name or scheme.hash)
    except UnusableSecret:
        return None
