"""Deliveries as an HTTP archive (HAR 1.2): repeated headers kept, bodies that are not UTF-8 text in base64.

What the format has no place for stands under ``_inspector``, as the format allows.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from inspector.content.charsets import safe_text
from inspector.content.forms import read_query
from inspector.content.masking import MaskedRequest, mask_headers, masked_bytes
from inspector.content.raw_http import shown_head, wire_facts
from inspector.models import Delivery, HeaderPairs, Reply, Request

JsonObject = dict[str, object]


def har_document(entries: Iterable[JsonObject], version: str) -> Iterator[str]:
    """The text of an archive in pieces, one for each entry, so that a long one need not stand in memory.

    *version* is ours.
    """
    creator = json.dumps({"name": "Callback Inspector", "version": version})
    yield f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": ['
    separator = "\n"
    for entry in entries:
        yield separator + json.dumps(entry)
        separator = ",\n"
    yield "\n]}}\n"


def har_entry(delivery: Delivery, masked: MaskedRequest, base_url: str) -> JsonObject:
    """The entry of *delivery*; credentials are ``[masked]`` where *masked* hides them."""
    request, sent = delivery.request, delivery.sent
    waited = (sent.sent_at - request.received_at).total_seconds() * 1000 if sent.sent_at else 0.0
    return {
        "startedDateTime": request.received_at.isoformat().replace("+00:00", "Z"),
        "time": max(0.0, waited),
        "request": _request(request, masked, base_url),
        "response": _response(sent.reply, revealed=masked.revealed),
        "cache": {},
        "timings": {"send": 0, "wait": max(0.0, waited), "receive": 0},
        "comment": delivery.note,
        "_inspector": _ours(delivery, masked),
    }


def pairs_of(headers: HeaderPairs) -> list[JsonObject]:
    """*headers* in order, repeats kept, every byte one character (Latin-1)."""
    return [{"name": name.decode("latin-1"), "value": value.decode("latin-1")} for name, value in headers]


def _request(request: Request, masked: MaskedRequest, base_url: str) -> JsonObject:
    target = masked_bytes(masked.target)
    parts = urlsplit(base_url)
    path = target.decode("latin-1") if target.startswith(b"/") else "/"
    headers = tuple((name, masked_bytes(value)) for name, value in masked.headers)
    entry: JsonObject = {
        "method": request.method,
        "url": f"{parts.scheme}://{parts.netloc}{path}",
        "httpVersion": f"HTTP/{request.http_version}",
        "cookies": [],
        "headers": pairs_of(headers),
        "queryString": [
            {"name": safe_text(pair.name), "value": safe_text(pair.value)}
            for pair in read_query(target).pairs
        ],
        "headersSize": len(request.head) or -1,
        "bodySize": len(request.body),
    }
    if request.body:
        entry["postData"] = {"mimeType": request.content_type or "", **_text(request.body)}
    return entry


def _response(reply: Reply, *, revealed: bool) -> JsonObject:
    headers = _reply_headers(reply)
    content_type = next((value for name, value in reply.headers if name.lower() == "content-type"), "")
    content: JsonObject = {"size": len(reply.body), "mimeType": content_type}
    if reply.body:
        content.update(_text(reply.body))
    return {
        "status": reply.status,
        "statusText": HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs_of(headers if revealed else mask_headers(headers)),
        "content": content,
        "redirectURL": next((value for name, value in reply.headers if name.lower() == "location"), ""),
        "headersSize": -1,
        "bodySize": len(reply.body),
    }


def _reply_headers(reply: Reply) -> HeaderPairs:
    return tuple(
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in reply.headers
    )


def _text(body: bytes) -> JsonObject:
    """*body* as text where that gives the same bytes back, else in base64."""
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}


def _ours(delivery: Delivery, masked: MaskedRequest) -> JsonObject:
    request, verdict = delivery.request, delivery.verification
    return {
        "id": delivery.id,
        "target": masked_bytes(masked.target).decode("latin-1"),
        "trailers": pairs_of(request.trailers if masked.revealed else mask_headers(request.trailers)),
        "client": request.client,
        **wire_facts(request, shown_head(request, masked)),
        "incomplete_reason": request.incomplete_reason,
        "message_id": delivery.message_id,
        "attempt": delivery.attempt,
        "pinned": delivery.pinned,
        "verification": {"status": str(verdict.status), "scheme": verdict.scheme, "reason": verdict.reason},
        "masked": [hidden.name for hidden in masked.hidden],
    }
