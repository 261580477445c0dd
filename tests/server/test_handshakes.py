"""Handshakes over real sockets: senders get their answer, people are told what is left to them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.raw_http import RawReply
from support.servers import RunningServer, running_server

CASES = [
    json.loads(line)
    for line in Path(__file__)
    .parents[1]
    .joinpath("data", "handshake-cases.jsonl")
    .read_text("utf-8")
    .splitlines()
]


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server() as running:
        yield running


def register(server: RunningServer, **fields: Any) -> Any:
    return server.client.send("POST", "/api/endpoints", fields)


def handshake_of(server: RunningServer, reply: RawReply) -> Any:
    """What the API says of the handshake that was just answered."""
    return server.client.get(f"/api/deliveries/{reply.header('x-callback-delivery')}")["handshake"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(server: RunningServer, case: dict[str, Any]) -> None:
    hook = f"/{case['id']}"
    register(server, path=hook, **case.get("setup", {}).get("endpoint", {}))
    sent = case["request"]
    target = sent["path"].replace("{hook}", hook)
    reply = server.send(
        sent["method"], target, [tuple(pair) for pair in sent["headers"]], base64.b64decode(sent["body_b64"])
    )
    assert reply.status == case["expect_status"]
    expected = case.get("expect_response", {})
    if "body_b64" in expected:
        assert reply.body == base64.b64decode(expected["body_b64"])
    assert expected.get("body_contains", "").encode() in reply.body
    for name, value in expected.get("headers_prefix", []):
        assert (reply.header(name) or "").startswith(value)
    kept = server.delivery(reply).request.body
    assert hashlib.sha256(kept).hexdigest() == case["expect_body"]["sha256"]
    if "expect_no_outbound" in case:
        told = handshake_of(server, reply)
        assert (told["sender"], told["answered"]) == ("aws-sns", False)
        assert told["link"] == "http://127.0.0.1:9/should-not-be-fetched?Token=tok-11aa22"
        assert "do not open it" in told["todo"]


def test_a_wrong_verify_token_is_403_and_said(server: RunningServer) -> None:
    register(server, path="/meta", handshake="meta", verify_token="local-token")
    query = "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong"
    reply = server.send("GET", f"/meta?{query}")
    assert (reply.status, b"local-token" in reply.body) == (403, False)
    told = handshake_of(server, reply)
    assert (told["sender"], told["answered"], told["token"]) == ("meta", False, None)


def test_off_means_the_endpoints_own_reply(server: RunningServer) -> None:
    register(server, path="/off", handshake="off", reply={"status": 202, "body": "mine"})
    reply = server.send("GET", "/off?challenge=abc")
    assert (reply.status, reply.body) == (202, b"mine")
    assert handshake_of(server, reply)["answered"] is False
    ordinary = server.send("POST", "/off", body=b"{}")
    assert handshake_of(server, ordinary) is None


def test_zooms_token_is_signed_only_for_zoom(server: RunningServer) -> None:
    register(server, path="/zoom", scheme="zoom", secret="zoom-secret")
    body = b'{"event":"endpoint.url_validation","payload":{"plainToken":"p-1"}}'
    now = str(int(time.time()))
    signed = hmac.digest(b"zoom-secret", f"v0:{now}:".encode() + body, "sha256").hex()
    headers = [("x-zm-request-timestamp", now), ("x-zm-signature", f"v0={signed}")]
    reply = server.send("POST", "/zoom", headers, body)
    wanted = hmac.digest(b"zoom-secret", b"p-1", "sha256").hex()
    assert json.loads(reply.body) == {"plainToken": "p-1", "encryptedToken": wanted}
    assert handshake_of(server, reply)["answered"] is True
    forged = server.send("POST", "/zoom", [headers[0], ("x-zm-signature", f"v0={'0' * 64}")], body)
    assert forged.body == b""
    assert handshake_of(server, forged)["answered"] is False
