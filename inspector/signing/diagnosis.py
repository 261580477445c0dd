"""What a diagnosis says: why a verification failed, how that is known, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inspector.models import Message, Secret, Verification
from inspector.signing.scheme import Scheme

UNKNOWN = "unknown"
"""The cause when nothing that was tried gives the digest."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where what was signed first differs from what is here.

    ``of`` names what is compared: ``body`` or ``url``. ``offset`` counts bytes from its beginning, ``here``
    and ``signed`` are the surroundings in both, as text with invisible bytes escaped. The sizes are those of
    the whole, in bytes.
    """

    of: str
    offset: int
    here: str
    signed: str
    here_bytes: int
    signed_bytes: int


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for the failure: a code for programs, a sentence and the fix for people.

    ``matched`` says that it is proven: with this one thing changed, the digest is the one that came.
    ``variant`` says in a few words what was changed.
    """

    code: str
    sentence: str
    fix: str
    matched: bool = False
    variant: str | None = None
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """One candidate of the search, and whether it gave the digest."""

    code: str
    description: str
    matched: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """Something observed that narrows the search when nothing is proven, as a code and a sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Match:
    """What gives the digest that came: with these, ``check`` finds a match.

    It holds a secret's value, and so is shown by ``explain`` on demand, but neither stored nor served.
    """

    message: Message = field(repr=False)
    scheme: Scheme
    secret: Secret


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a verification is not valid, likeliest cause first; proven ones lead.

    ``cause`` is the code of the first, ``unknown`` when nothing is proven or plain to see, and the
    verification's own (``ok``) when it is valid. ``seconds`` is what the search took.
    """

    verification: Verification
    causes: tuple[Cause, ...]
    tried: tuple[Tried, ...] = ()
    facts: tuple[Fact, ...] = ()
    match: Match | None = field(default=None, repr=False)
    seconds: float = 0.0

    @property
    def cause(self) -> str:
        return self.causes[0].code if self.causes else self.verification.cause


def as_json(diagnosis: Diagnosis) -> dict[str, object]:
    """The *diagnosis* as it is stored and served: no digest that a secret gives, and no secret's value."""
    return {
        "status": str(diagnosis.verification.status),
        "cause": diagnosis.cause,
        "causes": [_cause(each) for each in diagnosis.causes],
        "tried": [
            {"code": each.code, "description": each.description, "matched": each.matched}
            for each in diagnosis.tried
        ],
        "facts": [{"code": each.code, "sentence": each.sentence} for each in diagnosis.facts],
        "seconds": round(diagnosis.seconds, 4),
    }


def _cause(cause: Cause) -> Mapping[str, object]:
    difference = cause.difference
    return {
        "code": cause.code,
        "sentence": cause.sentence,
        "fix": cause.fix,
        "matched": cause.matched,
        "variant": cause.variant,
        "difference": None
        if difference is None
        else {
            "of": difference.of,
            "offset": difference.offset,
            "here": difference.here,
            "signed": difference.signed,
            "here_bytes": difference.here_bytes,
            "signed_bytes": difference.signed_bytes,
        },
    }
