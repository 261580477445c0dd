"""How the nouns look as JSON: the shapes of the HTTP API, used by the page, the stream and the CLI alike.

Knows no web framework, so that a command that only reads a file need not load one.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from inspector.content import decoded_text
from inspector.content.charsets import safe_text
from inspector.content.raw_http import wire_facts
from inspector.models import (
    Addresses,
    Delivery,
    DeliverySummary,
    Endpoint,
    EndpointActivity,
    HeaderPairs,
    Malformed,
    Page,
    Reply,
    Scripted,
    SecretInfo,
    SentReply,
    Verification,
)
from inspector.receive.handshakes import recognise
from inspector.settings import Limits
from inspector.signing import CATALOGUE, describe
from inspector.web.fields import LARGEST_ID

if TYPE_CHECKING:
    from inspector.content.diff import Comparison
    from inspector.content.json_diff import Difference
    from inspector.matching import NearMiss
    from inspector.receive.rechecking import Progress
    from inspector.signing.scheme import Scheme
    from inspector.store import Arrivals

INLINE_BYTES = Limits().shown_inline_bytes
"""Bodies beyond this size, in bytes, are downloaded instead of shown."""

Json = dict[str, object]


def json_bytes(value: object) -> bytes:
    """*value* as strict JSON in one line of ASCII: no NaN, no line break, nothing that a terminal obeys."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


def timestamp(moment: datetime) -> str:
    """*moment* in ISO 8601, UTC with ``Z``, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def delivery_summary(delivery: DeliverySummary) -> Json:
    """One row of a list of deliveries."""
    return {
        "id": delivery.id,
        "endpoint_id": delivery.endpoint_id,
        "received_at": timestamp(delivery.received_at),
        "method": delivery.method,
        "path": delivery.path,
        "content_type": delivery.content_type,
        "body_size": delivery.body_size,
        "complete": delivery.complete,
        "verification": {
            "status": str(delivery.status),
            "reason": delivery.reason,
            "warned": delivery.warned,
        },
        "reply_status": delivery.reply_status,
        "message_id": delivery.message_id,
        "attempt": delivery.attempt,
        "client": delivery.client,
        "note": delivery.note,
        "pinned": delivery.pinned,
    }


def whole_delivery(delivery: Delivery) -> Json:
    """Everything that is kept of one delivery. A body over ``INLINE_BYTES`` is left to its own address."""
    request = delivery.request
    return {
        "id": delivery.id,
        "endpoint_id": delivery.endpoint_id,
        "received_at": timestamp(request.received_at),
        "method": request.method,
        "path": request.path,
        "content_type": request.content_type,
        "body_size": len(request.body),
        "complete": request.complete,
        "verification": verification(delivery.verification),
        "reply_status": delivery.sent.reply.status,
        "message_id": delivery.message_id,
        "attempt": delivery.attempt,
        "client": request.client,
        "note": delivery.note,
        "pinned": delivery.pinned,
        "incomplete_reason": request.incomplete_reason,
        **wire_facts(request, request.head),
        "http_version": request.http_version,
        "headers": header_pairs(request.headers),
        "trailers": header_pairs(request.trailers),
        "query": query_pairs(request.target),
        "body_base64": _base64(request.body),
        "body_text": _body_text(request.body, request.headers),
        "reply": sent_reply(delivery.sent),
        "handshake": handshake(delivery),
    }


def verification(verdict: Verification) -> Json:
    """A verdict with every fact it stands on; ``sdk`` only where the vendor's SDKs have an answer."""
    shape: Json = {
        "status": str(verdict.status),
        "signature": str(verdict.signature),
        "timestamp": str(verdict.timestamp),
        "scheme": verdict.scheme,
        "secret": verdict.secret,
        "age_seconds": verdict.age_seconds,
        "reason": verdict.reason,
        "cause": verdict.cause,
        "warnings": list(verdict.warnings),
    }
    if verdict.sdk is not None:
        shape["sdk"] = {"python": verdict.sdk.python, "typescript": verdict.sdk.typescript}
    return shape


def handshake(delivery: Delivery) -> Json | None:
    """The handshake that a delivery is, and whether it was answered; None when it is none."""
    asked = recognise(delivery.request)
    if asked is None:
        return None
    sent = delivery.sent.reply
    return {
        "sender": asked.sender,
        "answered": asked.is_answered_by(sent),
        "reason": asked.outcome(sent),
        "todo": asked.todo or None,
        "link": asked.link,
        "token": asked.token if asked.todo else None,
    }


def sent_reply(sent: SentReply) -> Json:
    """The reply that a delivery got."""
    return {
        "status": sent.reply.status,
        "headers": [list(pair) for pair in sent.reply.headers],
        "body_base64": _base64(sent.reply.body),
        "sent_at": timestamp(sent.sent_at) if sent.sent_at else None,
        "completed": sent.completed,
        "script": None if sent.scripted is None else scripted(sent.scripted),
    }


def scripted(how: Scripted) -> Json:
    """What an endpoint's script had to do with a reply."""
    return {
        "entry": how.entry,
        "fault": how.fault,
        "hold": how.hold,
        "held_seconds": None if how.held_seconds is None else round(how.held_seconds, 6),
    }


def endpoint(
    registered: Endpoint,
    infos: Iterable[SecretInfo],
    activity: EndpointActivity | None,
    addresses: Addresses,
    rechecking: Progress | None = None,
) -> Json:
    """An endpoint with what may be told of its secrets.

    *activity* None: nothing has come yet. *rechecking* None: its deliveries are not being judged anew.
    """
    activity = activity or EndpointActivity()
    last = activity.last_received_at
    return {
        "id": registered.id,
        "path": registered.path,
        "url": callback_url(registered, addresses),
        "name": registered.name,
        "scheme": registered.scheme,
        "scheme_options": dict(registered.scheme_options),
        "secrets": [secret_info(info) for info in infos],
        "tolerance_seconds": registered.tolerance_seconds,
        "public_url": registered.public_url,
        "reject_invalid": registered.reject_invalid,
        "handshake": registered.handshake,
        "verify_token": registered.verify_token,
        "reply": planned_reply(registered.reply),
        "cors": registered.cors,
        "deliveries": activity.deliveries,
        "last_received_at": timestamp(last) if last else None,
        "rechecking": None if rechecking is None else {"done": rechecking.done, "total": rechecking.total},
    }


def callback_url(registered: Endpoint, addresses: Addresses) -> str:
    """What is pasted into the sender."""
    return registered.public_url or addresses.callback_url.rstrip("/") + registered.path


def planned_reply(reply: Reply) -> Json:
    """The reply that an endpoint gives; a body that is not text is given in base64."""
    try:
        body: Json = {"body": reply.body.decode("utf-8")}
    except UnicodeDecodeError:
        body = {"body_base64": b64encode(reply.body).decode("ascii")}
    return {
        "status": reply.status,
        "headers": [list(pair) for pair in reply.headers],
        **body,
        "delay_seconds": reply.delay_seconds,
    }


def secret_info(info: SecretInfo) -> Json:
    """A secret by name; the value is never part of it."""
    return {
        "name": info.name,
        "source": info.source,
        "env": info.env,
        "fingerprint": info.fingerprint,
        "created_at": timestamp(info.created_at),
    }


def scheme(row: Scheme) -> Json:
    """A way of signing: the name that endpoints use, what its sender writes where, and what that rests on."""
    signature, time = row.signature, row.timestamp
    return {
        "name": row.name,
        "sender": row.sender,
        "own": row.name not in CATALOGUE.names,
        "docs_url": row.docs_url,
        "description": describe(row) or None,
        "signature_header": signature.header.own or None,
        "signature_place": signature.in_body or None,
        "prefix": signature.prefix.decode("latin-1") or None,
        "timestamp_header": row.timestamp_header or None,
        "message_id_header": row.message_id.own if row.message_id else None,
        "algorithm": str(row.algorithm) if row.signs else None,
        "hash": row.hash if row.signs else None,
        "encoding": str(signature.encoding) if row.signs else None,
        "secret_form": str(row.secret_form) if row.signs else None,
        "secret_note": row.key_note or None,
        "tolerance_seconds": time.tolerance_seconds if time else None,
        "needs": list(row.needs),
        "basis": str(row.sure) if row.signs else None,
        "caveats": list(row.caveats),
    }


def malformed(each: Malformed) -> Json:
    """What came and was no request: its first bytes, how many there were, and why it is none."""
    return {
        "id": each.id,
        "received_at": timestamp(each.received_at),
        "client": each.client,
        "listener": each.listener or None,
        "reason": each.reason,
        "reply_status": each.status or None,
        "size": each.size,
        "raw_base64": b64encode(each.raw).decode("ascii"),
    }


def malformed_page(page: Page[Malformed], total: int) -> Json:
    """A page of them; ``total`` is how many ever came, kept or not."""
    return {
        "malformed": [malformed(each) for each in page.rows],
        "cursor": page.cursor if page.cursor < LARGEST_ID else 0,
        "more": page.more,
        "total": total,
    }


def deliveries_page(page: Page[DeliverySummary]) -> Json:
    """A page of summaries; ``cursor`` is given back in the parameter that asked."""
    return {
        "deliveries": [delivery_summary(row) for row in page.rows],
        # An empty list of the newest has no last id; a client could not hand back the largest one there is.
        "cursor": page.cursor if page.cursor < LARGEST_ID else 0,
        "more": page.more,
    }


def near_miss(miss: NearMiss) -> Json:
    """A delivery that a filter does not mean: how many conditions it meets, and those that it does not."""
    return {
        "id": miss.id,
        "held": miss.held,
        "failed": [
            {"condition": check.condition, "wanted": safe_text(check.wanted), "got": safe_text(check.got)}
            for check in miss.failed
        ],
    }


def comparison(before_id: int, after_id: int, found: Comparison) -> Json:
    """What differs between two deliveries; ``same`` when nothing does but what was to be ignored."""
    return {
        "before": before_id,
        "after": after_id,
        "same": found.same,
        "body": found.body,
        "differences": [_difference(each) for each in found.differences],
        "ignored": [_difference(each) for each in found.ignored],
        "lines": [{"sign": line.sign, "text": safe_text(line.text)} for line in found.lines],
        "notes": list(found.notes),
        "left_out": found.left_out,
    }


def _difference(each: Difference) -> Json:
    return {
        "section": each.section,
        "where": safe_text(each.where),
        "change": each.change,
        "before": None if each.before is None else safe_text(each.before),
        "after": None if each.after is None else safe_text(each.after),
        "volatile": each.volatile,
    }


def arrivals(minutes: Iterable[Arrivals]) -> list[Json]:
    """What arrived minute by minute."""
    return [
        {
            "minute": timestamp(each.minute),
            "deliveries": each.deliveries,
            "not_valid": each.not_valid,
        }
        for each in minutes
    ]


def header_pairs(headers: HeaderPairs) -> list[list[str]]:
    """Header fields as received: order, repeats and letter case kept, bytes as latin-1."""
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


def query_pairs(target: bytes) -> list[list[str]]:
    """The decoded query of a target: ``+`` is a blank, escapes are UTF-8, empty values and order stay."""
    _, _, query = target.partition(b"?")
    pairs = (part.partition(b"=") for part in query.split(b"&") if part)
    return [[_query_text(name), _query_text(value)] for name, _, value in pairs]


def _query_text(part: bytes) -> str:
    return unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8", "replace")


def _base64(body: bytes) -> str | None:
    return b64encode(body).decode("ascii") if len(body) <= INLINE_BYTES else None


def _body_text(body: bytes, headers: HeaderPairs) -> str | None:
    return decoded_text(body, headers) if len(body) <= INLINE_BYTES else None
