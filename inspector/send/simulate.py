"""Test callbacks: signed as the endpoint's sender would, or spoilt in one known way.

Each comes with the verdict that a right receiver gives it, so that sending one is a test of the receiver.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from math import floor, isfinite

from inspector import signing
from inspector.errors import InvalidInput
from inspector.models import VerificationStatus
from inspector.send import spoiling
from inspector.send.draft import Draft, Terms
from inspector.send.outgoing import Outgoing
from inspector.send.payload import ANSWER, LARGE_ANSWER, LARGE_BYTES, sample_payload
from inspector.send.tamper import Tamper
from inspector.send.targets import Target
from inspector.signing import Scheme
from inspector.signing.scheme import Age

JSON = "application/json"
USER_AGENT = "callback-inspector"

BEYOND_SECONDS = 60
"""How far outside the tolerance a stale or future timestamp lies: longer than any delivery takes."""

_LATEST_SECONDS = 253_402_300_800
"""The year 10,000: timestamps end before it."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """A callback ready to be sent, what was done to it, and the verdict a right receiver gives it."""

    request: Outgoing
    tamper: Tamper | None
    done: str
    expected: VerificationStatus

    @property
    def sentence(self) -> str:
        return f"The callback was {self.done}; a right receiver's verdict is {self.expected}."


def callback(
    scheme: Scheme,
    secret: str | None,
    target: Target,
    *,
    body: bytes | None = None,
    content_type: str = JSON,
    tamper: Tamper | None = None,
    timestamp: float | None = None,
    tolerance_seconds: float | None = None,
    message_id: str | None = None,
    signed_url: str | None = None,
    signed: bool = True,
) -> Simulation:
    """A test callback to *target*, signed as *scheme* does, under ``auto`` as Blaxel does.

    *scheme*, *secret* and *tolerance_seconds* (None: the scheme's own) are those that the receiver checks
    with; without a secret, under ``none``, or when it is not to be *signed*, nothing is signed. *body* is by
    default what Blaxel would send for an agent that answered. *timestamp*, in Unix seconds, replaces this
    moment. *signed_url* is the URL that the receiver knows itself by, where it is not *target*'s.

    Raises InvalidInput on ``tamper`` for a kind that means nothing here, on ``timestamp``, and for what the
    scheme cannot sign with.
    """
    row = signing.find_scheme("blaxel") if scheme.name == "auto" else scheme
    now = time.time()
    terms = Terms(
        scheme=row,
        secret=secret if row.signs and signed else None,
        now=now,
        timestamp=_moment(row, tamper, timestamp, tolerance_seconds, now),
        tolerance_seconds=tolerance_seconds,
        url=signed_url or target.url,
        message_id=message_id or (str(uuid.uuid4()) if row.message_id is not None else None),
    )
    large = tamper is Tamper.LARGE
    if body is None:
        body, content_type = sample_payload(
            row, LARGE_ANSWER if large else ANSWER, terms.timestamp, content_type
        )
    # Blanks at the end leave JSON what it was.
    plain = body.ljust(LARGE_BYTES + 1) if large else body
    if not terms.secret:
        request = _request(Draft(plain, content_type), target)
        return _unsigned(row, request, tamper, withheld=bool(secret) and row.signs)
    draft, expected = spoiling.spoil(terms, Draft(plain, content_type), tamper)
    done = f"signed as {row.sender} signs" if tamper is None else tamper.done
    if timestamp is not None:
        done += f", with {floor(timestamp)} for its time"
    return Simulation(_request(draft, target), tamper, done, expected)


def _unsigned(row: Scheme, request: Outgoing, tamper: Tamper | None, *, withheld: bool) -> Simulation:
    """The callback when nothing is signed, so that nothing can be spoilt either; *withheld* although there
    was a secret to sign with."""
    if tamper is not None:
        why = "What is not signed has" if withheld else "Without a secret there is"
        raise InvalidInput.of("tamper", f"{why} no signature to tamper with.")
    if withheld:
        return Simulation(request, None, "not signed, as was asked for", VerificationStatus.MISSING)
    why = "there is no secret to sign with" if row.signs else f"the scheme {row.name} checks nothing"
    return Simulation(request, None, f"not signed, because {why}", VerificationStatus.UNCONFIGURED)


def _moment(
    row: Scheme, tamper: Tamper | None, timestamp: float | None, tolerance: float | None, now: float
) -> float:
    """When the callback says that it was signed, in Unix seconds."""
    if timestamp is not None and not (isfinite(timestamp) and 0 <= timestamp < _LATEST_SECONDS):
        raise InvalidInput.of("timestamp", "The timestamp must be Unix seconds, from 0 to the year 9999.")
    if tamper not in (Tamper.STALE, Tamper.FUTURE):
        return now if timestamp is None else timestamp
    if timestamp is not None:
        raise InvalidInput.of("timestamp", f"The kind {tamper} sets the timestamp itself.")
    if row.timestamp is None or row.timestamp.age is Age.IGNORED:
        raise InvalidInput.of("tamper", f"The scheme {row.name} has no timestamp that anyone checks.")
    beyond = (row.timestamp.tolerance_seconds if tolerance is None else tolerance) + BEYOND_SECONDS
    if beyond > now:
        raise InvalidInput.of("tamper", "Every timestamp there can be is within the tolerance.")
    return now - beyond if tamper is Tamper.STALE else now + beyond


def _request(draft: Draft, target: Target) -> Outgoing:
    fields = [
        ("Host", target.authority),
        ("User-Agent", USER_AGENT),
        ("Content-Type", draft.content_type),
        *draft.signature,
        ("Content-Length", str(len(draft.body))),
    ]
    headers = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in fields)
    return Outgoing("POST", target.target, headers, draft.body)
