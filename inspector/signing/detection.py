"""Who sent a message: what ``auto`` goes by, and what reasons name.

By a header that one sender alone uses; where several use one, by other marks of theirs and by the prefix of
the signature; and last by the shape of the body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from inspector.models import HeaderPairs, Message
from inspector.signing import senders
from inspector.signing.catalog import SENDERS
from inspector.signing.digests import HASH_SIZES, entries, readings
from inspector.signing.scheme import HeaderIndex, HeaderName, Part, Scheme

_LARGEST_BODY_BYTES = 1 << 20
"""Above this, looking for the shape of a body costs more than a capture may wait."""

_QUICKLY_WRITTEN_BYTES = 16_384
_FIRST_BYTES = 64
_JSON_OR_FORM = b"{[" + bytes(range(ord("a"), ord("z") + 1))
_SIZES = {name: size for size, name in HASH_SIZES.items()}

T = TypeVar("T")


class _Use(NamedTuple):
    """A sender of a signature header, and the form in which it writes it: its own or its legacy one."""

    row: Scheme
    form: Scheme


def index_headers(headers: HeaderPairs) -> HeaderIndex:
    """The headers by lower-case name, repeats kept in order."""
    index: HeaderIndex = {}
    for name, value in headers:
        key = name.lower()
        if key in index:
            index[key].append(value)
        else:
            index[key] = [value]
    return index


def _by_header(uses: Iterable[tuple[HeaderName, T]]) -> dict[bytes, list[T]]:
    """Whose header each is. A sender's own name for one goes before another sender's second name for it."""
    uses = tuple(uses)
    found: dict[bytes, list[T]] = {}
    for header, user in uses:
        found.setdefault(header.spellings[0][0], []).append(user)
    for header, user in uses:
        for key, _ in header.spellings[1:]:
            found.setdefault(key, []).append(user)
    return found


_SIGNATURES = _by_header(
    (form.signature.header, _Use(row, form))
    for row in SENDERS
    for form in (
        row,
        row.legacy,
    )  # a legacy header tells of the sender, not of the row for the legacy form alone
    if form is not None and form.signature.header.own and (row.detected or row.marks)
)
_RANKS = {key: rank for rank, key in enumerate(_SIGNATURES)}
_TIMESTAMPS = _by_header(
    (row.timestamp.header, row) for row in SENDERS if row.timestamp is not None and row.timestamp.header.own
)
_MESSAGE_IDS = _by_header((row.message_id, row) for row in SENDERS if row.message_id is not None)
_CANONICAL = {
    key for row in SENDERS if Part.CANONICAL_BODY in row.content for key, _ in row.signature.header.spellings
}
_SHAPED = tuple(row for row in SENDERS if row.signature.in_body)
_SHAPED_HEADERS = {name for row in _SHAPED for name, _ in row.mark_headers}


def detect(message: Message, headers: HeaderIndex, own: Sequence[Scheme] = ()) -> Scheme | None:
    """The sender of *message*: by its signature header, else by its timestamp header, else by its body.

    *own* are further rows, looked for by their signature header where no known sender's tells.
    """
    known = _RANKS.keys() & headers.keys()
    for key in sorted(known, key=_RANKS.__getitem__) if len(known) > 1 else known:
        found = _resolve(_SIGNATURES[key], headers, headers[key], message.body)
        if found is not None:
            return found
    if own:
        found = _own_sender(headers, own)
        if found is not None:
            return found
    if not _TIMESTAMPS.keys().isdisjoint(headers):
        return next(rows[0] for key, rows in _TIMESTAMPS.items() if key in headers)
    return _by_shape(message, headers)


def _own_sender(headers: HeaderIndex, own: Sequence[Scheme]) -> Scheme | None:
    """The one of *own* whose signature header came; of several with one header, the one that it fits."""
    came = [row for row in own if row.signature.header.find(headers)[1]]
    fitting = [row for row in came if _fits(row, row.signature.header.find(headers)[1])]
    return fitting[0] if fitting else came[0] if len(came) == 1 else None


def _resolve(
    uses: Sequence[_Use], headers: HeaderIndex, values: Sequence[bytes], body: bytes = b""
) -> Scheme | None:
    """Which of the senders that share a header wrote *values* into it; None where nothing tells."""
    if len(uses) == 1 and uses[0].row.detected:
        return uses[0].row
    for use in uses:
        if _is_marked(use.row, headers, body) and _fits(use.form, values):
            return use.row
    detected = [use for use in uses if use.row.detected]
    for use in detected:
        if _fits(use.form, values):
            return use.row
    marked = [use for use in uses if _is_marked(use.row, headers, body)]
    return next((use.row for use in marked + detected), None)


def _is_marked(row: Scheme, headers: HeaderIndex, body: bytes) -> bool:
    """Whether *headers* or *body* hold what only this sender writes."""
    for name, value in row.mark_headers:
        if name in headers and value in (b"", headers[name][0].lower()):
            return True
    return bool(row.body_marks and body) and all(mark in body for mark in row.body_marks)


def _fits(form: Scheme, values: Sequence[bytes]) -> bool:
    """Whether *values* are written as *form* writes them: by its prefix, or as a digest of its hash."""
    prefix = form.signature.prefix
    listed = entries(form.signature, values)
    if prefix:
        return any(entry.startswith(prefix) for entry in listed)
    size = _SIZES[form.hash]
    return any(len(digest) == size for entry in listed for digest in readings(entry).values())


def _by_shape(message: Message, headers: HeaderIndex) -> Scheme | None:
    """The sender whose signature stands in the body, where senders put it there."""
    if not _SHAPED_HEADERS.isdisjoint(headers):
        for row in _SHAPED:
            if _is_marked(row, headers, b""):
                return row
    body = message.body
    if not body or len(body) > _LARGEST_BODY_BYTES or body[:_FIRST_BYTES].lstrip()[:1] not in _JSON_OR_FORM:
        return None
    for row in _SHAPED:
        # The first mark is looked for by itself: it is hardly ever there, and a generator costs more.
        if row.body_marks[0] in body and all(mark in body for mark in row.body_marks):
            reading = senders.read(row, message, headers)
            if reading.values and reading.failure is None:
                return row
    return None


def signature_headers(headers: HeaderPairs, index: HeaderIndex | None = None) -> list[tuple[str, str]]:
    """Every known signature header that came, as (its name as received, the scheme it belongs to).

    *index* has the same headers by name, where the caller has it already.
    """
    if index is None:
        index = index_headers(headers)
    if _SIGNATURES.keys().isdisjoint(index):
        return []
    seen = {key: name for name, _ in reversed(headers) if (key := name.lower()) in _SIGNATURES}
    found = []
    for key in sorted(seen, key=_RANKS.__getitem__):
        row = _resolve(_SIGNATURES[key], index, index[key])
        if row is not None:
            found.append((seen[key].decode("latin-1"), row.name))
    return found


def takes_long(headers: HeaderPairs, body_bytes: int) -> bool:
    """Whether a sender whose JSON is put into canonical form may have written a body of this size.

    That is done in Python, at a hundredth of the speed at which bodies are hashed.
    """
    if body_bytes <= _QUICKLY_WRITTEN_BYTES:
        return False
    return any(name.lower() in _CANONICAL for name, _ in headers)


def lookalikes(headers: HeaderPairs, index: HeaderIndex) -> list[str]:
    """Names of *headers*, as received, that seem to carry a signature, although no row knows them.

    *index* has the same headers by name.
    """
    every_name = b"\n".join(index)
    if b"signature" not in every_name and b"hmac" not in every_name:
        return []  # in less than half the time that it takes to look at each
    names: dict[bytes, str] = {}
    for name, _ in headers:
        key = name.lower()
        if (b"signature" in key or b"hmac" in key) and (key not in _SIGNATURES or _is_common(key)):
            names.setdefault(key, name.decode("latin-1"))
    return list(names.values())


def _is_common(key: bytes) -> bool:
    """Whether a header is known, and tells of nobody by itself."""
    return not any(use.row.detected for use in _SIGNATURES[key])


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
