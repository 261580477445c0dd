"""One delivery as filters see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from inspector.matching.reading import JSON_BYTES, NOT_JSON, Json, parse_json
from inspector.models import Delivery, Request, VerificationStatus


@dataclass(frozen=True)
class Subject:
    """The facts of a delivery that conditions speak of; the body is decoded at most once, and only if needed.

    ``endpoint_path`` is None when the endpoint is gone. ``body_text`` gives the body with its content coding
    undone and its charset decoded, or None where that cannot be done (the API's ``body_text``). Only
    ``json.`` conditions call it: words and ``body:`` look at the bytes as they were sent.
    """

    id: int
    endpoint_id: str
    endpoint_path: str | None
    request: Request
    status: VerificationStatus
    scheme: str
    reply_status: int
    message_id: str | None
    attempt: int
    pinned: bool
    body_text: Callable[[], str | None]

    @classmethod
    def of(
        cls, delivery: Delivery, endpoint_path: str | None, body_text: Callable[[], str | None]
    ) -> Subject:
        """The subject of a stored *delivery*."""
        return cls(
            id=delivery.id,
            endpoint_id=delivery.endpoint_id,
            endpoint_path=endpoint_path,
            request=delivery.request,
            status=delivery.verification.status,
            scheme=delivery.verification.scheme,
            reply_status=delivery.sent.reply.status,
            message_id=delivery.message_id,
            attempt=delivery.attempt,
            pinned=delivery.pinned,
            body_text=body_text,
        )

    @cached_property
    def json(self) -> Json:
        """The body as JSON in the form of ``reading``, or ``NOT_JSON``."""
        return NOT_JSON if len(self.request.body) > JSON_BYTES else parse_json(self.body_text())
