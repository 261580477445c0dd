"""The working behind a verdict, for the one who registered the secrets: what was compared with what.

It holds digests that would verify, so it is made on demand, for the inspector and the terminal alone: never
stored, never logged, and never part of a reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inspector.models import Message, Secret, TimestampState, Verification
from inspector.signing.digests import digest_of, written
from inspector.signing.engine import check
from inspector.signing.evidence import Evidence, gather
from inspector.signing.proving import check_secret, missing_packages
from inspector.signing.scheme import Algorithm, HeaderName, Part, Scheme, SecretForm
from inspector.signing.secret_forms import UnusableSecret

_PARTS = {
    Part.BODY: "raw body",
    Part.TIMESTAMP: "timestamp",
    Part.ID: "message id",
    Part.METHOD: "method",
    Part.URL: "URL",
    Part.DECODED_URL: "decoded URL",
    Part.CANONICAL_BODY: "canonical JSON of the body",
    Part.BODY_SHA256: "SHA-256 of the body in hex",
    Part.BODY_CRC32: "CRC-32 of the body in decimal",
    Part.FORM: "form fields",
    Part.FIELDS: "fields of the body",
    Part.KEY: "secret",
}


HIDDEN = "(secret)"
"""Stands among the signed bytes where the secret itself does."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What one secret gives. ``digest`` is empty where it gives nothing, and ``trouble`` ends "the secret …".

    ``differs_at`` is the index of the first character in which it differs from the first digest received,
    or None.
    """

    secret: str
    digest: str
    differs_at: int | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Working:
    """Everything a verification compared.

    ``headers`` are the fields that took part, as received (bytes as latin-1). ``received`` are the digests
    that the signature header claims, ``expected`` those of each secret, both as text. ``signed`` are the
    exact bytes that the digest must cover, None where a part of them is absent. ``tolerance_seconds`` is
    None where no time is judged.
    """

    verification: Verification
    description: str
    headers: tuple[tuple[str, str], ...]
    received: tuple[str, ...]
    expected: tuple[Expected, ...]
    signed: bytes | None
    timestamp: str | None
    tolerance_seconds: float | None


def explain(
    message: Message, scheme: Scheme, secrets: Sequence[Secret], *, now: float, tolerance: float | None = None
) -> Working:
    """The working of ``check`` for the same arguments."""
    evidence = gather(message, scheme, now=now, tolerance=tolerance)
    row, clock = evidence.scheme, evidence.clock
    usable = [secret for secret in secrets if secret.value]
    signed = _signed(evidence, usable)
    received = tuple(claim.text.decode("latin-1") for claim in evidence.claims)
    names = {name.lower().encode("ascii") for name in (evidence.header, clock.header, evidence.id_header)}
    return Working(
        verification=check(message, scheme, secrets, now=now, tolerance=tolerance),
        description=describe(row),
        headers=tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in message.headers
            if name.lower() in names
        ),
        received=received,
        expected=() if signed is None else tuple(_expected(evidence, secret, received) for secret in usable),
        signed=signed,
        timestamp=clock.raw.decode("latin-1") or None,
        tolerance_seconds=None if clock.state is TimestampState.NOT_USED else clock.tolerance_seconds,
    )


def describe(scheme: Scheme) -> str:
    """What *scheme* signs and how, in a few words; empty for rows that are no sender's."""
    if not scheme.signs:
        return ""
    if scheme.algorithm is Algorithm.EQUALITY:
        return "the secret itself, sent along"
    parts = [_word(part, scheme) for part in scheme.content]
    how = f"{scheme.hash.upper()}" if scheme.algorithm is Algorithm.HASH else f"{scheme.algorithm}"
    if scheme.algorithm in (Algorithm.HMAC, Algorithm.RSA):
        how = f"{how}-{scheme.hash.upper()}"
    return f"{how} of the {', '.join(parts)}, as {scheme.signature.encoding}"


def _word(part: Part | bytes | HeaderName, scheme: Scheme) -> str:
    if part is Part.KEY and scheme.secret_form is SecretForm.ID_AND_KEY:
        return "registered id"
    if isinstance(part, Part):
        return _PARTS[part]
    if isinstance(part, HeaderName):
        return f"{part.own} header"
    text = part.decode("utf-8").replace("\n", "\\n")
    return f'"{text}"'


def _signed(evidence: Evidence, secrets: Sequence[Secret]) -> bytes | None:
    scheme = evidence.scheme
    no_url = scheme.covers(Part.URL) and evidence.message.url is None
    if not scheme.signs or no_url or evidence.absent is not None or missing_packages(scheme):
        return None
    if evidence.reading is not None and not evidence.reading.items:
        return None
    if not scheme.covers(Part.KEY):
        return evidence.signed_content()
    # An id that is registered with a key may be shown; a secret that is hashed along may not.
    with_id = scheme.secret_form is SecretForm.ID_AND_KEY
    return evidence.signed_content(secrets[0].value if with_id and secrets else HIDDEN)


def _expected(evidence: Evidence, secret: Secret, received: Sequence[str]) -> Expected:
    row = evidence.scheme
    if row.algorithm.asymmetric:
        return _with_public_key(evidence, secret)
    if row.algorithm is Algorithm.EQUALITY:
        return Expected(secret.name, "", trouble="is compared as it stands, and not shown")
    try:
        content = evidence.signed_content(secret.value)
        digest = written(digest_of(content, row, secret.value), row.signature.encoding).decode("latin-1")
    except UnusableSecret as problem:
        return Expected(secret.name, "", trouble=str(problem))
    return Expected(secret.name, digest, _first_difference(digest, received[0] if received else ""))


def _with_public_key(evidence: Evidence, secret: Secret) -> Expected:
    """A public key expects nothing that could be shown: it can only say whether it fits."""
    try:
        check_secret(evidence.scheme, secret.value)
    except UnusableSecret as problem:
        return Expected(secret.name, "", trouble=str(problem))
    return Expected(
        secret.name, "", trouble="is a key that checks a signature and gives none to compare with"
    )


def _first_difference(one: str, other: str) -> int | None:
    if one == other:
        return None
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
