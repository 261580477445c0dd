"""The Verification tab: the evidence behind a verdict, laid out so that one can see it.

The verdict is the stored one, as of the delivery's arrival. What it was compared with is computed anew,
with the secrets that the endpoint has now; where these would give another verdict, the tab says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from inspector.content.visible import Piece, pieces
from inspector.errors import InvalidInput
from inspector.models import (
    Delivery,
    Endpoint,
    SdkVerdicts,
    SecretInfo,
    SignatureState,
    TimestampState,
    Verification,
)
from inspector.signing import Working
from inspector.web import wording
from inspector.web.causes import Causes, Difference
from inspector.web.wording import Verdict

GROUP = 8
HALF = 4 * GROUP

SIGNED_HEAD_BYTES = 2048
SIGNED_TAIL_BYTES = 256
"""Long signed content is shown by its beginning and its end, where a stray line break would stand."""

_SIGNATURES = {
    SignatureState.MATCH: "the digest matches",
    SignatureState.MISMATCH: "the digest does not match",
    SignatureState.MISSING: "no digest came",
    SignatureState.MALFORMED: "no digest can be read",
    SignatureState.NOT_CHECKED: "the digest was not checked",
}
_TIMES = {
    TimestampState.FRESH: "the time is within the tolerance",
    TimestampState.STALE: "the time is too old",
    TimestampState.FUTURE: "the time is in the future",
    TimestampState.MISSING: "no time came",
    TimestampState.MALFORMED: "the time cannot be read",
    TimestampState.NOT_USED: "no time is judged",
}

_BEGINNINGS = ("A", "No", "None", "Nothing", "Only", "Signed", "The", "There", "Two", "What")

UNKNOWN = "unknown"
"""The code of the cause that says that none was found."""

_LARGEST_TIMESTAMP = 253_402_300_799  # the last second of the year 9999


@dataclass(frozen=True, slots=True)
class Trial:
    """A secret that someone tries on a delivery, by the scheme named; empty: by the endpoint's.

    With ``guess`` the scheme is what is looked for, for this secret or, when it is empty, for the endpoint's.
    """

    secret: str = field(repr=False)
    scheme: str
    guess: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a trial: the verdict it would have been, or why there is none. Holds no secret."""

    sentence: str
    verdict: Verdict | None = None
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Eight characters of a digest: what equals the other digest, the first that differs, and the rest."""

    same: str = ""
    first: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest in lines of four groups; none when there is no digest. ``note`` says something about it."""

    halves: tuple[tuple[Group, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the tab shows. Empty parts are left out. ``fix`` says what to do about it."""

    verification: Verification
    headline: str
    fix: str
    findings: str
    recheck: str
    scheme: str
    headers: tuple[tuple[str, str], ...] = ()
    expected: tuple[Digest, ...] = ()
    received: tuple[Digest, ...] = ()
    secrets: tuple[SecretInfo, ...] = ()
    age: str = ""
    stamp: str = ""
    signed: tuple[Piece, ...] = ()
    signed_tail: tuple[Piece, ...] = ()
    signed_bytes: int | None = None
    signed_left_out: int = 0
    key_form: str = ""
    causes: Causes | None = None

    @property
    def difference(self) -> Difference | None:
        """Where what was signed first differs from what came, once that is proven."""
        return self.causes.first.difference if self.causes and self.causes.first else None

    @property
    def sdk(self) -> SdkVerdicts | None:
        return self.verification.sdk


def proof(
    delivery: Delivery,
    endpoint: Endpoint | None,
    infos: Sequence[SecretInfo],
    working: Working | InvalidInput | None,
    causes: Causes | None = None,
    *,
    key_form: str = "",
    judged: Verification | None = None,
) -> Proof:
    """The proof of a *delivery*'s verdict.

    *working* is None when the endpoint is gone, and the error when its scheme cannot be used. *causes* is
    None when they were not looked for. *key_form* says how the secret becomes the key; *judged* takes the
    place of the stored verdict.
    """
    verification = delivery.verification if judged is None else judged
    sentence, fix = _said(verification, causes)
    base = Proof(
        verification=verification,
        headline=sentence,
        fix=fix,
        causes=causes,
        findings=_findings(verification),
        recheck="",
        scheme=verification.scheme,
    )
    if endpoint is None or working is None:
        return replace(
            base, recheck="Its endpoint was deleted since, with its secrets: nothing can be recomputed."
        )
    if isinstance(working, InvalidInput):
        return replace(base, recheck=f"The endpoint's scheme cannot be used: {working}.")
    signed, tail, left_out = _signed(working.signed)
    return replace(
        base,
        recheck=_recheck(verification, working.verification),
        scheme=": ".join(part for part in (working.verification.scheme, working.description) if part),
        headers=working.headers,
        expected=_expected(working),
        received=_received(working),
        secrets=_concerned(infos, working.verification),
        age=_age(working),
        stamp=_stamp(working.timestamp),
        signed=signed,
        signed_tail=tail,
        signed_bytes=None if working.signed is None else len(working.signed),
        signed_left_out=left_out,
        key_form=key_form,
    )


def tried(verification: Verification) -> Tried:
    """What came of the trial that *verification* is the verdict of."""
    verdict = wording.VERDICTS[verification.status]
    if verification.signature is SignatureState.MATCH:
        also = "" if verification else f" Yet it would be {verdict.word}: {verification.reason}"
        sentence = f"This secret gives the digest that came.{also}"
    elif verification.signature is SignatureState.MISMATCH:
        sentence = "This secret does not give the digest that came."
    else:
        sentence = headline(verification)
    return Tried(sentence, verdict, verification.scheme)


def proven(causes: Causes) -> str:
    """The sentence of the cause that is proven; empty where none is."""
    return causes.first.sentence if causes.first and causes.first.proven else ""


def _said(verification: Verification, causes: Causes | None) -> tuple[str, str]:
    """The first sentence, and what to do: of the cause that is proven, else of the verdict."""
    first = causes.first if causes else None
    if first is None:
        return headline(verification), ""
    if first.proven:
        return headline(verification, first.sentence), first.fix
    return headline(verification), f"{first.sentence} {first.fix}" if first.code == UNKNOWN else first.fix


def headline(verification: Verification, reason: str = "") -> str:
    """A verdict in one sentence that begins with its word, for its own reason or another."""
    word = wording.VERDICTS[verification.status].word
    reason = reason or verification.reason
    # Names that begin a reason keep their letter case.
    if reason.partition(" ")[0] in _BEGINNINGS:
        reason = f"{reason[:1].lower()}{reason[1:]}"
    return f"{word[:1].upper()}{word[1:]}: {reason}"


def _findings(verification: Verification) -> str:
    """The two facts that stand beside the status: of the digest alone, and of the time alone."""
    return f"{_SIGNATURES[verification.signature]}; {_TIMES[verification.timestamp]}"


def _recheck(then: Verification, now: Verification) -> str:
    if (then.status, then.secret) == (now.status, now.secret):
        return ""
    word = wording.VERDICTS[now.status].word
    return f"With the secrets that the endpoint has now it would be {word}: {now.reason}"


def _expected(working: Working) -> tuple[Digest, ...]:
    """What each secret gives; once one matches, that one alone."""
    matching = [expected for expected in working.expected if expected.digest in working.received]
    digests = []
    for expected in matching[:1] or working.expected:
        named = f"of {expected.secret}" if len(working.expected) > 1 else ""
        if expected.trouble is not None:
            digests.append(Digest((), f"The secret {expected.secret} {expected.trouble}."))
        else:
            at = expected.differs_at if working.received else None
            digests.append(Digest(_halves(expected.digest, None if matching else at), named))
    return tuple(digests)


def _received(working: Working) -> tuple[Digest, ...]:
    single = working.expected[0] if len(working.expected) == 1 else None
    digests = []
    for number, text in enumerate(working.received):
        at = single.differs_at if single and number == 0 else None
        note = "" if at is None else f"differs from character {at + 1}"
        if any(expected.digest == text for expected in working.expected):
            note = "the same"
        digests.append(Digest(_halves(text, at), note))
    return tuple(digests)


def _halves(text: str, differs_at: int | None) -> tuple[tuple[Group, ...], ...]:
    groups = tuple(_group(text, start, differs_at) for start in range(0, len(text), GROUP))
    return tuple(groups[start : start + 4] for start in range(0, len(groups), 4))


def _group(text: str, start: int, differs_at: int | None) -> Group:
    part = text[start : start + GROUP]
    if differs_at is None or differs_at < start:
        return Group(rest=part)
    at = differs_at - start
    return Group(part[:at], part[at : at + 1], part[at + 1 :])


def _concerned(infos: Sequence[SecretInfo], verification: Verification) -> tuple[SecretInfo, ...]:
    named = tuple(info for info in infos if info.name == verification.secret)
    return named or tuple(infos)


def _age(working: Working) -> str:
    seconds, tolerance = working.verification.age_seconds, working.tolerance_seconds
    if seconds is None or tolerance is None:
        return ""
    span = f"{abs(seconds):,} s" + (" in the future" if seconds < 0 else "")
    fits = working.verification.timestamp is TimestampState.FRESH
    return f"{span}, {'within' if fits else 'beyond'} {tolerance:,.0f} s"


def _stamp(timestamp: str | None) -> str:
    """The sender's timestamp, with the date that it means when it counts seconds."""
    if timestamp is None:
        return ""
    if timestamp.isascii() and timestamp.isdigit() and int(timestamp) <= _LARGEST_TIMESTAMP:
        return f"{timestamp}, {datetime.fromtimestamp(int(timestamp), UTC):%Y-%m-%d %H:%M:%S} UTC"
    return timestamp


def _signed(content: bytes | None) -> tuple[tuple[Piece, ...], tuple[Piece, ...], int]:
    """The beginning of the signed bytes, their end, and how many are left out in between."""
    if content is None:
        return (), (), 0
    left_out = len(content) - SIGNED_HEAD_BYTES - SIGNED_TAIL_BYTES
    if left_out <= 0:
        return _marked(content), (), 0
    return _marked(content[:SIGNED_HEAD_BYTES]), _marked(content[-SIGNED_TAIL_BYTES:]), left_out


def _marked(content: bytes) -> tuple[Piece, ...]:
    return pieces(content.decode("utf-8", "surrogateescape"), line_ends=True)
