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
from inspector.signing import blaxel_sdks, clauses
from inspector.signing.digests import digest_of, written
from inspector.signing.evidence import gather
from inspector.signing.scheme import Part, Scheme
from inspector.signing.secret_forms import usable_secret

_SECOND_OPINIONS = {"blaxel-sdks": blaxel_sdks.opinion}
_NOT_JUDGED = (VerificationStatus.UNCONFIGURED, VerificationStatus.MISSING)


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
        or clauses.missing(evidence)
        or clauses.repeated(evidence)
        or clauses.matching(evidence, usable)
        or clauses.malformed(evidence)
        or clauses.mismatching(evidence, usable)
    )
    finding = clauses.whole_body(evidence, clauses.judge_time(evidence, finding))
    row, clock, sdk = evidence.scheme, evidence.clock, None
    if row.second_opinion is not None and secrets:
        sdk = _SECOND_OPINIONS[row.second_opinion](
            message.body,
            b", ".join(evidence.values).decode("latin-1"),
            clock.raw.decode("latin-1"),
            (secret.value for secret in secrets),
            now=now,
            max_age=clock.tolerance_seconds,
        )
    caveats = () if finding.status in _NOT_JUDGED else row.caveats
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


def sign_message(
    message: Message, scheme: Scheme, secret: str, *, timestamp: float, message_id: str | None = None
) -> list[tuple[str, str]]:
    """The headers, as (name, value), with which *scheme* sends *message* signed by *secret*.

    *timestamp* is in Unix seconds. Where the scheme signs an id and none is given, a random one is made.
    Headers that *message* has already play no part. Raises ``InvalidInput`` on ``scheme``, ``secret``,
    ``url``, ``message_id``.
    """
    syntax = scheme.signature
    if not syntax.header.own:
        raise InvalidInput.of("scheme", f"The scheme {scheme.name} is no sender's: name one to sign like it.")
    if scheme.covers(Part.URL) and message.url is None:
        raise InvalidInput.of("url", f"The scheme {scheme.name} signs the URL: give it.")
    usable_secret(scheme, secret)
    if message_id is None and scheme.covers(Part.ID):
        message_id = f"msg_{randomness.token_hex(12)}"
    headers = []
    if scheme.message_id is not None and message_id is not None:
        if not (message_id.strip() and message_id.isascii() and message_id.isprintable()):
            raise InvalidInput.of("message_id", "The message id must be printable ASCII.")
        headers.append((scheme.message_id.own, message_id))
    if scheme.timestamp is not None:
        count = floor(timestamp * scheme.timestamp.unit.per_second)
        headers.append((scheme.timestamp.header.own, str(count)))
    fields = tuple((name.encode("ascii"), value.encode("ascii")) for name, value in headers)
    dated = replace(message, headers=fields)
    content = gather(dated, scheme, now=timestamp, tolerance=None).signed_content()
    digest = written(digest_of(content, scheme, secret), syntax.encoding)
    return [*headers, (syntax.header.own, (syntax.prefix + digest).decode("latin-1"))]
