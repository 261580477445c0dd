"""A received callback in a test: everything about it, read in the ways that assertions ask for."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from inspector import models
from inspector.matching import Subject
from inspector.testing.blaxel_result import BlaxelResult
from inspector.testing.pairs import Pairs

if TYPE_CHECKING:
    from inspector.client import Json
    from inspector.content.diff import Comparison

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NO_JSON = object()
"""What ``document`` is when the body is not JSON."""


@dataclass(frozen=True)
class Delivery:
    """One received callback, with its verification and the reply it got.

    ``stored`` is the delivery as every room knows it; what stands here is for tests. ``endpoint_path`` is
    None where the endpoint is gone. ``url`` leads to the delivery on the inspector page.
    """

    stored: models.Delivery = field(repr=False)
    endpoint_path: str | None = field(repr=False)
    callback_url: str = field(repr=False)
    url: str = field(repr=False)

    def __repr__(self) -> str:
        return f"<Delivery #{self.id} {self.method} {self.path} {self.verification.status}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Delivery) and (self.url, self.id) == (other.url, other.id)

    def __hash__(self) -> int:
        return hash((self.url, self.id))

    @property
    def id(self) -> int:
        """The number of the delivery, rising in the order of arrival on its server."""
        return self.stored.id

    @property
    def method(self) -> str:
        return self.stored.request.method

    @property
    def target(self) -> str:
        """The request target as sent, query included, byte for byte (latin-1)."""
        return self.stored.request.path

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def subpath(self) -> str:
        """What the path has beyond the endpoint's own: ``/`` for the endpoint's URL itself."""
        path, own = self.path, (self.endpoint_path or "").rstrip("/")
        return path[len(own) :] or "/" if path == own or path.startswith(f"{own}/") else path

    @cached_property
    def query(self) -> Pairs:
        """The decoded query parameters."""
        from inspector.content.forms import read_query

        return Pairs((each.name, each.value) for each in read_query(self.stored.request.target).pairs)

    @cached_property
    def headers(self) -> Pairs:
        """The header fields in the order received, asked for in any letter case."""
        return _header_pairs(self.stored.request.headers)

    @cached_property
    def trailers(self) -> Pairs:
        """The fields that came after a chunked body."""
        return _header_pairs(self.stored.request.trailers)

    @property
    def content_type(self) -> str | None:
        return self.stored.request.content_type

    @property
    def body(self) -> bytes:
        """The body's bytes as sent."""
        return self.stored.request.body

    @property
    def complete(self) -> bool:
        """Whether the whole body came."""
        return self.stored.request.complete

    @cached_property
    def text(self) -> str:
        """The body as text: its content coding undone, then its charset, else UTF-8.

        U+FFFD stands for every byte that cannot be decoded.
        """
        from inspector.content.charsets import read_text
        from inspector.content.decoding import decode_body
        from inspector.content.media_type import media_type_of

        headers = self.stored.request.headers
        return read_text(decode_body(self.body, headers).body, media_type_of(headers)).text

    @cached_property
    def document(self) -> object:
        """The body's JSON value, or ``NO_JSON``."""
        try:
            value: object = json.loads(self.text)
        except (ValueError, RecursionError):  # not JSON, or nested deeper than any callback
            return NO_JSON
        return value

    def json(self) -> Any:
        """The body's JSON value, whatever its content type. Raises ValueError when it is not JSON."""
        if self.document is NO_JSON:
            raise ValueError(f"The body of delivery #{self.id} is not JSON: {self.text[:80]!r}")
        return self.document

    @cached_property
    def _form(self) -> Pairs:
        from inspector.content.decoding import decode_body
        from inspector.content.media_type import media_type_of
        from inspector.testing.fields import form_fields

        headers = self.stored.request.headers
        return form_fields(decode_body(self.body, headers).body, media_type_of(headers))

    def form(self) -> Pairs:
        """The fields of a form, URL-encoded or in parts, of a file its text; none in JSON or XML."""
        return self._form

    @property
    def received_at(self) -> datetime:
        """When the head of the request was complete (UTC)."""
        return self.stored.request.received_at

    @property
    def verification(self) -> models.Verification:
        """The verdict on the signature: true only when it is ``valid``, with its reason in words."""
        return self.stored.verification

    @property
    def reply(self) -> models.Reply:
        """What the sender was answered, or is to be when the reply is held."""
        return self.stored.sent.reply

    @property
    def replied(self) -> bool:
        """Whether the reply was sent whole."""
        return self.stored.sent.completed and self.stored.sent.sent_at is not None

    @property
    def attempt(self) -> int:
        """1 for the first time a message came to this endpoint, 2 for the next, and so on."""
        return self.stored.attempt

    @property
    def message_id(self) -> str | None:
        """The sender's own id of the message, else one made from its content; None for an empty body."""
        return self.stored.message_id

    @property
    def client(self) -> str:
        """``ip:port`` of the sender's socket."""
        return self.stored.request.client

    @property
    def result(self) -> BlaxelResult:
        """What a Blaxel agent reported. Raises ValueError when the body is no such report."""
        return BlaxelResult.of(self.json())

    def curl(self, *, reveal: bool = False) -> str:
        """The delivery as a curl command; credentials are read from variables unless *reveal*."""
        from inspector.content.curl import curl_command

        return curl_command(self.stored.request, self.callback_url, reveal=reveal).text

    def har(self, *, reveal: bool = False) -> dict[str, Any]:
        """The delivery as an HTTP archive (HAR 1.2); credentials are masked unless *reveal*."""
        from inspector import __version__
        from inspector.content.har import har_document, har_entry
        from inspector.content.masking import mask_request

        masked = mask_request(self.stored.request, reveal=reveal)
        entry = har_entry(self.stored, masked, self.callback_url)
        archive: dict[str, Any] = json.loads("".join(har_document([entry], __version__)))
        return archive

    def diff(self, other: Delivery, *, ignore_volatile: bool = False) -> Comparison:
        """What differs from this delivery to *other*; ``same`` is true when nothing does.

        *ignore_volatile* leaves out what differs by its nature: times, ids, signatures.
        """
        from inspector.content.diff import compare

        return compare(self.stored.request, other.stored.request, ignore_volatile=ignore_volatile)

    @cached_property
    def subject(self) -> Subject:
        """The delivery as the filter language sees it."""
        from inspector.content import decoded_text

        request = self.stored.request
        return Subject.of(
            self.stored, self.endpoint_path, lambda: decoded_text(request.body, request.headers)
        )


def read_delivery(whole: Json, body: Callable[[], bytes]) -> models.Delivery:
    """The delivery in the API's *whole* representation; *body* fetches a body too long to stand in it."""
    inline = whole["body_base64"]
    request = models.Request(
        method=whole["method"],
        target=whole["path"].encode("latin-1"),
        http_version=whole["http_version"],
        headers=_raw_pairs(whole["headers"]),
        body=body() if inline is None else b64decode(inline),
        client=whole["client"],
        received_ns=(_moment(whole["received_at"]) - _EPOCH) // timedelta(microseconds=1) * 1000,
        trailers=_raw_pairs(whole["trailers"]),
        incomplete_reason=None if whole["complete"] else "it did not come whole",
        flags=tuple(whole.get("flags", ())),
    )
    return models.Delivery(
        id=whole["id"],
        endpoint_id=whole["endpoint_id"],
        request=request,
        verification=_verification(whole["verification"]),
        sent=_sent(whole["reply"]),
        message_id=whole["message_id"],
        attempt=whole["attempt"],
        note=whole["note"],
        pinned=whole["pinned"],
        revision=0,
    )


def _verification(verdict: Json) -> models.Verification:
    sdk = verdict.get("sdk")
    return models.Verification(
        status=models.VerificationStatus(verdict["status"]),
        signature=models.SignatureState(verdict["signature"]),
        timestamp=models.TimestampState(verdict["timestamp"]),
        scheme=verdict["scheme"],
        reason=verdict["reason"],
        cause=verdict["cause"],
        secret=verdict["secret"],
        age_seconds=verdict["age_seconds"],
        warnings=tuple(verdict["warnings"]),
        sdk=models.SdkVerdicts(sdk["python"], sdk["typescript"]) if sdk else None,
    )


def _sent(reply: Json) -> models.SentReply:
    return models.SentReply(
        models.Reply(
            status=reply["status"],
            headers=tuple((name, value) for name, value in reply["headers"]),
            body=b64decode(reply["body_base64"] or ""),
        ),
        sent_at=_moment(reply["sent_at"]) if reply["sent_at"] else None,
        completed=reply["completed"],
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _raw_pairs(pairs: list[list[str]]) -> models.HeaderPairs:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs)


def _header_pairs(headers: models.HeaderPairs) -> Pairs:
    decoded = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    return Pairs(decoded, fold=True)
