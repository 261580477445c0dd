"""What of a message matters to a scheme, read once before anything is judged."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, cast

from inspector.models import Message
from inspector.signing import senders
from inspector.signing.detection import detect, index_headers
from inspector.signing.digests import Claim, claims, entries
from inspector.signing.json_fields import as_bytes, unreadable, value_of
from inspector.signing.proving import Item, split_id
from inspector.signing.reading import Reading
from inspector.signing.scheme import HeaderIndex, HeaderName, Part, Scheme, SecretForm
from inspector.signing.secret_forms import key_of
from inspector.signing.timestamps import NOT_USED, Clock, find_stamp, judge_timestamp

_HUBSPOT_ESCAPES = {f"%{ord(character):02X}": character for character in ":/?@!$'()*,;"}


class Evidence(NamedTuple):
    """A message as one scheme sees it.

    ``scheme`` is the row that applies: the sender that ``auto`` found, or a legacy form that came alone;
    ``name`` is what the verdict calls it. ``values`` are those of the signature header, ``header`` the name
    it came under, empty where the signature stands in the body; ``noun`` is its place in words. ``absent``
    is a part of the signed content that did not come, as (code, words). ``headers`` are all that came, by
    name. ``reading`` is what the sender's own code found, or that the body is not read.
    """

    message: Message
    scheme: Scheme
    name: str
    header: str
    noun: str
    values: list[bytes]
    claims: Sequence[Claim]
    clock: Clock
    id: bytes
    id_header: str
    absent: tuple[str, str] | None
    legacy: bool
    headers: HeaderIndex
    reading: Reading | None = None

    @property
    def failure(self) -> str | None:
        """What the sender's own code stumbled over, where it did."""
        return None if self.reading is None else self.reading.failure

    def items(self, secret: str) -> Sequence[Item]:
        """What *secret* has to prove: one thing, but for senders that sign several in one body."""
        if self.reading is not None:
            return self.reading.items
        return (Item(self.claims, (self.signed_content(secret),)),)

    def signed_content(self, secret: str = "") -> bytes:
        """The exact bytes that the signature must cover, the first of them where there are several.

        *secret* matters to the few schemes that put it, or an id registered with it, among what is signed.
        Raises ``UnusableSecret``.
        """
        if self.scheme.body_alone:
            return self.message.body
        if self.reading is not None:
            items = self.reading.items
            return items[0].contents[0] if items and items[0].contents else b""
        return b"".join([self._bytes_of(part, secret) for part in self.scheme.content])

    def _bytes_of(self, part: Part | bytes | HeaderName, secret: str) -> bytes:
        if isinstance(part, bytes):
            return part
        if part is Part.BODY:
            return self.message.body
        if part is Part.TIMESTAMP:
            return self.clock.raw
        if part is Part.ID:
            return self.id
        if isinstance(part, HeaderName):
            return b", ".join(part.find(self.headers)[1])
        if part is Part.KEY:
            return _key_part(self.scheme, secret)
        return _FROM_MESSAGE[part](self.message)


def _key_part(scheme: Scheme, secret: str) -> bytes:
    if scheme.secret_form is not SecretForm.ID_AND_KEY:
        return key_of(secret, scheme.secret_form)
    return as_bytes(split_id(secret, scheme.secret_form)[0])


def _decoded_url(message: Message) -> bytes:
    """The URL with those escapes undone that HubSpot's page on validating requests lists."""
    url = message.url or ""
    for escape, character in _HUBSPOT_ESCAPES.items():
        url = url.replace(escape, character).replace(escape.lower(), character)
    return as_bytes(url)


def _canonical(message: Message) -> bytes:
    """The body as RFC 8785 writes its JSON; as it stands where that cannot be told."""
    from rfc8785 import CanonicalizationError, dumps  # needs the extra

    value = value_of(message.body)
    try:
        return message.body if value is None else dumps(cast("Any", value))
    except (CanonicalizationError, UnicodeEncodeError, RecursionError):
        return message.body


_FROM_MESSAGE: Mapping[Part, Callable[[Message], bytes]] = {
    Part.METHOD: lambda message: as_bytes(message.method),
    Part.URL: lambda message: as_bytes(message.url or ""),
    Part.DECODED_URL: _decoded_url,
    Part.CANONICAL_BODY: _canonical,
    Part.BODY_SHA256: lambda message: hashlib.sha256(message.body).hexdigest().encode("ascii"),
    Part.BODY_CRC32: lambda message: str(zlib.crc32(message.body)).encode("ascii"),
}


def gather(message: Message, scheme: Scheme, *, now: float, tolerance: float | None) -> Evidence:
    """Read from *message* what *scheme* looks at. *now* is Unix seconds, *tolerance* seconds or None."""
    headers = index_headers(message.headers)
    if scheme.name == "auto":
        scheme = detect(message, headers, scheme.among) or scheme
    if scheme.code:
        return _read_by_code(message, scheme, headers, now=now, tolerance=tolerance)
    name = scheme.name
    header, values = scheme.signature.header.find(headers)
    legacy = False
    if not values and scheme.legacy is not None:
        legacy_header, legacy_values = scheme.legacy.signature.header.find(headers)
        if legacy_values:
            scheme, header, values, legacy = scheme.legacy, legacy_header, legacy_values, True
    clock = NOT_USED
    if scheme.timestamp is not None:
        listed = entries(scheme.signature, values) if scheme.signature.separator is not None else values
        stamp = find_stamp(scheme.timestamp, headers, listed, message.body)
        clock = judge_timestamp(scheme.timestamp, stamp, now, tolerance)
    id_value, id_header, absent = b"", "", None
    if scheme.message_id is not None and Part.ID in scheme.covered:
        id_header, id_values = scheme.message_id.find(headers)
        id_value = b", ".join(id_values)
        absent = None if id_value else (id_header.lower(), f"{id_header} header")
    if absent is None and not clock.raw and not scheme.body_alone and Part.TIMESTAMP in scheme.content:
        absent = clock.name, clock.noun
    if absent is None and scheme.header_parts:
        absent = _absent_header(scheme, headers)
    noun = f"{header or 'known signature'} header"
    refusal = unreadable(message.body) if scheme.reads_json else None
    return Evidence(
        message=message,
        scheme=scheme,
        name=name,
        header=header,
        noun=noun,
        values=values,
        claims=claims(scheme.signature, values) if values else [],
        clock=clock,
        id=id_value,
        id_header=id_header,
        absent=absent,
        legacy=legacy,
        headers=headers,
        reading=None if refusal is None else Reading(tuple(values), noun, failure=refusal),
    )


def _absent_header(scheme: Scheme, headers: HeaderIndex) -> tuple[str, str] | None:
    for part in scheme.header_parts:
        if not any(part.find(headers)[1]):
            return part.own.lower(), f"{part.own} header"
    return None


def _read_by_code(
    message: Message, scheme: Scheme, headers: HeaderIndex, *, now: float, tolerance: float | None
) -> Evidence:
    header, values = scheme.signature.header.find(headers)
    reading = senders.read(scheme, message, headers, values)
    if reading.hash and reading.hash != scheme.hash:
        scheme = replace(scheme, hash=reading.hash)
    return Evidence(
        message=message,
        scheme=scheme,
        name=scheme.name,
        header=header if values else "",
        noun=reading.noun,
        values=list(reading.values),
        claims=reading.claims,
        clock=judge_timestamp(scheme.timestamp, reading.stamp, now, tolerance),
        id=b"",
        id_header="",
        absent=reading.absent,
        legacy=False,
        headers=headers,
        reading=reading,
    )
