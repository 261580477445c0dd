"""How the nouns of ``inspector.models`` stand in the tables, and how they come back.

Nothing that a sender sends may fail to be stored, or come back changed. Bytes are stored as BLOBs, header
fields as JSON of latin-1 text. Text is stored as TEXT; should it hold a lone surrogate, which no UTF-8 can,
it becomes a BLOB.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any

from inspector.models import (
    Delivery,
    DeliverySummary,
    Fault,
    Framing,
    HeaderPairs,
    NewDelivery,
    Reply,
    Request,
    Scripted,
    SdkVerdicts,
    SentReply,
    SignatureState,
    TimestampState,
    Verification,
    VerificationStatus,
    utc_from_ns,
)

Row = Mapping[str, Any]
"""One row of a query by column name: what SQLite gives is only known here."""

SELECT_SUMMARY = """
    select id, endpoint_id, received_ns, method, target, content_type, body_size, incomplete_reason, status,
        reason, warned, reply_status, message_id, attempt, client, note, pinned, revision
    from kept
"""

SELECT_DELIVERY = """
    select id, endpoint_id, received_ns, method, target, http_version, headers, trailers, client,
        incomplete_reason, framing, chunks, flags, status, reason, warned, scheme, verification, reply_status,
        reply, sent_ns, completed, message_id, attempt, note, pinned, revision, body, reply_body, head
    from kept join bodies using (id)
"""

INSERT_DELIVERY = """
    insert into deliveries (id, endpoint_id, received_ns, method, target, content_type, body_size,
        incomplete_reason, status, reason, warned, scheme, reply_status, sent_ns, completed, message_id,
        message_key, attempt, client, http_version, pinned, note, verification, reply, trailers, headers,
        framing, chunks, flags)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

INSERT_BODY = "insert into bodies (id, body, reply_body, head) values (?, ?, ?, ?)"

SELECT_VERDICT = "select status, reason, warned, scheme, verification from kept where id = ?"

UPDATE_VERDICT = """
    update deliveries set status = ?, reason = ?, warned = ?, scheme = ?, verification = ?, revision = ?
    where id = ?
"""


@lru_cache(maxsize=128)
def for_many(insert: str, rows: int) -> str:
    """The statement *insert*, which has one row of parameters, with so many of them."""
    _, _, parameters = insert.rpartition("values ")
    return insert + f", {parameters}" * (rows - 1)


# Escaped to ASCII, which every text survives.
_encode = json.JSONEncoder(separators=(",", ":")).encode


def stored_text(text: str) -> str | bytes:
    """*text* as SQLite can hold it."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def read_text(value: str | bytes) -> str:
    """The text that ``stored_text`` stored."""
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def read_optional_text(value: str | bytes | None) -> str | None:
    return None if value is None else read_text(value)


def message_key(endpoint_id: str, message_id: str | None) -> int | None:
    """The signed 64-bit number under which the deliveries of one message are found; None without an id."""
    if message_id is None:
        return None
    text = f"{endpoint_id}\0{message_id}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)


def delivery_values(
    delivery_id: int, delivery: NewDelivery, key: int | None, attempt: int, sent_ns: int | None
) -> tuple[Any, ...]:
    """The values of ``INSERT_DELIVERY``; *key* is the message's."""
    request, verdict, reply = delivery.request, delivery.verification, delivery.reply
    # Booleans as numbers: the sqlite3 module takes more than twice as long to bind them as they are.
    return (
        delivery_id,
        delivery.endpoint_id,
        request.received_ns,
        stored_text(request.method),
        request.target,
        _stored_optional(request.content_type),
        len(request.body),
        _stored_optional(request.incomplete_reason),
        verdict.status.value,
        stored_text(verdict.reason),
        int(verdict.warned),
        verdict.scheme,
        reply.status,
        sent_ns,
        int(delivery.answered),
        _stored_optional(delivery.message_id),
        key,
        attempt,
        stored_text(request.client),
        request.http_version,
        int(delivery.pinned),
        stored_text(delivery.note),
        _verdict_details(verdict),
        _stored_reply(reply.headers, reply.delay_seconds, delivery.scripted),
        _stored_headers(request.trailers),
        _stored_headers(request.headers),
        request.framing.value,
        request.chunks,
        " ".join(request.flags),
    )


def verdict_values(verdict: Verification) -> tuple[Any, ...]:
    """What ``SELECT_VERDICT`` gives of a verdict, and ``UPDATE_VERDICT`` takes first."""
    return (
        verdict.status.value,
        stored_text(verdict.reason),
        int(verdict.warned),
        verdict.scheme,
        _verdict_details(verdict),
    )


def summary(row: Row) -> DeliverySummary:
    """The list row in *row* (``SELECT_SUMMARY``)."""
    return DeliverySummary(
        id=row["id"],
        endpoint_id=row["endpoint_id"],
        received_at=utc_from_ns(row["received_ns"]),
        method=read_text(row["method"]),
        path=row["target"].decode("latin-1"),
        content_type=read_optional_text(row["content_type"]),
        body_size=row["body_size"],
        complete=row["incomplete_reason"] is None,
        status=VerificationStatus(row["status"]),
        reason=read_text(row["reason"]),
        warned=bool(row["warned"]),
        reply_status=row["reply_status"],
        message_id=read_optional_text(row["message_id"]),
        attempt=row["attempt"],
        client=read_text(row["client"]),
        note=read_text(row["note"]),
        pinned=bool(row["pinned"]),
        revision=row["revision"],
    )


def delivery(row: Row) -> Delivery:
    """The whole delivery in *row* (``SELECT_DELIVERY``)."""
    return Delivery(
        id=row["id"],
        endpoint_id=row["endpoint_id"],
        request=Request(
            method=read_text(row["method"]),
            target=row["target"],
            http_version=row["http_version"],
            headers=_read_headers(row["headers"]),
            body=row["body"],
            client=read_text(row["client"]),
            received_ns=row["received_ns"],
            trailers=_read_headers(row["trailers"]),
            incomplete_reason=read_optional_text(row["incomplete_reason"]),
            head=row["head"],
            framing=Framing(row["framing"]),
            chunks=row["chunks"],
            flags=tuple(row["flags"].split()),
        ),
        verification=_read_verification(row),
        sent=_read_reply(row),
        message_id=read_optional_text(row["message_id"]),
        attempt=row["attempt"],
        note=read_text(row["note"]),
        pinned=bool(row["pinned"]),
        revision=row["revision"],
    )


def _stored_optional(text: str | None) -> str | bytes | None:
    return None if text is None else stored_text(text)


def _stored_headers(headers: HeaderPairs) -> str:
    # Header text is latin-1 and has no lone surrogates: kept readable, so that it can be searched. Put
    # together here it takes half the time of a JSONEncoder, which is made anew inside for each text.
    pairs = [
        f"[{_quoted(name.decode('latin-1'))},{_quoted(value.decode('latin-1'))}]" for name, value in headers
    ]
    return f"[{','.join(pairs)}]"


def _read_headers(text: str) -> HeaderPairs:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in json.loads(text))


def _verdict_details(verdict: Verification) -> str:
    return _stored_verdict(
        verdict.signature,
        verdict.timestamp,
        verdict.cause,
        verdict.secret,
        verdict.age_seconds,
        verdict.warnings,
        verdict.sdk,
    )


# Deliveries of one sender have few different verdicts and replies: the last ones are encoded once.
@lru_cache(maxsize=256)
def _stored_verdict(
    signature: SignatureState,
    timestamp: TimestampState,
    cause: str,
    secret: str | None,
    age_seconds: int | None,
    warnings: tuple[str, ...],
    sdk: SdkVerdicts | None,
) -> str:
    return _encode(
        {
            "signature": signature,
            "timestamp": timestamp,
            "cause": cause,
            "secret": secret,
            "age_seconds": age_seconds,
            "warnings": warnings,
            "sdk": None if sdk is None else [sdk.python, sdk.typescript],
        }
    )


@lru_cache(maxsize=256)
def _stored_reply(
    headers: tuple[tuple[str, str], ...], delay_seconds: float, scripted: Scripted | None
) -> str:
    return _encode(
        [headers, delay_seconds] if scripted is None else [headers, delay_seconds, asdict(scripted)]
    )


def _read_verification(row: Row) -> Verification:
    details = json.loads(row["verification"])
    return Verification(
        status=VerificationStatus(row["status"]),
        signature=SignatureState(details["signature"]),
        timestamp=TimestampState(details["timestamp"]),
        scheme=row["scheme"],
        reason=read_text(row["reason"]),
        cause=details["cause"],
        secret=details["secret"],
        age_seconds=details["age_seconds"],
        warnings=tuple(details["warnings"]),
        warned=bool(row["warned"]),
        sdk=None if details["sdk"] is None else SdkVerdicts(*details["sdk"]),
    )


def _read_reply(row: Row) -> SentReply:
    headers, delay_seconds, *script = json.loads(row["reply"])
    return SentReply(
        reply=Reply(
            status=row["reply_status"],
            headers=tuple((name, value) for name, value in headers),
            body=row["reply_body"],
            delay_seconds=delay_seconds,
        ),
        sent_at=None if row["sent_ns"] is None else utc_from_ns(row["sent_ns"]),
        completed=bool(row["completed"]),
        scripted=_read_scripted(*script) if script else None,
    )


def _read_scripted(details: Mapping[str, Any]) -> Scripted:
    fault = details["fault"]
    return Scripted(
        entry=details["entry"],
        fault=None if fault is None else Fault(fault),
        hold=details["hold"],
        held_seconds=details["held_seconds"],
    )
