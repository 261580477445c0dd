"""Malformed requests as the wire hands them in, and deliveries that came in an odd way."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from support.deliveries import UNCONFIGURED

from inspector.models import Framing, NewDelivery, NewMalformed, Reply, Request
from inspector.store import ROOT_ID, Store

Answer = TypeVar("Answer")

HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(200))
TLS = "TLS on a plain port: use http://, or put TLS in front."

NOW_NS = time.time_ns() // 10**9 * 10**9 + 123_456_789
"""About now, lest it is too old to be kept."""

ODD_HEAD = (
    b"\r\nPOST /agents/hello?token=canary&x=%0A HTTP/1.1\r\nhOST: localhost:2255\n"
    b"X-Fold: one\r\n  two\tthree \r\n"
    b"Authorization: Bearer canary\r\nX-\xe9: \xa0\x01\r\nTransfer-Encoding: chunked\r\n\r\n"
)


def mishap(raw: bytes = HELLO, reason: str = TLS, *, status: int = 400, size: int = 0) -> NewMalformed:
    """Something that is no request."""
    return NewMalformed(NOW_NS, "127.0.0.1:50000", 2255, raw, size or len(raw), reason, status)


def keep(store: Store, *news: NewMalformed) -> None:
    """Keep them in this order."""

    async def keep_all() -> None:
        await asyncio.gather(*map(store.add_malformed, news))

    _run(keep_all())


def odd_request(**fields: Any) -> Request:
    """A request with most that can be odd about one."""
    known: dict[str, Any] = {
        "method": "POST",
        "target": b"/agents/hello?token=canary&x=%0A",
        "http_version": "1.1",
        "headers": (
            (b"hOST", b"localhost:2255"),
            (b"X-Fold", b"one two\tthree"),
            (b"Authorization", b"Bearer canary"),
            (b"X-\xe9", b"\xa0\x01"),
            (b"Transfer-Encoding", b"chunked"),
        ),
        "body": b'{"a": 1}',
        "client": "127.0.0.1:50000",
        "received_ns": NOW_NS,
        "trailers": ((b"X-Sum", b"1"), (b"X-Token", b"canary")),
        "head": ODD_HEAD,
        "framing": Framing.CHUNKED,
        "chunks": 3,
        "flags": ("leading-crlf", "lf", "obs-fold", "control-characters", "non-ascii"),
    }
    return Request(**{**known, **fields})


def deliver(store: Store, request: Request) -> int:
    """Store *request* as a delivery; its id."""
    return _run(store.add(NewDelivery(ROOT_ID, request, UNCONFIGURED, Reply(), None)))


def _run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """The outcome of *work*, in a thread of its own: Playwright's loop runs in the main one."""
    outcome: list[Answer] = []
    thread = threading.Thread(target=lambda: outcome.append(asyncio.run(work)))
    thread.start()
    thread.join()
    return outcome[0]
