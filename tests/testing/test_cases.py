"""What tools of this kind got wrong in the field, told by their users: each goes right here."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.senders import post

from inspector.testing import CallbackError, CallbackTimeout, Endpoint, Inspector, start

CASES = {
    case["id"]: case
    for case in map(
        json.loads,
        (Path(__file__).parents[1] / "data" / "testing-cases.jsonl").read_text("utf-8").splitlines(),
    )
}


def send(endpoint: Endpoint, request: dict[str, Any], number: int = 0) -> int:
    """Send a case's request; the reply's status."""
    if "body_gen" in request:
        [(_, part, count)] = request["body_gen"]["parts"]
        body = base64.b64decode(part) * count
    else:
        body = base64.b64decode(request["body_b64"]).replace(b"{i}", b"%d" % number)
    beyond = request["path"].removeprefix("{hook}")
    headers = [(name, value) for name, value in request["headers"]]
    return post(endpoint, body, beyond=beyond, headers=headers, method=request["method"]).status


def test_it_arrives_before_it_is_waited_for(endpoint: Endpoint) -> None:
    request = CASES["pytest-already-arrived"]["request"]
    assert send(endpoint, request) == 200
    began = time.monotonic()
    delivery = endpoint.wait_for(timeout=30)
    assert time.monotonic() - began < 10
    assert delivery.body == base64.b64decode(request["body_b64"])


def test_nothing_that_matches_arrives(endpoint: Endpoint) -> None:
    send(endpoint, CASES["pytest-wait-timeout"]["request"])
    began = time.monotonic()
    with pytest.raises(CallbackTimeout) as caught:
        endpoint.wait_for(path="/cb", timeout=1)
    assert 1 <= time.monotonic() - began < 10
    assert isinstance(caught.value, AssertionError)
    assert 'path   wanted "/cb"   got "/other"' in str(caught.value)


def test_the_first_test_leaves_nothing_to_the_second(inspector: Inspector) -> None:
    request = CASES["pytest-isolation"]["request"]
    first = inspector.endpoint("first")
    first.reply(500)
    assert send(first, request) == 500
    second = inspector.endpoint("second")
    assert second.deliveries == []
    assert send(second, request) == 200


def test_workers_at_once_each_have_their_own() -> None:
    request = CASES["pytest-xdist"]["request"]
    count = CASES["pytest-xdist"]["repeat"]["count"]

    def work(number: int) -> tuple[str, list[bytes]]:
        with start() as inspector:
            endpoint = inspector.endpoint()
            send(endpoint, request, number)
            return inspector.url, [each.body for each in inspector.deliveries]

    with ThreadPoolExecutor(count) as workers:
        found = list(workers.map(work, range(count)))
    assert [bodies for _, bodies in found] == [[b'{"w":%d}' % number] for number in range(count)]
    assert len({url for url, _ in found}) == count


def test_the_first_line_of_a_test_sends(inspector: Inspector) -> None:
    request = CASES["pytest-ready"]["request"]
    for _ in range(50):
        endpoint = inspector.endpoint()
        assert send(endpoint, request) == 200
        endpoint.assert_received(count=1)


def test_two_jobs_finish_out_of_order(endpoint: Endpoint) -> None:
    case = CASES["pytest-filter-not-latest"]
    for request in (case["request"], *case["more_requests"]):
        send(endpoint, request)
    assert endpoint.wait_for(json={"job": "A"}).id > endpoint.wait_for(json={"job": "B"}).id
    assert len(endpoint.deliveries) == case["expect_count"]


def test_a_failed_assertion_about_a_big_body(endpoint: Endpoint) -> None:
    case = CASES["pytest-big-diff"]
    assert send(endpoint, case["request"]) == 200
    with pytest.raises(CallbackError) as caught:
        endpoint.assert_received(body=b"")
    text = str(caught.value)
    assert len(text) < 4096
    assert all(line.isprintable() for line in text.splitlines())
    [delivery] = caught.value.received
    digest = hashlib.sha256(delivery.body).hexdigest()
    assert digest == case["request"]["body_gen"]["sha256"]
    assert digest[:16] in text
    assert f"{case['request']['body_gen']['length']:,} bytes" in text


def test_a_browser_asks_before_it_sends(inspector: Inspector) -> None:
    case = CASES["response-cors-preflight"]
    endpoint = inspector.endpoint("cors", cors=True)
    request = case["request"]
    reply = post(endpoint, method="OPTIONS", headers=[tuple(pair) for pair in request["headers"]])
    assert reply.status in case["expect_status"]
    for name in case["expect_response"]["headers_present"]:
        assert reply.header(name), name
    origin = [("Origin", "http://localhost:8080")]
    assert post(endpoint, b"{}", headers=origin).header("access-control-allow-origin")
    assert [each.method for each in endpoint.wait_for_all(2)] == ["OPTIONS", "POST"]


def test_every_case_is_run_here() -> None:
    text = Path(__file__).read_text("utf-8")
    assert all(f'CASES["{name}"]' in text for name in CASES)
