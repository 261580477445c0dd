"""The clauses of a verdict. ``engine.check`` asks them in order and takes the first that applies."""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest
from typing import NamedTuple

from inspector.models import Secret, SignatureState, TimestampState, VerificationStatus
from inspector.signing import reasons
from inspector.signing.detection import lookalikes, signature_headers
from inspector.signing.digests import Claim, digest_of, looks_cut, plain, readings, written
from inspector.signing.evidence import Evidence
from inspector.signing.mismatch import explain_mismatch
from inspector.signing.scheme import Part
from inspector.signing.secret_forms import UnusableSecret, key_of


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


def missing(evidence: Evidence) -> Finding | None:
    """There is no signature, or a header is absent that the signature covers."""
    status = VerificationStatus.MISSING
    if not evidence.values:
        seen = _headers_seen(evidence)
        others = [scheme for _, scheme in seen if scheme]
        cause = f"other_scheme:{others[0]}" if others else "no_signature_header"
        wanted = f"There is no {evidence.header or 'known signature'} header"
        return Finding(status, SignatureState.MISSING, cause, reasons.beside(wanted, seen))
    if evidence.absent is not None:
        reason = f"There is no {evidence.absent} header, which is part of what is signed."
        return Finding(status, SignatureState.NOT_CHECKED, f"no_{evidence.absent.lower()}", reason)
    return None


def _headers_seen(evidence: Evidence) -> list[tuple[str, str]]:
    """The signature headers that came, each with its scheme, which is empty where no row knows the header."""
    if evidence.values:
        return [(evidence.header, evidence.name)]
    headers = evidence.message.headers
    return signature_headers(headers) + [(name, "") for name in lookalikes(headers)]


def repeated(evidence: Evidence) -> Finding | None:
    """The signature header came more than once, and the sender's verifiers would each read another one."""
    if len(evidence.values) == 1 or not evidence.scheme.signature.single:
        return None
    reason = reasons.repeated(evidence.header, evidence.values, evidence.scheme.sender)
    return Finding(VerificationStatus.MALFORMED, SignatureState.MALFORMED, "signature_repeated", reason)


def matching(evidence: Evidence, secrets: Sequence[Secret]) -> Finding | None:
    """A secret gives a digest that is claimed. Compared in constant time: guessing teaches nothing."""
    encoding, content = evidence.scheme.signature.encoding, evidence.signed_content()
    for secret in secrets:
        try:
            expected = written(digest_of(content, evidence.scheme, secret.value), encoding)
        except UnusableSecret:
            continue
        wanted = plain(expected, encoding)
        for claim in evidence.claims:
            if compare_digest(wanted, plain(claim.text, encoding)):
                return _weigh(evidence, secret, claim, as_written=claim.text == expected)
    return None


def _weigh(evidence: Evidence, secret: Secret, claim: Claim, *, as_written: bool) -> Finding:
    """What a right digest is worth, time aside: nothing, where the sender's own verifiers refuse it."""
    scheme, syntax = evidence.scheme, evidence.scheme.signature
    status, cause, reason = VerificationStatus.VALID, "ok", reasons.signed_with(secret.name, evidence.clock)
    warnings = []
    if evidence.legacy:
        warnings.append(f"Only the legacy header {evidence.header} came.")
    if secret.value != secret.value.strip():
        warnings.append(reasons.padded(secret.name))
    if not claim.prefixed:
        warnings.append(reasons.unprefixed(evidence.header, syntax.prefix))
    if len(evidence.values) > 1:
        warnings.append(reasons.one_of_several(evidence.header, evidence.values, claim.text))
    if not as_written and syntax.lower_case:
        status, cause = VerificationStatus.INVALID, "signature_case"
        reason = reasons.upper_case(scheme.sender)
    elif not as_written:
        warnings.append(reasons.not_as_written(scheme.sender))
    if scheme.refuses_empty_body and not evidence.message.body:
        status, cause = VerificationStatus.INVALID, "empty_body"
        reason = reasons.empty_body(scheme.sender)
    return Finding(status, SignatureState.MATCH, cause, reason, secret.name, tuple(warnings))


def malformed(evidence: Evidence) -> Finding | None:
    """No digest can be read from the header, or the prefix is absent that the sender always writes."""
    if any(readings(claim.text) for claim in evidence.claims):
        return None
    syntax, value = evidence.scheme.signature, evidence.values[0]
    cut = [claim.text for claim in evidence.claims if looks_cut(claim.text, syntax.encoding)]
    if cut:
        cause, reason = "signature_length", reasons.wrong_length(evidence.header, cut[0], evidence.scheme)
    else:
        bare = not evidence.claims and syntax.separator is None and readings(value)
        cause = "prefix_missing" if bare else "signature_format"
        reason = reasons.unreadable(evidence.header, value, syntax)
    return Finding(VerificationStatus.MALFORMED, SignatureState.MALFORMED, cause, reason)


def mismatching(evidence: Evidence, secrets: Sequence[Secret]) -> Finding:
    """No secret gives a digest that is claimed, or none can be used."""
    scheme, signature = evidence.scheme, SignatureState.MISMATCH
    unusable: list[UnusableSecret] = []
    advice = []
    for secret in secrets:
        try:
            key_of(secret.value, scheme.secret_form)
        except UnusableSecret as problem:
            unusable.append(problem)
            advice.append(f"The secret {secret.name} cannot be used by {scheme.name}: it {problem}.")
    warnings: tuple[str, ...] = ()
    if len(evidence.values) > 1:
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
    status = VerificationStatus.EXPIRED
    if clock.state is TimestampState.MALFORMED:
        status = VerificationStatus.MALFORMED
    elif clock.state is TimestampState.MISSING:
        if scheme.timestamp is not None and not scheme.timestamp.required:
            warning = reasons.undated(scheme.sender, clock.header)
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
