"""The tabs Headers and Query: names and values as received, each with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inspector.content.charsets import safe_text
from inspector.content.forms import PairTable, read_form, read_query
from inspector.content.json_tree import JsonWindow
from inspector.content.masking import (
    is_credential_header,
    is_credential_parameter,
    mask_request,
    masked_bytes,
)
from inspector.content.media_type import media_type_of
from inspector.matching import InvalidFilter, with_term
from inspector.models import Delivery, HeaderPairs, Request
from inspector.signing import signature_headers
from inspector.web.place import Place

MASK = "•" * 12
FORM_TYPE = "application/x-www-form-urlencoded"

FILTERED_CHARACTERS = 200
"""A longer value makes no filter that one could read, or an address that every browser takes."""


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A name and its value. ``copied`` is what a copy button gives, None while the value is masked.

    ``include_url`` and ``exclude_url`` filter the list for or against the value; empty where they cannot.
    """

    number: int
    name: str
    value: str
    masked: bool = False
    copied: str | None = None
    notes: tuple[str, ...] = ()
    is_signature: bool = False
    opened: JsonWindow | None = None
    include_url: str = ""
    exclude_url: str = ""


@dataclass(frozen=True, slots=True)
class HeadersTab:
    """The headers as a ``table`` or as ``lines``, and the trailers. ``copied`` is all of them as text."""

    view: str
    request_line: str
    rows: tuple[ValueRow, ...]
    trailers: tuple[ValueRow, ...]
    copied: str

    @property
    def masked(self) -> bool:
        """Whether there is anything to reveal."""
        return any(row.masked for row in (*self.rows, *self.trailers))


@dataclass(frozen=True, slots=True)
class QueryTab:
    """The parameters of the target, and the fields of a body that is a form. ``left_out``: of both."""

    rows: tuple[ValueRow, ...]
    fields: tuple[ValueRow, ...] | None
    left_out: int

    @property
    def masked(self) -> bool:
        """Whether there is anything to reveal."""
        return any(row.masked for row in (*self.rows, *(self.fields or ())))


def headers_tab(delivery: Delivery, place: Place, view: str, reveal: str) -> HeadersTab:
    """The headers of *delivery*: a ``table``, or ``lines`` as on the wire.

    *reveal* is ``all``, or the number of the one credential that is shown.
    """
    request = delivery.request
    target = request.target if reveal == "all" else masked_bytes(mask_request(request).target)
    line = f"{request.method} {target.decode('latin-1')} HTTP/{request.http_version}"
    rows = _header_rows(request.headers, 0, reveal, place, delivery.id)
    trailers = _header_rows(request.trailers, len(rows), reveal, place, delivery.id)
    return HeadersTab(
        view="lines" if view == "lines" else "table",
        request_line=line,
        rows=rows,
        trailers=trailers,
        copied="\n".join(f"{row.name}: {row.value}" for row in rows),
    )


def query_tab(delivery: Delivery, place: Place, reveal: str) -> QueryTab:
    """The query of *delivery*, and its form where the body is declared to be one."""
    request = delivery.request
    query = read_query(request.target)
    form = _form(request)

    def filtered(row: ValueRow) -> ValueRow:
        return _with_filters(row, place, delivery.id, ("query", row.name))

    rows = pair_rows(query, reveal)
    fields = None if form is None else pair_rows(form, reveal, first=len(rows))
    return QueryTab(tuple(map(filtered, rows)), fields, query.left_out + (form.left_out if form else 0))


def query_count(request: Request) -> int:
    """How many parameters the target of *request* has."""
    return sum(1 for part in request.target.partition(b"?")[2].split(b"&") if part)


def pair_rows(table: PairTable, reveal: str = "all", first: int = 0) -> tuple[ValueRow, ...]:
    """The fields of a query or a form; credentials are masked unless revealed. *first* is a row's number."""
    rows = []
    for number, pair in enumerate(table.pairs, first):
        said = (
            (pair.bare, "without ="),
            (pair.broken, "a % in it is no escape"),
            (pair.repeated, "repeated"),
            (pair.cut, f"{pair.cut:,} characters more"),
        )
        masked = bool(pair.value and is_credential_parameter(pair.name)) and reveal not in (
            "all",
            str(number),
        )
        rows.append(
            ValueRow(
                number,
                pair.shown_name,
                MASK if masked else pair.shown_value,
                masked,
                None if masked else safe_text(pair.value),
                tuple(words for applies, words in said if applies),
                opened=None if masked else pair.opened,
            )
        )
    return tuple(rows)


def _form(request: Request) -> PairTable | None:
    media = media_type_of(request.headers)
    return read_form(request.body, media) if media.full == FORM_TYPE and request.body else None


def _header_rows(
    headers: HeaderPairs, first: int, reveal: str, place: Place, delivery_id: int
) -> tuple[ValueRow, ...]:
    """*headers* in order, credentials masked but for the number in *reveal*."""
    schemes = dict(signature_headers(headers))
    rows = []
    for number, (raw_name, raw_value) in enumerate(headers, first):
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        masked = bool(value) and is_credential_header(name) and reveal not in ("all", str(number))
        row = ValueRow(
            number,
            name,
            _mask(value) if masked else value,
            masked,
            copied=None if masked else value,
            is_signature=name in schemes,
        )
        rows.append(row if masked else _with_filters(row, place, delivery_id, ("header", name)))
    return tuple(rows)


def _with_filters(row: ValueRow, place: Place, delivery_id: int, field: Sequence[str]) -> ValueRow:
    """*row* with the addresses of the list for its value, and without."""
    if row.masked or len(row.value) > FILTERED_CHARACTERS:
        return row
    try:
        terms = [with_term(place.q, field, row.value, negate) for negate in (False, True)]
    except InvalidFilter:  # the one that is there cannot be read
        return row
    include, exclude = (replace(place, q=term, before=None, after=None) for term in terms)
    return replace(
        row,
        include_url=include.delivery_url(delivery_id),
        exclude_url=exclude.delivery_url(delivery_id),
    )


def _mask(value: str) -> str:
    """Dots for a credential; its kind stays, so that ``Basic`` and ``Bearer`` can be told apart."""
    kind, blank, _ = value.partition(" ")
    return f"{kind} {MASK}" if blank and kind.isalpha() and len(kind) <= 12 else MASK
