"""One delivery as the page shows it: the head that stands over every tab, and the tabs Body and Headers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from inspector.content import HexLine, hexdump
from inspector.content.charsets import CharsetSource, read_text
from inspector.content.decoding import decode_body
from inspector.content.media_type import media_type_of
from inspector.content.visible import Piece, pieces
from inspector.models import Delivery, DeliverySummary, Endpoint, HeaderPairs, header_values
from inspector.signing import signature_headers
from inspector.web import wording
from inspector.web.listing import Place
from inspector.web.wording import Verdict

TABS = ("body", "headers", "verification")
TEXT_BYTES = 256 * 1024
"""A text is shown up to here; the rest is a download."""

HEX_BYTES = 4 * 1024

MASK = "•" * 12
_CREDENTIAL = re.compile(
    r"authorization|cookie|password|passwd|secret|token|api[-_]?key|access[-_]?key|credential|session",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Another delivery of the same message."""

    number: int
    url: str


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to one view of the delivery. ``verdict`` puts a glyph beside its label."""

    name: str
    label: str
    url: str
    count: int | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What stands over every tab. Facts that need attention are in ``cautions``."""

    id: int
    method: str
    path: str
    verdict: Verdict
    warned: bool
    reason: str
    secret: str | None
    answer: str
    received_at: datetime
    age: str
    facts: tuple[str, ...]
    cautions: tuple[str, ...]
    attempt: int
    attempts: tuple[Attempt, ...]
    newer_url: str | None
    older_url: str | None
    back_url: str
    tabs: tuple[Tab, ...]
    tab: str


@dataclass(frozen=True, slots=True)
class BodyView:
    """The body as text or as bytes. ``notes`` are sentences on what was done to show it, and what was not."""

    view: str
    kind: str
    length: str
    length_differs: bool
    text: tuple[Piece, ...] = ()
    lines: Sequence[HexLine] = ()
    notes: tuple[str, ...] = ()
    previous_offset: int | None = None
    next_offset: int | None = None
    copyable: bool = False


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """One header field as received; ``masked`` when its value is not shown until asked for."""

    number: int
    name: tuple[Piece, ...]
    value: tuple[Piece, ...]
    masked: bool
    is_signature: bool


@dataclass(frozen=True, slots=True)
class HeadersView:
    """The headers as a ``table`` or as ``lines``, and the trailers."""

    view: str
    version: str
    rows: tuple[HeaderRow, ...]
    trailers: tuple[HeaderRow, ...]


def head(
    delivery: Delivery,
    endpoint: Endpoint | None,
    attempts: Sequence[DeliverySummary],
    neighbours: tuple[int | None, int | None],
    place: Place,
    now: datetime,
) -> Head:
    """The head of *delivery*, seen from *place*. *endpoint* is None when it was deleted since."""
    request, verification = delivery.request, delivery.verification
    newer, older = neighbours
    client = request.client.rpartition(":")[0].strip("[]") or request.client
    cautions = [] if request.incomplete_reason is None else [f"incomplete: {request.incomplete_reason}"]
    verdict = wording.VERDICTS[verification.status]
    return Head(
        id=delivery.id,
        method=request.method,
        path=request.path,
        verdict=verdict,
        warned=verification.warned,
        reason=verification.reason,
        secret=verification.secret,
        answer=_answer(delivery),
        received_at=request.received_at,
        age=wording.age((now - request.received_at).total_seconds()),
        facts=(
            f"from {client}",
            f"HTTP/{request.http_version}",
            f"endpoint {endpoint.path}" if endpoint else "endpoint deleted since",
        ),
        cautions=tuple(cautions),
        attempt=delivery.attempt,
        attempts=tuple(Attempt(other.attempt, place.delivery_url(other.id)) for other in attempts)
        if len(attempts) > 1
        else (),
        newer_url=None if newer is None else place.delivery_url(newer),
        older_url=None if older is None else place.delivery_url(older),
        back_url=place.list_url(before=place.before),
        tabs=(
            Tab("body", "Body", place.delivery_url(delivery.id, tab="body")),
            Tab(
                "headers",
                "Headers",
                place.delivery_url(delivery.id, tab="headers"),
                count=len(request.headers) + len(request.trailers),
            ),
            Tab(
                "verification",
                "Verification",
                place.delivery_url(delivery.id, tab="verification"),
                verdict=verdict,
            ),
        ),
        tab=place.tab or "body",
    )


def _answer(delivery: Delivery) -> str:
    sent = delivery.sent
    delay = f" after {sent.reply.delay_seconds:g} s" if sent.reply.delay_seconds else ""
    if not sent.completed:
        return f"The sender was gone before it could be answered {sent.reply.status}."
    return f"Answered {sent.reply.status}{delay}."


def body_view(delivery: Delivery, view: str, offset: int) -> BodyView:
    """The body of *delivery*: ``raw`` text, or ``hex`` from byte *offset* on."""
    request = delivery.request
    length, differs = _length(request.body, request.headers, request.complete)
    media = media_type_of(request.headers)
    kind = request.content_type or "no content type"
    if view == "hex":
        dump = hexdump(request.body, offset, HEX_BYTES)
        start = dump.lines[0].offset if dump.lines else 0
        return BodyView(
            "hex",
            kind,
            length,
            differs,
            lines=dump.lines,
            previous_offset=max(0, start - HEX_BYTES) if start else None,
            next_offset=dump.next_offset,
        )
    decoded = decode_body(request.body, request.headers)
    shown = decoded.body[:TEXT_BYTES]
    text = read_text(shown, media, whole=len(shown) == len(decoded.body))
    notes = [*decoded.notes, *text.notes]
    if decoded.codings and not decoded.notes:
        notes.append(
            f"{', '.join(decoded.codings)} undone to show it: {wording.size(len(decoded.body))} of text."
        )
    if text.lossy:
        notes.append(f"Not {text.charset} throughout: bytes that cannot be decoded are marked.")
    if len(shown) < len(decoded.body):
        notes.append(f"The first {wording.size(len(shown))} are shown; the download has all.")
    named = text.source in (CharsetSource.MARK, CharsetSource.DOCUMENT, CharsetSource.GUESSED)
    return BodyView(
        "raw",
        f"{kind}, {text.charset}" if named else kind,
        length,
        differs,
        text=pieces(text.marked),
        notes=tuple(notes),
        copyable=bool(request.body) and not text.lossy and len(shown) == len(decoded.body),
    )


def _length(body: bytes, headers: HeaderPairs, complete: bool) -> tuple[str, bool]:
    """The real length beside the declared one, in words, and whether they differ."""
    real = wording.size(len(body)) if len(body) < 1000 else f"{len(body):,} bytes"
    declared = [value.decode("latin-1") for value in header_values(headers, b"content-length")]
    if not declared:
        chunked = header_values(headers, b"transfer-encoding")
        return f"{real}, {'sent in chunks' if chunked else 'no length declared'}", not complete
    if declared == [str(len(body))]:
        return f"{real}, as declared", False
    return f"{real}, declared {' and '.join(declared)}", True


def headers_view(delivery: Delivery, view: str, reveal: str) -> HeadersView:
    """The headers of *delivery*: a ``table``, or ``lines`` as on the wire.

    *reveal* is ``all``, or the number of the one credential that is shown.
    """
    request = delivery.request
    revealed = None if reveal == "all" else reveal
    return HeadersView(
        view="lines" if view == "lines" else "table",
        version=f"HTTP/{request.http_version}",
        rows=_header_rows(request.headers, revealed),
        trailers=_header_rows(request.trailers, revealed),
    )


def _header_rows(headers: HeaderPairs, revealed: str | None) -> tuple[HeaderRow, ...]:
    """*headers* in order, credentials masked but for the number *revealed*; None reveals all."""
    schemes = dict(signature_headers(headers))
    rows = []
    for number, (raw_name, raw_value) in enumerate(headers):
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        masked = bool(value and _CREDENTIAL.search(name)) and revealed not in (None, str(number))
        shown = _mask(value) if masked else value
        rows.append(HeaderRow(number, pieces(name), pieces(shown), masked, name in schemes))
    return tuple(rows)


def _mask(value: str) -> str:
    """Dots for a credential; its kind stays, so that ``Basic`` and ``Bearer`` can be told apart."""
    kind, blank, _ = value.partition(" ")
    return f"{kind} {MASK}" if blank and kind.isalpha() and len(kind) <= 12 else MASK
