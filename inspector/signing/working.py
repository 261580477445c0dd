"""The working behind a verdict, for the one who registered the secrets: what was compared with what.

It holds digests that would verify, so it is made on demand, for the inspector and the terminal alone: never
stored, never logged, and never part of a reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inspector.models import Message, Secret, Verification
from inspector.signing.digests import digest_of, written
from inspector.signing.engine import check
from inspector.signing.evidence import Evidence, gather
from inspector.signing.scheme import Part, Scheme
from inspector.signing.secret_forms import UnusableSecret

_PARTS = {
    Part.BODY: "raw body",
    Part.TIMESTAMP: "timestamp",
    Part.ID: "message id",
    Part.METHOD: "method",
    Part.URL: "URL",
}


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
    signed = _signed(evidence)
    received = tuple(claim.text.decode("latin-1") for claim in evidence.claims)
    usable = [secret for secret in secrets if secret.value]
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
        expected=()
        if signed is None
        else tuple(_expected(row, secret, signed, received) for secret in usable),
        signed=signed,
        timestamp=clock.raw.decode("latin-1") or None,
        tolerance_seconds=None if row.timestamp is None else clock.tolerance_seconds,
    )


def describe(scheme: Scheme) -> str:
    """What *scheme* signs and how, in a few words; empty for rows that are no sender's."""
    if not scheme.signature.header.own:
        return ""
    content = scheme.content
    parts = [_PARTS[part] if isinstance(part, Part) else f'"{part.decode("utf-8")}"' for part in content]
    return f"HMAC-{scheme.hash.upper()} of the {', '.join(parts)}, as {scheme.signature.encoding}"


def _signed(evidence: Evidence) -> bytes | None:
    no_sender = not evidence.scheme.signature.header.own
    no_url = evidence.scheme.covers(Part.URL) and evidence.message.url is None
    return None if no_sender or no_url or evidence.absent is not None else evidence.signed_content()


def _expected(scheme: Scheme, secret: Secret, signed: bytes, received: Sequence[str]) -> Expected:
    try:
        digest = written(digest_of(signed, scheme, secret.value), scheme.signature.encoding).decode("ascii")
    except UnusableSecret as problem:
        return Expected(secret.name, "", trouble=str(problem))
    return Expected(secret.name, digest, _first_difference(digest, received[0] if received else ""))


def _first_difference(one: str, other: str) -> int | None:
    if one == other:
        return None
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
