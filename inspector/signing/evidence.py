"""What of a message matters to a scheme, read once before anything is judged."""

from __future__ import annotations

from typing import NamedTuple

from inspector.models import Message
from inspector.signing.detection import detect, index_headers
from inspector.signing.digests import Claim, claims
from inspector.signing.scheme import Part, Scheme
from inspector.signing.timestamps import Clock, judge_timestamp


class Evidence(NamedTuple):
    """A message as one scheme sees it.

    ``scheme`` is the row that applies: the sender that ``auto`` found, or a legacy form that came alone;
    ``name`` is what the verdict calls it. ``values`` are those of the signature header, ``header`` the name
    it came under. ``absent`` names a header that the signed content needs and that did not come.
    """

    message: Message
    scheme: Scheme
    name: str
    header: str
    values: list[bytes]
    claims: list[Claim]
    clock: Clock
    id: bytes
    id_header: str
    absent: str | None
    legacy: bool

    def signed_content(self) -> bytes:
        """The exact bytes that the digest must cover."""
        if self.scheme.content == (Part.BODY,):
            return self.message.body
        return b"".join(self._bytes_of(part) for part in self.scheme.content)

    def _bytes_of(self, part: Part | bytes) -> bytes:
        if isinstance(part, bytes):
            return part
        if part is Part.BODY:
            return self.message.body
        if part is Part.TIMESTAMP:
            return self.clock.raw
        if part is Part.ID:
            return self.id
        text = self.message.method if part is Part.METHOD else self.message.url or ""
        return text.encode("utf-8", "surrogatepass")


def gather(message: Message, scheme: Scheme, *, now: float, tolerance: float | None) -> Evidence:
    """Read from *message* what *scheme* looks at. *now* is Unix seconds, *tolerance* seconds or None."""
    headers = index_headers(message.headers)
    if scheme.name == "auto":
        scheme = detect(headers) or scheme
    name = scheme.name
    header, values = scheme.signature.header.find(headers)
    legacy = False
    if not values and scheme.legacy is not None:
        legacy_header, legacy_values = scheme.legacy.signature.header.find(headers)
        if legacy_values:
            scheme, header, values, legacy = scheme.legacy, legacy_header, legacy_values, True
    clock = judge_timestamp(scheme.timestamp, headers, now, tolerance)
    id_value, id_header, absent = b"", "", None
    if scheme.message_id is not None and scheme.covers(Part.ID):
        id_header, id_values = scheme.message_id.find(headers)
        id_value = b", ".join(id_values)
        absent = None if id_value else id_header
    if absent is None and scheme.covers(Part.TIMESTAMP) and not clock.raw:
        absent = clock.header
    return Evidence(
        message=message,
        scheme=scheme,
        name=name,
        header=header,
        values=values,
        claims=claims(scheme.signature, values),
        clock=clock,
        id=id_value,
        id_header=id_header,
        absent=absent,
        legacy=legacy,
    )
