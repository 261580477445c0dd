"""The verdict on a message, and the headers that would earn a good one.

Pure: no I/O, no clock of its own, and nothing that a sender writes can make it raise. The order of the
clauses is the product's promise: can it be checked at all, is a signature there, can it be read, is it
right, and only then the time. So an authentic message that came late is ``expired``, never ``invalid``.
"""

from __future__ import annotations

import secrets as randomness
from collections.abc import Sequence
from dataclasses import replace
from math import floor

from inspector.errors import InvalidInput
from inspector.models import Message, Secret, Verification, VerificationStatus
from inspector.signing import blaxel_sdks, clauses, reasons, tokens
from inspector.signing.evidence import gather
from inspector.signing.proving import missing_packages, signature_text
from inspector.signing.registration import EXTRA, usable_secret
from inspector.signing.scheme import Part, Scheme
from inspector.signing.secret_forms import UnusableSecret
from inspector.signing.timestamps import find_stamp, time_text

_SECOND_OPINIONS = {"blaxel-sdks": blaxel_sdks.opinion}
_NOT_JUDGED = (VerificationStatus.UNCONFIGURED, VerificationStatus.UNAVAILABLE, VerificationStatus.MISSING)


def check(
    message: Message, scheme: Scheme, secrets: Sequence[Secret], *, now: float, tolerance: float | None = None
) -> Verification:
    """Judge *message* by *scheme*, with each of *secrets* in turn. *now* is its arrival, in Unix seconds.

    *tolerance*, in seconds, replaces the scheme's own. Whatever stands in the message or a secret ends in a
    verdict.
    """
    evidence = gather(message, scheme, now=now, tolerance=tolerance)
    usable = [secret for secret in secrets if secret.value]
    # Whether a digest can be read is asked only of those that do not match, since what matches can be.
    finding = (
        clauses.unconfigured(evidence, usable)
        or clauses.unavailable(evidence)
        or clauses.missing(evidence)
        or clauses.repeated(evidence)
        or clauses.unread(evidence)
        or clauses.matching(evidence, usable)
        or clauses.malformed(evidence)
        or clauses.mismatching(evidence, usable)
    )
    finding = clauses.whole_body(evidence, clauses.judge_time(evidence, finding))
    row, clock, sdk = evidence.scheme, evidence.clock, None
    if row.second_opinion is not None and secrets:
        if finding.status is VerificationStatus.VALID and _is_ascii(message, secrets):
            sdk = blaxel_sdks.BOTH_ACCEPT
        else:
            sdk = _SECOND_OPINIONS[row.second_opinion](
                message.body,
                b", ".join(evidence.values).decode("latin-1"),
                clock.raw.decode("latin-1"),
                (secret.value for secret in secrets),
                now=now,
                max_age=clock.tolerance_seconds,
            )
    caveats = () if finding.status in _NOT_JUDGED else row.caveats
    if finding.status is VerificationStatus.VALID and scheme.name == "auto" and row.algorithm.asymmetric:
        caveats = (*caveats, reasons.public_key_under_auto(row))
    return Verification(
        status=finding.status,
        signature=finding.signature,
        timestamp=clock.state,
        scheme=evidence.name,
        reason=finding.reason,
        cause=finding.cause,
        secret=finding.secret,
        age_seconds=clock.age_seconds,
        warnings=(*finding.warnings, *finding.advice, *caveats),
        warned=bool(finding.warnings),
        sdk=sdk,
    )


def _is_ascii(message: Message, secrets: Sequence[Secret]) -> bool:
    """Whether body and secrets are the same bytes to every SDK, whatever it makes of text."""
    return message.body.isascii() and all(secret.value.isascii() for secret in secrets)


def sign_message(
    message: Message, scheme: Scheme, secret: str, *, timestamp: float, message_id: str | None = None
) -> list[tuple[str, str]]:
    """The headers, as (name, value), with which *scheme* sends *message* signed by *secret*.

    *timestamp* is in Unix seconds. Where the scheme signs an id and none is given, a random one is made. Of
    the headers that *message* has already, only Content-Type plays a part, where the scheme looks at it. A
    scheme with a public key takes the private one here. Raises ``InvalidInput`` on ``scheme``, ``secret``,
    ``url``, ``message_id``.
    """
    _can_sign(scheme, message)
    usable_secret(scheme, secret)
    if message_id is None and scheme.covers(Part.ID):
        message_id = f"msg_{randomness.token_hex(12)}"
    headers = []
    if scheme.message_id is not None and message_id is not None:
        if not (message_id.strip() and message_id.isascii() and message_id.isprintable()):
            raise InvalidInput.of("message_id", "The message id must be printable ASCII.")
        headers.append((scheme.message_id.own, message_id))
    headers += [(part.own, randomness.token_hex(8)) for part in scheme.header_parts]
    stamp = time_text(scheme.timestamp, timestamp)
    syntax, before = scheme.signature, ""
    if scheme.timestamp is not None and scheme.timestamp.key:
        before = f"{scheme.timestamp.key.decode()}{stamp}{(syntax.separator or b'').decode()}"
    elif stamp:
        headers.append((scheme.timestamp_header, stamp))
    try:
        value = _signature(message, scheme, secret, [*headers, (syntax.header.own, before)], timestamp)
    except UnusableSecret as unusable:
        raise InvalidInput.of("secret", f"The secret {unusable}.") from unusable
    blank = " " if before and syntax.blanks else ""
    return [*headers, (syntax.header.own, before + blank + syntax.prefix.decode() + value)]


def _can_sign(scheme: Scheme, message: Message) -> None:
    if not scheme.signs:
        raise InvalidInput.of("scheme", f"The scheme {scheme.name} is no sender's: name one to sign like it.")
    if not scheme.signature.header.own:
        why = "writes its signature into the body, which no header can stand for"
        raise InvalidInput.of("scheme", f"{scheme.sender} {why}.")
    packages = missing_packages(scheme)
    if packages:
        raise InvalidInput.of("scheme", reasons.unavailable(scheme, packages, EXTRA))
    if scheme.covers(Part.URL) and message.url is None:
        raise InvalidInput.of("url", f"The scheme {scheme.name} signs the URL: give it.")


def _signature(
    message: Message, scheme: Scheme, secret: str, headers: list[tuple[str, str]], timestamp: float
) -> str:
    """The text of the signature header, behind whatever stands before it."""
    if scheme.code in tokens.UNSIGNED_TOKENS:
        content = tokens.UNSIGNED_TOKENS[scheme.code](message, floor(timestamp))
        return (content + b"." + signature_text(scheme, secret, content)).decode("ascii")
    where = scheme.timestamp
    if where is not None and where.json_path and not find_stamp(where, {}, (), message.body).raw:
        why = f"{scheme.sender} dates its body: put {where.json_path[-1]} into it, in {where.unit.word}."
        raise InvalidInput.of("body", why)
    fields = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers]
    fields += [pair for pair in message.headers if pair[0].lower() == b"content-type"]
    evidence = gather(replace(message, headers=tuple(fields)), scheme, now=timestamp, tolerance=None)
    if evidence.reading is not None and evidence.reading.refuted is not None:
        raise InvalidInput.of("url", evidence.reading.refuted[1])
    return signature_text(evidence.scheme, secret, evidence.signed_content(secret)).decode("latin-1")
