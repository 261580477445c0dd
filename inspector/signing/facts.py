"""Facts that narrow a failure without a proven cause: what came here before, what stands in the message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from inspector.models import Message, Secret, TimestampState, Verification, header_values
from inspector.signing.diagnosis import Fact
from inspector.signing.json_forms import JsonText, loose_numbers
from inspector.signing.scheme import Scheme, SecretForm

_PROXY = re.compile(
    rb"via|forwarded|x-forwarded-.+|x-real-ip|x-original-.+|cf-.+|x-amz-.+|x-amzn-.+|x-envoy-.+|"
    rb"x-cloud-trace-context|fly-.+|ngrok-.+|true-client-ip|x-vercel-(?!signature).+|x-request-start"
)
_MOST_LOOKED_THROUGH = 1 << 18
_FOREIGN_SECRETS = (
    (re.compile(r"(sk|rk)_(live|test)_"), "a Stripe API key; webhooks are signed with the endpoint's whsec_"),
    (re.compile(r"pk_(live|test)_"), "a publishable key, which signs nothing"),
    (re.compile(r"xox[abeprs]-|xapp-"), "a Slack token; requests are signed with the app's signing secret"),
    (re.compile(r"EAA[A-Za-z0-9]{20}"), "a Meta access token; callbacks are signed with the app secret"),
    (
        re.compile(r"gh[opsu]_|github_pat_"),
        "a GitHub token; deliveries are signed with the webhook's own secret",
    ),
    (re.compile(r"shp(at|ss|ca|pa)_"), "a Shopify token; webhooks are signed with the app's client secret"),
    (re.compile(r"-----BEGIN |MFkw|MIIB"), "a public key or certificate"),
    (re.compile(r"eyJ[A-Za-z0-9_-]+\.eyJ"), "a token in JWT form"),
    (re.compile(r"https?://"), "an address"),
)


@dataclass(frozen=True, slots=True)
class History:
    """What the caller knows of earlier deliveries of the same endpoint, checked with the same secrets.

    ``verified`` and ``failed`` count those whose digest was right or wrong, ``…_non_ascii`` those of them
    whose body holds bytes outside ASCII. ``same_body`` names a delivery with this very body under another
    signature.
    """

    verified: int = 0
    failed: int = 0
    verified_non_ascii: int = 0
    failed_non_ascii: int = 0
    same_body: int | None = None


def gather_facts(
    message: Message,
    scheme: Scheme,
    secrets: Sequence[Secret],
    verification: Verification,
    history: History | None,
    given: JsonText | None,
) -> Iterator[Fact]:
    """What is known of *message*, whose body is *given* as JSON when it is that."""
    if history is not None:
        yield from _history(history, message)
    yield from facts_of_the_way(message)
    yield from _body(message, given)
    yield from _time(verification)
    for secret in secrets:
        yield from _shape(secret, scheme)


def _history(history: History, message: Message) -> Iterator[Fact]:
    total = history.verified + history.failed
    if not total:
        yield Fact("first_here", "Nothing else came here that could be compared.")
    elif not history.verified:
        yield Fact(
            "never_verified",
            f"{_others(total, 'All')} here failed too: suspect the secret or the scheme.",
        )
    elif not history.failed:
        yield Fact(
            "always_verified",
            f"{_others(total, 'All')} here verified: secret and scheme are right, so suspect what happened "
            "to this one.",
        )
    else:
        yield Fact(
            "sometimes_verified",
            f"{history.verified:,} of {total:,} other deliveries here verified: the secret is right for "
            "those, so suspect what happens to bodies on the way.",
        )
    only_non_ascii = history.failed_non_ascii == history.failed and not history.verified_non_ascii
    if history.verified and history.failed and only_non_ascii and not message.body.isascii():
        yield Fact(
            "only_non_ascii_fails",
            "Only bodies with characters outside ASCII fail here: suspect a change of charset.",
        )
    if history.same_body is not None:
        yield Fact(
            "same_body_other_signature",
            f"Delivery {history.same_body} has this very body under another signature: compare when and by "
            "which sender each was signed.",
        )


def _others(number: int, quantifier: str) -> str:
    """The other deliveries as the subject of a sentence; *quantifier* stands before several."""
    return "The one other delivery" if number == 1 else f"{quantifier} {number:,} other deliveries"


def facts_of_the_way(message: Message) -> Iterator[Fact]:
    """What is known of what happened between sender and here."""
    names = dict.fromkeys(
        name.decode("latin-1") for name, _ in message.headers if _PROXY.fullmatch(name.lower())
    )
    if names:
        shown = ", ".join(list(names)[:5])
        yield Fact("proxy", f"Something stood between sender and here ({shown}), and can have changed bytes.")
    declared = declared_length(message)
    if declared is not None and message.complete:
        came = len(message.body)
        if declared == came:
            yield Fact("length_as_declared", f"The body has the {came:,} bytes that its head declares.")
        else:
            yield Fact("length_differs", f"{came:,} bytes came, and the head declares {declared:,}.")
    for value in header_values(message.headers, b"content-encoding"):
        coding = ascii(value.decode("latin-1"))[1:-1][:40]
        yield Fact(
            "content_encoding",
            f"The body travels in Content-Encoding {coding}: some senders sign what is inside, some what "
            "travels.",
        )


def declared_length(message: Message) -> int | None:
    """The body size that the message's head declares; None when it does not, or not in a plain number."""
    values = set(header_values(message.headers, b"content-length"))
    if len(values) != 1:
        return None
    (value,) = values
    return int(value) if value.isdigit() and len(value) < 16 else None


def _body(message: Message, given: JsonText | None) -> Iterator[Fact]:
    body = message.body
    types = b" ".join(header_values(message.headers, b"content-type")).lower()
    if b"\xef\xbf\xbd" in body:
        yield Fact(
            "replacement_characters",
            "The body holds U+FFFD, which stands where a character was lost: it was decoded in a wrong "
            "charset, and what was signed cannot be restored.",
        )
    if not body.isascii():
        yield Fact("non_ascii", "The body holds bytes outside ASCII: suspect a change of charset.")
    if body[-1:] == b"\n":
        yield Fact("ends_with_newline", "The body ends with a newline.")
    if given is None:
        if b"json" in types and body:
            yield Fact(
                "not_json", "The body is declared as JSON and is none: suspect that it was cut or wrapped."
            )
        return
    looked_through = len(given.text) <= _MOST_LOOKED_THROUGH
    if looked_through and _holds_twice(given.text):
        yield Fact(
            "duplicate_keys",
            "A key stands twice in one object: who parses and writes it again loses one, so this body was "
            "not rewritten that way.",
        )
    if looked_through and loose_numbers(given.text):
        yield Fact(
            "numbers_not_restorable",
            "The body holds numbers that have several spellings (1.50 or 1.5, large ones): if it was parsed "
            "and written again, the spelling that was signed cannot be restored.",
        )
    elif isinstance(given.value, dict | list):
        yield Fact(
            "rewriting_not_excluded",
            "No rewriting of this JSON gives the digest; one that loses something (keys that stood twice, "
            "their order, the spelling of a number) cannot be undone, and is not excluded.",
        )


def _holds_twice(text: str) -> bool:
    twice = False

    def look(pairs: list[tuple[str, object]]) -> None:
        nonlocal twice
        twice = twice or len(dict(pairs)) < len(pairs)

    with suppress(RecursionError):  # what could just be read cannot be read from here, a few calls deeper
        json.loads(text, object_pairs_hook=look)
    return twice


def _time(verification: Verification) -> Iterator[Fact]:
    if verification.timestamp in (TimestampState.STALE, TimestampState.FUTURE, TimestampState.MALFORMED):
        yield Fact(f"timestamp_{verification.timestamp}", "The timestamp is not acceptable either.")


def _shape(secret: Secret, scheme: Scheme) -> Iterator[Fact]:
    """What the secret looks like. Its value is not told."""
    for pattern, what in _FOREIGN_SECRETS:
        if scheme.secret_form is SecretForm.TEXT and pattern.match(secret.value.strip()):
            yield Fact("secret_shape", f"The secret {secret.name} looks like {what}.")
            return
