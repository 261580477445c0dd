"""``docs/replies.md`` and ``docs/webhook-site.md``: what stands there is run, and every fault has its row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
from support import raw_http
from support.inspected import Inspected, inspected
from support.waiting import until

from inspector.models import Fault

DOCS = Path(__file__).parents[2] / "docs"
REPLIES = (DOCS / "replies.md").read_text("utf-8")
WEBHOOK_SITE = (DOCS / "webhook-site.md").read_text("utf-8")


@pytest.fixture
def server() -> Iterator[Inspected]:
    with inspected() as running:
        yield running


def listing(page: str, begins: str) -> str:
    """The listing of *page* that begins so."""
    [found] = [each for each in re.findall(r"```\w*\n(.*?)```", page, re.DOTALL) if each.startswith(begins)]
    assert isinstance(found, str)
    return found


def test_the_script_does_what_the_page_says(server: Inspected) -> None:
    endpoint = server.send("POST", "/api/endpoints", {"path": "/refunds"}, status=201)["id"]
    _, _, script = listing(REPLIES, "PUT /api/endpoints/{id}/replies\n").partition("\n")
    server.send("PUT", f"/api/endpoints/{endpoint}/replies", json.loads(script))

    def post(body: bytes) -> raw_http.RawReply:
        return raw_http.send(server.callbacks, "POST", "/refunds", [], body)

    refund = b'{"kind": "refund"}'
    first = post(refund)
    assert (first.status, first.header("retry-after")) == (503, "1")
    assert [post(refund).status for _ in range(2)] == [503, 409]
    with pytest.raises(ConnectionResetError):
        post(refund)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(post, refund)
        until(
            lambda: server.get(f"/api/endpoints/{endpoint}/replies")["replies"][3]["held"], what="the sender"
        )
        assert server.send("POST", f"/api/endpoints/{endpoint}/release", {}) == {"released": 1}
        held = waiting.result()
    assert (held.status, json.loads(held.body)) == (202, {"queued": True})


def test_every_fault_is_told() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", REPLIES.partition("## Faults")[2], re.MULTILINE)
    assert rows == [fault.value for fault in Fault]


def test_another_base_url_is_enough(server: Inspected) -> None:
    base, callbacks = (f"http://127.0.0.1:{port}" for _, port in (server.inspector, server.callbacks))
    code = listing(WEBHOOK_SITE, "BASE = ").replace("http://localhost:2256", base)
    requests = SimpleNamespace(get=httpx2.get, post=httpx2.post)
    for there in (base, callbacks):  # the same callbacks may be sent to the callback port instead

        def start_the_job(callback: str, there: str = there) -> None:
            assert httpx2.post(callback.replace(base, there), json={"state": "done"}).status_code == 202

        exec(code, {"requests": requests, "json": json, "start_the_job": start_the_job})
