"""Why a signature fails, proven: change one thing, and see whether the digest is the one that came.

Deterministic, likeliest and cheapest first, one change at a time and then a bounded set of pairs; the first
match ends the search. What matches is confirmed by ``check``, so that the rule that verifies is the rule that
explains. Nothing that stands in a message or a secret makes it raise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from inspector.models import Message, Secret, Verification, VerificationStatus
from inspector.signing import moves
from inspector.signing.body_variants import LARGEST_BYTES
from inspector.signing.diagnosis import UNKNOWN, Cause, Diagnosis, Fact, Match
from inspector.signing.engine import check
from inspector.signing.evidence import gather
from inspector.signing.facts import History, facts_of_the_way, gather_facts
from inspector.signing.findings import as_cause, cut_digest, proven, refuted, stated, wrong_length
from inspector.signing.guess import guess
from inspector.signing.json_forms import read_json
from inspector.signing.lookup import find_scheme
from inspector.signing.moves import Change, Move, State
from inspector.signing.scheme import Scheme
from inspector.signing.search import Hit, Search

BUDGET_SECONDS = 1.0
_SECRETS_IN_PAIRS = 3
_LARGEST_IN_PAIRS_BYTES = 1 << 17


def diagnose(
    message: Message,
    scheme: Scheme,
    secrets: Sequence[Secret],
    *,
    other_secrets: Sequence[Secret] = (),
    own_schemes: Sequence[Scheme] = (),
    now: float,
    tolerance: float | None = None,
    history: History | None = None,
    budget_seconds: float = BUDGET_SECONDS,
) -> Diagnosis:
    """Why *message* does not verify by *scheme* with *secrets*; for a valid one, that it does.

    *other_secrets* are registered elsewhere; *own_schemes* are the user's, tried beside the catalogue's, as
    are those that an ``auto`` knows; *now* (Unix seconds) and *tolerance* are those of ``check``.
    *history* is what the caller knows of other deliveries. The search stops after *budget_seconds*, looked at
    between candidates, and varies no body above ``LARGEST_BYTES``.
    """
    verification = check(message, scheme, secrets, now=now, tolerance=tolerance)
    search = Search(now, budget_seconds)
    evidence = gather(message, scheme, now=now, tolerance=tolerance)
    row = evidence.scheme
    state = State(message, row, _usable(secrets))
    others = moves.other_secrets(_usable(other_secrets))
    senders = moves.other_schemes((*own_schemes, *scheme.among))
    status = verification.status
    if status is VerificationStatus.VALID:
        return Diagnosis(verification, ())
    own = stated(verification, state)
    if status is VerificationStatus.UNAVAILABLE or verification.cause == "scheme_none":
        return Diagnosis(verification, (own,))
    secret = search.matching(state)
    if secret is not None:
        return Diagnosis(verification, (replace(own, matched=True),), match=Match(message, row, secret))
    if status in (VerificationStatus.MISSING, VerificationStatus.UNCONFIGURED):
        return _unsigned(verification, own, search, state, others, senders)
    given = read_json(message.body) if len(message.body) <= LARGEST_BYTES else None
    if status is VerificationStatus.MALFORMED:
        hit = search.one(state, senders)
        if hit is not None:  # nothing is wrong with it: it is another sender's
            return _found(verification, proven(hit, state), search, hit)
        hit = _search_header(search, state)
    else:
        hit = _search(search, state, others, senders, moves.Bodies(given, search.is_over))
    if hit is not None:
        causes = proven(hit, state)
        if status is VerificationStatus.MALFORMED:
            causes = (replace(causes[0], code=own.code, sentence=own.sentence, fix=own.fix), *causes[1:])
        return _found(verification, causes, search, hit)
    if own.code == UNKNOWN:
        own = wrong_length(state) or own
    facts = (
        *refuted(evidence),
        *cut_digest(state, evidence),
        *gather_facts(message, row, state.secrets, verification, history, given),
        *_limits(search, message),
    )
    return Diagnosis(verification, (own,), tuple(search.tried), facts, seconds=search.seconds)


def _usable(secrets: Sequence[Secret]) -> tuple[Secret, ...]:
    return tuple(secret for secret in secrets if secret.value)


def _found(
    verification: Verification, causes: tuple[Cause, ...], search: Search, hit: Hit | None
) -> Diagnosis:
    match = None if hit is None else Match(hit.state.message, hit.state.scheme, hit.secret)
    return Diagnosis(verification, causes, tuple(search.tried), (), match, search.seconds)


def _unsigned(
    verification: Verification, own: Cause, search: Search, state: State, others: Move, senders: Move
) -> Diagnosis:
    """What stands in the message in place of a signature by the scheme, or a secret that would fit it."""
    hit = search.one(state, others, senders)
    if hit is not None:
        found = proven(hit, state)
        if found[0].code == own.code:
            return _found(verification, found, search, hit)
        return _found(verification, (own, *found), search, hit)
    for secret in state.secrets:
        guessed = guess(state.message, secret.value, now=search.now, budget_seconds=search.left_seconds)
        if guessed is not None:
            scheme = find_scheme(guessed.scheme, guessed.options)
            match = Match(
                state.message, scheme, Secret(secret.name, secret.value.removeprefix(guessed.secret_prefix))
            )
            causes = (own, as_cause(guessed))
            return Diagnosis(verification, causes, tuple(search.tried), (), match, search.seconds)
    facts = tuple(facts_of_the_way(state.message))
    return Diagnosis(verification, (own,), tuple(search.tried), facts, seconds=search.seconds)


def _search_header(search: Search, state: State) -> Hit | None:
    """The digests in a header that is not written as it should be."""
    words = "a reading of the header and a spelling of the digest"
    return search.one(state, moves.headers) or search.two(state, moves.headers, moves.spellings, words)


def _search(search: Search, state: State, others: Move, senders: Move, bodies: moves.Bodies) -> Hit | None:
    """One change; then two at once, of bodies that are hashed quickly."""
    hit = search.one(
        state,
        others,
        moves.secret_forms,
        moves.spellings,
        moves.bare_hashes,
        moves.headers,
        moves.urls,
        bodies.every,
        moves.contents,
        senders,
    )
    if hit is not None or len(state.message.body) > _LARGEST_IN_PAIRS_BYTES:
        return hit
    few = state._replace(secrets=state.secrets[:_SECRETS_IN_PAIRS])
    for first, second, words in _pairs(few, others, bodies.likely_ones):
        hit = search.two(few, first, second, words)
        if hit is not None:
            return hit
    return None


def _pairs(few: State, others: Move, bodies: Move) -> Iterator[tuple[Move, Move, str]]:
    """Which two moves are paired, likeliest first, with words for both."""
    secret, body, layout, spelling = "a form of the secret", "a body", "a layout", "a spelling of the digest"
    yield others, bodies, f"another secret and {body}"
    yield moves.urls, bodies, f"a URL and {body}"
    yield moves.urls, moves.secret_forms, f"a URL and {secret}"
    yield moves.secret_forms, bodies, f"{secret} and {body}"
    yield moves.contents, moves.secret_forms, f"{layout} and {secret}"
    yield moves.contents, bodies, f"{layout} and {body}"
    for change, spelled in moves.spellings(few):
        again = _made(change, spelled)
        yield again, others, f"{spelling} and another secret"
        yield again, moves.secret_forms, f"{spelling} and {secret}"
        yield again, moves.urls, f"{spelling} and a URL"
        yield again, bodies, f"{spelling} and {body}"
        yield again, moves.contents, f"{spelling} and {layout}"


def _made(change: Change, changed: State) -> Move:
    """The move that makes this one change."""
    return lambda _: iter([(change, changed)])


def _limits(search: Search, message: Message) -> tuple[Fact, ...]:
    """How much was tried, and what was not."""
    facts: tuple[Fact, ...] = ()
    if search.count:
        tried = (
            f"{search.count} variants, single changes and pairs of them, do not give the digest that came."
        )
        facts += (Fact("candidates_tried", tried),)
    if search.stopped:
        facts += (Fact("search_stopped", "The search ran out of time: not everything was tried."),)
    if len(message.body) > LARGEST_BYTES:
        facts += (Fact("body_not_varied", "The body is over 1 MiB: no other forms of it were tried."),)
    return facts
