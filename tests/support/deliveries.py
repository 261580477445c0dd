"""Deliveries on their way into a store, and stores for one test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inspector.models import (
    NewDelivery,
    Reply,
    Request,
    SignatureState,
    TimestampState,
    Verification,
    VerificationStatus,
)
from inspector.settings import Retention, Settings
from inspector.store import ROOT_ID, Store

KEEP_ALL = Retention(deliveries=0, bytes=0, days=0)
"""No limits: for deliveries that came long ago."""

UNCONFIGURED = Verification(
    status=VerificationStatus.UNCONFIGURED,
    signature=SignatureState.NOT_CHECKED,
    timestamp=TimestampState.NOT_USED,
    scheme="auto",
    reason="No secret is registered.",
    cause="no-secret",
)
VALID = Verification(
    status=VerificationStatus.VALID,
    signature=SignatureState.MATCH,
    timestamp=TimestampState.FRESH,
    scheme="blaxel",
    reason="The signature is right.",
    cause="match",
    secret="key-1",
    age_seconds=1,
)


def new_delivery(
    body: bytes = b"{}",
    *,
    endpoint_id: str = ROOT_ID,
    target: bytes = b"/hook",
    message_id: str | None = None,
    received_ns: int | None = None,
    verification: Verification = UNCONFIGURED,
    reply: Reply | None = None,
) -> NewDelivery:
    """A judged request as the receiver hands it in."""
    request = Request(
        method="POST",
        target=target,
        http_version="1.1",
        headers=((b"Host", b"localhost:2255"), (b"Content-Type", b"application/json")),
        body=body,
        client="127.0.0.1:50000",
        received_ns=time.time_ns() if received_ns is None else received_ns,
    )
    return NewDelivery(endpoint_id, request, verification, reply or Reply(), message_id)


@contextmanager
def opened(folder: Path | None = None, **settings: Any) -> Iterator[Store]:
    """A store in *folder* (None: in a temporary file), closed at the end."""
    database = None if folder is None else folder / "callbacks.db"
    with Store.open(Settings(database=database, **settings)) as store:
        yield store


async def add_all(store: Store, deliveries: Iterable[NewDelivery]) -> list[int]:
    """Add *deliveries* all at once; their ids in the same order."""
    return await asyncio.gather(*map(store.add, deliveries))


def add(store: Store, *deliveries: NewDelivery) -> list[int]:
    """Add *deliveries*, from outside of any event loop."""
    return asyncio.run(add_all(store, deliveries))
