"""Who sent a message, told by its headers alone: what ``auto`` goes by, and what reasons name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from inspector.models import HeaderPairs, Message
from inspector.signing.catalog import SENDERS
from inspector.signing.scheme import HeaderIndex, HeaderName, Scheme


def index_headers(headers: HeaderPairs) -> HeaderIndex:
    """The headers by lower-case name, repeats kept in order."""
    index: HeaderIndex = {}
    for name, value in headers:
        index.setdefault(name.lower(), []).append(value)
    return index


def _senders_by_header(uses: Iterable[tuple[HeaderName, Scheme]]) -> dict[bytes, Scheme]:
    """Whose header each is. A sender's own name for one wins over another sender's second name for it."""
    uses = tuple(uses)
    found: dict[bytes, Scheme] = {}
    for header, scheme in uses:
        found.setdefault(header.spellings[0][0], scheme)
    for header, scheme in uses:
        for key, _ in header.spellings:
            found.setdefault(key, scheme)
    return found


_SIGNATURES = _senders_by_header(
    (form.signature.header, row)
    for row in SENDERS
    for form in (
        row,
        row.legacy,
    )  # a legacy header tells of the sender, not of the row for the legacy form alone
    if form is not None
)
_TIMESTAMPS = _senders_by_header((row.timestamp.header, row) for row in SENDERS if row.timestamp is not None)
_MESSAGE_IDS = _senders_by_header((row.message_id, row) for row in SENDERS if row.message_id is not None)


def detect(headers: HeaderIndex) -> Scheme | None:
    """The sender whose headers these are: by its signature header, else by its timestamp header."""
    for senders in (_SIGNATURES, _TIMESTAMPS):
        if not senders.keys().isdisjoint(headers):
            return next(scheme for key, scheme in senders.items() if key in headers)
    return None


def signature_headers(headers: HeaderPairs) -> list[tuple[str, str]]:
    """Every known signature header that came, as (its name as received, the scheme it belongs to)."""
    seen = {key: name for name, _ in reversed(headers) if (key := name.lower()) in _SIGNATURES}
    if not seen:
        return []
    return [(seen[key].decode("latin-1"), row.name) for key, row in _SIGNATURES.items() if key in seen]


def lookalikes(headers: HeaderPairs) -> list[str]:
    """Names of headers that seem to carry a signature, although no row of the catalogue knows them."""
    every_name = b"\n".join([name for name, _ in headers]).lower()
    if b"signature" not in every_name and b"hmac" not in every_name:
        return []  # in less than half the time that it takes to look at each
    names: dict[bytes, str] = {}
    for name, _ in headers:
        key = name.lower()
        if (b"signature" in key or b"hmac" in key) and key not in _SIGNATURES:
            names.setdefault(key, name.decode("latin-1"))
    return list(names.values())


def message_id(message: Message, target: bytes) -> str | None:
    """What makes two deliveries attempts of one message.

    The sender's own id where a known header for it came; else a digest of method, *target* (as sent, with
    query) and body; None for an empty body, since two empty requests have nothing in common but that.
    """
    own = {key: value for name, value in reversed(message.headers) if (key := name.lower()) in _MESSAGE_IDS}
    for key in _MESSAGE_IDS if own else ():
        if own.get(key):
            return own[key].decode("latin-1")
    if not message.body:
        return None
    digest = hashlib.sha256(f"{message.method} {len(target)} ".encode("utf-8", "surrogatepass"))
    digest.update(target)
    digest.update(message.body)
    return f"sha256-{digest.hexdigest()}"
