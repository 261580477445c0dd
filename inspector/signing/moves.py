"""The moves of the search: each changes one thing of a state, and yields the likeliest change first."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from inspector.models import Message, Secret
from inspector.signing import senders
from inspector.signing.body_variants import BodyVariant, body_variants
from inspector.signing.catalog import SENDERS
from inspector.signing.detection import index_headers
from inspector.signing.digest_texts import digest_texts
from inspector.signing.digests import HASH_SIZES, claims, readings
from inspector.signing.json_forms import JsonText
from inspector.signing.layouts import layouts
from inspector.signing.scheme import Algorithm, Encoding, Part, Scheme
from inspector.signing.secret_variants import secret_variants
from inspector.signing.url_variants import url_variants

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{56,172}={0,2}")  # of the hex digits of a digest
_LIKELY_BODIES = frozenset(
    f"body_{code}"
    for code in (
        "newline_added",
        "newline_removed",
        "whitespace_trimmed",
        "json_compact",
        "json_compact_ascii",
        "json_spaced",
        "json_spaced_ascii",
        "json_indent2",
    )
)


class State(NamedTuple):
    """What is checked: a message by a scheme with secrets, of which any may match."""

    message: Message
    scheme: Scheme
    secrets: tuple[Secret, ...]


class Change(NamedTuple):
    """One thing changed: a cause's code, words for its sentence, and a description by itself."""

    code: str
    words: str
    description: str


Move = Callable[[State], Iterator[tuple[Change, State]]]


def other_secrets(registered: tuple[Secret, ...]) -> Move:
    """The secrets that are *registered* elsewhere, one by one."""

    def move(state: State) -> Iterator[tuple[Change, State]]:
        known = {secret.value for secret in state.secrets}
        for secret in registered:
            if secret.value and secret.value not in known:
                change = Change(
                    f"other_secret:{secret.name}", "", f"the secret {secret.name}, registered elsewhere"
                )
                yield change, state._replace(secrets=(secret,))

    return move


def secret_forms(state: State) -> Iterator[tuple[Change, State]]:
    """The secrets in other forms than they are registered in."""
    for secret in state.secrets:
        for code, words, value, form in secret_variants(secret.value, state.scheme.secret_form):
            scheme = (
                state.scheme if form is state.scheme.secret_form else replace(state.scheme, secret_form=form)
            )
            change = Change(code, words, f"the secret {secret.name} {words}")
            yield change, State(state.message, scheme, (Secret(secret.name, value),))


def spellings(state: State) -> Iterator[tuple[Change, State]]:
    """The signature read in another encoding, or as that of another hash."""
    scheme = state.scheme
    if scheme.algorithm.asymmetric or scheme.algorithm is Algorithm.EQUALITY:
        return
    seen = {(scheme.signature.encoding, scheme.hash)}
    for text in _claimed(state):
        found = readings(text)
        for encoding, digest in found.items():
            name = HASH_SIZES[len(digest)]
            doubtful = (
                encoding is not Encoding.HEX and Encoding.HEX in found
            )  # hex digits are base64 letters too
            if (encoding, name) not in seen and not (doubtful and name != scheme.hash):
                seen.add((encoding, name))
                yield _spelled(state, encoding, name)


def bare_hashes(state: State) -> Iterator[tuple[Change, State]]:
    """A hash of secret and content, where the scheme has an HMAC."""
    scheme = state.scheme
    if scheme.algorithm is not Algorithm.HMAC or scheme.code:
        return
    for content, words in (
        ((Part.KEY, *scheme.content), "of the secret and then the content"),
        ((*scheme.content, Part.KEY), "of the content and then the secret"),
        (scheme.content, "of the content alone"),
    ):
        change = Change("hash_without_key", words, f"a bare hash {words}")
        yield change, state._replace(scheme=replace(scheme, algorithm=Algorithm.HASH, content=content))


def _claimed(state: State) -> list[bytes]:
    headers = index_headers(state.message.headers)
    _, values = state.scheme.signature.header.find(headers)
    if state.scheme.signature.in_body:
        reading = senders.read(state.scheme, state.message, headers, values)
        return [claim.text for claim in reading.claims]
    return [claim.text for claim in claims(state.scheme.signature, values)]


def _spelled(state: State, encoding: Encoding, hash_name: str) -> tuple[Change, State]:
    scheme = state.scheme
    by = f"by SHA-{hash_name.removeprefix('sha')}"
    if hash_name == scheme.hash:
        change = Change(f"encoding_{encoding}", f"in {encoding}", f"the digest in {encoding}")
    elif encoding is scheme.signature.encoding:
        change = Change(f"hash_{hash_name}", by, f"the digest {by}")
    else:
        change = Change(f"hash_{hash_name}", f"{by} and in {encoding}", f"the digest {by} in {encoding}")
    signature = replace(scheme.signature, encoding=encoding)
    return change, state._replace(scheme=replace(scheme, signature=signature, hash=hash_name))


def headers(state: State) -> Iterator[tuple[Change, State]]:
    """Every digest that the signature header holds, as the sender would write it."""
    syntax = state.scheme.signature
    name, values = syntax.header.find(index_headers(state.message.headers))
    seen = set(values) if len(values) == 1 else set()
    for value in values:
        for code, words, digest in _digests_in(value):
            clean = syntax.prefix + digest
            if syntax.separator is not None:
                clean = value + syntax.separator + clean
            if clean not in seen:
                seen.add(clean)
                change = Change(code, words, f"the digest in the {name} header, {words}")
                yield change, state._replace(message=_with_header(state.message, name, clean))


def _digests_in(value: bytes) -> Iterator[tuple[str, str, bytes]]:
    plain = value.replace(b"%3D", b"=").replace(b"%2B", b"+").replace(b"%2F", b"/")
    for digest in digest_texts(plain):
        yield "signature_format", "read without what surrounds it", digest.text
    for text in _BASE64.findall(plain):
        with suppress(ValueError):
            inner = binascii.a2b_base64(text, strict_mode=True)
            if Encoding.HEX in readings(inner):
                yield "encoding_base64_of_hex", "in base64 of its hex digits", inner


def _with_header(message: Message, name: str, value: bytes) -> Message:
    """The *message* with one header *name* in place of all."""
    own = name.lower().encode("ascii")
    others = tuple(pair for pair in message.headers if pair[0].lower() != own)
    return replace(message, headers=(*others, (own, value)))


class Bodies:
    """Other bodies that may have been signed. The state's own is *given* as JSON when it is that.

    *is_over* says when to stop making them.
    """

    def __init__(self, given: JsonText | None, is_over: Callable[[], bool]) -> None:
        self.given = given
        self.is_over = is_over
        self.likely: list[BodyVariant] = []

    def every(self, state: State) -> Iterator[tuple[Change, State]]:
        """All of them; the likeliest are kept for pairs."""
        for variant in body_variants(state.message.body, self.given, self.is_over):
            if variant.code in _LIKELY_BODIES:
                self.likely.append(variant)
            yield _with_body(state, variant)

    def likely_ones(self, state: State) -> Iterator[tuple[Change, State]]:
        """The likeliest of those that were made, without making them again."""
        for variant in self.likely:
            yield _with_body(state, variant)


def _with_body(state: State, variant: BodyVariant) -> tuple[Change, State]:
    code, words, body = variant
    message, scheme, secrets = state
    changed = Message(body, message.headers, message.method, message.url, message.complete)
    return Change(code, words, f"the body {words}"), State(changed, scheme, secrets)


def urls(state: State) -> Iterator[tuple[Change, State]]:
    """Other URLs, where the scheme signs one."""
    if state.message.url is None or not state.scheme.covers(Part.URL):
        return
    for code, words, url in url_variants(state.message.url, state.message.headers):
        message = replace(state.message, url=url)
        yield Change(code, words, f"the URL {words}"), state._replace(message=message)


def contents(state: State) -> Iterator[tuple[Change, State]]:
    """Other layouts of what is signed, where the scheme's own is no code."""
    if state.scheme.code or state.scheme.algorithm is Algorithm.EQUALITY:
        return
    for code, words, content in layouts(state.message, state.scheme):
        change = Change(code, words, f"a signature over {words}")
        yield change, state._replace(scheme=replace(state.scheme, content=content))


def other_schemes(own: tuple[Scheme, ...]) -> Move:
    """Other senders whose signature header came: the user's *own*, then those of the catalogue."""

    def move(state: State) -> Iterator[tuple[Change, State]]:
        index = index_headers(state.message.headers)
        seen = {_way(state.scheme)}
        for row in (*own, *SENDERS):
            if row.signature.header.find(index)[1] and _way(row) not in seen:
                seen.add(_way(row))
                change = Change(f"other_scheme:{row.name}", "", f"the scheme {row.name}")
                yield change, state._replace(scheme=row)

    return move


def _way(row: Scheme) -> tuple[object, ...]:
    """What of a row decides whether a signature matches."""
    return row.signature, row.algorithm, row.hash, row.content, row.timestamp, row.secret_form, row.code
