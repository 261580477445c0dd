"""The clauses of a verdict. ``engine.check`` asks them in order and takes the first that applies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from inspector.models import Secret, SignatureState, TimestampState, VerificationStatus
from inspector.signing import reasons
from inspector.signing.detection import lookalikes, signature_headers
from inspector.signing.digests import looks_cut, readable, readings
from inspector.signing.evidence import Evidence
from inspector.signing.mismatch import explain_mismatch
from inspector.signing.proving import PUBLIC_FORMS, Proof, check_secret, missing_packages, prove
from inspector.signing.registration import EXTRA
from inspector.signing.scheme import Part
from inspector.signing.secret_forms import UnusableSecret


class Finding(NamedTuple):
    """A verdict in the making; ``warnings`` are about this delivery, ``advice`` about the secrets."""

    status: VerificationStatus
    signature: SignatureState
    cause: str
    reason: str
    secret: str | None = None
    warnings: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


def unconfigured(evidence: Evidence, secrets: Sequence[Secret]) -> Finding | None:
    """There is nothing to check with."""
    signature = SignatureState.NOT_CHECKED if evidence.values else SignatureState.MISSING
    if evidence.name == "none":
        signature, cause, why = SignatureState.NOT_CHECKED, "scheme_none", "The scheme none checks nothing"
    elif not secrets:
        cause, why = "no_secret", "There is no secret to check with"
    elif evidence.scheme.covers(Part.URL) and evidence.message.url is None:
        cause, why = "no_url", "The URL is part of what is signed, and it is not known here"
    else:
        return None
    reason = reasons.beside(why, _headers_seen(evidence))
    return Finding(VerificationStatus.UNCONFIGURED, signature, cause, reason)


def unavailable(evidence: Evidence) -> Finding | None:
    """A package of an extra is missing, without which nothing can be said."""
    packages = missing_packages(evidence.scheme) if evidence.scheme.needs else ()
    if not packages:
        return None
    signature = SignatureState.NOT_CHECKED if evidence.values else SignatureState.MISSING
    reason = reasons.unavailable(evidence.scheme, packages, EXTRA)
    return Finding(VerificationStatus.UNAVAILABLE, signature, "needs_extra", reason)


def missing(evidence: Evidence) -> Finding | None:
    """There is no signature, or a part of what it covers is absent."""
    status = VerificationStatus.MISSING
    if not evidence.values:
        seen = _headers_seen(evidence)
        others = [scheme for _, scheme in seen if scheme]
        cause = f"other_scheme:{others[0]}" if others else "no_signature_header"
        return Finding(
            status, SignatureState.MISSING, cause, reasons.beside(f"There is no {evidence.noun}", seen)
        )
    if evidence.absent is not None:
        name, noun = evidence.absent
        reason = f"There is no {noun}, which is part of what is signed."
        return Finding(status, SignatureState.NOT_CHECKED, f"no_{name}", reason)
    return None


def _headers_seen(evidence: Evidence) -> list[tuple[str, str]]:
    """The signature headers that came, each with its scheme, which is empty where no row knows the header."""
    if evidence.values:
        return [(evidence.header or evidence.noun, evidence.name)]
    headers, index = evidence.message.headers, evidence.headers
    return signature_headers(headers, index) + [(name, "") for name in lookalikes(headers, index)]


def repeated(evidence: Evidence) -> Finding | None:
    """The signature header came more than once, and the sender's verifiers would each read another one."""
    if len(evidence.values) == 1 or not evidence.scheme.signature.single:
        return None
    reason = reasons.repeated(evidence.header, evidence.values, evidence.scheme.sender)
    return Finding(VerificationStatus.MALFORMED, SignatureState.MALFORMED, "signature_repeated", reason)


def unread(evidence: Evidence) -> Finding | None:
    """The sender's own code found nothing that it can read, or failed over what it found."""
    reading = evidence.reading
    if reading is None:
        return None
    if reading.failure is not None:
        return _could_not_check(reading.failure)
    if reading.trouble is None:
        return None
    return Finding(VerificationStatus.MALFORMED, SignatureState.MALFORMED, *reading.trouble)


def _could_not_check(failure: str) -> Finding:
    reason = reasons.could_not_check(failure)
    return Finding(VerificationStatus.INVALID, SignatureState.NOT_CHECKED, "could_not_check", reason)


def matching(evidence: Evidence, secrets: Sequence[Secret]) -> Finding | None:
    """A secret proves what came."""
    for secret in secrets:
        try:
            proof = prove(evidence.scheme, secret.value, evidence.items(secret.value))
        except UnusableSecret:
            continue
        except Exception as error:  # noqa: BLE001 - what a key's library stumbles over is a stranger's
            return _could_not_check(f"{type(error).__name__}: {error}")
        if proof is not None:
            return _weigh(evidence, secret, proof)
    return None


def _weigh(evidence: Evidence, secret: Secret, proof: Proof) -> Finding:
    """What a right signature is worth, time aside: nothing, where the sender's own verifiers refuse it."""
    scheme, syntax = evidence.scheme, evidence.scheme.signature
    if evidence.reading is not None and evidence.reading.refuted is not None:
        return Finding(VerificationStatus.INVALID, SignatureState.MISMATCH, *evidence.reading.refuted)
    status, cause, reason = VerificationStatus.VALID, "ok", reasons.signed_with(secret.name, evidence.clock)
    warnings = []
    if evidence.legacy:
        warnings.append(f"Only the legacy header {evidence.header} came.")
    if secret.value != secret.value.strip() and scheme.secret_form not in PUBLIC_FORMS:
        warnings.append(reasons.padded(secret.name))
    if not proof.claim.prefixed:
        warnings.append(reasons.unprefixed(evidence.header, syntax.prefix))
    if len(evidence.values) > 1 and evidence.header and not syntax.header.every:
        warnings.append(reasons.one_of_several(evidence.header, evidence.values, proof.claim.text))
    if not proof.as_written and syntax.lower_case:
        status, cause = VerificationStatus.INVALID, "signature_case"
        reason = reasons.upper_case(scheme.sender)
    elif not proof.as_written:
        warnings.append(reasons.not_as_written(scheme.sender))
    if scheme.refuses_empty_body and not evidence.message.body:
        status, cause = VerificationStatus.INVALID, "empty_body"
        reason = reasons.empty_body(scheme.sender)
    return Finding(status, SignatureState.MATCH, cause, reason, secret.name, tuple(warnings))


def malformed(evidence: Evidence) -> Finding | None:
    """No signature can be read from what came, or the prefix is absent that the sender always writes."""
    scheme = evidence.scheme
    if any(readable(claim.text, scheme) for claim in evidence.claims):
        return None
    syntax, value = scheme.signature, evidence.values[0]
    cut = [claim.text for claim in evidence.claims if looks_cut(claim.text, syntax.encoding)]
    if cut and not scheme.algorithm.asymmetric:
        cause, reason = "signature_length", reasons.wrong_length(evidence.noun, cut[0], scheme)
    else:
        bare = not evidence.claims and syntax.separator is None and readings(value)
        cause = "prefix_missing" if bare else "signature_format"
        reason = reasons.unreadable(evidence.noun, value, syntax)
    return Finding(VerificationStatus.MALFORMED, SignatureState.MALFORMED, cause, reason)


def mismatching(evidence: Evidence, secrets: Sequence[Secret]) -> Finding:
    """No secret proves what came, or none can be used."""
    scheme, signature = evidence.scheme, SignatureState.MISMATCH
    unusable: list[UnusableSecret] = []
    advice = []
    for secret in secrets:
        try:
            check_secret(scheme, secret.value)
        except UnusableSecret as problem:
            unusable.append(problem)
            advice.append(f"The secret {secret.name} cannot be used by {scheme.name}: it {problem}.")
    warnings: tuple[str, ...] = ()
    if len(evidence.values) > 1 and evidence.header and not scheme.signature.header.every:
        warnings = (reasons.repeated(evidence.header, evidence.values, scheme.sender),)
    cause, reason = explain_mismatch(evidence, secrets)
    if cause == "unknown" and len(unusable) == len(secrets):
        signature, cause, reason = SignatureState.NOT_CHECKED, unusable[0].cause, advice[0]
    elif cause == "unknown" and not evidence.message.complete:
        cause, reason = "body_incomplete", reasons.CUT_MISMATCH
    return Finding(VerificationStatus.INVALID, signature, cause, reason, None, warnings, tuple(advice))


def judge_time(evidence: Evidence, finding: Finding) -> Finding:
    """Let the time decide what the digest alone would call valid; beside other verdicts it only warns."""
    scheme, clock = evidence.scheme, evidence.clock
    if clock.state in (TimestampState.FRESH, TimestampState.NOT_USED):
        return finding
    trouble = reasons.time_trouble(scheme, clock)
    if finding.status is not VerificationStatus.VALID:
        if clock.state is TimestampState.MISSING:
            return finding
        return finding._replace(warnings=(*finding.warnings, reasons.sentence(trouble)))
    if not clock.refuses and clock.state in (TimestampState.STALE, TimestampState.FUTURE):
        warning = reasons.tolerated(trouble, scheme.sender)
        return finding._replace(warnings=(*finding.warnings, warning))
    status = VerificationStatus.EXPIRED
    if clock.state is TimestampState.MALFORMED:
        status = VerificationStatus.MALFORMED
    elif clock.state is TimestampState.MISSING:
        if scheme.timestamp is not None and not scheme.timestamp.required:
            warning = reasons.undated(scheme.sender, clock.noun)
            return finding._replace(warnings=(*finding.warnings, warning))
        status = VerificationStatus.MISSING
    reason = f"The signature is right, but {trouble}."
    return finding._replace(status=status, cause=reasons.time_cause(clock), reason=reason)


def whole_body(evidence: Evidence, finding: Finding) -> Finding:
    """Nothing is valid of which only a part came."""
    if evidence.message.complete or finding.status is not VerificationStatus.VALID:
        return finding
    return finding._replace(
        status=VerificationStatus.INVALID,
        cause="body_incomplete",
        reason=reasons.CUT_MATCH,
    )
