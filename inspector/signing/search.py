"""The search itself: one candidate after the other, within a budget of time."""

from __future__ import annotations

from itertools import islice
from time import perf_counter
from typing import NamedTuple

from inspector.models import Message, Secret, SignatureState
from inspector.signing.diagnosis import Tried
from inspector.signing.digests import digest_of, readings
from inspector.signing.engine import check
from inspector.signing.evidence import Evidence, gather
from inspector.signing.moves import Change, Move, State
from inspector.signing.proving import missing_packages, prove
from inspector.signing.scheme import Algorithm, Encoding, Scheme
from inspector.signing.secret_forms import UnusableSecret

FIRST_OF_PAIRS, SECOND_OF_PAIRS = 4, 8
"""How many changes by each of two moves are paired."""


class Hit(NamedTuple):
    """A state whose signature is right, with the secret that matched and what was changed to get there."""

    changes: tuple[Change, ...]
    state: State
    secret: Secret


class Search:
    """A search as of *now* (Unix seconds) that stops after *budget_seconds*; ``tried`` has its candidates."""

    def __init__(self, now: float, budget_seconds: float) -> None:
        self.now = now
        self.started = perf_counter()
        self.deadline = self.started + budget_seconds
        self.tried: list[Tried] = []
        self.stopped = False
        self.count = 0
        self._known: Evidence | None = None
        self._claimed: dict[Encoding, set[bytes]] = {}

    @property
    def seconds(self) -> float:
        return perf_counter() - self.started

    @property
    def left_seconds(self) -> float:
        return self.deadline - perf_counter()

    def one(self, state: State, *moves: Move) -> Hit | None:
        """The first change by one of *moves* that gives the digest."""
        for move in moves:
            for change, other in move(state):
                if self.is_over():
                    return None
                secret = self.matching(other)
                self.count += 1
                self.tried.append(Tried(change.code, change.description, secret is not None))
                if secret is not None:
                    return Hit((change,), other, secret)
        return None

    def two(self, state: State, first: Move, second: Move, words: str) -> Hit | None:
        """The first change by *first* and then *second* that gives the digest; *words* say what is paired."""
        count, hit = 0, None
        for one, between in islice(first(state), FIRST_OF_PAIRS):
            for other, last in islice(second(between), SECOND_OF_PAIRS):
                if self.is_over():
                    break
                count += 1
                self.count += 1
                secret = self.matching(last)
                if secret is not None:
                    hit = Hit((one, other), last, secret)
                    break
            if hit is not None or self.stopped:
                break
        if count:
            self.tried.append(Tried("pairs", f"{count} pairs of {words}", hit is not None))
        return hit

    def matching(self, state: State) -> Secret | None:
        """The secret of *state* that gives the signature which came."""
        message, scheme, secrets = state
        known = self._known
        if known is None or not _reads_alike(known, message, scheme):
            known = self._read(state)
            if known is None:
                return None
        for secret in secrets:
            try:
                given = self._gives(known, message, scheme, secret.value)
            except UnusableSecret:
                continue
            # What matched is confirmed by the whole check, which also asks what no digest can tell.
            if given and check(message, scheme, [secret], now=self.now).signature is SignatureState.MATCH:
                return secret
        return None

    def _read(self, state: State) -> Evidence | None:
        """What the scheme sees of the message; None when there is nothing to prove."""
        if missing_packages(state.scheme):
            return None
        evidence = gather(state.message, state.scheme, now=self.now, tolerance=None)
        if evidence.absent or evidence.failure or (evidence.reading is not None and evidence.reading.refuted):
            return None
        self._known = evidence
        self._claimed = _claimed(evidence)
        return evidence

    def _gives(self, known: Evidence, message: Message, scheme: Scheme, secret: str) -> bool:
        """Whether *secret* gives a signature that came. Digests are compared as bytes: quicker than text."""
        if scheme.algorithm not in (Algorithm.HMAC, Algorithm.HASH) or known.reading is not None:
            evidence = known if known.reading is not None else known._replace(message=message, scheme=scheme)
            return prove(evidence.scheme, secret, evidence.items(secret)) is not None
        content = message.body
        if not scheme.body_alone:
            content = known._replace(message=message, scheme=scheme).signed_content(secret)
        return digest_of(content, scheme, secret) in self._claimed.get(scheme.signature.encoding, ())

    def is_over(self) -> bool:
        """Whether the budget is spent."""
        self.stopped = self.stopped or perf_counter() > self.deadline
        return self.stopped


def _reads_alike(known: Evidence, message: Message, scheme: Scheme) -> bool:
    """Whether *message* and *scheme* differ from those *known* in nothing but what the digest is made of."""
    row, syntax = known.scheme, scheme.signature
    return (
        message.headers is known.message.headers
        and known.reading is None
        and not scheme.code
        and scheme.timestamp is row.timestamp
        and scheme.message_id is row.message_id
        and syntax.header is row.signature.header
        and syntax.prefix == row.signature.prefix
        and syntax.separator == row.signature.separator
        and not (scheme.timestamp is not None and scheme.timestamp.json_path)
    )


def _claimed(evidence: Evidence) -> dict[Encoding, set[bytes]]:
    """The digests that came, by the encoding they are read in."""
    found: dict[Encoding, set[bytes]] = {}
    for claim in evidence.claims:
        for encoding, digest in readings(claim.text).items():
            found.setdefault(encoding, set()).add(digest)
    return found
