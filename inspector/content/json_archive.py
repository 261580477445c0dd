"""Deliveries as JSON Lines: one object a line, with the names that the HTTP API has for a whole delivery."""

from __future__ import annotations

import base64
import json

from inspector.content.masking import MaskedRequest, mask_headers, masked_bytes
from inspector.content.raw_http import shown_head, wire_facts
from inspector.models import Delivery, HeaderPairs


def json_line(delivery: Delivery, masked: MaskedRequest) -> str:
    """The line of *delivery*, with its line end; credentials are ``[masked]`` where *masked* hides them."""
    request, verdict, sent = delivery.request, delivery.verification, delivery.sent
    return (
        json.dumps(
            {
                "id": delivery.id,
                "endpoint_id": delivery.endpoint_id,
                "received_at": request.received_at.isoformat().replace("+00:00", "Z"),
                **wire_facts(request, shown_head(request, masked)),
                "method": request.method,
                "path": masked_bytes(masked.target).decode("latin-1"),
                "http_version": request.http_version,
                "headers": _pairs(tuple((name, masked_bytes(value)) for name, value in masked.headers)),
                "trailers": _pairs(request.trailers if masked.revealed else mask_headers(request.trailers)),
                "body_base64": base64.b64encode(request.body).decode("ascii"),
                "complete": request.complete,
                "incomplete_reason": request.incomplete_reason,
                "client": request.client,
                "message_id": delivery.message_id,
                "attempt": delivery.attempt,
                "verification": {
                    "status": str(verdict.status),
                    "scheme": verdict.scheme,
                    "reason": verdict.reason,
                },
                "reply_status": sent.reply.status,
                "note": delivery.note,
                "pinned": delivery.pinned,
                "masked": [hidden.name for hidden in masked.hidden],
            }
        )
        + "\n"
    )


def _pairs(headers: HeaderPairs) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]
