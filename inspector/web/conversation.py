"""The conversation: all attempts of one message, what changed from one to the next, what each was answered.

It shows whether a sender that tries again keeps its word: the same id, the same body, a fresh signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inspector.models import Delivery, HeaderPairs
from inspector.signing import signature_headers
from inspector.web import wording
from inspector.web.promises import PROMISES, Promise
from inspector.web.wording import Verdict

MOST_TURNS = 20
"""So many attempts are compared, the newest ones: each is read whole."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One attempt and its answer. ``gap`` is the time since the one before; ``notes`` compare it with that.

    ``odd`` are comparisons that contradict what the sender documents.
    """

    number: int
    url: str
    shown: bool
    received_at: datetime
    gap: str
    verdict: Verdict
    answer: str
    notes: tuple[str, ...]
    odd: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """The attempts of one message, oldest first; ``left_out`` counts those before."""

    turns: tuple[Turn, ...]
    promise: str
    left_out: int = 0


def conversation(
    attempts: Sequence[Delivery], shown_id: int, urls: Sequence[str], left_out: int = 0
) -> Conversation | None:
    """The conversation of *attempts*, oldest first, each with its address; None for a single one."""
    if len(attempts) + left_out < 2:
        return None
    scheme = attempts[-1].verification.scheme
    promise = PROMISES.get(scheme)
    turns = []
    before: Delivery | None = None
    for attempt, url in zip(attempts, urls, strict=True):
        notes, odd = ((), ()) if before is None else _compared(before, attempt, promise)
        turns.append(
            Turn(
                number=attempt.attempt,
                url=url,
                shown=attempt.id == shown_id,
                received_at=attempt.request.received_at,
                gap="" if before is None else _gap(before, attempt),
                verdict=wording.VERDICTS[attempt.verification.status],
                answer=_answer(attempt),
                notes=notes,
                odd=odd,
            )
        )
        before = attempt
    said = promise.sentence if promise else "What its sender documents about sending again is not known here."
    return Conversation(tuple(turns), said, left_out)


def _compared(
    before: Delivery, attempt: Delivery, promise: Promise | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What stayed and what changed, and what of that is not as documented."""
    same_body = attempt.request.body == before.request.body
    fresh = _signatures(attempt.request.headers) != _signatures(before.request.headers)
    signed = bool(_signatures(attempt.request.headers))
    notes = ["same id", "same body" if same_body else "another body"]
    if signed:
        notes.append("fresh signature" if fresh else "same signature")
    odd = []
    if promise is not None and signed and promise.fresh is not None and promise.fresh != fresh:
        odd.append("a fresh signature was promised" if promise.fresh else "the same signature was promised")
    if not same_body:
        odd.append("an attempt should repeat the body")
    return tuple(notes), tuple(odd)


def _signatures(headers: HeaderPairs) -> list[bytes]:
    """The values of all signature headers, in order."""
    names = {name.lower().encode("latin-1") for name, _ in signature_headers(headers)}
    return [value for name, value in headers if name.lower() in names]


def _gap(before: Delivery, attempt: Delivery) -> str:
    seconds = (attempt.request.received_ns - before.request.received_ns) / 1e9
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms later"
    return f"{seconds:.1f} s later" if seconds < 10 else f"{wording.age(seconds)} later"


def _answer(attempt: Delivery) -> str:
    sent = attempt.sent
    return f"answered {sent.reply.status}" if sent.completed else "gone before it was answered"
