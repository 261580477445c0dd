"""Deliveries put straight into a store, where no test needs them to have come over the wire."""

from __future__ import annotations

import asyncio
import time

from inspector.models import (
    NewDelivery,
    Reply,
    Request,
    SignatureState,
    TimestampState,
    Verification,
    VerificationStatus,
)
from inspector.store import Store

VERDICT = Verification(
    VerificationStatus.UNCONFIGURED,
    SignatureState.NOT_CHECKED,
    TimestampState.NOT_USED,
    "none",
    "None.",
    "none",
)


def new_delivery(target: str = "/", endpoint_id: str = "root") -> NewDelivery:
    """A POST without headers or body."""
    request = Request("POST", target.encode(), "1.1", (), b"", "127.0.0.1:1", time.time_ns())
    return NewDelivery(endpoint_id, request, VERDICT, Reply(), None)


async def add(store: Store, count: int, target: str = "/") -> list[int]:
    """Stores *count* deliveries to *target*; their ids."""
    return list(await asyncio.gather(*(store.add(new_delivery(target)) for _ in range(count))))
