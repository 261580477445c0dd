"""The API's malformed requests: listed, paged, read, cleared; never a delivery."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from typing import Any

import pytest
from support.inspected import Inspected, inspected, problem

from inspector.models import NewMalformed

HELLO = bytes.fromhex("16030100c8010000c40303")


@pytest.fixture(scope="module")
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


def keep(server: Inspected, *news: NewMalformed) -> None:
    async def add() -> None:
        await asyncio.gather(*map(server.server.store.add_malformed, news))

    asyncio.run(add())


def mishap(raw: bytes = HELLO, status: int = 400) -> NewMalformed:
    return NewMalformed(
        1_767_225_600_123_456_789,
        "127.0.0.1:5",
        2255,
        raw,
        len(raw),
        "TLS on a plain port: use http://, or put TLS in front.",
        status,
    )


def ids(page: Any) -> list[int]:
    return [each["id"] for each in page["malformed"]]


def test_they_are_listed_read_and_cleared(server: Inspected) -> None:
    deliveries = server.get("/api/deliveries")["deliveries"]
    assert server.get("/api/malformed") == {"malformed": [], "cursor": 0, "more": False, "total": 0}
    keep(server, mishap(), mishap(b"\0\xff", 0), mishap(b""))
    page = server.get("/api/malformed")
    assert (ids(page), page["more"], page["total"]) == ([3, 2, 1], False, 3)
    assert page["malformed"][2] == {
        "id": 1,
        "received_at": "2026-01-01T00:00:00.123456Z",
        "client": "127.0.0.1:5",
        "listener": 2255,
        "reason": "TLS on a plain port: use http://, or put TLS in front.",
        "reply_status": 400,
        "size": len(HELLO),
        "raw_base64": base64.b64encode(HELLO).decode(),
    }
    assert page["malformed"][1]["reply_status"] is None
    assert server.get("/api/malformed/2") == page["malformed"][1]
    first = server.get("/api/malformed?limit=2")
    assert (ids(first), first["cursor"], first["more"]) == ([3, 2], 2, True)
    assert ids(server.get("/api/malformed?limit=2&before=2")) == [1]
    assert server.get("/api/deliveries")["deliveries"] == deliveries
    assert server.send("DELETE", "/api/malformed") == {"deleted": 3}
    assert server.send("DELETE", "/api/malformed") == {"deleted": 0}
    assert server.get("/api/malformed") == {"malformed": [], "cursor": 0, "more": False, "total": 3}


@pytest.mark.parametrize("which", ["0", "9", "x", "-1", "99999999999999999999"])
def test_what_is_not_kept_is_not_found(server: Inspected, which: str) -> None:
    found = problem(server.ask("GET", f"/api/malformed/{which}"), 404)
    assert found["code"] == "not-found"


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "before=-1", "after=1", "q=x", "endpoint=/"])
def test_parameters_that_cannot_be_used_are_refused(server: Inspected, query: str) -> None:
    found = problem(server.ask("GET", f"/api/malformed?{query}"), 400)
    assert found["errors"][0]["field"] == query.partition("=")[0]


def test_a_delivery_tells_how_it_came(server: Inspected) -> None:
    number = server.deliver("/x?a=%0A", b"{}", [("X-oDd", "1")])
    delivery = server.get(f"/api/deliveries/{number}")
    assert delivery["incomplete_reason"] is None
    received = server.server.store.delivery(number).request
    assert delivery["received_ns"] == received.received_ns
    assert base64.b64decode(delivery["head_base64"] or "") == received.head
    assert delivery["flags"] == list(received.flags)
