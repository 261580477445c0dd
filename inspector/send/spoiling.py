"""How each kind of tampering is done, and which verdict it must get.

The verdicts are written down here kind by kind, by what the scheme's row says of its sender's own verifier,
and not asked of our engine: so that each can prove the other wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import floor

from inspector import signing
from inspector.errors import InvalidInput
from inspector.models import VerificationStatus
from inspector.send.draft import Draft, Terms
from inspector.send.payload import json_body
from inspector.send.tamper import Tamper
from inspector.signing import Scheme
from inspector.signing.scheme import Age, Algorithm, Encoding, Part, TimestampSyntax

CUT_BYTES = 16

_LAST_DIGIT = re.compile(rb"[0-9](?=[^0-9]*\Z)")

_NEEDS_BODY = (Tamper.BODY, Tamper.TRUNCATED, Tamper.RESERIALISED)
_NEVER_RIGHT = (*_NEEDS_BODY, Tamper.WRONG_SECRET, Tamper.SIGNATURE, Tamper.STRIPE_STYLE)


def spoil(terms: Terms, draft: Draft, tamper: Tamper | None) -> tuple[Draft, VerificationStatus]:
    """*draft* signed by *terms* with the *tamper* done to it, and the verdict a right receiver gives.

    Raises InvalidInput on ``tamper`` where the kind would change nothing for this scheme or body.
    """
    if tamper in _NEEDS_BODY:
        if not terms.scheme.covers(Part.BODY):
            raise _pointless(f"The scheme {terms.scheme.name} does not sign the body's bytes.")
        if tamper is Tamper.RESERIALISED and terms.scheme.covers(Part.CANONICAL_BODY):
            raise _pointless(f"The scheme {terms.scheme.name} signs what JSON means, however it is written.")
        if not draft.body:
            raise _pointless("There is no body to change.")
    expected = _expected(terms, draft, tamper)
    before = _BEFORE.get(tamper)
    if before is not None:
        terms = before(terms)
    draft = draft.signed(terms)
    after = _AFTER.get(tamper)
    return (draft if after is None else after(terms.scheme, draft)), expected


def _expected(terms: Terms, draft: Draft, tamper: Tamper | None) -> VerificationStatus:
    syntax, clock = terms.scheme.signature, terms.scheme.timestamp
    if tamper in _NEVER_RIGHT:
        return VerificationStatus.INVALID
    if tamper is Tamper.CONTENT_TYPE and terms.scheme.covers(Part.FORM):
        return VerificationStatus.INVALID  # what is no form has no fields that are signed
    if tamper is Tamper.DUPLICATE_HEADER and (syntax.single or _is_token(terms.scheme)):
        return VerificationStatus.MALFORMED
    if tamper is Tamper.NO_PREFIX and syntax.prefix_required:
        return VerificationStatus.MALFORMED
    undated = tamper is Tamper.MISSING_TIMESTAMP
    if undated and terms.scheme.covers(Part.TIMESTAMP):
        return VerificationStatus.MISSING
    if tamper is Tamper.UPPER_HEX and syntax.lower_case:
        return VerificationStatus.INVALID
    if terms.scheme.refuses_empty_body and not draft.body:
        return VerificationStatus.INVALID
    if undated and clock is not None and clock.required:
        return VerificationStatus.MISSING
    if clock is not None and not undated and _is_refused(clock, terms):
        return VerificationStatus.EXPIRED
    return VerificationStatus.VALID


def _is_refused(clock: TimestampSyntax, terms: Terms) -> bool:
    """Whether the sender's own verifier, or a tolerance of the user's, refuses the age that *terms* claim."""
    if clock.age is Age.IGNORED or (clock.age is Age.WARNS and terms.tolerance_seconds is None):
        return False
    tolerance = clock.tolerance_seconds if terms.tolerance_seconds is None else terms.tolerance_seconds
    age = floor(terms.now) - floor(terms.timestamp)
    return abs(age) > tolerance and not (age < 0 and clock.future)


def _is_token(scheme: Scheme) -> bool:
    """Whether the header holds a signed token, which stands alone."""
    return scheme.signature.encoding is Encoding.BASE64URL


# What is changed before signing, so that the signature is made from it


def _with_another_secret(terms: Terms) -> Terms:
    return replace(terms, secret=signing.generate_secret(terms.scheme))


def _in_stripes_way(terms: Terms) -> Terms:
    scheme = terms.scheme
    if scheme.content == (Part.TIMESTAMP, b".", Part.BODY):
        raise _pointless(f"The scheme {scheme.name} signs in just this way.")
    if scheme.code or scheme.algorithm is not Algorithm.HMAC:
        raise _pointless(f"The scheme {scheme.name} has no HMAC of which only the content could be another.")
    per_second = 1 if scheme.timestamp is None else scheme.timestamp.unit.per_second
    time_and_dot = b"%d." % floor(terms.timestamp * per_second)
    return replace(terms, scheme=replace(scheme, content=(time_and_dot, Part.BODY)))


# What is changed after signing


def _without_timestamp(scheme: Scheme, draft: Draft) -> Draft:
    if scheme.timestamp is None:
        raise _pointless(f"The scheme {scheme.name} has no timestamp.")
    header, key = scheme.timestamp.header.own, scheme.timestamp.key.decode("ascii")
    if not header:
        raise _pointless(f"The scheme {scheme.name} has its timestamp among what is signed.")
    separator = (scheme.signature.separator or b"").decode("ascii")
    kept = []
    for name, value in draft.signature:
        if name == header and key:
            kept.append(
                (name, separator.join(each for each in value.split(separator) if not each.startswith(key)))
            )
        elif name != header:
            kept.append((name, value))
    return replace(draft, signature=tuple(kept))


def _with_another_character(scheme: Scheme, draft: Draft) -> Draft:
    # One in the middle: the last of base64 may have bits that nobody reads, the first tells what follows.
    def change(prefix: str, digest: str) -> str:
        place, others = len(digest) // 2, "01" if scheme.signature.encoding is Encoding.HEX else "AB"
        other = others[1] if digest[place] == others[0] else others[0]
        return prefix + digest[:place] + other + digest[place + 1 :]

    return _with_signature(scheme, draft, change)


def _in_upper_case(scheme: Scheme, draft: Draft) -> Draft:
    if scheme.signature.encoding is not Encoding.HEX:
        raise _pointless(f"The scheme {scheme.name} does not write its digest in hex.")
    return _with_signature(scheme, draft, lambda prefix, digest: prefix + digest.upper())


def _without_prefix(scheme: Scheme, draft: Draft) -> Draft:
    if not scheme.signature.prefix:
        raise _pointless(f"The scheme {scheme.name} has no prefix before the digest.")
    return _with_signature(scheme, draft, lambda _, digest: digest)


def _twice(scheme: Scheme, draft: Draft) -> Draft:
    header = scheme.signature.header.own
    again = tuple(pair for pair in draft.signature if pair[0] == header)
    return replace(draft, signature=draft.signature + again)


def _as_text(_scheme: Scheme, draft: Draft) -> Draft:
    return replace(draft, content_type="text/plain")


def _with_another_byte(_scheme: Scheme, draft: Draft) -> Draft:
    # A digit where there is one, so that JSON stays JSON and only the signature tells.
    body = draft.body
    digit = _LAST_DIGIT.search(body)
    if digit is None:
        return replace(draft, body=body[:-1] + bytes([body[-1] ^ 1]))
    other = b"%d" % ((int(digit[0]) + 1) % 10)
    return replace(draft, body=body[: digit.start()] + other + body[digit.end() :])


def _cut(_scheme: Scheme, draft: Draft) -> Draft:
    size = len(draft.body)
    return replace(draft, body=draft.body[: size - min(CUT_BYTES, (size + 1) // 2)])


def _written_again(_scheme: Scheme, draft: Draft) -> Draft:
    try:
        value = json.loads(draft.body)
        ways = (json.dumps(value).encode(), json_body(value), json.dumps(value).encode() + b"\n")
    except (ValueError, RecursionError, InvalidInput):
        raise _pointless("The body is not JSON, so it cannot be parsed and written again.") from None
    return replace(draft, body=next(way for way in ways if way != draft.body))


def _with_signature(scheme: Scheme, draft: Draft, change: Callable[[str, str], str]) -> Draft:
    """*draft* with another value of the signature header, made from its prefix and its digest.

    What stands before the prefix in a list, or before the signature in a token, stays as it is.
    """
    header = scheme.signature.header.own
    prefix = "." if _is_token(scheme) else scheme.signature.prefix.decode("latin-1")

    def changed(value: str) -> str:
        before, _, digest = value.rpartition(prefix) if prefix else ("", "", value)
        return before + change(prefix, digest)

    return replace(
        draft,
        signature=tuple(
            (name, changed(value) if name == header else value) for name, value in draft.signature
        ),
    )


def _pointless(why: str) -> InvalidInput:
    return InvalidInput.of("tamper", why)


_BEFORE: Mapping[Tamper | None, Callable[[Terms], Terms]] = {
    Tamper.WRONG_SECRET: _with_another_secret,
    Tamper.STRIPE_STYLE: _in_stripes_way,
}
_AFTER: Mapping[Tamper | None, Callable[[Scheme, Draft], Draft]] = {
    Tamper.MISSING_TIMESTAMP: _without_timestamp,
    Tamper.BODY: _with_another_byte,
    Tamper.SIGNATURE: _with_another_character,
    Tamper.UPPER_HEX: _in_upper_case,
    Tamper.NO_PREFIX: _without_prefix,
    Tamper.DUPLICATE_HEADER: _twice,
    Tamper.CONTENT_TYPE: _as_text,
    Tamper.TRUNCATED: _cut,
    Tamper.RESERIALISED: _written_again,
}
