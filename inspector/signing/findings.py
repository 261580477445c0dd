"""Causes in words: of what the verification says itself, of what a search proved, of what is plain to see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from inspector.models import Verification
from inspector.signing.causes import explanation_of
from inspector.signing.diagnosis import UNKNOWN, Cause, Difference, Fact
from inspector.signing.differences import difference
from inspector.signing.digests import digest_of, written
from inspector.signing.evidence import Evidence
from inspector.signing.facts import declared_length
from inspector.signing.guess import Guess
from inspector.signing.moves import Change, State
from inspector.signing.scheme import Algorithm
from inspector.signing.search import Hit
from inspector.signing.secret_forms import UnusableSecret

_LEAST_CUT = 8
"""How many characters of a digest tell one from another."""


def stated(verification: Verification, state: State) -> Cause:
    """The cause that the *verification* names; for most statuses there is no more to find."""
    code = verification.cause
    explanation = explanation_of(code)
    sentence = explanation.sentence if code == UNKNOWN else verification.reason
    return Cause(code, sentence, _filled(explanation.fix, Change(code, "", ""), state))


def proven(hit: Hit, state: State) -> tuple[Cause, ...]:
    """What was changed in *state* to get to *hit*: two causes where it took both."""
    return tuple(
        Cause(
            code=change.code,
            sentence=_filled(explanation_of(change.code).sentence, change, state, hit.secret.name),
            fix=_filled(explanation_of(change.code).fix, change, state, hit.secret.name),
            matched=True,
            variant=change.description,
            difference=_difference(change, state, hit),
        )
        for change in hit.changes
    )


def wrong_length(state: State) -> Cause | None:
    """The body is longer or shorter than its head says."""
    message, code = state.message, "body_length"
    declared, came = declared_length(message), len(message.body)
    if declared is None or declared == came or not message.complete:
        return None
    sentence = f"{came:,} bytes of the body came, and its head declares {declared:,}."
    return Cause(code, sentence, explanation_of(code).fix)


def refuted(evidence: Evidence) -> Iterator[Fact]:
    """What a signed text states otherwise than the message does."""
    if evidence.reading is not None and evidence.reading.refuted is not None:
        yield Fact("states_otherwise", evidence.reading.refuted[1])


def cut_digest(state: State, evidence: Evidence) -> Iterator[Fact]:
    """A digest that is right as far as it goes."""
    _, scheme, secrets = state
    if scheme.algorithm is not Algorithm.HMAC or evidence.absent or evidence.reading is not None:
        return
    for secret in secrets:
        with suppress(UnusableSecret):
            digest = digest_of(evidence.signed_content(secret.value), scheme, secret.value)
            whole = written(digest, scheme.signature.encoding)
            for claim in evidence.claims:
                if _LEAST_CUT <= len(claim.text) < len(whole) and whole.startswith(claim.text):
                    yield Fact(
                        "digest_cut", f"As far as it goes, the digest is that of {secret.name}: it was cut."
                    )


def as_cause(guessed: Guess) -> Cause:
    """A scheme that was found for a message without a signature by its own."""
    code = "scheme_guessed" if guessed.options else f"other_scheme:{guessed.scheme}"
    fix = f"Set the endpoint's scheme to {guessed.scheme}"
    if guessed.options:
        fix += " with " + ", ".join(f"{key} {value}" for key, value in guessed.options.items())
    if guessed.secret_prefix:
        fix += f", and register the secret without {guessed.secret_prefix}"
    return Cause(code, guessed.sentence, f"{fix}.", matched=True, variant=f"the scheme {guessed.scheme}")


def _filled(template: str, change: Change, state: State, secret: str = "") -> str:
    return template.format(
        words=change.words,
        detail=change.code.partition(":")[2],
        secret=secret,
        sender=state.scheme.sender,
        scheme=state.scheme.name,
        header=state.scheme.signature.header.own or "signature",
    )


def _difference(change: Change, state: State, hit: Hit) -> Difference | None:
    here, signed = state.message, hit.state.message
    if change.code.startswith("body_"):
        return difference("body", here.body, signed.body)
    if change.code.startswith("url_") and here.url is not None and signed.url is not None:
        return difference("url", *(url.encode("utf-8", "surrogatepass") for url in (here.url, signed.url)))
    return None
