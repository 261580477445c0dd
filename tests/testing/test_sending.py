"""A test plays the sender itself: signed, spoilt, or without any signature."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support.servers import running_server

from inspector.signing import scheme_names
from inspector.testing import Endpoint, Inspector, InvalidInput, connect


def test_without_a_signature_it_is_what_every_receiver_finds_missing(inspector: Inspector) -> None:
    for scheme in scheme_names():
        endpoint = inspector.endpoint(scheme, scheme=scheme)
        sent = endpoint.send({"job": 1}, signed=False)
        assert sent.expected == ("unconfigured" if scheme == "none" else "missing"), scheme
        assert endpoint.wait_for(json={"job": 1}).verification.status == sent.expected, scheme
        assert sent.delivery_id in endpoint.judged  # the test wanted it so


def test_signed_is_the_default(endpoint: Endpoint) -> None:
    assert endpoint.send({"job": 1}).expected == "valid"
    assert endpoint.send({"job": 2}, signed=True).expected == "valid"
    assert asyncio.run(endpoint.aio.send({"job": 3}, signed=False)).expected == "missing"
    assert [bool(each.verification) for each in endpoint.deliveries] == [True, True, False]


def test_what_is_not_signed_cannot_be_spoilt(endpoint: Endpoint) -> None:
    with pytest.raises(InvalidInput, match="tamper: What is not signed"):
        endpoint.send(signed=False, tamper="body")


@pytest.mark.parametrize("body", [5, {"a": 1}, ["a"]])
def test_a_body_is_bytes_or_text(endpoint: Any, body: object) -> None:
    for call in (endpoint.send, endpoint.reply):
        with pytest.raises(TypeError, match=r"must be bytes or text, not .*; json= takes a value"):
            call(body=body)


def test_a_scheme_of_the_servers_own_is_signed_there(tmp_path: Path) -> None:
    schemes = {"acme": {"header": "X-Acme", "prefix": "v1="}}
    with (
        running_server(tmp_path, schemes=schemes) as server,
        connect(server.server.addresses.inspector_url) as inspector,
    ):
        endpoint = inspector.endpoint("ours", scheme="acme")
        assert endpoint.send({"job": 1}).expected == "valid"
        assert endpoint.wait_for(verified=True).headers["x-acme"].startswith("v1=")
        with pytest.raises(ValueError, match="acme is a scheme of the server's own, and send"):
            endpoint.sign(b"")
