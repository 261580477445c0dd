"""Which scheme a delivery is signed by, found from one delivery and its secret.

First the catalogued senders, then the grid of what the generic ``hmac`` row can say: every header that holds
a digest, the hashes and encodings that fit it, each form of the key, each layout of what is signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import NamedTuple

from inspector.errors import InvalidInput
from inspector.models import NOTHING, Message, Secret
from inspector.signing.catalog import HMAC, SENDERS
from inspector.signing.detection import detect, index_headers
from inspector.signing.digest_texts import digest_texts
from inspector.signing.layouts import Content, is_timestamp, layouts
from inspector.signing.lookup import find_scheme
from inspector.signing.moves import State
from inspector.signing.scheme import HeaderName, Part, Scheme, SecretForm
from inspector.signing.search import Search

BUDGET_SECONDS = 2.0

_MOST_CLAIMS = 12
_SECONDS_DIGITS = 11  # more of them would be a time thousands of years from now
_KEYS = (SecretForm.TEXT, SecretForm.BASE64, SecretForm.HEX)
_WHSEC = "whsec_"


@dataclass(frozen=True, slots=True)
class Guess:
    """A scheme that verifies the delivery, with a sentence about it.

    ``options`` are those of the generic row where ``scheme`` is ``hmac``. ``secret_prefix`` is what has to be
    taken off the secret before it is registered for them, mostly nothing.
    """

    scheme: str
    sentence: str
    options: Mapping[str, str] = field(default_factory=dict)
    secret_prefix: str = ""


def as_json(found: Guess, secret_name: str) -> dict[str, object]:
    """*found* as JSON, with the name of the secret that it fits with."""
    return {
        "scheme": found.scheme,
        "scheme_options": dict(found.options),
        "secret": secret_name,
        "secret_prefix": found.secret_prefix,
        "sentence": found.sentence,
    }


class _Claim(NamedTuple):
    """A digest at the end of a header's value."""

    header: str
    prefix: str
    encoding: str
    hash: str


def guess(
    message: Message,
    secret: str,
    *,
    now: float,
    own: Sequence[Scheme] = (),
    budget_seconds: float = BUDGET_SECONDS,
) -> Guess | None:
    """The scheme by which *secret* signs *message*, which arrived *now* (Unix seconds); None when none fits.

    *own* are rows of the user's, tried behind the known senders' and before the grid. A catalogued sender is
    found in whatever its secret looks like. Nothing in a message makes it raise.
    """
    search = Search(now, budget_seconds)
    return _listed(search, message, secret, own) or _generic(search, message, secret)


def _listed(search: Search, message: Message, secret: str, own: Sequence[Scheme]) -> Guess | None:
    index = index_headers(message.headers)
    detected = detect(message, index)
    # A header that many senders share tells of none of them: there the generic row says as much.
    telling = (row for row in SENDERS if row.detected and row is not detected)
    rows = [row for row in (*telling, *own) if row.signature.header.find(index)[1]]
    for row in rows if detected is None else [detected, *rows]:
        if search.matching(State(message, row, (Secret("secret", secret),))) is not None:
            signs = "it is one of your own." if row in own else f"{row.sender} signs like this."
            return Guess(row.name, f"The scheme {row.name} fits: {signs}")
    return None


def _generic(search: Search, message: Message, secret: str) -> Guess | None:
    contents = [(HMAC.content, "the body alone")]
    contents += [(layout.content, layout.words) for layout in layouts(message, HMAC)]
    grid = product(contents, _secrets(secret), list(islice(_claims(message), _MOST_CLAIMS)))
    for (content, words), (form, prefix), claim in grid:
        if search.is_over():
            return None
        options = _options(claim, form, content, message)
        row = _row(options)
        own = Secret("secret", secret.removeprefix(prefix))
        if row is not None and search.matching(State(message, row, (own,))) is not None:
            how = f"HMAC-{claim.hash.upper()} over {words}, in {claim.encoding}, key as {form}"
            return Guess("hmac", f"The {claim.header} header holds {how}.", options, prefix)
    return None


def _claims(message: Message) -> Iterator[_Claim]:
    """Every digest that a header's value ends in, with what stands before it."""
    for name, value in message.headers:
        for text in digest_texts(value):
            if text.end == len(value):
                prefix = value[: text.start].decode("latin-1")
                yield _Claim(name.decode("latin-1"), prefix, text.encoding, text.hash)


def _secrets(secret: str) -> list[tuple[SecretForm, str]]:
    """The forms of the key, each with the prefix that is taken off for it."""
    prefixes = ["", _WHSEC] if secret.startswith(_WHSEC) else [""]
    return [(form, prefix) for form in _KEYS for prefix in prefixes]


def _options(claim: _Claim, form: SecretForm, content: Content, message: Message) -> dict[str, str]:
    """The options that say all this; what is as the generic row has it is left out."""
    options = {"header": claim.header, "prefix": claim.prefix, "hash": claim.hash, "encoding": claim.encoding}
    options |= {"key": str(form), "content": ""}
    for part in content:
        if isinstance(part, bytes):
            options["content"] += part.decode("ascii")
        elif isinstance(part, Part):
            options["content"] += f"{{{part.value}}}"
        elif is_timestamp(part):
            options |= {"timestamp_header": part.own, "timestamp_unit": _unit(part, message)}
            options["content"] += "{timestamp}"
        else:
            options |= {"id_header": part.own}
            options["content"] += "{id}"
    return {key: value for key, value in options.items() if value and _DEFAULTS.get(key) != value}


_DEFAULTS = {"hash": "sha256", "encoding": "hex", "key": "text", "content": "{body}", "timestamp_unit": "s"}


def _unit(header: HeaderName, message: Message) -> str:
    _, (value, *_) = header.find(index_headers(message.headers))
    if not value.isdigit():
        return "iso"
    return "ms" if len(value) > _SECONDS_DIGITS else "s"


def _row(options: Mapping[str, str]) -> Scheme | None:
    try:
        return find_scheme("hmac", options or NOTHING)
    except InvalidInput:  # a header or prefix that no own scheme can have
        return None
